"""What a row of a file makes of a lead: a new one, or a known one with its empty fields filled."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sales.fields import label_of
from sales.leads import find_product, search_vector
from sales.models import ImportRow, Lead, LeadImport

Outcome = ImportRow.Outcome


def make_lead(batch: LeadImport, values: dict[str, Any], products: dict[str, Any], now: dt.datetime) -> Lead:
    """The lead that a row of a file makes, not stored yet."""
    given = _with_product(values, products)
    given["source"] = given.get("source") or batch.source
    given["consent_note"] = given.get("consent_note") or batch.consent_note
    line = batch.line_of_business or (batch.queue.line_of_business if batch.queue else None)
    lead = Lead(
        **given, queue=batch.queue, line_of_business=line, arrived_as=batch.arrived_as, created_by=batch.created_by,
        imported_by=batch, created_at=now, status_at=now, last_activity_at=now, waiting_since=now,
    )  # fmt: skip
    lead.search = search_vector(lead)
    return lead


def write_changes(rows: list[ImportRow], products: dict[str, Any]) -> None:
    """Empty fields of known leads are filled; what somebody entered is never overwritten by a file."""
    for row in rows:
        lead = Lead.objects.select_for_update().filter(pk=row.lead_id or 0).first()
        given, row.values = _with_product(row.values, products), {}
        if lead is None:
            row.outcome, row.why = Outcome.REFUSED, _("The lead is gone.")
            continue
        filled = [name for name, value in given.items() if name != "custom" and not getattr(lead, name) and value]
        for name in filled:
            setattr(lead, name, given[name])
        lead.custom = {**given.get("custom", {}), **lead.custom}
        lead.search = search_vector(lead)
        lead.save(update_fields=[*filled, "custom", "search"])
        row.why = (
            _("Filled: %(fields)s") % {"fields": ", ".join(map(label_of, filled))} if filled else _("Nothing new.")
        )


def _with_product(values: Mapping[str, Any], products: dict[str, Any]) -> dict[str, Any]:
    """The values with the product as a row; a name that nobody knows stays as a custom field."""
    given = dict(values)
    if name := given.pop("product", ""):
        if name not in products:
            products[name] = find_product(name)
        if products[name]:
            given["product"] = products[name]
        else:
            given["custom"] = {**given.get("custom", {}), "Product": name}
    return given
