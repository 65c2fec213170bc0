"""A reply put together from sentences of articles, or none when nothing answers. Pure."""

import re
from dataclasses import dataclass

import numpy as np

from agents import embeddings
from agents.evidence import PassageQuote
from agents.skills.languages import detect_language
from cases.asking import DraftedReply, DraftReply, MessageText, ReplyPart, SourcePassage
from cases.prediction import telling_sentences
from cases.reading import Source, clean_subject, own_text
from cases.wording import ASKS, DROPPED, SECOND_QUESTION, SOLVED, Pieces, pieces
from knowledge.passages import Span, fold, sentences
from knowledge.skills import content_words, covered, score_confidence, text_scores

# A passage below this cosine does not answer; a sentence is quoted when it lies this near to the best one.
NEAR_ENOUGH, MARGIN = 0.42, 0.12
# Cosines of n-grams are smaller than those of the encoder.
NEAR_ENOUGH_IN_FORM = 0.32
# A question is read with its mail: "send one back" alone says little.
CONTEXT_OF_PASSAGE, CONTEXT_OF_SENTENCE = 0.5, 0.3
# A question of so many telling words stands on its own; "What do I do?" is its mail.
SAYS_ENOUGH = 6
MOST_SENTENCES, FEWEST_TELLING = 8, 3
MOST_QUOTED, MOST_ASKS, PASSAGES_READ = 4, 3, 8
TEXT_WEIGHT = 0.05

_STEP = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s")
_FIGURE = re.compile(r"https?://[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.-]+|\d+(?:[.,:/-]\d+)*")


@dataclass(frozen=True)
class _Sentence:
    """A sentence of a passage, with its place."""

    passage: SourcePassage
    at: int
    span: Span
    is_step: bool


@dataclass(frozen=True)
class _Reply:
    """What answers one question, with its score like a cosine."""

    ask: str
    found: list[_Sentence]
    score: float


def draft_reply(question: DraftReply) -> DraftedReply:
    """A draft that quotes external passages alone; without parts when nothing found answers any question."""
    language = (question.language or detect_language(question.text) or "en")[:2].lower()
    words = pieces(language)
    asks = split_asks(question.text, clean_subject(question.subject))
    passages = [one for one in question.passages if one.audience == "external"][:PASSAGES_READ]
    mail = f"{clean_subject(question.subject)}. {' '.join(span.text for span in _telling(question))}".strip(" .")
    replies = _without_repeats([_answer(ask, mail, passages, words.language) for ask in asks])
    open_questions = [reply.ask for reply in replies if not reply.found]
    answered = [reply for reply in replies if reply.found]
    draft = DraftedReply(language=words.language, open_questions=open_questions)
    if not answered and not question.missing:
        return draft
    parts = _arrange(question, words, answered)
    sure = min((score_confidence(reply.score) for reply in answered), default=0.3)
    confidence = sure * (0.5 if open_questions else 1.0) * (0.7 if question.missing else 1.0)
    body = _body(parts)
    return draft.model_copy(
        update={
            "parts": parts,
            "body": body,
            "answered": [reply.ask for reply in answered],
            "unsourced_figures": unsourced_figures(parts, question.text, question.signature),
            "confidence": round(confidence, 4),
        }
    )


# ── what is asked ─────────────────────────────────────────────────────────────────────────────────────────────────


def split_asks(text: str, subject: str = "") -> list[str]:
    """The questions and requests of a mail; a mail without any is one ask, all its telling sentences.

    A mail that says that all is well asks nothing.
    """
    spans = _telling(DraftReply(text=text, subject=subject))
    asks = [ask for span in spans if _asks(span.text) for ask in _questions(span.text)]
    if not asks:
        if SOLVED.search(fold(text)):
            return []
        whole = " ".join(span.text for span in spans)[:600]
        return [f"{subject}. {whole}".strip(" .")] if (whole or subject).strip() else []
    return [" ".join(ask.split()) for ask in asks][:MOST_ASKS]


def _telling(question: DraftReply) -> list[Span]:
    message = MessageText(id=0, text=question.text, subject=question.subject)
    return telling_sentences(Source(message, own_text(message)))


