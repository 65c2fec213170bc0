"""The link "still not solved?": signed, unguessable, good for one plan."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from followups.models import Plan

_signer = signing.Signer(salt="followups.reopen", sep=".")


def reopen_url(plan: Plan) -> str:
    """The address that stands in the closing mail of this plan."""
    path = reverse("followups:reopen", args=[_signer.sign(f"{plan.pk}-{plan.reopen_key}")])
    return settings.PUBLIC_URL.rstrip("/") + path


def read_token(token: str) -> Plan | None:
    """The plan whose link this is; None for anything that we did not write."""
    try:
        pk, _dash, key = _signer.unsign(token).partition("-")
    except signing.BadSignature:
        return None
    plan = Plan.objects.select_related("case").filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    return plan if plan and plan.reopen_key and constant_time_compare(plan.reopen_key, key) else None
