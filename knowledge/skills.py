"""What knowledge asks an engine: which passages answer, and with which sentence."""

import math
import re
from collections import Counter
from typing import ClassVar

import numpy as np
from pydantic import BaseModel

from agents import embeddings
from agents.evidence import PassageQuote, Words
from agents.skills import Answer, Material, Skill
from agents.skills.languages import fold
from knowledge.asking import (
    CandidatePassage,
    DraftArticle,
    DraftedArticle,
    FindPassages,
    FoundPassage,
    PassagesFound,
    ReviseArticle,
    RevisedArticle,
)
from knowledge.drafting import draft_article, is_promise
from knowledge.model_article import WrittenArticle, check_article, ground_article, show_article
from knowledge.model_revising import WrittenRevision, check_revision, ground_revision, show_revision
from knowledge.passages import Span, sentences
from knowledge.questions import content_words, read_matter
from knowledge.revising import revise_locally

# What full text adds to the cosine of a sentence beside its neighbours.
TEXT_WEIGHT = 0.01
# Full text speaks about whole articles, and only about the order of so many: which they are, the cosine says (measured;
# where words mislead more weight, or speaking about every article, is worse than the cosine alone).
LED_BY_MEANING, ARTICLE_WEIGHT = 5, 0.04
LEAST_STEP = 1e-6
# Where vectors are n-grams the words lead; what n-grams add puts ties in order and finds other forms (measured; from
# a tenth to one and a half it makes no odds).
FORM_WEIGHT = 0.5
# A word with a digit in it (error code, model, size) is meant literally.
LITERAL_WEIGHT = 0.15
MOST_HOLDING = 0.1
# Without a common engine of vectors the full text alone speaks; a full match is worth this cosine.
TEXT_ALONE = 0.6
# Logistic of the fused score: half of the passages at this score answer the question.
HALF_AT, STEEPNESS = 0.48, 10.0


def text_scores(query: str, texts: list[str]) -> np.ndarray:
    """BM25 of each text for the query, shape (n,), scaled so that the best is 1 (all 0 without a common word)."""
    wanted = sorted(set(content_words(query)))
    counts = [Counter(content_words(text)) for text in texts]
    lengths = np.array([max(sum(count.values()), 1) for count in counts], float)
    scores = np.zeros(len(texts))
    for word in wanted:
        often = np.array([count[word] for count in counts], float)
        holding = int((often > 0).sum())
        rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        scores += rarity * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * lengths / max(lengths.mean(), 1)))
    return scores / scores.max() if len(texts) and scores.max() > 0 else scores


def covered(query: str, text: str) -> float:
    """The share of the query's words that stand in the text, 0 to 1."""
    wanted = set(content_words(query))
    return len(wanted & set(content_words(text))) / len(wanted) if wanted else 0.0


def literal_scores(query: str, texts: list[str]) -> np.ndarray:
    """The share of the query's codes that stand in each text, shape (n,).

    A code that many texts hold is the name of a product and says nothing about the matter.
    """
    codes = {word for word in re.findall(r"\w+", fold(query)) if any(map(str.isdigit, word)) and len(word) > 1}
    held = [codes & set(re.findall(r"\w+", fold(text))) for text in texts]
    most = max(2, len(texts) * MOST_HOLDING)
    rare = {code for code in codes if 0 < sum(code in one for one in held) <= most}
    return np.array([len(one & rare) / len(rare) if rare else 0.0 for one in held])


def rank_sentences(query: str, language: str, spans: list[Span]) -> list[tuple[float, Span]]:
    """Sentences with a score like a cosine, best first; ties keep their order in the text."""
    if not spans:
        return []
    texts = [span.text for span in spans]
    name, matter = embeddings.engine_for(query, language), read_matter(query)
    rows = embeddings.embed([matter, *texts], name)
    scores = rows[1:] @ rows[0] + TEXT_WEIGHT * text_scores(matter, texts)
    scores += LITERAL_WEIGHT * literal_scores(query, texts)
    return sorted(((round(float(score), 4), span) for score, span in zip(scores, spans, strict=True)), key=_best_first)


def _best_first(pair: tuple[float, Span]) -> tuple[float, int]:
    return -pair[0], pair[1].start


def score_confidence(score: float) -> float:
    """How likely a passage of this fused score answers, 0 to 1."""
    return round(1 / (1 + math.exp(-STEEPNESS * (score - HALF_AT))), 4)