def _questions(sentence: str) -> list[str]:
    """The questions in one sentence, when each is long enough to be looked for alone."""
    pieces_of = SECOND_QUESTION.split(sentence) if "?" in sentence else [sentence]
    return pieces_of if all(len(piece.split()) > 3 for piece in pieces_of) else [sentence]


def _asks(sentence: str) -> bool:
    return "?" in sentence or bool(ASKS.search(fold(sentence)))


# ── what answers ──────────────────────────────────────────────────────────────────────────────────────────────────


def _sentences_of(passage: SourcePassage) -> list[_Sentence]:
    """The sentences of a passage; what follows a step in its line belongs to the step."""
    found: list[_Sentence] = []
    for at, span in enumerate(sentences(passage.text)):
        follows = bool(found) and found[-1].is_step and "\n" not in passage.text[found[-1].span.end : span.start]
        found.append(_Sentence(passage, at, span, bool(_STEP.match(span.text)) or follows))
    return found


def _scores(ask: str, mail: str, share: float, texts: list[str], language: str) -> np.ndarray:
    """How well each text answers the question, with the whole mail's share in the judgement."""
    share = _share_of_mail(ask, share)
    return (1 - share) * _nearness(ask, texts, language) + share * _nearness(mail, texts, language)


def _share_of_mail(ask: str, least: float) -> float:
    """The fewer telling words a question has, the more its mail decides."""
    return least + (1 - least) * max(0.0, 1 - len(set(content_words(ask))) / SAYS_ENOUGH)


def _nearness(ask: str, texts: list[str], language: str) -> np.ndarray:
    """A score like a cosine for each text; without a common engine the share of words found."""
    name = embeddings.engine_for(ask, language)
    rows = embeddings.embed([ask, *texts], name)
    near = rows[1:] @ rows[0]
    if name == embeddings.NGRAMS:
        near = np.maximum(near, [0.8 * covered(ask, text) for text in texts])
    return near + TEXT_WEIGHT * text_scores(ask, texts)


def _answer(ask: str, mail: str, passages: list[SourcePassage], language: str) -> _Reply:
    """The sentences that answer: of the best passage the steps whole, else the nearest ones."""
    spoken = [one for one in passages if not one.language or one.language[:2] == language]
    if not spoken:
        return _Reply(ask, [], 0.0)
    whole = _scores(ask, mail, CONTEXT_OF_PASSAGE, [f"{one.title}. {one.text}" for one in spoken], language)
    best = int(np.argmax(_preference(ask, mail, whole, spoken, language)))
    candidates = _sentences_of(spoken[best])
    enough = NEAR_ENOUGH_IN_FORM if embeddings.engine_for(ask, language) == embeddings.NGRAMS else NEAR_ENOUGH
    if whole[best] < enough or not candidates:
        return _Reply(ask, [], float(whole[best]))
    texts = [f"{one.passage.title}. {one.span.text}" for one in candidates]
    near = _scores(ask, mail, CONTEXT_OF_SENTENCE, texts, language)
    top = int(np.argmax(near))
    order = np.argsort(-near, kind="stable")[:MOST_QUOTED]
    chosen = [candidates[at] for at in sorted(order) if near[at] >= near[top] - MARGIN]
    if any(one.is_step for one in chosen):
        chosen = [one for one in candidates if one.is_step or one in chosen or _leads_in(candidates, one)]
    return _Reply(ask, chosen, round(float(whole[best]), 4))


def _preference(ask: str, mail: str, whole: np.ndarray, passages: list[SourcePassage], language: str) -> np.ndarray:
    """Which passage to read: the whole mail's vector leans to the product named, its sentences to the matter."""
    pieces_of = [span.text for span in sentences(mail) if _says_something(span.text)][:MOST_SENTENCES]
    if len(pieces_of) < 2:
        return whole
    texts = [f"{one.title}. {one.text}" for one in passages]
    by_sentence = np.mean([_nearness(piece, texts, language) for piece in pieces_of], axis=0)
    share = _share_of_mail(ask, CONTEXT_OF_PASSAGE)
    return np.where(whole >= NEAR_ENOUGH_IN_FORM, (1 - share) * whole + share * by_sentence, whole - 1)


