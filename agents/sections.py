"""Manage pages, as declarations."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from agents.models import LineOfBusiness, Rule, SectionSetting
from agents.models.levels import Level


@dataclass(frozen=True)
class Loaded:
    """The settings of one section that hold for one line of business."""

    values: dict[str, Any]
    level: str
    is_on: bool
    version: int
    rules: list[Rule] = field(default_factory=list)


def load(name: str, line_of_business: LineOfBusiness | None = None) -> Loaded:
    """The line's own settings, else the general ones, else switched off."""
    rows = SectionSetting.objects.filter(section=name)
    row = (rows.filter(line_of_business=line_of_business).first() if line_of_business else None) or rows.filter(
        line_of_business__isnull=True
    ).first()
    rules = list(Rule.objects.filter(section=name, is_active=True).order_by(F("order").asc(), "id"))
    if row is None:
        return Loaded({}, Level.OFF, False, 0, rules)
    return Loaded(row.values, row.level, row.is_on, row.version, rules)
