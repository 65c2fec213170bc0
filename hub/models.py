"""Archives of old mail that an administrator handed over in the browser."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import Mailbox


class Archive(models.Model):
    """One uploaded file of old mail, and how far it has been taken in. Its file is gone when it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being taken in")
        DONE = "done", _("Taken in")
        FAILED = "failed", _("Could not be read")

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="archives")
    name = models.CharField(max_length=200)
    folder = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    # How many mails and bytes are behind us: what a worker that died goes on from.
    mails = models.PositiveIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    lease = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["lease"], name="archive_due", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return self.name
