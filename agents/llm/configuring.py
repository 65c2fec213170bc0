"""Administrators connect models, choose which skill asks which, and set budgets: each save a version and an entry."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import skills
from agents.audit import record
from agents.models import LanguageModel, LineOfBusiness, ModelBudget, SkillEngine
from agents.models.sealing import seal
from agents.queue import ring
from agents.sections import versions

FIELDS = (
    "name", "kind", "base_url", "model", "api_version", "answer_form", "deadline", "retries", "concurrency",
    "longest_answer", "price_in", "price_out", "is_active",
)  # fmt: skip
# With another one of these it is another server: what the breaker knew means nothing.
PLACE = ("kind", "base_url", "model", "api_version", "key")


class InUse(Exception):  # noqa: N818
    """A model that a skill asks is not deleted."""


def save_model(
    model: LanguageModel, values: dict[str, Any], *, by: Any, expected: int | None, now: dt.datetime | None = None
) -> LanguageModel:
    """Connect or change a language model. An empty key keeps the stored one. Raises versions.Conflict."""
    now = now or timezone.now()
    with transaction.atomic():
        fresh = LanguageModel.objects.select_for_update().get(pk=model.pk) if model.pk else LanguageModel()
        before = [getattr(fresh, name) for name in PLACE]
        for name in FIELDS:
            setattr(fresh, name, values[name])
        if values.get("key"):
            fresh.key = seal(values["key"])
        if before != [getattr(fresh, name) for name in PLACE]:
            fresh.failures, fresh.rests_until, fresh.last_error = 0, None, ""
            fresh.tested_at, fresh.test_found = None, []
        fresh.save()
        state = {name: _plain(getattr(fresh, name)) for name in FIELDS} | {"key": _("set") if fresh.key else ""}
        if values.get("key"):
            state["key_set_at"] = now.isoformat(timespec="seconds")
        version = versions.save_version(f"model:{fresh.pk}", state, by=by, expected=expected, now=now)
        said = _("Language model %(name)s saved") % {"name": fresh.name}
        record("agents.model_saved", by=by, subject=fresh, text=said, changes=version.changes, now=now)
    return fresh


def delete_model(model: LanguageModel, *, by: Any) -> None:
    """Forget a model and its key; its calls stay on record. Raises InUse."""
    with transaction.atomic():
        said = _("Language model %(name)s deleted") % {"name": model.name}
        record("agents.model_deleted", by=by, text=said)
        try:
            model.delete()
        except ProtectedError:
            raise InUse(_("A skill asks this model. Choose another one for it first.")) from None


def ask_for_test(model: LanguageModel, *, by: Any, now: dt.datetime) -> None:
    """Let a worker try the model; the page reads what it finds."""
    with transaction.atomic():
        LanguageModel.objects.filter(pk=model.pk).update(test_asked_at=now, tested_at=None, test_found=[])
        record("agents.model_tested", by=by, subject=model, text=str(model), now=now)
        ring("model.test", model.pk)


def choosable_skills() -> list[skills.Skill]:
    """The skills that a model can answer."""
    return [one for one in skills.registered().values() if one.prompt]


def engines_of(line: LineOfBusiness | None) -> dict[str, SkillEngine]:
    """What one line of business, or all, has set for each skill."""
    return {row.skill: row for row in SkillEngine.objects.filter(line_of_business=line).select_related("model")}


def save_engines(
    line: LineOfBusiness | None,
    chosen: dict[str, dict[str, Any] | None],
    budget: dict[str, Decimal | None],
    *,
    by: Any,
    expected: int | None,
) -> None:
    """Set, for one line or for all, which model each skill asks (None: as for all), and the budgets."""
    target = target_of(line)
    with transaction.atomic():
        versions.lock(target)
        for skill, row in chosen.items():
            rows = SkillEngine.objects.filter(skill=skill, line_of_business=line)
            if row is None:
                rows.delete()
            else:
                SkillEngine.objects.update_or_create(skill=skill, line_of_business=line, defaults=row)
        ModelBudget.objects.update_or_create(line_of_business=line, defaults=budget)
        state = {name: _plain(value) for name, value in budget.items()} | {
            skill: f"{row['model'] or _('Local engine')}, {row['on_failure']}" if row else ""
            for skill, row in chosen.items()
        }
        version = versions.save_version(target, state, by=by, expected=expected)
        said = _("Language models of %(line)s saved") % {"line": line or _("all lines of business")}
        record("agents.engines_saved", by=by, text=said, changes=version.changes, line_of_business=line)


def target_of(line: LineOfBusiness | None) -> str:
    """The name of these settings among the versions."""
    return f"models:{line.pk if line else 'all'}"


def _plain(value: Any) -> Any:
    return str(value.normalize()) if isinstance(value, Decimal) else value
