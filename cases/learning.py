"""Fields learn from what people confirmed: a training run for each class field, and one for values that are copied."""

import datetime as dt
import hashlib
import json

from agents.skills import training
from agents.skills.training import Artefact, Labelled, TooFewExamplesError
from cases.asking import EVERY_FIELD
from cases.fields import CaseField, case_fields
from cases.filling import CLASSES, case_messages, message_text
from cases.models import Case, CaseMessage, FieldMark
from cases.tagging import Lesson, learn, places_of
from conversations.models import Message
from intents.reading import MessageText, matter

SKILL = "cases.predict_fields"
# Below it the nearest confirmed cases and what the options say of themselves decide.
FEWEST_CONFIRMED, MOST_CONFIRMED = 80, 10_000
# Values that are copied, and those with methods of their own.
COPIED, WRITTEN = ("text", "integer", "email"), ("title", "description")
FEWEST_READ, MOST_READ = 25, 2_000
# Of cases that nobody confirmed, the newest messages tell which words stand in the same places.
MOST_COMPARED = 10_000
# A training is worth its minutes again when so many more are confirmed, or so long ago.
GROWN = 1.1
WORN = dt.timedelta(days=7)


def learn_fields(*, now: dt.datetime) -> list[str]:
    """Train every field that has enough that is new; returns the names of those trained."""
    learned = [each.name for each in case_fields().values() if each.type in CLASSES and _learn_class(each, now)]
    return [*learned, EVERY_FIELD] if _learn_places(now) else learned


def _learn_class(each: CaseField, now: dt.datetime) -> bool:
    idents = confirmed_cases(each)
    if len(idents) < FEWEST_CONFIRMED or not is_due(each.name, len(idents), now=now):
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


def is_due(scope: str, confirmed: int, *, now: dt.datetime) -> bool:
    """Whether enough was confirmed since the last training of a field."""
    last = training.newest_run(SKILL, scope)
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


# ── values that are copied ────────────────────────────────────────────────────────────────────────────────────────


def _learn_places(now: dt.datetime) -> bool:
    """Learn where the values of text and number fields stand, from cases of which a person confirmed one."""
    fields = [each for each in case_fields().values() if each.type in COPIED and each.name not in WRITTEN]
    marks = FieldMark.objects.filter(field__in=[each.name for each in fields], set_by=FieldMark.By.PERSON)
    idents = list(marks.order_by("-case_id").values_list("case_id", flat=True).distinct()[:MOST_READ])
    if len(idents) < FEWEST_READ or not is_due(EVERY_FIELD, len(idents), now=now):
        return False
    lessons = [_place_lesson(Case.objects.get(pk=ident), fields) for ident in idents]
    taught = sorted((lesson.subject, [str(place) for place in lesson.places]) for lesson in lessons)
    digest, last = hashlib.sha256(json.dumps(taught).encode()).hexdigest(), training.newest_run(SKILL, EVERY_FIELD)
    if (last and last.digest == digest) or not any(lesson.places for lesson in lessons):
        return False
    content, found, count = learn(lessons, _other_messages(idents))
    training.store_run(SKILL, EVERY_FIELD, Artefact(content, found, (1.0, 0.0), count, digest), now=now)
    return True


def _other_messages(confirmed: list[int]) -> list[list[MessageText]]:
    """The newest messages of customers in cases that are not among the confirmed ones, by case."""
    links = CaseMessage.objects.filter(message__nature=Message.Nature.PERSON, message__direction=Message.Direction.IN)
    links = links.exclude(case__in=confirmed).order_by("-message_id").select_related("message")
    by_case: dict[int, list[MessageText]] = {}
    for link in reversed(list(links[:MOST_COMPARED])):
        by_case.setdefault(link.case_id, []).append(message_text(link.message))
    return list(by_case.values())


def _place_lesson(case: Case, fields: list[CaseField]) -> Lesson:
    """A confirmed case's messages with the places of its values."""
    messages = [message_text(message) for message in case_messages(case)]
    values = {each.name: str(value) for each in fields if (value := each.value_of(case)) not in (None, "")}
    return Lesson(case.pk, messages, places_of(messages, values))
