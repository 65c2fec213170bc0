"""Saving what administrators configure: every save is a version of the whole section, with an entry.

A section's state is its settings (general and per line of business) and its rules in order, as JSON. Every verb here
changes a copy of that state and commits it; restoring commits an older one.
"""

import contextlib
import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agents import conditions
from agents.audit import record
from agents.models import LineOfBusiness, Rule, SectionSetting, Version
from agents.models.levels import Level
from agents.sections import Section, load, versions

State = dict[str, Any]
GENERAL = "general"


class Invalid(Exception):  # noqa: N818
    """The settings contradict themselves; ``errors`` maps a field, "" or "rule.<field>" to what is wrong."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{name}: {' '.join(texts)}" for name, texts in errors.items()))


@dataclass
class RuleDraft:
    """A rule as it is being edited; without an id it is new and goes to the end."""

    id: int | None
    name: str
    conditions: dict[str, Any]
    level: str = Level.ASK
    outcome: dict[str, Any] = field(default_factory=dict)
    is_active: bool = False
    line_of_business: int | None = None


def target_of(section: Section) -> str:
    """What the section's versions are kept under."""
    return f"section:{section.name}"


def version_of(section: Section) -> int:
    """The number of the newest version; 0 before the first save."""
    newest = versions.latest(target_of(section))
    return newest.number if newest else 0


def read_state(section: Section) -> State:
    """The section as it is saved: ``settings`` and ``rules``, each a list of dicts with an id."""
    rows = SectionSetting.objects.filter(section=section.name).order_by("line_of_business_id")
    settings = [
        {
            "id": GENERAL if row.line_of_business_id is None else str(row.line_of_business_id),
            "is_on": row.is_on,
            "level": row.level,
            "values": row.values,
        }
        for row in rows
    ]
    if not any(row["id"] == GENERAL for row in settings):
        settings.append({"id": GENERAL, "is_on": False, "level": section.default_level, "values": {}})
    settings.sort(key=lambda row: (row["id"] != GENERAL, row["id"]))
    rules = Rule.objects.filter(section=section.name).order_by("order", "id")
    return {"settings": settings, "rules": [as_row(rule) for rule in rules]}


def save(
    section: Section,
    *,
    values: dict[str, Any],
    level: str,
    is_on: bool,
    by: Any,
    expected: int | None,
    line_of_business: LineOfBusiness | None = None,
    rule: RuleDraft | None = None,
    now: dt.datetime | None = None,
) -> Version:
    """Save the settings for all, or for one line of business, and the rule that is being edited with them.

    expected: the version the form was opened with. Raises Invalid, or versions.Conflict when somebody was faster.
    """
    key = GENERAL if line_of_business is None else str(line_of_business.pk)
    new = {"id": key, "is_on": is_on, "level": level, "values": to_json(values)}
    errors = section.check(new["values"], level, is_on)
    with _editing(section) as state:
        state["settings"] = [row for row in state["settings"] if row["id"] != key] + [new]
        state["settings"].sort(key=lambda row: (row["id"] != GENERAL, row["id"]))
        if rule is not None:
            _put_rule(state, rule)
        return commit(section, state, by=by, expected=expected, now=now, errors=errors)


def change_settings(
    section: Section,
    *,
    by: Any,
    level: str | None = None,
    is_on: bool | None = None,
    values: dict[str, Any] | None = None,
    line_of_business: LineOfBusiness | None = None,
    now: dt.datetime | None = None,
) -> Version:
    """Change what is given and leave the rest as it is: for programs (first run, sample, API). Raises Invalid."""
    with transaction.atomic():
        versions.lock(target_of(section))
        loaded = load(section.name, line_of_business)
        return save(
            section,
            values={**loaded.values, **(values or {})},
            level=level or (loaded.level if loaded.version else section.default_level),
            is_on=loaded.is_on if is_on is None else is_on,
            by=by,
            expected=None,
            line_of_business=line_of_business,
            now=now,
        )


def drop_line(section: Section, line_of_business: LineOfBusiness, *, by: Any, expected: int | None) -> Version:
    """Forget a line's own settings, so that the general ones hold for it again."""
    with _editing(section) as state:
        state["settings"] = [row for row in state["settings"] if row["id"] != str(line_of_business.pk)]
        return commit(section, state, by=by, expected=expected)


def save_rule(section: Section, rule: RuleDraft, *, by: Any, expected: int | None = None) -> Version:
    """Add or change one rule."""
    with _editing(section) as state:
        _put_rule(state, rule)
        return commit(section, state, by=by, expected=expected)