def _fused(question: FindPassages) -> list[float]:
    """A score like a cosine for each candidate; reciprocal ranks break what scores leave equal.

    The few nearest articles are put in order by full text as well: what one section of an article does not say, another
    may ("kettle" here, "return" there). A text that holds the words alone does not displace them.
    N-grams know no meaning, so without an encoder for the language full text leads.
    """
    matter = read_matter(question.query)
    texts = [" ".join([one.title, *one.heading, one.text]) for one in question.candidates]
    lexical, literal = text_scores(matter, texts), literal_scores(question.query, texts)
    if embeddings.engine_for(question.query, question.language) == embeddings.NGRAMS:
        near = _led_by_words(matter, texts, lexical, np.array([one.similarity or 0.0 for one in question.candidates]))
        ranks = [_by_rank(one) for one in question.candidates]
        return list(near + LITERAL_WEIGHT * literal + np.array(ranks))
    fused = []
    for candidate, full_text, codes, text in zip(question.candidates, lexical, literal, texts, strict=True):
        if candidate.similarity is None:
            close = TEXT_ALONE * full_text * covered(matter, text)
        else:
            close = candidate.similarity
        fused.append(float(close + LITERAL_WEIGHT * codes) + _by_rank(candidate))
    return _with_full_text(fused, lexical, article_scores(matter, question.candidates), question.candidates)


def article_scores(matter: str, candidates: list[CandidatePassage]) -> np.ndarray:
    """For each candidate BM25 of all that was found of its article, shape (n,), the best article 1."""
    whole: dict[int, list[str]] = {}
    for one in candidates:
        whole.setdefault(one.article, [one.title]).append(" ".join([*one.heading, one.text]))
    scores = dict(zip(whole, text_scores(matter, [" ".join(texts) for texts in whole.values()]), strict=True))
    return np.array([scores[one.article] for one in candidates])


def _led_by_words(matter: str, texts: list[str], lexical: np.ndarray, forms: np.ndarray) -> np.ndarray:
    """Full text with n-grams beside it, scaled so that the first is as near as its n-grams or its words say."""
    scores = lexical + FORM_WEIGHT * np.maximum(forms, 0.0)
    first = int(np.argmax(scores))
    near = max(float(forms[first]), TEXT_ALONE * covered(matter, texts[first]))
    return scores * (near / scores[first]) if scores[first] > 0 else forms


def _with_full_text(
    fused: list[float], lexical: np.ndarray, of_article: np.ndarray, candidates: list[CandidatePassage]
) -> list[float]:
    """Full text puts the nearest articles in order, and the passages of the others behind their best."""
    order = sorted(range(len(fused)), key=lambda at: -fused[at])
    leading = set(list(dict.fromkeys(candidates[at].article for at in order))[:LED_BY_MEANING])
    found, last = list(fused), min(max(fused[at] for at in order if candidates[at].article == one) for one in leading)
    for at in order:
        by_meaning = candidates[at].similarity is not None
        if candidates[at].article in leading:
            found[at] += ARTICLE_WEIGHT * float(of_article[at]) ** 3 * by_meaning
        else:
            found[at] = min(found[at] + TEXT_WEIGHT * float(lexical[at]) * by_meaning, last - LEAST_STEP)
    return found


def _by_rank(candidate: CandidatePassage) -> float:
    ranks = [rank for rank in (candidate.text_rank, candidate.vector_rank) if rank]
    return 0.05 * sum(1 / (60 + rank) for rank in ranks)