def _says_something(sentence: str) -> bool:
    return sum(word.isalpha() for word in content_words(sentence)) >= FEWEST_TELLING


def _leads_in(candidates: list[_Sentence], one: _Sentence) -> bool:
    """A line that ends in a colon announces the steps that follow it."""
    following = candidates[one.at + 1 : one.at + 2]
    return one.span.text.endswith(":") and bool(following) and following[0].is_step


def _without_repeats(replies: list[_Reply]) -> list[_Reply]:
    """A sentence is quoted once; a question whose sentences were all quoted before counts as answered."""
    seen: set[tuple[int, int]] = set()
    kept = []
    for reply in replies:
        fresh = [one for one in reply.found if (one.passage.passage, one.span.start) not in seen]
        seen |= {(one.passage.passage, one.span.start) for one in fresh}
        if fresh or not reply.found:
            kept.append(_Reply(reply.ask, fresh, reply.score))
    return kept


# ── how it reads ──────────────────────────────────────────────────────────────────────────────────────────────────


def _arrange(question: DraftReply, words: Pieces, answered: list[_Reply]) -> list[ReplyPart]:
    """Greeting, the answers in the order asked, what is missing, closing; each with its paragraph."""
    name = question.contact_name.strip()
    greeting = question.greeting or (words.greeting if name else words.greeting_without_name)
    parts = [ReplyPart(text=greeting.replace("{name}", name).strip(), source="template")]
    paragraph = 1
    if answered:
        parts.append(ReplyPart(text=words.thanks, source="template", paragraph=paragraph))
    for reply in answered:
        paragraph += 1
        parts += [_quoted(one, paragraph) for one in reply.found if not DROPPED.match(fold(one.span.text))]
    if question.missing:
        paragraph += 1
        asked = words.missing.format(names=words.join(question.missing))
        parts.append(ReplyPart(text=asked, source="question", paragraph=paragraph))
    closing = (question.closing or words.closing).strip()
    parts.append(ReplyPart(text=closing, source="template", paragraph=paragraph + 1))
    if question.signature.strip():
        parts.append(ReplyPart(text=question.signature.strip(), source="template", paragraph=paragraph + 2))
    return parts


def _quoted(one: _Sentence, paragraph: int) -> ReplyPart:
    source, span = one.passage, one.span
    quote = PassageQuote(
        article=source.article, version=source.version, passage=source.passage, title=source.title,
        start=span.start, end=span.end, text=span.text,
    )  # fmt: skip
    return ReplyPart(text=" ".join(span.text.split()), source="passage", quote=quote, paragraph=paragraph)


def _body(parts: list[ReplyPart]) -> str:
    """The draft as plain text: a blank line between paragraphs, each step on its own line."""
    text = ""
    for before, part in zip([None, *parts], parts, strict=False):
        if before is None:
            text = part.text
        elif before.paragraph != part.paragraph:
            text += f"\n\n{part.text}"
        else:
            text += ("\n" if _STEP.match(part.text) or _STEP.match(before.text) else " ") + part.text
    return text


def unsourced_figures(parts: list[ReplyPart], mail: str, signature: str = "") -> list[str]:
    """Figures, dates, amounts and links that no cited sentence, nor the customer, nor the signature says."""
    return figures_without_source(
        "\n".join(_STEP.sub("", part.text) for part in parts),
        [mail, signature, *(part.quote.text for part in parts if part.quote)],
    )


def figures_without_source(text: str, sources: list[str]) -> list[str]:
    """Figures, dates, amounts and links of ``text`` that stand in none of ``sources``; for edited drafts too."""
    known = {match.group().rstrip(".,:/") for source in sources for match in _FIGURE.finditer(source)}
    found = (match.group().rstrip(".,:/") for match in _FIGURE.finditer(text))
    return list(dict.fromkeys(figure for figure in found if figure not in known))
