"""Who people are: users, roles, teams, tokens; and what they are told."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness


class Role(models.Model):
    """What a group of people may do, which records they see, and which fields are kept from them."""

    class Visibility(models.TextChoices):
        OWN = "own", _("Own records")
        TEAM = "team", _("Records of their teams")
        LINE = "line", _("Records of their lines of business")
        ALL = "all", _("All records")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    permissions = ArrayField(models.CharField(max_length=80), default=list, verbose_name=_("permissions"))
    visibility = models.CharField(_("sees"), max_length=8, choices=Visibility, default=Visibility.TEAM)
    # {"cases.case": ["serial_number"]}: never shown, searched, exported or returned.
    hidden_fields = models.JSONField(_("hidden fields"), default=dict)
    read_only_fields = models.JSONField(_("read-only fields"), default=dict)
    # How many open cases its people take at most, where nothing else is said for a person.
    capacity = models.PositiveSmallIntegerField(_("capacity"), null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who work the same queues."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("line of business")
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who signs in with ``email``; without a password they cannot until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who may do everything, for ``manage.py createsuperuser``."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or the identity under which one agent reads; an agent's user can never sign in."""

    class Presence(models.TextChoices):
        AVAILABLE = "available", _("Available")
        BUSY = "busy", _("Busy")
        AWAY = "away", _("Away")
        OFFLINE = "offline", _("Offline")

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    is_agent = models.BooleanField(_("agent"), default=False)
    agent = models.CharField(max_length=40, blank=True)
    roles = models.ManyToManyField(Role, blank=True, related_name="users", verbose_name=_("roles"))
    teams = models.ManyToManyField(Team, blank=True, related_name="members", verbose_name=_("teams"))
    lines_of_business = models.ManyToManyField(
        LineOfBusiness, blank=True, related_name="people", verbose_name=_("lines of business")
    )
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    preferences = models.JSONField(default=dict)
    date_joined = models.DateTimeField(default=timezone.now)
    presence = models.CharField(_("presence"), max_length=10, choices=Presence, default=Presence.OFFLINE)
    presence_since = models.DateTimeField(null=True)
    # Noted while somebody is not offline: who went home without saying so is offline some hours later.
    seen_at = models.DateTimeField(null=True)
    # How many open cases they take at most; empty: as their roles say.
    capacity = models.PositiveSmallIntegerField(_("capacity"), null=True, blank=True)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=models.Q(is_agent=True), name="one_user_per_agent")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name people read."""
        return self.name or self.email

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ")[0] if self.name else ""


class Ability(models.Model):
    """Something that people can do and a rule may ask for: a language, a product. On screen it is a skill."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PersonAbility(models.Model):
    """How well somebody can do it."""

    class Level(models.IntegerChoices):
        BASIC = 1, _("Basic")
        GOOD = 2, _("Good")
        EXPERT = 3, _("Expert")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="person_abilities")
    ability = models.ForeignKey(Ability, on_delete=models.CASCADE, related_name="holders")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.GOOD)

    class Meta:
        ordering = ["ability__name"]
        constraints = [models.UniqueConstraint(fields=["person", "ability"], name="one_level_per_person_and_ability")]

    def __str__(self) -> str:
        return f"{self.ability} ({self.get_level_display()})"


class ApiToken(models.Model):
    """A token of a REST client: shown once, kept as a SHA-256 digest."""

    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"

    @property
    def has_expired(self) -> bool:
        """Whether its time is over now."""
        return self.expires_at <= timezone.now()


class IdempotentRequest(models.Model):
    """The stored answer to one API request with an idempotency key, kept for 24 hours."""

    token = models.ForeignKey(ApiToken, null=True, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_idempotency_key")]

    def __str__(self) -> str:
        return self.key


class Notification(models.Model):
    """One line that tells one person what happened; at most one unread line per kind and link."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "link"],
                condition=models.Q(read_at__isnull=True),
                name="one_unread_notification_per_link",
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_newest"),
            models.Index(fields=["created_at"], name="notification_oldest"),
        ]

    def __str__(self) -> str:
        return self.title
