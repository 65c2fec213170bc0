"""What is wrong with a plan as a rule describes it, in words; asked by the form, by programs that save rules, and by
the system check."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Case
from conversations.models import MessageTemplate
from conversations.placeholders import check_template
from followups.models import Plan
from followups.shapes import MOST_STEPS, UNITS

LONGEST = {"minutes": 527_040, "hours": 8784, "days": 366, "business_hours": 2920, "business_days": 260}
STATUS_REASONS = [
    (code, label)
    for code, label in Case.StatusReason.choices
    if code in ("new", "in_progress", "waiting", "on_hold")
]  # fmt: skip


def check_shape(shape: Mapping[str, Any]) -> list[str]:
    """Every contradiction of an outcome: no start, no step, no end, a template that cannot be filled in."""
    wrong = _check_start(shape)
    steps = shape.get("steps")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        wrong.append(_("A plan has one to five follow-ups."))
        steps = []
    for number, step in enumerate(steps, 1):
        if not _is_wait(step):
            wrong.append(_("Follow-up %(number)d has no wait of at least one.") % {"number": number})
    if not _is_wait(shape.get("end")):
        wrong.append(_("The plan has no end: say how long to wait before closing."))
    chosen = [step.get("template") for step in steps if isinstance(step, Mapping)]
    if shape.get("closing_mail"):
        chosen.append(shape.get("closing_template"))
    wrong += _check_templates([pk for pk in chosen if pk])
    wrong += [_("Resolution: %(why)s") % {"why": why} for why in check_template(str(shape.get("resolution") or ""))]
    return wrong


def _check_start(shape: Mapping[str, Any]) -> list[str]:
    triggers = shape.get("triggers") or []
    if not triggers or not set(triggers) <= set(Plan.Trigger.values):
        return [_("Choose at least one thing that starts a plan.")]
    if Plan.Trigger.STATUS in triggers and shape.get("status_reason") not in dict(STATUS_REASONS):
        return [_("Choose the status that starts a plan.")]
    return []


def _is_wait(wait: Any) -> bool:
    if not isinstance(wait, Mapping) or wait.get("unit") not in dict(UNITS):
        return False
    number = wait.get("wait")
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= LONGEST[wait["unit"]]


def _check_templates(keys: list[Any]) -> list[str]:
    found = {template.pk: template for template in MessageTemplate.objects.filter(pk__in=keys)}
    wrong = []
    for key in dict.fromkeys(keys):
        template = found.get(key)
        if template is None or not template.is_active:
            wrong.append(_("A chosen template is gone or switched off. Choose another one."))
            continue
        faults = [*check_template(template.subject), *check_template(template.body)]
        if "{{body}}" in template.body.replace(" ", ""):
            faults.append(_("It has a place for an answer, and a follow-up has none."))
        values = {"name": template.name}
        wrong += [_("Template “%(name)s”: %(why)s") % {**values, "why": why} for why in faults]
    return wrong
