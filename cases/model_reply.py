"""A reply as a language model writes it: what it is shown, what is refused, and where its sentences come from. Pure."""

from pydantic import BaseModel, Field

from agents.evidence import PassageQuote
from agents.skills import Material
from agents.skills.figures import claims_without_source
from agents.skills.languages import detect_language
from cases.asking import DraftedReply, DraftReply, ReplyPart, SourcePassage
from cases.drafting import PASSAGES_READ, arrange, as_body, unsourced_figures
from cases.wording import pieces
from knowledge.passages import sentences
from knowledge.skills import covered

# A sentence in the passage's own language shares at least so many of its words with the passages it cites.
FEWEST_SHARED = 0.5
# Not calibrated by confirmed answers: below the usual bar for sending alone. In another language nothing is compared.
SURE, SURE_IN_ANOTHER_LANGUAGE = 0.75, 0.5
MOST_OPEN = 4

_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}


class WrittenSentence(BaseModel):
    """A sentence and the numbers of the passages that say it."""

    text: str
    passages: list[int]
    paragraph: int = 1


class WrittenReply(BaseModel):
    """What a model fills."""

    sentences: list[WrittenSentence] = Field(default=[], max_length=40)
    open_questions: list[str] = Field(default=[], max_length=20)


def show_reply(question: DraftReply) -> Material:
    """The mail and the external passages, numbered; nothing where no passage was found."""
    passages = _passages(question)
    if not passages:
        return Material()
    texts = {"mail": f"{question.subject}\n\n{question.text}"}
    for number, one in enumerate(passages, 1):
        texts[f"passage {number}"] = "\n".join(part for part in (one.title, one.heading, one.text) if part)
    language = _LANGUAGES.get(_language(question), "the language of the mail")
    known = [("person", question.contact_name)] if question.contact_name else []
    return Material(texts, {"language": language}, known)


def check_reply(question: DraftReply, written: WrittenReply) -> list[str]:
    """A source that was not shown, a figure, date or link without source, a sentence that its source does not say."""
    passages, reasons = _passages(question), []
    for at, one in enumerate(written.sentences, 1):
        unknown = [number for number in one.passages if not 1 <= number <= len(passages)]
        if unknown or not one.passages:
            said = ", ".join(map(str, unknown))
            reasons.append(f"sentence {at} cites no passage that was given ({said})" if unknown else _uncited(at))
            continue
        reasons += [f"sentence {at}: {why}" for why in _doubts(one, [passages[n - 1] for n in one.passages])]
    return reasons


def _uncited(at: int) -> str:
    return f"sentence {at} cites no passage"


def _doubts(one: WrittenSentence, cited: list[SourcePassage]) -> list[str]:
    sources = [f"{source.title}\n{source.heading}\n{source.text}" for source in cited]
    told = "\n".join(sources)
    found = [f"“{each}” stands in no passage that it cites" for each in claims_without_source(one.text, told)]
    if _same_language(one.text, told) and covered(one.text, told) < FEWEST_SHARED:
        found.append("the passages that it cites do not say this")
    return found


def ground_reply(question: DraftReply, written: WrittenReply) -> DraftedReply:
    """The draft with greeting and closing of ours, each sentence with its place in the passage."""
    language, passages = _language(question), _passages(question)
    words = pieces(language)
    open_questions = [" ".join(text.split())[:200] for text in written.open_questions if text.strip()][:MOST_OPEN]
    draft = DraftedReply(language=words.language, open_questions=open_questions)
    if not written.sentences and not question.missing and not question.clarify:
        return draft
    paragraphs: dict[int, list[ReplyPart]] = {}
    for one in written.sentences:
        quote = _quote(one.text, passages[one.passages[0] - 1])
        text = " ".join(one.text.split())
        paragraphs.setdefault(one.paragraph, []).append(ReplyPart(text=text, source="passage", quote=quote))
    parts = arrange(question, words, [paragraphs[number] for number in sorted(paragraphs)])
    is_foreign = any(not _same_language(one.text, passages[one.passages[0] - 1].text) for one in written.sentences)
    sure = (SURE_IN_ANOTHER_LANGUAGE if is_foreign else SURE) if written.sentences else 0.3
    confidence = sure * (0.5 if open_questions else 1.0) * (0.7 if question.missing else 1.0)
    return draft.model_copy(
        update={
            "parts": parts,
            "body": as_body(parts),
            # What was checked sentence by sentence against the whole passages is not held to the one sentence quoted.
            "unsourced_figures": unsourced_figures(
                parts, question.text, "\n".join([question.signature, *(one.text for one in passages)])
            ),
            "confidence": round(confidence, 4),
        }
    )


def _quote(text: str, source: SourcePassage) -> PassageQuote:
    """The sentence of the passage that shares most words with what was written."""
    spans = sentences(source.text)
    best = max(spans, key=lambda span: (covered(text, span.text), -span.start), default=None)
    start, end = (best.start, best.end) if best else (0, len(source.text))
    return PassageQuote(
        article=source.article, version=source.version, passage=source.passage, title=source.title,
        start=start, end=end, text=source.text[start:end],
    )  # fmt: skip


def _passages(question: DraftReply) -> list[SourcePassage]:
    return [one for one in question.passages if one.audience == "external"][:PASSAGES_READ]


def _language(question: DraftReply) -> str:
    return (question.language or detect_language(question.text) or "en")[:2].lower()


def _same_language(one: str, other: str) -> bool:
    """Whether both are in one language, as far as that can be told; short texts count as the same."""
    first, second = detect_language(one), detect_language(other)
    return not first or not second or first == second
