"""One section as it is being edited: its forms out of what is saved, or out of what was posted."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from agents import conditions
from agents.conditions import Preview
from agents.manage import builder
from agents.manage.forms import RuleForm, SwitchForm
from agents.models import LineOfBusiness, Rule, SectionSetting
from agents.models.levels import Level
from agents.sections import Loaded, Section, configuring, load

NEW = "new"


class Draft:
    """The forms of one section page. ``posted`` is what the browser sent, None when the page is opened.

    rule: the rule being edited, a new one, or None. Values that were posted are kept in the forms whatever happens.
    """

    def __init__(
        self, section: Section, request: HttpRequest, *, line: LineOfBusiness | None, rule: Rule | None
    ) -> None:
        self.section, self.request, self.line, self.rule = section, request, line, rule
        self.posted = request.POST if request.method == "POST" else None
        self.user: Any = request.user
        self.version = configuring.version_of(section)
        self.loaded = self._load()
        self.errors: dict[str, list[str]] = {}

    def _load(self) -> Loaded:
        loaded = load(self.section.name, self.line)
        if loaded.version:
            return loaded
        own = SectionSetting.objects.filter(section=self.section.name).exists()
        return loaded if own else replace(loaded, level=self.section.default_level)

    @cached_property
    def switch(self) -> SwitchForm:
        """On or off, the level, and the version the page was opened with."""
        initial = {"is_on": self.loaded.is_on, "level": self.loaded.level, "expected": self.version}
        return SwitchForm(self.posted, section=self.section, initial=initial)

    @cached_property
    def settings(self) -> forms.Form:
        """The section's own form."""
        return self.section.form_class(self.posted, prefix="settings", initial=self.loaded.values)

    @cached_property
    def rule_form(self) -> RuleForm | None:
        """Name, level, line and whether it is active, of the rule being edited."""
        return RuleForm(self.posted, section=self.section, instance=self.rule) if self.rule is not None else None

    @cached_property
    def outcome(self) -> forms.Form | None:
        """What the rule does."""
        if self.rule is None or self.section.rule_form is None:
            return None
        return self.section.rule_form(self.posted, prefix="outcome", initial=self.rule.outcome)

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The conditions as posted, after the builder's button, or as saved."""
        if self.rule is None:
            return {}
        if self.posted is None or f"{builder.ROOT}.join" not in self.posted:
            return self.rule.conditions or {"join": "all", "items": []}
        return builder.change(builder.read(self.posted, self.section.model), self.posted.get("change", ""))

    @cached_property
    def builder(self) -> builder.GroupRow | None:
        """The conditions as controls."""
        if self.rule is None or self.section.model is None:
            return None
        return builder.Builder(self.section.model, self.tree).rows()

    @cached_property
    def rules(self) -> list[Rule]:
        """Every rule in order, active or not."""
        rows = Rule.objects.filter(section=self.section.name).select_related("line_of_business")
        return list(rows.order_by("order", "id"))

    @cached_property
    def preview(self) -> Preview | None:
        """What the rule being edited would match now, as far as its conditions can be read."""
        section = self.section
        if self.rule is None or section.model is None or not self.tree.get("items"):
            return None
        if conditions.check(self.tree, section.model):
            return None
        earlier = [rule.conditions for rule in self.earlier]
        return conditions.preview(self.tree, section.preview(self.user), timezone.now(), earlier=earlier)

    @cached_property
    def earlier(self) -> list[Rule]:
        """The active rules that come before the one being edited."""
        found = []
        for rule in self.rules:
            if self.rule is not None and rule.pk == self.rule.pk:
                break
            if rule.is_active:
                found.append(rule)
        return found

    @property
    def wrong_conditions(self) -> list[str]:
        """What is wrong with the conditions as they stand, once they were posted."""
        if self.posted is None or self.section.model is None or not self.tree.get("items"):
            return self.errors.get("rule.conditions", [])
        return self.errors.get("rule.conditions") or conditions.check(self.tree, self.section.model)

    def is_valid(self) -> bool:
        """Whether every form can be read; all are asked, so that all errors show at once."""
        shown = [self.switch, self.settings, self.rule_form, self.outcome]
        valid = [form.is_valid() for form in shown if form is not None]
        return all(valid)

    @property
    def values(self) -> dict[str, Any]:
        """The settings as they would be saved; what no field covers stays as it is saved."""
        return {**self.loaded.values, **configuring.to_json(self.settings.cleaned_data)}

    @property
    def level(self) -> str:
        """The level as it would be saved."""
        return self.switch.cleaned_data.get("level") or self.section.default_level

    @property
    def is_on(self) -> bool:
        """The switch as it would be saved."""
        return self.switch.cleaned_data.get("is_on", True)

    def as_rule(self) -> configuring.RuleDraft | None:
        """The rule as it would be saved."""
        if self.rule is None or self.rule_form is None:
            return None
        cleaned = self.rule_form.cleaned_data
        line = cleaned.get("line_of_business", self.rule.line_of_business)
        return configuring.RuleDraft(
            id=self.rule.pk,
            name=cleaned["name"],
            conditions=self.tree,
            level=cleaned.get("level") or Level.AUTO,
            outcome={**self.rule.outcome, **(self.outcome.cleaned_data if self.outcome else {})},
            is_active=cleaned["is_active"],
            line_of_business=line.pk if line else None,
        )

    def as_loaded(self) -> Loaded:
        """What ``load`` would give if this were saved: what Try it is run with. Needs valid forms."""
        rules = list(self.rules)
        if draft := self.as_rule():
            made = Rule(
                pk=draft.id,
                section=self.section.name,
                name=draft.name,
                conditions=draft.conditions,
                level=draft.level,
                outcome=configuring.to_json(draft.outcome),
                is_active=draft.is_active,
                line_of_business_id=draft.line_of_business,
            )
            rules = [made if rule.pk == draft.id else rule for rule in rules]
            rules += [made] if draft.id is None else []
        lines = {None, self.line.pk if self.line else None}
        active = [rule for rule in rules if rule.is_active and rule.line_of_business_id in lines]
        return Loaded(self.values, self.level, self.is_on, self.version, active, is_own=self.line is not None)

    def put_errors(self, errors: dict[str, list[str]]) -> None:
        """Show what the section, or the rules together, object to beside the fields it is about."""
        self.errors = errors
        for name, texts in errors.items():
            form: Any = self.settings
            field: str | None = name if name in self.settings.fields else None
            if name == "level" and "level" in self.switch.fields:
                form, field = self.switch, "level"
            elif name == "rule.name" and self.rule_form is not None:
                form, field = self.rule_form, "name"
            elif name == "rule.conditions":
                continue
            for text in texts:
                form.add_error(field, text)


def new_rule(section: Section) -> Rule:
    """An empty rule, not saved."""
    return Rule(section=section.name, name="", conditions={"join": "all", "items": [_blank(section)]})


def _blank(section: Section) -> dict[str, Any]:
    return {"fact": "", "op": "", "value": None}