def move_rule(section: Section, pk: int, step: int, *, by: Any, expected: int | None = None) -> Version:
    """Move a rule up (-1) or down (1) in the order; at the end it stays where it is."""
    with _editing(section) as state:
        rules = state["rules"]
        at = _place(rules, pk)
        to = min(max(at + step, 0), len(rules) - 1)
        rules.insert(to, rules.pop(at))
        return commit(section, state, by=by, expected=expected)


def switch_rule(section: Section, pk: int, *, is_active: bool, by: Any, expected: int | None = None) -> Version:
    """Let a rule take part, or not."""
    with _editing(section) as state:
        state["rules"][_place(state["rules"], pk)]["is_active"] = is_active
        return commit(section, state, by=by, expected=expected)


def delete_rule(section: Section, pk: int, *, by: Any, expected: int | None = None) -> Version:
    """Delete a rule; an older version still has it."""
    with _editing(section) as state:
        del state["rules"][_place(state["rules"], pk)]
        return commit(section, state, by=by, expected=expected)


def restore(section: Section, number: int, *, by: Any, expected: int | None = None) -> Version:
    """Make an older state the newest version. What stood on a line of business that is gone is left out."""
    state = copy.deepcopy(versions.get_snapshot(target_of(section), number))
    lines = {str(pk) for pk in LineOfBusiness.objects.values_list("pk", flat=True)}
    state["settings"] = [row for row in state["settings"] if row["id"] == GENERAL or row["id"] in lines]
    state["rules"] = [
        row for row in state["rules"] if row["line_of_business"] is None or str(row["line_of_business"]) in lines
    ]
    return commit(section, state, by=by, expected=expected)


@contextlib.contextmanager
def _editing(section: Section) -> Iterator[State]:
    """The saved state, in a transaction in which nobody else saves this section."""
    with transaction.atomic():
        versions.lock(target_of(section))
        yield read_state(section)


def commit(
    section: Section,
    state: State,
    *,
    by: Any,
    expected: int | None,
    now: dt.datetime | None = None,
    errors: dict[str, list[str]] | None = None,
) -> Version:
    """Make ``state`` what holds: check it, write the rows, keep the version, write the entry, in one transaction."""
    target = target_of(section)
    with transaction.atomic():
        versions.lock(target)
        before = read_state(section)
        newest = versions.latest(target)
        if newest and expected is not None and newest.number != expected:
            raise versions.Conflict(newest, versions.changes_since(target, expected, wording=wording(section, before)))
        if found := {**(errors or {}), **check_rules(section, before, state)}:
            raise Invalid(found)
        _write(section, state)
        version = versions.save_version(
            target, state, by=by, expected=expected, wording=wording(section, before, state), before=before, now=now
        )
        SectionSetting.objects.filter(section=section.name).update(version=version.number)
        if newest is None or version.number != newest.number:
            record(
                "agents.section_saved",
                by=by,
                subject=version,
                text=_("%(page)s saved as version %(number)s") % {"page": section.title, "number": version.number},
                changes=version.changes,
                now=now,
            )
    return version


def check_rules(section: Section, before: State, state: State) -> dict[str, list[str]]:
    """What is wrong with the rules that differ from before; what was saved long ago does not block a save."""
    old = {row["id"]: row for row in before["rules"]}
    errors: dict[str, list[str]] = {}
    for row in state["rules"]:
        if old.get(row["id"]) == row:
            continue
        if any(other is not row and other["name"].casefold() == row["name"].casefold() for other in state["rules"]):
            errors["rule.name"] = [_("Another rule is called “%(name)s”. Choose another name.") % {"name": row["name"]}]
        if section.model and (
            wrong := conditions.check(row["conditions"], section.model, may_be_empty=section.rule_may_be_empty)
        ):
            errors["rule.conditions"] = wrong
        if wrong := section.check_rule(row):
            errors[""] = wrong
    return errors


def to_json(values: Any) -> Any:
    """Cleaned form values as JSON: rows by their key, dates and decimals as text."""
    if isinstance(values, dict):
        return {key: to_json(value) for key, value in values.items()}
    if isinstance(values, QuerySet):
        return [row.pk for row in values]
    if isinstance(values, list | tuple | set):
        return [to_json(value) for value in values]
    if isinstance(values, Model):
        return values.pk
    if isinstance(values, dt.datetime | dt.date | dt.time):
        return values.isoformat()
    if isinstance(values, dt.timedelta):
        return values.total_seconds()
    return str(values) if isinstance(values, Decimal | Promise) else values


