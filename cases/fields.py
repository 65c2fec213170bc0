"""The fields of a case: what they are, their values, and writing them with the mark of who did."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.audit import record
from agents.models import Suggestion
from cases.finding import add_words
from cases.models import Case, FieldDefinition, FieldMark, FieldOption
from cases.reassigning import look_again
from cases.understanding import take_fields
from knowledge.models import Product, Subject

Lookup = type[Product] | type[Subject]


@dataclass(frozen=True)
class CaseField:
    """One field that people and agents fill. ``lookup`` is the model whose rows are its values."""

    name: str
    label: str
    type: str
    pattern: str = ""
    description: str = ""
    lookup: Lookup | None = None
    custom: bool = False
    options: list[FieldOption] = field(default_factory=list)

    def value_of(self, case: Case) -> Any:
        """The stored value as JSON: the primary key of a lookup, "" or None when empty."""
        if self.custom:
            return case.custom.get(self.name, "")
        return getattr(case, f"{self.name}_id" if self.lookup else self.name)

    def show(self, value: Any) -> str:
        """The value as people read it."""
        if value in (None, ""):
            return ""
        if self.lookup is not None:
            row = self.lookup._default_manager.filter(pk=value).first()
            return str(row) if row else ""
        if self.name == "priority":
            return str(Case.Priority(value).label)
        for option in self.options:
            if option.value == value:
                return option.label
        return str(value)

    def show_of(self, case: Case) -> str:
        """The case's value as people read it, without a query for a lookup that is loaded."""
        if self.lookup is not None:
            return str(getattr(case, self.name) or "")
        return self.show(self.value_of(case))


BUILT_IN = [
    ("title", gettext_lazy("Title"), "text", None),
    ("description", gettext_lazy("Description"), "long_text", None),
    ("type", gettext_lazy("Type"), "choice", None),
    ("category", gettext_lazy("Category"), "choice", None),
    ("priority", gettext_lazy("Priority"), "choice", None),
    ("subject", gettext_lazy("Subject"), "lookup", Subject),
    ("product", gettext_lazy("Product"), "lookup", Product),
    ("order_number", gettext_lazy("Order number"), "text", None),
    ("serial_number", gettext_lazy("Serial number"), "text", None),
]


def case_fields(patterns: dict[str, str] | None = None) -> dict[str, CaseField]:
    """Every field by name, built-in ones first; ``patterns`` gives regular expressions for built-in text fields."""
    options: dict[str, list[FieldOption]] = {}
    for option in FieldOption.objects.filter(is_active=True):
        options.setdefault(option.field, []).append(option)
    found = {
        name: CaseField(
            name, str(label), kind, (patterns or {}).get(name, ""), lookup=lookup, options=options.get(name, [])
        )
        for name, label, kind, lookup in BUILT_IN
    }
    for row in FieldDefinition.objects.filter(is_active=True):
        found[row.name] = CaseField(
            row.name, row.label, row.type, row.pattern, row.description, custom=True, options=options.get(row.name, [])
        )
    return found


def marks_of(case: Case) -> dict[str, FieldMark]:
    """Who set each field's present value, by field name."""
    return {mark.field: mark for mark in FieldMark.objects.filter(case=case).select_related("user", "suggestion")}


def is_protected(mark: FieldMark | None) -> bool:
    """Whether a person set it, so that an agent leaves it alone unless the settings say otherwise."""
    return mark is not None and mark.set_by == FieldMark.By.PERSON


