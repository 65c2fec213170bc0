"""Leads as people and programs make and change them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.expressions import CombinedExpression
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import LineOfBusiness
from agents.models.levels import ArrivedAs
from agents.queue import ring
from agents.skills.languages import fold
from agents.suggestions import withdraw_stale
from conversations.models import Queue
from knowledge.models import Product
from sales.fields import BadValue, clean_value, label_of
from sales.lifecycle import lock_lead
from sales.models import Lead

# What research and qualification rest on: changed by a person, they are due again.
GROUNDS = frozenset({"company_name", "website", "industry", "employees", "country", "title", "note", "email",
                     "custom"})  # fmt: skip
TEXTS = ("email", "company_name", "name", "title", "phone", "country", "language", "website", "industry", "employees",
         "source", "note", "consent_note")  # fmt: skip


def search_vector(lead: Lead) -> CombinedExpression:
    """What search finds a lead by."""
    first = fold(f"{lead.company_name} {lead.name}")
    rest = fold(" ".join((lead.email, lead.title, lead.country, lead.industry, lead.website, lead.note[:2000])))
    return SearchVector(Value(first), weight="A", config="simple") + SearchVector(
        Value(rest), weight="C", config="simple"
    )


def find_product(name: str) -> Product | None:
    """The product that people call so."""
    folded = fold(name).strip()
    for product in Product.objects.filter(is_active=True):
        if folded in {fold(known) for known in (product.name, product.sku, *product.aliases) if known}:
            return product
    return None


def clean_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept; ValidationError by field for what cannot be."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for name, value in values.items():
        if name not in TEXTS:
            cleaned[name] = value
            continue
        try:
            kept = clean_value(name, str(value if value is not None else ""))
            cleaned[name] = None if name == "employees" and kept == "" else kept
        except BadValue as problem:
            problems[name] = [str(problem)]
    if problems:
        raise ValidationError(problems)
    return cleaned


@transaction.atomic
def create_lead(
    values: Mapping[str, Any],
    *,
    by: Any,
    owner: Any = None,
    queue: Queue | None = None,
    line_of_business: LineOfBusiness | None = None,
    arrived_as: str = ArrivedAs.LIVE,
    now: dt.datetime | None = None,
) -> Lead:
    """A new lead; ValidationError for impossible values, or when a lead has the address already."""
    now = now or timezone.now()
    cleaned = clean_fields(values)
    if not cleaned.get("company_name") and not cleaned.get("name") and not cleaned.get("email"):
        raise ValidationError({"company_name": [_("Name the company, the person or an e-mail address.")]})
    line = line_of_business or (queue.line_of_business if queue else None)
    lead = Lead(
        **cleaned, owner=owner, queue=queue, line_of_business=line, arrived_as=arrived_as, created_by=by,
        created_at=now, last_activity_at=now, status_at=now, waiting_since=now,
    )  # fmt: skip
    lead.search = search_vector(lead)
    _store(lead)
    record("lead.created", by=by, subject=lead, text=lead.source, now=now)
    ring("lead.created", lead.pk)
    return lead


def _store(lead: Lead, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            lead.save(update_fields=fields)
    except IntegrityError as error:
        raise ValidationError({"email": [_("There is a lead with this address already.")]}) from error


@transaction.atomic
def change_lead(lead: Lead, values: Mapping[str, Any], *, by: Any, now: dt.datetime | None = None) -> Lead:
    """Write values into a lead, each change on record; what research rests on makes it due again."""
    now = now or timezone.now()
    cleaned = clean_fields(values)
    lead = lock_lead(lead.pk)
    changes = []
    for name, new in cleaned.items():
        old = getattr(lead, name)
        if old != new:
            shown = {"old": "" if old is None else str(old), "new": "" if new is None else str(new)}
            changes.append({"field": name, "label": label_of(name) if name in TEXTS else name, **shown})
            setattr(lead, name, new)
    if not changes:
        return lead
    named = {row["field"] for row in changes}
    lead.search, lead.last_activity_at = search_vector(lead), now
    if named & GROUNDS:
        lead.fit_due = lead.fit != "" or lead.fit_due
        if lead.research != Lead.Research.NONE and named & {"company_name", "website", "note"}:
            lead.research = Lead.Research.DUE
        lead.selection_seen = None
    _store(lead, [*named, "search", "last_activity_at", "fit_due", "research", "selection_seen"])
    record("lead.changed", by=by, subject=lead, changes=changes, now=now)
    withdraw_stale(lead, _("The lead was changed."), now=now)
    ring("lead.changed", lead.pk)
    return lead
