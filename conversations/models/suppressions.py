"""Whom nothing more is sent to: kept as digests, so that the list names nobody."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.sealing import SealedField
from conversations.models.messages import Message


class SuppressionKey(models.Model):
    """The one key under which addresses become digests, sealed like mail passwords; it never changes."""

    sealed = SealedField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_suppression_key")]

    def __str__(self) -> str:
        return "Suppression key"


class Suppression(models.Model):
    """One reason not to write to an address, or to all addresses of a domain; the address itself is not kept."""

    class Scope(models.TextChoices):
        ALL = "all", _("All mail")
        OUTREACH = "outreach", _("Sales mail only")

    class Reason(models.TextChoices):
        OPT_OUT = "opt_out", _("Asked in a reply")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed by the link")
        COMPLAINT = "complaint", _("Complained about a mail")
        BOUNCE = "bounce", _("Could not be delivered")
        PERSON = "person", _("Added by a person")
        IMPORTED = "imported", _("Imported from a list")

    digest = models.CharField(max_length=64)
    is_domain = models.BooleanField(default=False)
    scope = models.CharField(_("scope"), max_length=8, choices=Scope, default=Scope.ALL)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # The mail that said so, where there is one.
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        # Each reason is a row: an address that works again is still that of somebody who asked for no more.
        constraints = [models.UniqueConstraint(fields=["digest", "reason"], name="one_suppression_per_reason")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="suppression_newest"),
            models.Index(fields=["reason"], name="suppression_reason"),
        ]

    def __str__(self) -> str:
        what = _("Suppressed domain") if self.is_domain else _("Suppressed address")
        return f"{what} {self.pk}"
