"""What the agent would write into a case's fields: read the conversation, ask the skill, propose."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.models import Rule, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.skills import training
from cases import asking
from cases.fields import CaseField, case_fields, is_protected, marks_of
from cases.models import Case, FieldMark
from cases.payloads import FieldsPayload, FieldValue
from conversations.models import Message
from knowledge.models import Product

SECTION = "cases.fields"
KIND = "cases.fill_fields"
EXAMPLES = 400
# Fields whose values are classes, learned from confirmed cases.
CLASSES = ("choice", "lookup")


@dataclass(frozen=True)
class Bars:
    """From where on a value is suggested, and from where on it is written."""

    suggest: float = 0.5
    fill: float = 0.9

    def level(self, confidence: float, promise: float = 0.0) -> str | None:
        """The wanted level for a confidence; None below both bars.

        The upper bar is the share of written values that has to be right: where that share was measured on confirmed
        cases, the promise counts.
        """
        if max(confidence, promise) >= self.fill:
            return Level.AUTO
        return Level.ASK if confidence >= self.suggest else None


@dataclass(frozen=True)
class Plan:
    """Which fields are looked at for a case now, with their bars, the rule that says so, and why."""

    bars: dict[str, Bars]
    rule: Rule | None
    why: str
    overwrite_people: bool
    patterns: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prediction:
    """What the skill found for one field of one case, and what would become of it."""

    field: CaseField
    value: Any
    shown: str
    confidence: float
    evidence: list[Any]
    level: str | None
    reason: str


def plan_fields(case: Case, *, now: dt.datetime) -> Plan:
    """The fields of the section at first; later those of the first update rule that matches, and none without one."""
    loaded = sections.load(SECTION, case.line_of_business)
    if _is_new(case):
        return plan_from(loaded, rule=None, why=_("The case is new."))
    rule, why = sections.first_match(loaded.rules, case, now)
    plan = plan_from(loaded, rule=rule, why=why)
    chosen = set(rule.outcome.get("fields", [])) if rule else set()
    return replace(plan, bars={name: bar for name, bar in plan.bars.items() if name in chosen})


def plan_from(loaded: sections.Loaded, *, rule: Rule | None, why: str) -> Plan:
    """Every field of the settings, with its bars."""
    rows = loaded.values.get("fields", [])
    return Plan(
        bars={row["field"]: Bars(float(row["suggest"]), float(row["fill"])) for row in rows},
        rule=rule,
        why=why,
        overwrite_people=bool(loaded.values.get("overwrite_people", False)),
        patterns={row["field"]: row["pattern"] for row in rows if row.get("pattern")},
    )


def _is_new(case: Case) -> bool:
    """Whether the customer has written only once: then no update rule is needed."""
    return not case.fields_seen or case.message_links.filter(message__direction=Message.Direction.IN).count() <= 1


def fields_fingerprint(case: Case) -> dict[str, Any]:
    """The customer's last message, open or closed, and every value: what a field suggestion rests on."""
    values = {name: each.value_of(case) for name, each in case_fields().items()}
    return {"last_inbound": case.last_inbound_id, "status": case.status, "values": values}


def predict_fields(case: Case, plan: Plan) -> tuple[list[Prediction], skills.Answer]:
    """Ask the skill about the planned fields that are free to be written; nothing is stored."""
    known, marks = case_fields(plan.patterns), marks_of(case) if case.pk else {}
    wanted = {name: known[name] for name in plan.bars if name in known}
    free = {
        name: each
        for name, each in wanted.items()
        if each.value_of(case) in (None, "") or not _is_theirs(marks.get(name), plan)
    }
    question = asking.PredictFields(
        messages=[message_text(message) for message in case_messages(case)],
        fields=[field_target(each) for each in free.values()],
        examples=confirmed_examples(case, list(free.values())),
        trained=trained_fields(list(free.values())),
    )
    scope = skills.Scope(case.line_of_business_id)
    answer = skills.run("cases.predict_fields", question, scope)
    found = [_weigh(free[item.name], item, plan.bars[item.name]) for item in answer.output.fields if item.name in free]
    return found, answer


def _is_theirs(mark: FieldMark | None, plan: Plan) -> bool:
    """Whether a value is left alone: a person's, unless the settings say otherwise, and at first a creation rule's."""
    if mark is not None and mark.set_by == FieldMark.By.RULE:
        return plan.rule is None
    return not plan.overwrite_people and is_protected(mark)


def trained_fields(fields: list[CaseField]) -> dict[str, bytes]:
    """The training run in use for each field that has one, and the one for values that are copied."""
    names = [each.name for each in fields if each.type in CLASSES]
    names += [asking.EVERY_FIELD] if len(names) < len(fields) else []
    found = {name: training.active_artefact("cases.predict_fields", name) for name in names}
    return {name: artefact for name, artefact in found.items() if artefact}


def _weigh(each: CaseField, item: asking.PredictedField, bars: Bars) -> Prediction:
    level = bars.level(item.confidence, item.promise) if item.value is not None and item.evidence else None
    evidence = [found.model_copy(update={"part": each.name}) for found in item.evidence]
    value: Any = int(item.value) if each.lookup and item.value else item.value
    shown = item.shown or each.show(value)
    return Prediction(each, value, shown, item.confidence, evidence, level, item.reason or _("No source found"))


