"""Who decides: the four levels, in order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """``off < observe < ask < auto``; the effective level is the least of all that apply."""

    OFF = "off", _("Off")
    OBSERVE = "observe", _("Observe only")
    ASK = "ask", _("Human confirmation")
    AUTO = "auto", _("Full automation")

    @property
    def rank(self) -> int:
        """0 for off to 3 for auto."""
        return list(Level).index(self)


def least(*levels: str) -> Level:
    """The least of the given levels."""
    return min((Level(level) for level in levels), key=lambda level: level.rank)


class ArrivedAs(models.TextChoices):
    """Live may be acted on; history is only learned from and observed."""

    LIVE = "live", _("Live")
    HISTORY = "history", _("History")
