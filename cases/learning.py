"""Fields learn from what people confirmed: a training run for each field that has enough confirmed cases."""

import datetime as dt

from agents.skills import training
from agents.skills.training import Labelled, TooFewExamplesError
from cases.fields import CaseField, case_fields
from cases.filling import CLASSES, case_messages, message_text
from cases.models import Case, FieldMark
from intents.reading import matter

SKILL = "cases.predict_fields"
# Below it the nearest confirmed cases and what the options say of themselves decide.
FEWEST_CONFIRMED, MOST_CONFIRMED = 80, 10_000
# A training is worth its minutes again when so many more are confirmed, or so long ago.
GROWN = 1.1
WORN = dt.timedelta(days=7)


def learn_fields(*, now: dt.datetime) -> list[str]:
    """Train every field that has enough that is new; returns the names of those trained."""
    return [each.name for each in case_fields().values() if each.type in CLASSES and _learn_class(each, now)]


def _learn_class(each: CaseField, now: dt.datetime) -> bool:
    idents = confirmed_cases(each)
    if not is_due(each, len(idents), now=now):
        return False
    lessons, last = _lessons(each, idents), training.newest_run(SKILL, each.name)
    if last and last.digest == training.digest_of(lessons):
        return False
    try:
        artefact = training.train(lessons)
    except TooFewExamplesError:
        return False
    training.store_run(SKILL, each.name, artefact, now=now)
    return True


def confirmed_cases(each: CaseField) -> list[int]:
    """The newest cases whose value of a field a person stands behind."""
    marks = FieldMark.objects.filter(field=each.name, set_by=FieldMark.By.PERSON)
    return list(marks.order_by("-case_id").values_list("case_id", flat=True)[:MOST_CONFIRMED])


def is_due(each: CaseField, confirmed: int, *, now: dt.datetime) -> bool:
    """Whether enough was confirmed since the last training of a field."""
    last = training.newest_run(SKILL, each.name)
    if confirmed < FEWEST_CONFIRMED:
        return False
    return last is None or confirmed >= GROWN * last.examples or now - last.created_at >= WORN


def _lessons(each: CaseField, idents: list[int]) -> list[Labelled]:
    """The confirmed values with what the customers of these cases wrote."""
    found = []
    for ident in idents:
        case = Case.objects.get(pk=ident)
        text = matter([message_text(message) for message in case_messages(case)])
        value = each.value_of(case)
        if value not in (None, ""):
            found.append(Labelled(case.pk, text or f"{case.title}\n{case.description}", str(value)))
    return found
