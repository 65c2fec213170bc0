"""Mailboxes, queues and message templates."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from agents.models import LineOfBusiness
from agents.models.sealing import SealedField


class Queue(models.Model):
    """Where work waits for a team."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="queues")
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("line of business")
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Mailbox(models.Model):
    """One address of ours: read by IMAP, answered by SMTP."""

    class Purpose(models.TextChoices):
        SUPPORT = "support", _("Support")
        SALES = "sales", _("Sales")
        BOTH = "both", _("Support and sales")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("None")

    class Webhook(models.TextChoices):
        RAW = "raw", _("Any program that posts the whole mail")
        MAILGUN = "mailgun", _("Mailgun")
        POSTMARK = "postmark", _("Postmark")
        SENDGRID = "sendgrid", _("SendGrid")

    class State(models.TextChoices):
        NEW = "new", _("Not read yet")
        OK = "ok", _("Connected")
        WRONG_PASSWORD = "wrong_password", _("Sign-in refused")
        UNREACHABLE = "unreachable", _("Server not reached")
        BROKEN = "broken", _("Cannot be read")

    name = models.CharField(_("name"), max_length=120)
    address = models.EmailField(_("address"), unique=True)
    purpose = models.CharField(_("purpose"), max_length=8, choices=Purpose, default=Purpose.SUPPORT)
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("line of business")
    )
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("queue"))
    is_active = models.BooleanField(_("active"), default=True)
    signature = models.TextField(_("signature"), blank=True)
    # Answers come back to support+<token>@…: switched off where the server does not deliver plus addresses.
    uses_plus_address = models.BooleanField(_("answers come back to a plus address"), default=True)
    # Mail that reached the server before this moment is history: learned from, never acted on.
    history_before = models.DateTimeField(_("history before"), default=timezone.now)

    # What other servers said about mail of it that came back to us: {"spf": "pass", …}.
    verdicts = models.JSONField(default=dict, blank=True)
    verdicts_at = models.DateTimeField(null=True, blank=True)
    imap_host = models.CharField(_("IMAP server"), max_length=200, blank=True)
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993)
    imap_security = models.CharField(_("IMAP security"), max_length=8, choices=Security, default=Security.TLS)
    imap_username = models.CharField(_("IMAP user"), max_length=200, blank=True)
    imap_password = SealedField(_("IMAP password"), blank=True)
    imap_folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    sent_folder = models.CharField(_("Sent folder"), max_length=200, blank=True)
    # How much of the time before ``history_before`` is read when a folder is read for the first time.
    history_days = models.PositiveIntegerField(_("days of history to read"), default=30)
    marks_seen = models.BooleanField(_("mark mail as seen on the server"), default=False)

    # Who hands mail in by HTTP, and what they must know to do so.
    webhook = models.CharField(_("handed in by"), max_length=10, choices=Webhook, blank=True)
    webhook_secret = SealedField(_("secret of the webhook"), blank=True)

    smtp_host = models.CharField(_("SMTP server"), max_length=200, blank=True)
    smtp_port = models.PositiveIntegerField(_("SMTP port"), default=587)
    smtp_security = models.CharField(_("SMTP security"), max_length=8, choices=Security, default=Security.STARTTLS)
    smtp_username = models.CharField(_("SMTP user"), max_length=200, blank=True)
    smtp_password = SealedField(_("SMTP password"), blank=True)

    state = models.CharField(max_length=20, choices=State, default=State.NEW)
    state_reason = models.TextField(blank=True)
    state_since = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0)
    next_poll_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True, blank=True)
    uidvalidity = models.BigIntegerField(null=True, blank=True)
    last_uid = models.BigIntegerField(default=0)
    sent_uidvalidity = models.BigIntegerField(null=True, blank=True)
    sent_last_uid = models.BigIntegerField(default=0)
    sent_reason = models.CharField(max_length=300, blank=True)
    poll_token = models.PositiveIntegerField(default=0)
    poll_lease = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name


class MessageTemplate(models.Model):
    """A text with placeholders for mails of ours."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    purpose = models.CharField(_("purpose"), max_length=40, default="reply")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("body"))
    language = models.CharField(_("language"), max_length=8, default="en")
    lines_of_business = models.ManyToManyField(LineOfBusiness, blank=True, verbose_name=_("lines of business"))
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
