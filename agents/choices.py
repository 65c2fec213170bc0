"""Form fields that choose one row by its key: the choices are read when a form is made."""

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
