"""What a lead's reply means: from the sentences they wrote themselves, then from sentences like them. Pure."""

import datetime as dt
import re

from agents import embeddings
from agents.evidence import Words
from agents.skills.languages import fold
from conversations.absence import find_return, reads_like_absence, speaks_of_absence
from knowledge.passages import Span, sentences
from sales.outreach import marks
from sales.outreach.asking import ClassifiedReply, ClassifyReply
from sales.outreach.likeness import EXAMPLES
from sales.outreach.returning import find_resume

# What stands further left is what the mail means when it says several things.
ORDER = (
    "complaint", "opt_out", "bounce", "out_of_office", "wrong_person", "referral", "meeting", "interested",
    "later", "not_interested", "question",
)  # fmt: skip
BY_RULE = (
    ("complaint", marks.COMPLAINT), ("bounce", marks.BOUNCE), ("wrong_person", marks.WRONG_PERSON),
    ("referral", marks.REFERRAL), ("meeting", marks.MEETING), ("later", marks.LATER),
    ("not_interested", marks.NOT_INTERESTED), ("interested", marks.INTERESTED),
)  # fmt: skip
SURE, LIKELY = 0.92, 0.65
# As like a known sentence as this, and so much liker than any of another meaning.
NEAR, AHEAD = 0.6, 0.06
NATURES = {
    "bounce": "bounce",
    "complaint": "complaint",
    "out_of_office": "out_of_office",
    "auto_reply": "out_of_office",
}
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
LONGEST, FEW_WORDS = 6000, 60


def read_reply(question: ClassifyReply) -> tuple[ClassifiedReply, float]:
    """The meaning with its words, and how sure; "unclear" with 0 when the words do not say."""
    text = own_words(question)
    if (said := NATURES.get(question.nature)) is not None:
        return _answer(question, text, {said: []}, SURE)
    found = read_sentences(text)
    if _is_bare_stop(text, question.subject):
        found.setdefault("opt_out", sentences(text)[:1])
    if _is_absence(text, found):
        return _answer(question, text, {"out_of_office": []}, SURE)
    if not found and (like := _by_likeness(text, question.language)):
        return _answer(question, text, {like: sentences(text)[:1]}, LIKELY)
    return _answer(question, text, found, SURE if found else 0.0)


def shown_sentences(question: ClassifyReply) -> list[Span]:
    """Their own sentences, as a language model sees them numbered from 1."""
    return sentences(own_words(question))[:FEW_WORDS]


def must_stop(found: ClassifiedReply) -> bool:
    """Whether a wish to be left alone, or a complaint, was heard."""
    return bool({found.reply, *found.also} & {"opt_out", "complaint"})


def combine(question: ClassifyReply, said: str, sentence: int) -> tuple[ClassifiedReply, float]:
    """What a language model heard, held against what the words and the envelope say.

    A wish to be left alone that the words say stays heard whatever a model says, and so does what a machine wrote;
    where the two differ otherwise nobody is sure.
    """
    ours, sure = read_reply(question)
    if must_stop(ours) or question.nature in NATURES:
        return ours, sure
    if said == "unclear":
        return (ours, min(sure, LIKELY)) if ours.reply != "unclear" else (ours, 0.0)
    found = {said: [shown_sentences(question)[sentence - 1]]}
    return _answer(question, own_words(question), found, SURE if said == ours.reply else LIKELY)


def _is_absence(text: str, found: dict[str, list[Span]]) -> bool:
    """An out-of-office note that no header gave away; somebody away who wants something is read by what they want."""
    if {"opt_out", "complaint", "interested", "meeting", "question", "not_interested"} & found.keys():
        return False
    return reads_like_absence(text) or (speaks_of_absence(text) and len(text.split()) < FEW_WORDS)


def own_words(question: ClassifyReply) -> str:
    """The text with what we wrote ourselves blanked: quoted lines and sentences of our mails, so that spans stay."""
    text = question.text[:LONGEST]
    ours = {_plain(span.text) for mail in question.ours for span in sentences(mail)}
    ours |= {_plain(line) for mail in question.ours for line in mail.splitlines() if line.strip()}
    text = re.sub(r"(?m)^[ \t]*>.*$", lambda found: " " * len(found[0]), text)
    for span in [*sentences(text), *_lines(text)]:
        if len(span.text.split()) > 1 and _plain(span.text) in ours:
            text = text[: span.start] + re.sub(r"[^\n]", " ", span.text) + text[span.end :]
    return text