class FindPassagesSkill(Skill[FindPassages, PassagesFound]):
    """Order the passages that full text and vectors found, and pick the sentence of each that answers best.

    The cosine leads and full text corrects it a little: reciprocal rank fusion of both was worse than the cosine
    alone. Where a passage has no comparable vector, full text and the share of words found decide. Without an
    encoder full text leads, and n-grams correct it.
    """

    name = "knowledge.find_passages"
    version = "4"
    Input, Output = FindPassages, PassagesFound

    def local(self, question: FindPassages) -> Answer[PassagesFound]:
        """Abstains (no passages, confidence 0) when there are no candidates or no words in the query."""
        if not question.query.strip() or not question.candidates:
            return self.answer(PassagesFound())
        scores = _fused(question)
        order = sorted(range(len(scores)), key=lambda at: (-scores[at], question.candidates[at].passage))
        found = [
            self._found(question, question.candidates[at], scores[at], rank < question.quoted)
            for rank, at in enumerate(order[: question.limit])
        ]
        quotes = [
            PassageQuote(
                article=one.article, version=one.version, passage=one.passage, title=one.title,
                start=one.start, end=one.end, text=one.sentence,
            )
            for one in found
        ]  # fmt: skip
        thinks_with = embeddings.engine_for(question.query, question.language)
        return self.answer(PassagesFound(passages=found), quotes, found[0].confidence, thinks_with)

    def _found(
        self, question: FindPassages, candidate: CandidatePassage, score: float, is_near_top: bool
    ) -> FoundPassage:
        score = round(score, 4)
        spans = sentences(candidate.text) or [Span(0, len(candidate.text), candidate.text)]
        if is_near_top:
            best = rank_sentences(question.query, question.language, spans)[0][1]
        else:
            lexical = text_scores(question.query, [span.text for span in spans])
            best = spans[int(np.argmax(lexical))]
        return FoundPassage(
            **candidate.model_dump(include={"passage", "article", "version", "title", "heading", "text", "audience"}),
            start=best.start, end=best.end, sentence=best.text,
            similarity=round(candidate.similarity or 0.0, 4), score=score, confidence=score_confidence(score),
        )  # fmt: skip


class DraftArticleSkill(Skill[DraftArticle, DraftedArticle]):
    """An article out of what was said in a solved matter: extractive, so that every sentence has its source.

    Confidence says how complete it is: an issue, a cause, steps, nothing that promises.
    """

    name = "knowledge.draft_article"
    prompt = "draft_article"
    Input, Output = DraftArticle, DraftedArticle
    Written: ClassVar[type[BaseModel] | None] = WrittenArticle

    def local(self, question: DraftArticle) -> Answer[DraftedArticle]:
        """Abstains (confidence 0) with the reason when it is not worth an article."""
        answer = self._weighed(draft_article(question))
        return self.answer(answer.output, answer.evidence, answer.confidence)

    def show(self, question: DraftArticle) -> Material:
        """What was said, by number, and the first draft."""
        return show_article(question)

    def check(self, question: DraftArticle, output: WrittenArticle) -> list[str]:
        """Sentences that nobody said, and solutions in a customer's words."""
        return check_article(question, output)

    def ground(self, question: DraftArticle, output: WrittenArticle) -> Answer[DraftedArticle]:
        """The article in the model's words, each sentence with the one that was said."""
        return self._weighed(ground_article(question, output))

    def _weighed(self, draft: DraftedArticle) -> Answer[DraftedArticle]:
        """The answer with its evidence, as sure as the draft is complete."""
        if draft.decision == "none":
            return Answer(draft)
        evidence = [
            Words(part=f"s{at}", message=one.source.message, start=one.source.start, end=one.source.end,
                  text=one.source.text)
            for at, one in enumerate(draft.sentences)
            if one.source is not None and one.source.message
        ]  # fmt: skip
        sections = {one.section for one in draft.sentences}
        steps = sum(one.section == "resolution" for one in draft.sentences)
        sure = 0.45 + 0.15 * ("issue" in sections) + 0.1 * ("cause" in sections) + 0.06 * min(steps, 4)
        return Answer(draft, list(evidence), round(sure * (0.6 if is_promise(draft) else 1.0), 4))


class ReviseArticleSkill(Skill[ReviseArticle, RevisedArticle]):
    """A draft changed as its author asks; a person reads it before it is kept, so nothing rests on its confidence."""

    name = "knowledge.revise_article"
    prompt = "revise_article"
    Input, Output = ReviseArticle, RevisedArticle
    Written: ClassVar[type[BaseModel] | None] = WrittenRevision

    def local(self, question: ReviseArticle) -> Answer[RevisedArticle]:
        """Abstains with the reason for whatever is not said in the few words it understands."""
        made = revise_locally(question)
        return self.answer(made, confidence=0.0 if made.why else 0.95)

    def show(self, question: ReviseArticle) -> Material:
        """The draft inside the fence, the instruction outside it."""
        return show_revision(question)

    def check(self, question: ReviseArticle, output: WrittenRevision) -> list[str]:
        """What nobody said, personal data, and steps that went missing."""
        return check_revision(question, output)

    def ground(self, question: ReviseArticle, output: WrittenRevision) -> Answer[RevisedArticle]:
        """The draft in the model's words."""
        return Answer(ground_revision(question, output))
