"""The people and companies that write."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """A company; mails from one of its domains belong to it."""

    name = models.CharField(_("name"), max_length=120)
    domains = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("domains"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person outside who writes to us; known by the normalised e-mail address."""

    address = models.CharField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_status = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "address"]
        indexes = [
            # Both are searched by any part of them.
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("address"), name="gin_trgm_ops"),
                name="contact_words",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.address

    @property
    def first_name(self) -> str:
        """The first word of the name; empty when only the address is known."""
        return self.name.split(" ")[0] if self.name else ""
