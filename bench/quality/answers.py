"""Is the draft usable? Right article, right section, silence where nothing answers, honest confidence."""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from agents import embeddings, skills
from agents.skills.languages import detect_language
from bench.quality.bare import without_encoder
from cases.asking import DraftedReply, DraftReply, FieldOption, FieldTarget, MessageText, PredictFields, SourcePassage
from conversations.parse import parse
from hub import sample
from intents.reading import clean_subject
from knowledge.access import FAMILIES_OF_GENERAL
from knowledge.asking import CandidatePassage, FindPassages, FoundPassage
from knowledge.passages import split_passages, text_to_embed
from knowledge.questions import read_matter
from knowledge.skills import text_scores

ANSWERS = Path(__file__).resolve().parents[2] / "tests" / "cases" / "answers"
CANDIDATES, LIMIT = 40, 8
# A product as sure as this is written into the case, and search then leaves out the articles of other products.
FILLED = 0.85


@dataclass(frozen=True)
class Mail:
    """A mail with what a careful reader says: the article that answers (none: nothing does) and its sections."""

    name: str
    subject: str
    text: str
    language: str
    line: str
    article: str | None
    sections: tuple[str, ...]
    product: str = ""

    def is_answered_by(self, piece: "Piece") -> bool:
        """Whether the passage stands in a section that answers, of the article named or of one written later."""
        if piece.article.slug == self.article:
            return section_of(piece) in self.sections
        return section_of(piece) in later_answers().get(self.name, {}).get(piece.article.slug, ())

    def is_about(self, article: sample.SampleArticle) -> bool:
        """Whether the article answers."""
        return article.slug == self.article or article.slug in later_answers().get(self.name, {})

    @property
    def is_answerable(self) -> bool:
        return bool(self.article) or self.name in later_answers()

    @property
    def is_held_back(self) -> bool:
        return zlib.crc32(self.name.encode()) % 2 == 1


@dataclass(frozen=True)
class Piece:
    """A passage of an article, as search would offer it."""

    ident: int
    article: sample.SampleArticle
    heading: str
    order: int
    text: str

    @property
    def indexed(self) -> str:
        return text_to_embed(self.article.title, self.heading, self.text)


@dataclass(frozen=True)
class Outcome:
    """What became of one mail."""

    mail: Mail
    found: list[FoundPassage]
    draft: DraftedReply
    article_first: bool
    cites: bool
    relevant: int
    quoted: int

    @property
    def is_usable(self) -> bool:
        """More than half of what is quoted stands in a section that answers."""
        return self.quoted > 0 and self.relevant / self.quoted > 0.5


# ── the sets ──────────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def later_answers() -> dict[str, dict[str, list[str]]]:
    """By mail the sections of articles that were written after the mails had their labels."""
    return json.loads((ANSWERS / "sections_of_later_articles.json").read_text())


def cut_articles(articles: list[sample.SampleArticle]) -> list[Piece]:
    """The external passages, in the order of the articles."""
    pieces = [
        (article, " › ".join(passage.heading), passage)
        for article in articles if article.audience == "external"
        for passage in split_passages(article.body)
    ]  # fmt: skip
    return [
        Piece(at, article, heading, passage.order, passage.text)
        for at, (article, heading, passage) in enumerate(pieces)
    ]


def sample_mails() -> list[Mail]:
    """The sample's inbound mails by people; an article in another language, or of another line, does not answer."""
    sections = json.loads((ANSWERS / "sections_of_sample.json").read_text())
    lines = {box.address: box.line_of_business for box in sample.read_company().mailboxes}
    places = {one.slug: (one.language, one.line_of_business) for one in sample.read_articles()}
    mails = []
    for row in sample.read_mails():
        if row.direction == "inbound" and row.nature == "person":
            read, language = parse(row.raw), row.expected.language or "en"
            article = row.article if places.get(row.article or "") == (language, lines[row.mailbox]) else None
            if article is None or row.file in sections:
                mails.append(
                    Mail(
                        row.file, read.subject, read.newest_text, language, lines[row.mailbox], article,
                        tuple(sections.get(row.file, ())) if article else (),
                    )
                )  # fmt: skip
    return mails


