"""What was read about a lead, and what was found in it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sales.models.leads import Lead


class WebPage(models.Model):
    """One web page that was read, or could not be read, for one lead; findings quote its text."""

    class State(models.TextChoices):
        READ = "read", _("Read")
        FORBIDDEN = "forbidden", _("Not allowed to be opened")
        TOO_LARGE = "too_large", _("Too large")
        TOO_SLOW = "too_slow", _("Did not end in time")
        UNREACHABLE = "unreachable", _("Not reached")
        NO_TEXT = "no_text", _("Nothing to read")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="pages")
    url = models.CharField(max_length=600)
    final_url = models.CharField(max_length=600, blank=True)
    title = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.READ)
    state_why = models.CharField(max_length=300, blank=True)
    # The page speaks to software instead of to people: nothing in it is obeyed, and people are told.
    gives_orders = models.BooleanField(default=False)
    fetched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["lead", "url"], name="one_page_per_address")]

    def __str__(self) -> str:
        return self.url


class Finding(models.Model):
    """One thing known about a lead, with the words it rests on.

    The words stand in a field of the lead (``field``) or in a page (``page``); ``start`` and ``end`` count the
    characters of that text. A finding that newer research no longer makes is retired, not deleted, because mails may
    rest on it.
    """

    class Topic(models.TextChoices):
        SIZE = "size", _("Size")
        INDUSTRY = "industry", _("Industry")
        LOCATION = "location", _("Location")
        ROLE = "role", _("Role")
        PRODUCT = "product", _("What they do")
        NEWS = "news", _("News")
        PAIN = "pain", _("What troubles them")
        INTEREST = "interest", _("What they asked for")
        COMPETITOR = "competitor", _("What they use today")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="findings")
    topic = models.CharField(max_length=12, choices=Topic)
    claim = models.CharField(max_length=300)
    value = models.CharField(max_length=120, blank=True)
    quote = models.TextField()
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    field = models.CharField(max_length=40, blank=True)
    page = models.ForeignKey(WebPage, null=True, blank=True, on_delete=models.CASCADE, related_name="findings")
    url = models.CharField(max_length=600, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    confidence = models.FloatField(default=0)
    engine = models.CharField(max_length=60, blank=True)
    engine_version = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(page__isnull=False, field="") | Q(page__isnull=True) & ~Q(field=""),
                name="finding_has_one_source",
            ),
            models.CheckConstraint(condition=~Q(quote=""), name="finding_quotes_something"),
        ]
        indexes = [models.Index(fields=["lead", "topic"], name="finding_current", condition=Q(retired_at=None))]

    def __str__(self) -> str:
        return self.claim

    @property
    def where(self) -> str:
        """Its address as people read it: without the scheme."""
        return self.url.partition("://")[2].rstrip("/") or self.url
