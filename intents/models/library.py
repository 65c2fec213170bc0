"""Why customers write: groups, intents, their attributes and examples."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from conversations.models import Message
from knowledge.models import Article


class Review(models.TextChoices):
    """What people decided about a group or an intent; only approved intents are recognised."""

    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    DISCARDED = "discarded", _("Discarded")


class Reviewed(models.Model):
    """What groups and intents share: where they came from, and what was decided about them by whom."""

    class Source(models.TextChoices):
        DISCOVERY = "discovery", _("Found by discovery")
        SIMULATION = "simulation", _("Found by a test run")
        MANUAL = "manual", _("Admin edited")

    class ReviewSource(models.TextChoices):
        NONE = "", _("Not reviewed")
        PERSON = "person", _("A person")
        DEFAULT = "default", _("The setting of the discovery")
        IMPORT = "import", _("An import")

    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("line of business")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.MANUAL)
    review_state = models.CharField(_("review status"), max_length=10, choices=Review, default=Review.PENDING)
    review_source = models.CharField(max_length=8, choices=ReviewSource, default=ReviewSource.NONE, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class IntentGroup(Reviewed):
    """Intents that belong together, such as all about delivery."""

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "line_of_business", nulls_distinct=False, name="one_group_per_name_and_line"
            )
        ]


class Intent(Reviewed):
    """One reason why customers write. ``key`` is the topic that conversations, cases and suggestions carry.

    ``definition`` is one sentence that says what the customer wants; name, definition and examples are what matching
    reads. The counters are of messages and kept by a sweep.
    """

    key = models.SlugField(_("key"), max_length=80, unique=True)
    definition = models.CharField(_("definition"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    group = models.ForeignKey(
        IntentGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="intents",
        verbose_name=_("intent group"),
    )
    is_self_service = models.BooleanField(_("self-service support"), default=False)
    articles = models.ManyToManyField(Article, blank=True, related_name="intents", verbose_name=_("articles"))
    volume_total = models.PositiveIntegerField(default=0)
    volume_month = models.PositiveIntegerField(default=0)
    volume_year = models.PositiveIntegerField(default=0)
    # The share of its finished cases that were solved; empty until some were.
    solution_rate = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "line_of_business", nulls_distinct=False, name="one_intent_per_name_and_line"
            )
        ]
        indexes = [models.Index(fields=["review_state", "line_of_business"], name="intent_by_state")]


class Attribute(models.Model):
    """Something that must be known before an intent can be answered, and the question that asks for it."""

    class Type(models.TextChoices):
        TEXT = "text", _("Number or code")
        CHOICE = "choice", _("One of a list")
        INTEGER = "integer", _("Whole number")
        CURRENCY = "currency", _("Amount")
        BOOLEAN = "boolean", _("Yes or no")
        DATE = "date", _("Date")
        EMAIL = "email", _("E-mail address")
        FREE = "free", _("In their own words")

    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="attributes")
    name = models.SlugField(_("name"), max_length=40)
    label = models.CharField(_("label"), max_length=80)
    question = models.CharField(_("question"), max_length=300)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.TEXT)
    pattern = models.CharField(_("pattern"), max_length=200, blank=True)
    # [{"value": ..., "label": ..., "aliases": [...]}]
    options = models.JSONField(_("choices"), default=list, blank=True)
    is_required = models.BooleanField(_("required"), default=True)
    # The field of the case it corresponds to, by name: intents know no case.
    case_field = models.CharField(_("field of the case"), max_length=40, blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.UniqueConstraint(fields=["intent", "name"], name="one_attribute_per_name")]

    def __str__(self) -> str:
        return self.label


class Example(models.Model):
    """Words by which an intent is recognised, confirmed by a person or kept from a discovery.

    ``vector`` holds the embedding of ``engine`` as float32; empty until the sweep has made it.
    """

    class Source(models.TextChoices):
        MANUAL = "manual", _("Written by hand")
        CORRECTION = "correction", _("A corrected message")
        DISCOVERY = "discovery", _("Found by discovery")
        IMPORT = "import", _("An import")

    intent = models.ForeignKey(Intent, on_delete=models.CASCADE, related_name="examples")
    text = models.CharField(_("text"), max_length=1000)
    # The folded text's fingerprint: the same words twice teach nothing.
    digest = models.CharField(max_length=32)
    source = models.CharField(max_length=10, choices=Source, default=Source.MANUAL)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    vector = models.BinaryField(null=True)
    engine = models.CharField(max_length=60, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["intent", "digest"], name="one_example_per_text")]
        indexes = [models.Index(fields=["id"], name="example_without_vector", condition=models.Q(vector=None))]

    def __str__(self) -> str:
        return self.text[:80]


class Library(models.Model):
    """The one row that says which version the library has, and up to which message matching has looked."""

    version = models.PositiveIntegerField(default=1)
    looked_at = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    # The last time somebody asked to recognise what is under way again: with which version, how many messages.
    again_version = models.PositiveIntegerField(default=0)
    again_total = models.PositiveIntegerField(default=0)
    again_at = models.DateTimeField(null=True)
    again_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"version {self.version}"


class TrainedLibrary(models.Model):
    """What matching made of one version of the library, for one line of business."""

    version = models.PositiveIntegerField()
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, on_delete=models.CASCADE, related_name="+")
    engine = models.CharField(max_length=60)
    artefact = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "line_of_business", "engine"],
                nulls_distinct=False,
                name="one_training_per_version_and_line",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.line_of_business_id}"
