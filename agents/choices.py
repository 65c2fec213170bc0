"""Form fields that several apps use: one row by its key (the choices are read when a form is made), a share of one."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms

from agents.models import Calendar, LineOfBusiness

Rows = Callable[[], Iterable[tuple[Any, Any]]]


class RowField(forms.TypedChoiceField):
    """One row, or none; ``empty`` says what none means. Cleaned it is the key, or None."""

    def __init__(self, *, rows: Rows, empty: Any, **options: Any) -> None:
        options = {"required": False, "coerce": int, "empty_value": None, **options}
        super().__init__(choices=lambda: [("", empty), *rows()], **options)


class CalendarField(RowField):
    """A business calendar."""

    def __init__(self, *, empty: Any, **options: Any) -> None:
        super().__init__(rows=lambda: Calendar.objects.values_list("pk", "name"), empty=empty, **options)


class LineField(RowField):
    """A line of business."""

    def __init__(self, *, empty: Any, **options: Any) -> None:
        super().__init__(rows=lambda: LineOfBusiness.objects.values_list("pk", "name"), empty=empty, **options)


class PercentField(forms.IntegerField):
    """A share of one: kept as 0.85, shown and entered as 85; ``initial`` is the share, the limits are percent."""

    def prepare_value(self, value: Any) -> Any:
        """The share in percent; what somebody typed stays as it is."""
        return value if value is None or isinstance(value, str) else round(value * 100)

    def clean(self, value: Any) -> Any:
        """The share; None when nothing was entered. Raises ValidationError."""
        percent = super().clean(value)
        return None if percent is None else percent / 100
