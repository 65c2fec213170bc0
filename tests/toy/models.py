"""A thing with one column of every type that a fact can have."""

from django.conf import settings
from django.db import models

from agents.models import LineOfBusiness


class Tag(models.Model):
    """A word on a thing."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Thing(models.Model):
    """Something an agent may act upon."""

    class Colour(models.TextChoices):
        RED = "red", "Red"
        GREEN = "green", "Green"
        BLUE = "blue", "Blue"

    title = models.CharField(max_length=200, blank=True)
    note = models.TextField(null=True, blank=True)
    colour = models.CharField(max_length=8, choices=Colour, blank=True)
    size = models.IntegerField(null=True, blank=True)
    weight = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    ratio = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(null=True)
    is_open = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    took = models.DurationField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, blank=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField(Tag, blank=True)
    last_message = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.title or f"Thing {self.pk}"

    def get_absolute_url(self) -> str:
        """Where it would be looked at."""
        return f"/things/{self.pk}/"