def suggest_fields(case: Case, *, now: dt.datetime) -> list[Suggestion]:
    """Think about one case's fields and propose what is new; returns the suggestions made or found."""
    seen = case.last_inbound_id or 0
    plan = plan_fields(case, now=now)
    fingerprint = fields_fingerprint(case)
    made: list[Suggestion] = []
    if plan.bars and seen:
        found, answer = predict_fields(case, plan)
        news = [item for item in found if item.level and item.value != item.field.value_of(case)]
        if news:
            made = propose(KIND, case, _proposal(case, plan, news, answer, fingerprint), now=now)
    Case.objects.filter(pk=case.pk, fields_seen__lt=seen).update(fields_seen=seen)
    return made


def _proposal(
    case: Case, plan: Plan, news: list[Prediction], answer: skills.Answer, fingerprint: dict[str, Any]
) -> Proposal:
    return Proposal(
        payload=FieldsPayload(fields=[_field_value(case, item) for item in news]),
        fingerprint=fingerprint,
        evidence=[piece for item in news for piece in item.evidence],
        confidence=min(item.confidence for item in news),
        engine=answer.engine,
        engine_version=answer.version,
        rule=plan.rule,
        part_levels={item.field.name: str(item.level) for item in news},
        line_of_business=case.line_of_business,
        channel=case.origin,
        topic=case.topic,
        topic_label=case.topic_label,
        arrived_as=case.arrived_as,
    )


def _field_value(case: Case, item: Prediction) -> FieldValue:
    return FieldValue(
        name=item.field.name,
        label=item.field.label,
        value=item.value,
        shown=item.shown,
        old=item.field.show_of(case),
        confidence=item.confidence,
    )


def due_cases(limit: int) -> list[int]:
    """Cases with a customer's message that the agent has not considered for fields, oldest first."""
    due = Case.objects.filter(last_inbound__gt=F("fields_seen")).exclude(status=Case.Status.CANCELLED)
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])


def case_messages(case: Case) -> list[Message]:
    """The case's messages that people wrote, oldest first, at most the last 30; of an unsaved case its one message."""
    if not case.pk:
        return [case.last_inbound] if case.last_inbound else []
    rows = Message.objects.filter(case_link__case=case, nature=Message.Nature.PERSON)
    recent = rows.order_by("-received_at", "-id").values("pk")[:30]
    return list(rows.filter(pk__in=recent).order_by("received_at", "id"))


def message_text(message: Message) -> asking.MessageText:
    """A message as the skills read it."""
    return asking.MessageText(
        id=message.pk,
        direction=message.direction,
        text=message.newest_text,
        subject=message.subject,
        sender=message.from_address,
        sender_name=message.from_name,
        language=message.language,
        day=(message.sent_at or message.received_at).date().isoformat(),
    )


def field_target(each: CaseField) -> asking.FieldTarget:
    """A field as the skill is asked for it, with its options and their other names."""
    return asking.FieldTarget(
        name=each.name,
        label=each.label,
        type="text" if each.type == "long_text" else each.type,
        pattern=each.pattern,
        shapes=_serial_shapes() if each.name == "serial_number" else [],
        description=each.description,
        options=field_options(each),
    )


def _serial_shapes() -> list[str]:
    """What serial numbers of the products look like, where the catalogue says so."""
    told = Product.objects.filter(is_active=True).exclude(serial_pattern="")
    return list(told.order_by("pk").values_list("serial_pattern", flat=True))


def field_options(each: CaseField) -> list[asking.FieldOption]:
    """What a choice or lookup may be; empty for the others."""
    if each.name == "priority":
        return [asking.FieldOption(value=value, label=str(label)) for value, label in Case.Priority.choices]
    if each.lookup is None:
        return [
            asking.FieldOption(value=option.value, label=option.label, description=option.description)
            for option in each.options
        ]
    rows = each.lookup._default_manager.all()
    if each.name == "product":
        rows = rows.filter(is_active=True)
    return [
        asking.FieldOption(
            value=str(row.pk), label=row.name, description=row.description, aliases=getattr(row, "aliases", [])
        )
        for row in rows
    ]


def confirmed_examples(case: Case, fields: list[CaseField]) -> list[asking.ConfirmedExample]:
    """The newest cases of the line whose classes and short texts people confirmed (set themselves, or accepted)."""
    # A title is written, never copied: cases with nothing else confirmed would take the place of those that teach.
    told = [each for each in fields if each.type in (*CLASSES, "text") and each.name != "title"]
    marked = FieldMark.objects.filter(field__in=[each.name for each in told]).exclude(case_id=case.pk)
    rows = (
        Case.objects.filter(pk__in=marked.filter(set_by=FieldMark.By.PERSON).values("case"))
        .filter(line_of_business=case.line_of_business)
        .order_by("-id")
        .prefetch_related("marks")[:EXAMPLES]
    )
    return [_example(row, told) for row in rows]


def _example(row: Case, fields: list[CaseField]) -> asking.ConfirmedExample:
    confirmed = {mark.field for mark in row.marks.all() if mark.set_by == FieldMark.By.PERSON}
    values = {each.name: str(each.value_of(row) or "") for each in fields if each.name in confirmed}
    told = {name: value for name, value in values.items() if value}
    return asking.ConfirmedExample(case=row.pk, label=str(row), text=f"{row.title}\n{row.description}", values=told)
