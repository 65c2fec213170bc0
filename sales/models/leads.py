"""A lead: a person at a company who may want to buy."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import ArrivedAs
from conversations.models import Contact, Conversation, Message, Routed
from knowledge.models import Product


class Lead(Routed):
    """One person at one company. What a list shows stands on this row."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        RESEARCHING = "researching", _("Researching")
        QUALIFIED = "qualified", _("Qualified")
        DISQUALIFIED = "disqualified", _("Disqualified")
        IN_OUTREACH = "in_outreach", _("In outreach")
        REPLIED = "replied", _("Replied")
        HANDED_OVER = "handed_over", _("Handed over")
        CLOSED = "closed", _("Closed")

    class Rating(models.TextChoices):
        COLD = "cold", _("Cold")
        WARM = "warm", _("Warm")
        HOT = "hot", _("Hot")

    class Research(models.TextChoices):
        NONE = "none", _("Not researched")
        DUE = "due", _("Waits for research")
        DONE = "done", _("Researched")
        PARTLY = "partly", _("Researched in part")
        FAILED = "failed", _("Nothing could be read")

    class Fit(models.TextChoices):
        NONE = "", _("Not rated")
        HIGH = "high", _("High fit")
        MODERATE = "moderate", _("Moderate fit")
        LOW = "low", _("Low fit")

    name = models.CharField(_("name"), max_length=200, blank=True)
    company_name = models.CharField(_("company"), max_length=200, blank=True)
    # Normalised by conversations.addresses; empty when none is known.
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    title = models.CharField(_("job title"), max_length=160, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    website = models.CharField(_("website"), max_length=300, blank=True)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    rating = models.CharField(_("rating"), max_length=8, choices=Rating, default=Rating.COLD)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="leads", verbose_name=_("product")
    )
    note = models.TextField(_("what they asked for"), blank=True)
    consent_note = models.CharField(_("why we may write"), max_length=300, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=14, choices=Status, default=Status.NEW)
    status_why = models.CharField(max_length=300, blank=True)
    status_at = models.DateTimeField(default=timezone.now)
    # 0 to 100 of the criteria that could be judged; rows of criterion, met, why, finding (its key).
    fit = models.CharField(_("fit"), max_length=10, choices=Fit, default=Fit.NONE, blank=True)
    fit_score = models.PositiveSmallIntegerField(_("fit score"), null=True, blank=True)
    fit_reasons = models.JSONField(default=list, blank=True)
    research = models.CharField(max_length=8, choices=Research, default=Research.NONE)
    research_why = models.CharField(max_length=300, blank=True)
    researched_at = models.DateTimeField(null=True, blank=True)
    # The settings under which the lead was last looked at by the selection and by the qualification.
    selection_seen = models.DateTimeField(null=True, blank=True)
    fit_due = models.BooleanField(default=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    # The thread that outreach opened.
    conversation = models.OneToOneField(
        Conversation, null=True, blank=True, on_delete=models.PROTECT, related_name="lead"
    )
    last_message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_inbound = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_direction = models.CharField(max_length=4, blank=True)
    last_activity_at = models.DateTimeField(default=timezone.now)
    waiting_kinds = models.JSONField(default=list, blank=True)
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    imported_by = models.ForeignKey(
        "sales.LeadImport", null=True, blank=True, on_delete=models.SET_NULL, related_name="leads"
    )
    search = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="one_lead_per_address"),
        ]
        indexes = [
            models.Index(fields=["-last_activity_at", "-id"], name="lead_newest"),
            models.Index(fields=["status", "-last_activity_at", "-id"], name="lead_status"),
            models.Index(fields=["owner", "-last_activity_at", "-id"], name="lead_owner"),
            models.Index(fields=["queue", "-last_activity_at", "-id"], name="lead_queue"),
            models.Index(fields=["id"], name="lead_unselected", condition=Q(status="new", selection_seen=None)),
            models.Index(fields=["id"], name="lead_research_due", condition=Q(research="due")),
            models.Index(fields=["id"], name="lead_fit_due", condition=Q(fit_due=True)),
            GinIndex(fields=["search"], name="lead_search"),
        ]

    def __str__(self) -> str:
        if self.company_name and self.name:
            return f"{self.company_name} · {self.name}"
        return self.company_name or self.name or self.email or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        """The lead page."""
        return reverse("sales:lead", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it, a person or the agent."""
        return self.status not in (self.Status.DISQUALIFIED, self.Status.HANDED_OVER, self.Status.CLOSED)

    @property
    def is_history(self) -> bool:
        """Whether agents may only observe it."""
        return self.arrived_as == ArrivedAs.HISTORY

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ")[0] if self.name else ""