def wording(section: Section, *states: State) -> versions.Wording:
    """Labels and values of this section in words, for the history."""
    names = {str(row["id"]): row["name"] for state in states for row in state["rules"]}
    lines = {str(pk): name for pk, name in LineOfBusiness.objects.values_list("pk", "name")}

    def word(path: str, value: Any) -> tuple[str, str]:
        kind, _dot, rest = path.partition(".")
        key, _dot, name = rest.partition(".")
        if kind == "rules":
            return _word_rule(section, names.get(key, ""), key, name, value)
        suffix = "" if key == GENERAL else f" ({lines.get(key, key)})"
        label, words = _word_setting(section, name, value)
        return label + suffix, words

    return word


def _word_setting(section: Section, name: str, value: Any) -> tuple[str, str]:
    if not name:
        return _("Own settings"), _("added") if value else ""
    if name == "is_on":
        return str(section.title), _("On") if value else _("Off")
    if name == "level":
        return _("Level"), str(Level(value).label) if value else ""
    _values, _dot, inner = name.partition(".")
    first, _dot, more = inner.partition(".")
    found = section.form_class.base_fields.get(first)
    label = str(found.label) if found and found.label else first.replace("_", " ").capitalize()
    if more:
        return f"{label}: {more.replace('_', ' ').replace('.', ' ')}", versions.words_of(value)
    return label, section.describe_value(first, value)


def _word_rule(section: Section, rule: str, key: str, name: str, value: Any) -> tuple[str, str]:
    if key == "order":
        return _("Order of the rules"), ", ".join(row["name"] for row in value or [])
    if not name:
        return _("Rule"), value["name"] if value else ""
    first, _dot, more = name.partition(".")
    labels = {
        "name": _("name"),
        "is_active": _("active"),
        "level": _("level"),
        "conditions": _("conditions"),
        "outcome": _("outcome"),
        "line_of_business": _("line of business"),
    }
    words = versions.words_of(value)
    if first == "conditions" and not more and section.model:
        words = conditions.describe(value, section.model) if value else ""
    elif first == "level" and value:
        words = str(Level(value).label)
    return _("Rule “%(rule)s”: %(what)s") % {"rule": rule, "what": labels.get(first, first)}, words


def as_row(rule: Rule) -> dict[str, Any]:
    """A rule as ``Section.check_rule`` and the versions see it."""
    return {
        "id": rule.pk,
        "name": rule.name,
        "is_active": rule.is_active,
        "line_of_business": rule.line_of_business_id,
        "conditions": rule.conditions,
        "level": rule.level,
        "outcome": rule.outcome,
    }


def _put_rule(state: State, rule: RuleDraft) -> None:
    row = {**asdict(rule), "outcome": to_json(rule.outcome)}
    if rule.id is None:
        state["rules"].append(row)
    else:
        state["rules"][_place(state["rules"], rule.id)] = row


def _place(rules: list[dict[str, Any]], pk: int) -> int:
    """Where a rule stands; Rule.DoesNotExist when somebody deleted it meanwhile."""
    for place, row in enumerate(rules):
        if row["id"] == pk:
            return place
    raise Rule.DoesNotExist(_("This rule was deleted meanwhile."))


def _write(section: Section, state: State) -> None:
    """Make the rows say what the state says; new rules get their id written into the state."""
    kept = [row["id"] for row in state["rules"] if row["id"] is not None]
    Rule.objects.filter(section=section.name).exclude(pk__in=kept).delete()
    existing = {rule.pk: rule for rule in Rule.objects.filter(section=section.name).select_for_update()}
    renamed = [row["id"] for row in state["rules"] if row["id"] in existing and existing[row["id"]].name != row["name"]]
    for pk in renamed:  # two rules may change their names with each other
        Rule.objects.filter(pk=pk).update(name=f"\x1f{pk}")
    for order, row in enumerate(state["rules"]):
        fields = {key: value for key, value in row.items() if key not in ("id", "line_of_business")}
        rule, _made = Rule.objects.update_or_create(
            pk=row["id"],
            defaults={
                **fields,
                "section": section.name,
                "order": order,
                "line_of_business_id": row["line_of_business"],
            },
        )
        row["id"] = rule.pk
    lines = [row["id"] for row in state["settings"]]
    SectionSetting.objects.filter(section=section.name, line_of_business__isnull=False).exclude(
        line_of_business__in=[pk for pk in lines if pk != GENERAL]
    ).delete()
    for row in state["settings"]:
        SectionSetting.objects.update_or_create(
            section=section.name,
            line_of_business_id=None if row["id"] == GENERAL else int(row["id"]),
            defaults={"is_on": row["is_on"], "level": row["level"], "values": row["values"]},
        )
