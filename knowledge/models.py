"""Articles with their passages; products and subjects."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from agents.models import LineOfBusiness


class ProductFamily(models.Model):
    """A group of products."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("product families")

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something customers write about; aliases are the names they use."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    family = models.ForeignKey(ProductFamily, null=True, blank=True, on_delete=models.SET_NULL, related_name="products")
    sku = models.CharField(_("SKU"), max_length=60, blank=True)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("also called"))
    description = models.TextField(_("description"), blank=True)
    serial_pattern = models.CharField(_("serial number pattern"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Subject(models.Model):
    """A node of the subject tree."""

    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    description = models.TextField(_("description"), blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], nulls_distinct=False, name="one_subject_per_parent")
        ]

    def __str__(self) -> str:
        return self.name


class Article(models.Model):
    """What is known, in Markdown; only published articles answer."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

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
    version = models.PositiveIntegerField(default=1)
    # Which version search knows, and by which engine; the index sweep does what is behind.
    indexed_version = models.PositiveIntegerField(default=0)
    indexed_engine = models.CharField(max_length=60, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title"]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="article_newest"),
            models.Index(
                fields=["id"], name="article_unindexed", condition=~models.Q(indexed_version=models.F("version"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


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