def history_mails() -> list[Mail]:
    """The sample's solved cases, as the mails that opened them: the set that constants are chosen by."""
    labels = json.loads((ANSWERS / "sections_of_history.json").read_text())
    return [
        Mail(
            f"history {at}", case.subject, case.text, "en", case.line_of_business, label["article"],
            tuple(label["sections"]),
        )
        for at, (case, label) in enumerate(zip(sample.read_history(), labels, strict=True))
    ]  # fmt: skip


def own_mails(file: str) -> list[Mail]:
    """Mails written for this measure."""
    return [
        Mail(
            one["name"], one["subject"], one["text"], one["language"], one["line_of_business"], one["article"],
            tuple(one["sections"]), one["product"] or "",
        )
        for one in json.loads((ANSWERS / file).read_text())
    ]  # fmt: skip


def all_sets() -> dict[str, tuple[list[Mail], list[Piece]]]:
    """Each set by name: its mails and the passages among which to look."""
    own = cut_articles(sample.read_articles())
    others = cut_articles(sample.read_articles(ANSWERS / "rental_and_internet"))
    return {
        "solved cases": (history_mails(), own),
        "sample": (sample_mails(), own),
        "other words": (own_mails("mails_in_other_words.json"), own),
        "rental and internet": (own_mails("mails_rental_and_internet.json"), others),
    }


# ── one mail ──────────────────────────────────────────────────────────────────────────────────────────────────────


def product_target() -> FieldTarget:
    """The sample's products as the field of a case."""
    options = [
        FieldOption(value=one.slug, label=one.name, description=one.description, aliases=one.aliases)
        for one in sample.read_products().products
    ]
    return FieldTarget(name="product", type="lookup", options=options)


def answer(mail: Mail, pieces: list[Piece], products: FieldTarget) -> Outcome:
    """What search and draft make of a mail, with the articles of its line of business and product."""
    asked = PredictFields(messages=[MessageText(id=1, text=mail.text, subject=mail.subject)], fields=[products])
    named = skills.run("cases.predict_fields", asked).output.fields[0]
    product = named.value if named.confidence >= FILLED else None
    offered = [
        piece
        for piece in pieces
        if piece.article.line_of_business == mail.line and (product is None or is_about(piece.article, product))
    ]
    found = find(f"{clean_subject(mail.subject)}\n{mail.text}", detect_language(mail.text), offered)
    by_ident = {piece.ident: piece for piece in pieces}
    sources = [_source(by_ident[one.passage], one.similarity) for one in found]
    question = DraftReply(text=mail.text, subject=mail.subject, contact_name="Jo Lee", passages=sources)
    draft = skills.run("cases.draft_reply", question).output
    places = [by_ident[part.quote.passage] for part in draft.parts if part.quote]
    right = [one for one in places if mail.is_about(one.article)]
    return Outcome(
        mail, found, draft, bool(found) and mail.is_about(by_ident[found[0].passage].article), bool(right),
        sum(mail.is_answered_by(one) for one in right), len(places),
    )  # fmt: skip


@cache
def families() -> dict[str, str]:
    """The family of each of the sample's products."""
    return {one.slug: one.family for one in sample.read_products().products}


def is_about(article: sample.SampleArticle, product: str) -> bool:
    """Whether search offers the article when the case is about this product (``knowledge.access.of_product``)."""
    named = article.products
    return not named or product in named or len({families()[one] for one in named}) >= FAMILIES_OF_GENERAL


def section_of(piece: Piece) -> str:
    """The heading under the article's own; empty for what stands before the first."""
    return piece.heading.split(" › ")[-1] if " › " in piece.heading else ""


