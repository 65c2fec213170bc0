"""Pure. How well a lead fits the customer we look for: each criterion with its reason and the finding that says so."""

import re

from django.utils.translation import gettext as _

from agents.skills.languages import fold
from sales.asking import Criterion, Fit, Known, Met, Qualify, Reason
from sales.findings import PEOPLE

TOPICS = {"industry": ("industry",), "size": ("size",), "location": ("location",), "role": ("role",)}
_PEOPLE = re.compile(rf"(\d+) (?:{PEOPLE})", re.IGNORECASE)


def judge(question: Qualify) -> Fit:
    """The share of the weight that is matched: high above the upper bar, low below the lower one.

    What nothing is known about is not matched; with no criterion, or nothing known at all, there is no rank.
    """
    reasons = [_judge(criterion, question.findings) for criterion in question.criteria]
    whole = sum(reason.weight for reason in reasons)
    if not whole or all(reason.met == "unknown" for reason in reasons):
        return Fit(reasons=reasons)
    score = round(100 * sum(reason.weight for reason in reasons if reason.met == "yes") / whole)
    rank = "high" if score > question.high else "moderate" if score >= question.moderate else "low"
    return Fit(rank=rank, score=score, reasons=reasons)  # type: ignore[arg-type]


def how_sure(question: Qualify, fit: Fit) -> float:
    """How much of the weight could be judged; of a rank that the unknown rest could not change, more."""
    whole = sum(reason.weight for reason in fit.reasons)
    if not fit.rank or not whole:
        return 0.0
    known = sum(reason.weight for reason in fit.reasons if reason.met != "unknown") / whole
    best = fit.score + round(100 * (1 - known))
    settled = fit.rank == "high" or (fit.rank == "low" and best < question.moderate)
    return min(0.97, 0.5 + 0.45 * known + (0.1 if settled else 0.0))


def _judge(criterion: Criterion, findings: list[Known]) -> Reason:
    if criterion.stored:
        met, why, by = _judge_stored(criterion, findings)
    elif criterion.kind == "size":
        met, why, by = _judge_size(criterion, findings)
    else:
        met, why, by = _judge_words(criterion, findings)
    return Reason(
        criterion=criterion.name, label=criterion.label, met=met, why=why[:300], weight=criterion.weight, finding=by
    )


def stored_topic(criterion: Criterion) -> str:
    """The topic under which the value of a criterion's own field is known."""
    return f"stored:{criterion.name}"


def _judge_stored(criterion: Criterion, findings: list[Known]) -> tuple[Met, str, int | None]:
    """By the field of the lead that holds it, and by nothing else."""
    found = next((each for each in findings if each.topic == stored_topic(criterion)), None)
    if found is None:
        return "unknown", _("“%(field)s” is empty.") % {"field": criterion.stored}, None
    if criterion.wanted:
        said = fold(found.value)
        fits = any(word and re.search(rf"(?<!\w){re.escape(fold(word))}", said) for word in criterion.wanted)
        return ("yes" if fits else "no"), found.value, None
    amount = read_amount(found.value)
    if amount is None:
        return "unknown", _("“%(value)s” is no number.") % {"value": found.value[:60]}, None
    fits = (criterion.least or 0) <= amount <= (criterion.most if criterion.most is not None else 10**15)
    return ("yes" if fits else "no"), found.value, None


_AMOUNT = re.compile(
    r"(\d[\d.,'\u00a0 ]*)\s*(bn|billion|mrd|milliarden?|m|mio|million(?:en|s)?|k|thousand|tsd)?\b", re.IGNORECASE
)
_TIMES = {"b": 10**9, "mrd": 10**9, "milliard": 10**9, "m": 10**6, "k": 10**3, "t": 10**3}


def read_amount(text: str) -> int | None:
    """A number as people write it: "12.5 million EUR", "240", "1,200". Pure."""
    match = _AMOUNT.search(text)
    if match is None:
        return None
    digits, unit = match[1].strip(" \u00a0.,'"), (match[2] or "").lower()
    if re.fullmatch(r"\d{1,3}(?:[.,'\u00a0 ]\d{3})+", digits):
        digits = re.sub(r"\D", "", digits)
    try:
        number = float(digits.replace("\u00a0", "").replace(" ", "").replace("'", "").replace(",", "."))
    except ValueError:
        return None
    times = next((many for start, many in _TIMES.items() if unit.startswith(start) and unit), 1)
    return round(number * times)


def _judge_size(criterion: Criterion, findings: list[Known]) -> tuple[Met, str, int | None]:
    for finding in findings:
        if finding.topic == "size" and (match := _PEOPLE.match(finding.value)):
            count = int(match[1])
            fits = (criterion.least or 0) <= count <= (criterion.most or 10**9)
            return ("yes" if fits else "no"), finding.claim, finding.id
    return "unknown", _("Nothing says how many people work there."), None


def _judge_words(criterion: Criterion, findings: list[Known]) -> tuple[Met, str, int | None]:
    topics = TOPICS.get(criterion.kind)
    looked = [finding for finding in findings if topics is None or finding.topic in topics]
    for finding in looked:
        said = fold(f"{finding.value} {finding.claim} {finding.quote}")
        for wanted in criterion.wanted:
            if wanted and re.search(rf"(?<!\w){re.escape(fold(wanted))}", said):
                return "yes", finding.claim, finding.id
    if not looked or topics is None:
        return "unknown", _("Nothing was found about it."), None
    return "no", looked[0].claim, looked[0].id
