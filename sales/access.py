"""Which leads a user may see: fetch and authorise in one call."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import hidden_fields, read_only_fields, visible
from sales.models import Lead, LeadImport

MODEL = "sales.lead"
WORK = "sales.work"
RELATED = ("owner", "queue", "line_of_business", "product", "contact", "conversation", "last_inbound", "imported_by",
           "created_by")  # fmt: skip


def visible_leads(user: Any) -> QuerySet[Lead]:
    """The leads ``user`` may see; none for people who do not work leads."""
    return visible(Lead.objects.all(), user, permission=WORK)


def get_lead(user: Any, pk: int) -> Lead:
    """The lead of that key; Http404 whether it is missing or forbidden."""
    lead = visible_leads(user).select_related(*RELATED).filter(pk=pk).first()
    if lead is None:
        raise Http404
    return lead


def visible_imports(user: Any) -> QuerySet[LeadImport]:
    """The files ``user`` uploaded: a file may name people whose leads others may not see."""
    if not user.has_perm(WORK):
        return LeadImport.objects.none()
    return LeadImport.objects.filter(created_by=user)


def get_import(user: Any, pk: int) -> LeadImport:
    """The file of that key; Http404 whether it is missing or forbidden."""
    found = visible_imports(user).select_related("queue", "line_of_business").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def hidden_lead_fields(user: Any) -> frozenset[str]:
    """The fields of leads kept from ``user``."""
    return hidden_fields(user, MODEL, permission=WORK)


def may_change(user: Any, field: str) -> bool:
    """Whether ``user`` may set this field of a lead."""
    if not user.has_perm(WORK):
        return False
    kept = read_only_fields(user, MODEL, permission=WORK) | hidden_fields(user, MODEL, permission=WORK)
    return field not in kept
