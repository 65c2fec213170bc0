"""A draft as a language model revises it: nothing new in it but what the instruction itself says. Pure."""

import re

from pydantic import BaseModel, Field

from agents.pii import Known
from agents.skills import Material
from agents.skills.figures import claims_without_source
from agents.skills.languages import detect_language, fold
from knowledge import gate
from knowledge.asking import ReviseArticle, RevisedArticle
from knowledge.passages import sentences
from knowledge.questions import content_words

FEWEST_SHARED, MOST_TITLE, MOST_STEPS = 0.5, 200, 300
# A longer draft would be shown cut, and come back cut.
MOST_BODY = 30_000
_MARK = re.compile(r"(?m)^\s*(?:\d{1,2}[.)]|[-*•])\s+")
_STEP = re.compile(r"(?m)^\s*(?:\d{1,2}[.)]|[-*•])\s+(.+)$")
_CODE = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[^\W\d_])[\w-]+\b")
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]+)")
# Words of an instruction that allow a step to go or two to become one.
_MAY_LOSE = re.compile(
    r"\b(?:remov|delet|drop|take out|leave out|cut|omit|without|merg|combin|join|only keep|entfern|losch|streich"
    r"|weglass|lass|ohne|zusammenfass|verbind|supprim|enlev|retir|sans|fusionn|regroup|elimin|quit[ae]|borr|suprim"
    r"|sin\b|un[ei]r|combin)"
)


class WrittenRevision(BaseModel):
    """What a model fills."""

    title: str = Field(default="", max_length=2_000)
    body: str = Field(default="", max_length=2 * MOST_BODY)


def show_revision(question: ReviseArticle) -> Material:
    """The draft and our own answers behind the fence; the instruction, which a person typed, outside it."""
    if len(question.body) > MOST_BODY:
        return Material()
    texts = {"title": question.title, "article": question.body}
    if ours := [one.text for one in question.said if one.author != "customer"]:
        texts["said"] = "\n".join(ours)
    values = {"instruction": " ".join(question.instruction.split()), "language": question.language}
    return Material(texts, values, question.known)


def check_revision(question: ReviseArticle, written: WrittenRevision) -> list[str]:
    """Figures, links and codes that nobody gave, personal data, orders, promises, and steps that went missing."""
    if not written.title.strip() or not written.body.strip():
        return ["title and body must both be written, changed or not"]
    text = f"{written.title}\n{_MARK.sub('', written.body)}"
    source = "\n".join([_sources(question), question.instruction])
    told = {fold(code) for code in _CODE.findall(source)}
    new = [
        *claims_without_source(text, source),
        *(code for code in _CODE.findall(text) if fold(code) not in told),
        *(target for target in _TARGET.findall(text) if target not in source),
    ]
    reasons = [f"“{each}” stands neither in the article nor in the instruction" for each in dict.fromkeys(new)]
    known = [Known(kind, value) for kind, value in question.known]
    reasons += [f"personal data: {kind}" for kind in gate.list_personal(text, known)]
    asked = f"{question.title}\n{question.body}\n{question.instruction}"
    if gate.gives_orders(text) and not gate.gives_orders(question.instruction):
        reasons.append("it gives orders to whoever reads it: leave those sentences out")
    if gate.promises(text) and not gate.promises(asked):
        reasons.append("it promises money or goods")
    return reasons + [f"the step is missing: {step}" for step in _lost_steps(question, written.body)]


def ground_revision(question: ReviseArticle, written: WrittenRevision) -> RevisedArticle:
    """The title on one line, the text with lines as everywhere; nothing where both say what they said."""
    title = " ".join(written.title.split())[:MOST_TITLE]
    body = written.body.replace("\r\n", "\n").replace("\x00", "").strip()
    if (title, body) == (question.title, question.body.strip()):
        return RevisedArticle(why="unchanged")
    return RevisedArticle(title=title, body=body)


def _sources(question: ReviseArticle) -> str:
    """What may be said again: the draft and our answers, without sentences that speak to whoever writes."""
    ours = [one.text for one in question.said if one.author != "customer"]
    spoken = [one.text for text in [question.title, question.body, *ours] for one in sentences(text)]
    return "\n".join(one for one in spoken if not gate.gives_orders(one))


def _lost_steps(question: ReviseArticle, body: str) -> list[str]:
    """Steps of the draft that the new text does not say; across languages only their number is compared."""
    if _MAY_LOSE.search(fold(question.instruction)):
        return []
    steps = [step for step in _STEP.findall(question.body) if not gate.gives_orders(step)][:MOST_STEPS]
    before, after = detect_language(question.body), detect_language(body)
    if before and after and before != after:
        return steps[len(_STEP.findall(body)) :]
    said = _STEP.findall(body) or [one.text for one in sentences(body)]
    return _unmatched(steps, said[: 4 * MOST_STEPS])


def _unmatched(steps: list[str], said: list[str]) -> list[str]:
    """Steps without a piece of text of their own that says half of their words; the surest pairs go first."""
    wanted, given = ([set(content_words(text)) for text in texts] for texts in (steps, said))
    shares = [
        (len(step & piece) / len(step), at, to)
        for at, step in enumerate(wanted)
        for to, piece in enumerate(given)
        if step and len(step & piece) / len(step) >= FEWEST_SHARED
    ]
    left, free = {at for at, step in enumerate(wanted) if step}, set(range(len(given)))
    for _share, at, to in sorted(shares, key=lambda one: (-one[0], one[1], one[2])):
        if at in left and to in free:
            left.remove(at)
            free.remove(to)
    return [steps[at] for at in sorted(left)]
