"""System checks of sections: what their authors forgot, and what is stored and contradicts itself."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DatabaseError
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from agents import conditions
from agents.kinds import KINDS
from agents.models import Rule, SectionSetting
from agents.sections import AGENTS, SECTIONS, Section, configuring


@register()
def check_declarations(**kwargs: Any) -> list[CheckMessage]:
    """Each section belongs to an agent there is, names kinds there are, and has a template and rules that fit."""
    return [Error(f"Section {one.name}: {text}", id="agents.E001") for one in SECTIONS.values() for text in _wrong(one)]


@register(Tags.database)
def check_stored(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Active rules that can no longer be read, and settings that contradict themselves."""
    if not databases:
        return []
    try:
        return [*_rules(), *_settings()]
    except DatabaseError:  # before the first migration there is nothing to check
        return []


def _wrong(section: Section) -> list[str]:
    wrong = []
    if section.agent not in AGENTS:
        wrong.append(f"no agent is called {section.agent!r}.")
    wrong += [f"no kind is called {kind!r}." for kind in section.kinds if kind not in KINDS]
    if (section.rule_form is None) != (section.model is None):
        wrong.append("rule_form and model go together.")
    unknown = set(section.defaults) - set(section.form_class.base_fields)
    if unknown and section.form_template == Section.form_template:
        wrong.append(f"defaults without a field: {sorted(unknown)}.")
    try:
        get_template(section.form_template)
    except TemplateDoesNotExist:
        wrong.append(f"no template {section.form_template!r}.")
    return wrong


def _rules() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for rule in Rule.objects.filter(is_active=True, section__in=SECTIONS):
        section = SECTIONS[rule.section]
        if section.model is None:
            continue
        wrong = conditions.check(rule.conditions, section.model, may_be_empty=section.rule_may_be_empty)
        wrong = [*wrong, *section.check_rule(configuring.as_row(rule))]
        found += [Warning(f"Rule “{rule}” of {rule.section}: {text}", id="agents.W001") for text in wrong]
    return found


def _settings() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for row in SectionSetting.objects.filter(is_on=True, section__in=SECTIONS):
        section = SECTIONS[row.section]
        wrong = section.check({**section.defaults, **row.values}, row.level, row.is_on)
        found += [Warning(f"{row.section}: {text}", id="agents.W002") for texts in wrong.values() for text in texts]
    return found
