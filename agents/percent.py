"""Shares of one that people enter in percent."""

from typing import Any

from django import forms


class PercentField(forms.IntegerField):
    """Kept as 0.85, shown and entered as 85; ``initial`` is the share, the limits are percent."""

    def prepare_value(self, value: Any) -> Any:
        """The share in percent; what somebody typed stays as it is."""
        return value if value is None or isinstance(value, str) else round(value * 100)

    def clean(self, value: Any) -> Any:
        """The share; None when nothing was entered. Raises ValidationError."""
        percent = super().clean(value)
        return None if percent is None else percent / 100
