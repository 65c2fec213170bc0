"""What a lead's reply means: by a reader trained on replies of four languages, and by words that always count. Pure.

The reader (``replies.csv``) weighs the whole mail. The rules of ``marks`` speak for sentences: a wish to be left alone
that they find counts unless the reader is all but certain that it is none, and for the rest they make it surer.
"""

import datetime as dt
import math
import re
from pathlib import Path

from agents.evidence import Words
from agents.skills import wordings
from agents.skills.languages import fold
from conversations.absence import find_return, reads_like_absence, speaks_of_absence
from knowledge.passages import Span, sentences
from sales.outreach import marks
from sales.outreach.asking import ClassifiedReply, ClassifyReply
from sales.outreach.returning import find_resume

READER = Path(__file__).with_name("replies.npz")
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
STOPS = ("complaint", "opt_out")
# Said by a rule or a header; said by a language model alone.
SURE, LIKELY = 0.92, 0.65
# A wish to be left alone counts from here; where a rule finds one, from far below; in one sentence of many, from above,
# and then the whole mail must not be sure of the contrary.
STOPS_FROM, STOPS_WITH_RULE, STOPS_IN_SENTENCE, STOPS_BESIDE_SENTENCE = 0.45, 0.12, 0.8, 0.1
# What a rule adds to the weight of what it finds (measured on writers left out: 1 is best).
RULE_WEIGHT = math.e
# Below it the words do not say; from here another sentence says something of its own.
HEARD_FROM, ALSO_FROM = 0.3, 0.7
NATURES = {
    "bounce": "bounce",
    "complaint": "complaint",
    "out_of_office": "out_of_office",
    "auto_reply": "out_of_office",
}
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
LONGEST, FEW_WORDS, MOST_SENTENCES = 6000, 60, 12
Alone = list[tuple[Span, dict[str, float]]]


def read_reply(question: ClassifyReply) -> tuple[ClassifiedReply, float]:
    """The meaning with its words, and how sure; "unclear" with 0 when the words do not say."""
    text = own_words(question)
    if (said := NATURES.get(question.nature)) is not None:
        return _answer(question, text, {said: []}, SURE)
    if _is_bare_stop(text, question.subject):
        return _answer(question, text, {"opt_out": sentences(text)[:1]}, SURE)
    if not re.search(r"\w", text):
        return _answer(question, text, {}, 0.0)
    by_rule = read_sentences(text)
    reader = wordings.open_reader(READER)
    alone = [
        (span, reader.weigh(span.text, question.language, by_words_alone=True))
        for span in [span for span in sentences(text) if re.search(r"\w", span.text)][:MOST_SENTENCES]
    ]
    shares = reader.weigh(" ".join(text.split()), question.language)
    wants_to_stay = bool(marks.KEEP_ME.search(_plain(text)))
    if stop := "" if wants_to_stay else _find_stop(shares, by_rule, alone):
        found = {stop: by_rule.get(stop) or _behind(stop, alone)}
        return _answer(question, text, _also(found, by_rule, alone), max(_stops(shares), STOPS_FROM))
    by_rule = {name: spans for name, spans in by_rule.items() if name not in STOPS}
    if _is_absence(text, by_rule):
        return _answer(question, text, {"out_of_office": []}, SURE)
    return _answer(question, text, *_choose(shares, by_rule, alone))


def _find_stop(shares: dict[str, float], by_rule: dict[str, list[Span]], alone: Alone) -> str:
    """Which wish to be left alone the mail holds, as a whole or in one of its sentences; nothing when it holds none."""
    named = [name for name in STOPS if name in by_rule]
    told = _stops(shares) >= (STOPS_WITH_RULE if named else STOPS_FROM)
    one = max((each for _span, each in alone), key=_stops, default={}) if len(alone) > 1 else {}
    in_sentence = bool(one) and _stops(one) >= STOPS_IN_SENTENCE and _stops(shares) >= STOPS_BESIDE_SENTENCE
    if not told and not in_sentence:
        return ""
    weighed = shares if told else one
    return max(named or STOPS, key=lambda name: weighed[name])


def _stops(shares: dict[str, float]) -> float:
    return sum(shares[name] for name in STOPS)


def _choose(
    shares: dict[str, float], by_rule: dict[str, list[Span]], alone: Alone
) -> tuple[dict[str, list[Span]], float]:
    """What a mail that asks for no end says, with its sentences, and how sure; nothing when the words do not say."""
    rest = {name: share for name, share in shares.items() if name not in STOPS}
    weighed = {name: share * (RULE_WEIGHT if name in by_rule else 1) for name, share in rest.items()}
    said = max(weighed, key=lambda name: weighed[name])
    sure = round(weighed[said] / (sum(weighed.values()) + _stops(shares)), 4)
    if said == "unclear" or sure < HEARD_FROM:
        return {}, 0.0
    return _also({said: by_rule.get(said) or _behind(said, alone)}, by_rule, alone), sure


def _also(found: dict[str, list[Span]], by_rule: dict[str, list[Span]], alone: Alone) -> dict[str, list[Span]]:
    """What other sentences say beside it, behind what the mail means first."""
    for name in ORDER:
        spans = by_rule.get(name) or [span for span, shares in alone if len(alone) > 1 and shares[name] >= ALSO_FROM]
        if spans and name not in STOPS:
            found.setdefault(name, spans)
    return found


def _behind(said: str, alone: Alone) -> list[Span]:
    """The sentences that say it when they are read alone; the likeliest where none does."""
    behind = [span for span, shares in alone if max(shares, key=lambda name: shares[name]) == said]
    return behind or [span for span, _shares in sorted(alone, key=lambda pair: -pair[1][said])[:1]]


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
    if {"interested", "meeting", "question", "not_interested"} & found.keys():
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


def _answer(
    question: ClassifyReply, text: str, found: dict[str, list[Span]], sure: float
) -> tuple[ClassifiedReply, float]:
    said = list(found)
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
