"""The people who write to us: found by address, made on first sight, marked when their address bounces."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from agents.audit import record
from conversations.addresses import normalise_address
from conversations.models import Company, Contact, Mailbox, Suppression
from conversations.suppression import find_rows, lift, suppress


def own_addresses() -> frozenset[str]:
    """The addresses of all our mailboxes, normalised."""
    return frozenset(
        normalise_address(address) for address in Mailbox.objects.order_by().values_list("address", flat=True)
    )


def find_or_add_contact(address: str, *, name: str = "", now: dt.datetime) -> Contact | None:
    """The contact with this address, added on first sight; None when it is no address.

    A name is taken over when the contact has none yet. The company is the one that owns the address's domain.
    """
    address = normalise_address(address)
    if not address or len(address) > 254:
        return None
    try:
        contact = Contact.objects.get(address=address)
    except Contact.DoesNotExist:
        made = Contact(address=address, name=name[:200], company=_company_of(address), created_at=now)
        # Where somebody met them in the same moment, theirs is the row, and stays as it is.
        Contact.objects.bulk_create([made], update_conflicts=True, unique_fields=["address"], update_fields=["address"])
        return made
    if name and not contact.name:
        Contact.objects.filter(pk=contact.pk, name="").update(name=name[:200])
        contact.name = name[:200]
    return contact


def _company_of(address: str) -> Company | None:
    return Company.objects.filter(domains__contains=[address.rpartition("@")[2]]).first()


def mark_bounced(address: str, *, status: str, now: dt.datetime) -> bool:
    """Note that mail to an address cannot be delivered, so that nothing more is sent there. False: unknown address."""
    if not Contact.objects.filter(address=normalise_address(address)).update(bounced_at=now, bounce_status=status[:12]):
        return False
    # The list outlives the contact: who is forgotten and imported again is not written to in vain again.
    suppress(address, reason=Suppression.Reason.BOUNCE, by=None, note=status[:12], now=now)
    return True


@transaction.atomic
def clear_bounce(contact: Contact, *, by: Any, now: dt.datetime) -> bool:
    """A person says the address works again. False: nothing was returned from it, or somebody said so before."""
    if not Contact.objects.filter(Q(bounced_at__isnull=False), pk=contact.pk).update(bounced_at=None, bounce_status=""):
        return False
    record("contact.bounce_cleared", by=by, subject=contact, now=now)
    for row in find_rows(contact.address).filter(reason=Suppression.Reason.BOUNCE, is_domain=False):
        lift(row.pk, reason=gettext("The address works again"), by=by, now=now)
    return True