def find(query: str, language: str, pieces: list[Piece]) -> list[FoundPassage]:
    """The passages as search would rank them, without a database."""
    if not pieces:
        return []
    engine = embeddings.engine_for(query, language)
    spoken = [embeddings.engine_for(one.article.title, one.article.language) == engine for one in pieces]
    near = embeddings.embed([one.indexed for one in pieces], engine) @ embeddings.embed([read_matter(query)], engine)[0]
    lexical = text_scores(read_matter(query), [one.indexed for one in pieces])
    by_text = {at: rank for rank, at in enumerate(np.argsort(-lexical, kind="stable")[:CANDIDATES], 1) if lexical[at]}
    by_vector = [at for at in np.argsort(-near, kind="stable") if spoken[at]][:CANDIDATES]
    places = {at: rank for rank, at in enumerate(by_vector, 1)}
    candidates = [
        CandidatePassage(
            passage=one.ident, article=_number(one.article.slug), title=one.article.title, heading=[one.heading],
            text=one.text, language=one.article.language, text_rank=by_text.get(at), text_score=float(lexical[at]),
            vector_rank=places.get(at), similarity=float(near[at]) if at in places else None,
        )
        for at, one in enumerate(pieces) if at in by_text or at in places
    ]  # fmt: skip
    question = FindPassages(query=query, language=language, candidates=candidates, limit=LIMIT)
    return skills.run("knowledge.find_passages", question).output.passages


def _number(slug: str) -> int:
    return zlib.crc32(slug.encode()) >> 1


def _source(piece: Piece, similarity: float) -> SourcePassage:
    return SourcePassage(
        passage=piece.ident, article=_number(piece.article.slug), title=piece.article.title, heading=piece.heading,
        text=piece.text, similarity=similarity, language=piece.article.language,
    )  # fmt: skip


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────


def calibration_error(sure: list[float], right: list[bool]) -> float:
    """The mean distance between confidence and what was right, over five bins of equal width."""
    if not sure:
        return 0.0
    bins = np.minimum((np.array(sure) * 5).astype(int), 4)
    hits, told = np.array(right, float), np.array(sure)
    return float(sum(abs(hits[bins == at].mean() - told[bins == at].mean()) * (bins == at).mean() for at in set(bins)))


def judge(outcomes: list[Outcome]) -> str:
    """One line: article first, cited, relevant sentences, usable drafts, silence, calibration."""
    answerable = [one for one in outcomes if one.mail.is_answerable]
    rest = [one for one in outcomes if not one.mail.is_answerable]
    drafted = [one for one in outcomes if one.quoted]
    quoted = sum(one.quoted for one in answerable)
    line = (
        f"{len(answerable)} + {len(rest)} mails: article first {_share(one.article_first for one in answerable)}, "
        f"cited {_share(one.cites for one in answerable)}, "
        f"sentences relevant {sum(one.relevant for one in answerable) / max(quoted, 1):.0%} of {quoted}, "
        f"usable {_share(one.is_usable for one in answerable)}, silent where nothing answers "
        f"{_share(not one.quoted for one in rest)}, calibration error "
    )
    return (
        line + f"{calibration_error([one.draft.confidence for one in drafted], [one.is_usable for one in drafted]):.2f}"
    )


def _share(values: Iterator[bool]) -> str:
    known = list(values)
    return f"{sum(known) / len(known):.0%}" if known else "–"


def rows() -> Iterator[tuple[str, str, str]]:
    """A row for each set, the sample in halves; then the same without the encoder."""
    sets = all_sets()
    yield from _judged(sets, "")
    with without_encoder():
        yield from _judged(sets, ", without the encoder")


def _judged(sets: dict[str, tuple[list[Mail], list[Piece]]], named: str) -> Iterator[tuple[str, str, str]]:
    products = product_target()
    for name, (mails, pieces) in sets.items():
        outcomes = [answer(mail, pieces, products) for mail in mails]
        if name == "sample":
            half = [one for one in outcomes if not one.mail.is_held_back]
            outcomes = [one for one in outcomes if one.mail.is_held_back]
            yield f"answers, {name}{named}", "half looked at", judge(half)
        yield f"answers, {name}{named}", "looked at" if name == "solved cases" else "held back", judge(outcomes)