def _lines(text: str) -> list[Span]:
    found, at = [], 0
    for line in text.split("\n"):
        stripped = line.strip()
        start = at + line.find(stripped)
        found.append(Span(start, start + len(stripped), stripped))
        at += len(line) + 1
    return found


def _plain(text: str) -> str:
    return " ".join(fold(text.replace("’", "'")).split())


def read_sentences(text: str) -> dict[str, list[Span]]:
    """What each sentence says: meaning to its sentences."""
    found: dict[str, list[Span]] = {}
    for span in sentences(text):
        for said in _read_sentence(_plain(span.text)):
            found.setdefault(said, []).append(span)
    if "referral" in found and "wrong_person" not in found and not ADDRESS.search(text) and len(found) > 1:
        found.pop("referral")
    return found


def _read_sentence(plain: str) -> list[str]:
    said = [name for name, pattern in BY_RULE if pattern.search(plain)]
    if says_stop(plain):
        said.append("opt_out")
    if "not_interested" in said or "opt_out" in said:
        said = [name for name in said if name not in ("interested", "meeting", "later")]
    if plain.endswith("?") and not {"interested", "meeting", "complaint", "opt_out", "not_interested"} & set(said):
        said.append("question")
    return said


def says_stop(plain: str) -> bool:
    """Whether a sentence (without accents and capitals) asks us to write no more."""
    if marks.KEEP_ME.search(plain) or marks.OTHER_END.search(plain):
        return False
    return bool(marks.OPT_OUT.search(plain) or (marks.ENDS.search(plain) and marks.OUR_MAILS.search(plain)))


def _is_bare_stop(text: str, subject: str) -> bool:
    """A mail that is nothing but the word; without a text of its own the subject counts."""
    plain = _plain(text)
    if plain:
        return bool(marks.BARE_STOP.match(plain)) or bool(marks.BARE_STOP.match(plain.partition("  ")[0]))
    return bool(marks.BARE_STOP.match(_plain(subject)))


def _by_likeness(text: str, language: str) -> str:
    """The meaning of the known sentence that is most like one of these; empty when none is near enough."""
    spans = [span.text for span in sentences(text)][:6]
    known = [(said, words) for said, words in EXAMPLES.get(language[:2].lower() or "en", EXAMPLES["en"])]
    if not spans:
        return ""
    engine = embeddings.engine_for(text, language)
    likeness = embeddings.embed(spans, engine) @ embeddings.embed([words for _said, words in known], engine).T
    best: dict[str, float] = {}
    for column, (said, _words) in enumerate(known):
        best[said] = max(best.get(said, 0.0), round(float(likeness[:, column].max()), 4))
    ranked = sorted(best.items(), key=lambda each: (-each[1], each[0]))
    first, second = ranked[0], ranked[1]
    return first[0] if first[1] >= NEAR and first[1] - second[1] >= AHEAD else ""


def _answer(
    question: ClassifyReply, text: str, found: dict[str, list[Span]], sure: float
) -> tuple[ClassifiedReply, float]:
    said = [name for name in ORDER if name in found]
    first = said[0] if said else "unclear"
    lit = found.get(first, [])[:3]
    words = [
        Words(message=question.message, start=one.start, end=one.end, text=question.text[one.start : one.end])
        for one in lit
    ]
    day = dt.date.fromisoformat(question.day) if question.day else None
    plain = _plain(text)
    return ClassifiedReply.model_validate({
        "reply": first,
        "also": said[1:],
        "words": words,
        "resume_on": _resume(first, text, plain, day),
        "referred_to": next(iter(ADDRESS.findall(text)), "") if {"referral", "wrong_person"} & found.keys() else "",
        "is_negative": first == "complaint" or bool(marks.ANGRY.search(plain)),
    }), sure  # fmt: skip


def _resume(said: str, text: str, plain: str, day: dt.date | None) -> str:
    if day is None or said not in ("later", "out_of_office"):
        return ""
    named = find_return(text, dt.datetime.combine(day, dt.time(12), dt.UTC))
    found = named if named and named > day else find_resume(plain, day)
    return found.isoformat() if found else ""
