"""What waits in a queue for somebody."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness


class Routed(models.Model):
    """A row that assignment works on: a conversation, a case, a lead."""

    queue = models.ForeignKey(
        "conversations.Queue",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="%(class)ss",
        verbose_name=_("queue"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="%(class)ss",
        verbose_name=_("owner"),
    )
    line_of_business = models.ForeignKey(
        LineOfBusiness,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("line of business"),
    )
    topic = models.CharField(max_length=80, blank=True)
    topic_label = models.CharField(max_length=120, blank=True)
    skills = models.JSONField(default=list, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True)
    routed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True
