"""Articles with their passages, what readers say of them, and imports."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from agents.models import LineOfBusiness
from knowledge.models.catalogue import Product, Subject


class Article(models.Model):
    """What is known, in Markdown; only published articles answer."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        PUBLISHED = "published", _("Published")
        EXPIRED = "expired", _("Expired")
        ARCHIVED = "archived", _("Archived")
        DISCARDED = "discarded", _("Discarded")

    class StateReason(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        NEEDS_REVIEW = "needs_review", _("Needs review")
        IN_REVIEW = "in_review", _("In review")
        UPDATING = "updating", _("Updating")
        REJECTED = "rejected", _("Rejected")

    class Compliance(models.TextChoices):
        PENDING = "pending", _("Pending")
        COMPLIANT = "compliant", _("Compliant")
        NON_COMPLIANT = "non_compliant", _("Not compliant")

    class Source(models.TextChoices):
        MANUAL = "manual", _("Written by hand")
        IMPORT = "import", _("Imported")
        CASE = "case", _("From a solved case")
        CONVERSATION = "conversation", _("From a conversation")
        HISTORY = "history", _("From past cases")

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("Internal")
        EXTERNAL = "external", _("External")

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=200, unique=True)
    body = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.INTERNAL)
    language = models.CharField(_("language"), max_length=8, default="en")
    lines_of_business = models.ManyToManyField(LineOfBusiness, blank=True, verbose_name=_("lines of business"))
    products = models.ManyToManyField(Product, blank=True, verbose_name=_("products"))
    subjects = models.ManyToManyField(Subject, blank=True, verbose_name=_("subjects"))
    # Why it stands where it stands; "" when the state says enough. ``note`` is what a reviewer sent back.
    state_reason = models.CharField(_("status reason"), max_length=14, choices=StateReason, blank=True)
    note = models.TextField(_("note"), blank=True)
    compliance = models.CharField(_("compliance"), max_length=14, choices=Compliance, default=Compliance.COMPLIANT)
    is_reviewed = models.BooleanField(_("reviewed"), default=True)
    source = models.CharField(_("source"), max_length=12, choices=Source, default=Source.MANUAL)
    keywords = ArrayField(models.CharField(max_length=80), default=list, blank=True, verbose_name=_("keywords"))
    version = models.PositiveIntegerField(default=1)
    # As people read it: publishing makes the next major one, every other save the next minor one.
    major = models.PositiveIntegerField(default=0)
    minor = models.PositiveIntegerField(default=1)
    # Which version search knows, and by which engine; the index sweep does what is behind.
    indexed_version = models.PositiveIntegerField(default=0)
    indexed_engine = models.CharField(max_length=60, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField(_("publish on"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires on"), null=True, blank=True)
    # Kept by the transaction that stores the feedback.
    useful_count = models.PositiveIntegerField(default=0)
    useless_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["title"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="article_newest"),
            models.Index(
                fields=["id"], name="article_unindexed", condition=~models.Q(indexed_version=models.F("version"))
            ),
            models.Index(fields=["publish_at"], name="article_scheduled", condition=Q(state="scheduled")),
            models.Index(
                fields=["expires_at"], name="article_expiring", condition=Q(state="published", expires_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def label(self) -> str:
        """The version as people say it: "2.1"."""
        return f"{self.major}.{self.minor}"

    @property
    def is_by_agent(self) -> bool:
        """Whether an agent wrote it, from a case or a conversation."""
        return self.source in (self.Source.CASE, self.Source.CONVERSATION, self.Source.HISTORY)


class Passage(models.Model):
    """A piece of an article that search finds and a draft quotes."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="passages")
    order = models.PositiveIntegerField()
    heading = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    start = models.PositiveIntegerField(default=0)
    search = SearchVectorField(null=True)
    embedding = VectorField(null=True)
    engine = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["article", "order"]
        constraints = [models.UniqueConstraint(fields=["article", "order"], name="one_passage_per_place")]
        indexes = [GinIndex(fields=["search"], name="passage_search")]

    def __str__(self) -> str:
        return self.text[:60]


class Feedback(models.Model):
    """What a reader of the help centre said about an article; nobody is recorded with it."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="feedback")
    version = models.PositiveIntegerField()
    is_useful = models.BooleanField()
    comment = models.TextField(blank=True)
    # A digest of address, article and day under the site's key: one voice a day, and no way back to the address.
    voice = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["article", "-created_at"], name="feedback_of_article")]

    def __str__(self) -> str:
        return self.comment[:60]


class ArticleImport(models.Model):
    """A file of articles that was read, checked row by row, and is imported once somebody says so.

    ``rows`` are the checked rows (knowledge.importing.Row as JSON); ``position`` says how many are done.
    """

    name = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    ignored = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    publish = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["id"],
                name="import_running",
                condition=models.Q(started_at__isnull=False, finished_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name