def set_fields(
    case: Case,
    values: dict[str, Any],
    *,
    by: Any,
    suggestion: Suggestion | None = None,
    evidence: dict[str, list[dict[str, Any]]] | None = None,
    confidence: dict[str, float] | None = None,
    now: dt.datetime | None = None,
) -> list[dict[str, str]]:
    """Write values on a locked case with their marks and one entry; returns the changes as people read them.

    Raises ValidationError for an unknown field or value. What is equal already is left alone.
    """
    now, known = now or timezone.now(), case_fields()
    changes = []
    for name, value in values.items():
        if name not in known:
            raise ValidationError(_("There is no field %(name)s.") % {"name": name})
        each = known[name]
        value = check_value(each, value)
        old = each.value_of(case)
        if old == value or (old in (None, "") and value in (None, "")):
            continue
        _put(case, each, value)
        _mark(case, name, by, suggestion, (evidence or {}).get(name, []), (confidence or {}).get(name), now)
        changes.append({"field": name, "label": each.label, "old": each.show(old), "new": each.show(value)})
    if changes:
        case.save(
            update_fields=[
                *(f"{name}_id" if known[name].lookup else name for name in values if not known[name].custom),
                "custom",
            ]
        )
        # Other fields may be hidden from some; they are found by their columns, which search leaves out for those.
        if texts := [change["new"] for change in changes if change["field"] in ("title", "description")]:
            Case.objects.filter(pk=case.pk).update(search=add_words(*texts))
        record("case.changed", by=by, subject=case, changes=changes, suggestion=suggestion, now=now)
        take_fields(case, field_values(case, known), now=now)
        if case.owner_id is None:
            look_again(case)
    return changes


def field_values(case: Case, known: dict[str, CaseField] | None = None) -> dict[str, tuple[str, str]]:
    """The case's filled fields by name: the value, and as people read it."""
    return {
        name: (str(value), each.show_of(case))
        for name, each in (known or case_fields()).items()
        if name not in ("title", "description") and (value := each.value_of(case)) not in (None, "")
    }


def _put(case: Case, each: CaseField, value: Any) -> None:
    if each.custom:
        case.custom = {**case.custom, each.name: value}
    elif each.lookup is not None:
        setattr(case, f"{each.name}_id", value or None)
    else:
        setattr(case, each.name, value)


def _mark(
    case: Case,
    name: str,
    by: Any,
    suggestion: Suggestion | None,
    evidence: list[dict[str, Any]],
    confidence: float | None,
    now: dt.datetime,
) -> None:
    agent = suggestion is not None and suggestion.decided_by_agent
    FieldMark.objects.update_or_create(
        case=case,
        field=name,
        defaults={
            "set_by": FieldMark.By.AGENT if agent else FieldMark.By.PERSON,
            "user": by,
            "suggestion": suggestion,
            "confidence": confidence,
            "evidence": evidence,
            "at": now,
        },
    )


def check_value(each: CaseField, value: Any) -> Any:
    """The value as it is stored. Raises ValidationError when the field cannot hold it."""
    if value in (None, ""):
        return None if each.lookup else ""
    check = {"lookup": _check_lookup, "choice": _check_choice, "integer": _check_integer, "date": _check_date}
    value = check.get(each.type, _check_text)(each, value)
    limit = _longest(each)
    if isinstance(value, str) and len(value) > limit:
        raise ValidationError(_("%(field)s is too long.") % {"field": each.label})
    return value


def _longest(each: CaseField) -> int:
    column = None if each.custom or each.lookup else Case._meta.get_field(each.name).max_length
    return column or (300 if each.type == "text" else 20_000)


def _check_lookup(each: CaseField, value: Any) -> int:
    ident = int(value) if str(value).isdecimal() and len(str(value)) < 19 else 0
    if each.lookup is None or not each.lookup._default_manager.filter(pk=ident).exists():
        raise ValidationError(_("%(field)s has no such value.") % {"field": each.label})
    return ident


def _check_choice(each: CaseField, value: Any) -> str:
    allowed = Case.Priority.values if each.name == "priority" else [option.value for option in each.options]
    if value not in allowed:
        raise ValidationError(_("%(field)s has no such value.") % {"field": each.label})
    return value


def _check_integer(each: CaseField, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ValidationError(_("%(field)s is a number.") % {"field": each.label})


def _check_date(each: CaseField, value: Any) -> str:
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValidationError(_("%(field)s is a date.") % {"field": each.label})


def _check_text(each: CaseField, value: Any) -> Any:
    return " ".join(str(value).split()) if each.type == "text" else value
