"""The form in which a person edits what an agent proposes: the kind's own, or one made from its payload."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from agents.kinds import Kind
from agents.models import Suggestion

LONG_TEXT = 60
LONG_NAMES = ("text", "body", "content", "description", "message", "note")
# Between the steps of a place in the payload, in the names of controls.
SEP = "."

REASONS = [
    ("wrong", _("It is wrong")),
    ("tone", _("Right, but in the wrong tone")),
    ("missing", _("Something is missing")),
    ("unwanted", _("It should not be done at all")),
    ("other", _("Other")),
]


class RejectForm(forms.Form):
    """Why not: one of the usual reasons, a note, or neither."""

    why = forms.ChoiceField(label=_("Reason"), choices=REASONS, required=False, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    @property
    def reason(self) -> str:
        """The reason in words; call after ``is_valid``."""
        chosen = dict(REASONS).get(self.cleaned_data["why"], "")
        return ": ".join(str(text) for text in (chosen, self.cleaned_data["note"]) if text)


class PayloadForm(forms.Form):
    """Controls for every text, number, choice and flag of a payload, also within lists and tables of values.

    What has another shape is not offered and stays as proposed. ``parts`` maps the place of a row to the part that
    it is, so that a row can be taken or left.
    """

    def __init__(self, data: Any = None, *, kind: Kind, proposed: dict[str, Any]) -> None:
        super().__init__(data)
        self.kind, self.proposed = kind, proposed
        self.payload = kind.Payload.model_validate(proposed)
        parts, controls = kind.parts(self.payload), kind.controls(self.payload)
        for place, value, shape in _leaves(kind.Payload, proposed):
            if kind.editable and not set(kind.editable) & set(place):
                continue
            control = controls.get(_part_of(place[:2], proposed, parts)) or _control(place, value, shape)
            control.initial = value
            control.label = _row_label(place, proposed) or control.label
            self.fields[SEP.join(place)] = control

    def rows(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """(part, controls) in order; the part is "" for what is not a part of its own."""
        names = self.kind.parts(self.payload)
        grouped: dict[tuple[str, ...], list[forms.BoundField]] = {}
        for name in self.fields:
            place = tuple(name.split(SEP))
            grouped.setdefault(place[:2] if len(place) > 1 else place, []).append(self[name])
        for place, controls in grouped.items():
            yield _part_of(place, self.proposed, names), controls

    def edits(self) -> dict[str, Any]:
        """The payload's fields with what was entered; call after ``is_valid``."""
        edited = {name: _copy(value) for name, value in self.proposed.items()}
        for name, value in self.cleaned_data.items():
            *way, last = name.split(SEP)
            target: Any = edited
            for step in way:
                target = target[int(step)] if isinstance(target, list) else target[step]
            was_none = self.fields[name].initial is None and value == ""
            target[int(last) if isinstance(target, list) else last] = None if was_none else value
        return edited

    def clean(self) -> dict[str, Any]:
        """Ask the payload whether it can be so, and say it at the control it is about."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.kind.Payload.model_validate(self.edits())
            except ValidationError as wrong:
                for error in wrong.errors():
                    name = SEP.join(str(step) for step in error["loc"])
                    self.add_error(name if name in self.fields else None, error["msg"])
        return cleaned


def payload_form(kind: Kind, suggestion: Suggestion, data: Any = None) -> Any:
    """The form for editing ``suggestion``.

    A kind's own form is a Django form called with ``initial`` (the proposed payload) whose ``cleaned_data`` holds the
    edited fields of the payload.
    """
    if kind.form is not None:
        return kind.form(data, initial=suggestion.proposed)
    return PayloadForm(data, kind=kind, proposed=suggestion.proposed)


def read_edits(form: Any) -> dict[str, Any]:
    """The edited fields of a valid form of either sort."""
    return form.edits() if isinstance(form, PayloadForm) else dict(form.cleaned_data)


def _leaves(model: Any, values: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """(place, value, annotation) of everything in a payload that a control can hold."""
    for name, field in model.model_fields.items():
        yield from _within((*way, name), values.get(name), field.annotation)


def _within(place: tuple[str, ...], value: Any, shape: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(value, list):
        inner = next(iter(get_args(shape)), None)
        for number, item in enumerate(value):
            yield from _within((*place, str(number)), item, inner)
    elif isinstance(value, dict):
        model = _model_in(shape)
        if model is not None:
            yield from _leaves(model, value, place)
        else:
            for name, item in value.items():
                if SEP not in name:
                    yield from _within((*place, name), item, None)
    elif value is None or isinstance(value, str | int | float | bool):
        yield place, value, shape


def _model_in(shape: Any) -> Any:
    found = [one for one in (shape, *get_args(shape)) if isinstance(one, type) and issubclass(one, BaseModel)]
    return found[0] if found else None


def _control(place: tuple[str, ...], value: Any, shape: Any) -> forms.Field:
    name = next(step for step in reversed(place) if not step.isdecimal())
    given: dict[str, Any] = {
        "label": name.replace("_", " ").capitalize(),
        "initial": value,
        "required": value not in (None, "", False),
    }
    if get_origin(shape) is Literal:
        return forms.ChoiceField(choices=[(choice, choice) for choice in get_args(shape)], **given)
    if isinstance(value, bool):
        return forms.BooleanField(**given | {"required": False})
    if isinstance(value, int):
        return forms.IntegerField(**given)
    if isinstance(value, float):
        return forms.FloatField(**given)
    text = value or ""
    is_long = len(text) > LONG_TEXT or "\n" in text or name in LONG_NAMES
    rows = min(16, max(3, text.count("\n") + len(text) // 80 + 2))
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": rows}) if is_long else forms.TextInput, strip=not is_long, **given
    )


def _part_of(place: tuple[str, ...], proposed: dict[str, Any], parts: list[str]) -> str:
    """Which part a row is: named by its key, by its ``name``, or by its position."""
    last = place[-1]
    if last in parts:
        return last
    rows = proposed.get(place[0])
    if isinstance(rows, list) and len(place) > 1:
        row = rows[int(last)]
        if isinstance(row, dict) and row.get("name") in parts:
            return row["name"]
        if len(rows) == len(parts):
            return parts[int(last)]
    return ""


def _row_label(place: tuple[str, ...], proposed: dict[str, Any]) -> str:
    """What a row calls itself, for rows with a ``label``."""
    rows = proposed.get(place[0])
    row = rows[int(place[1])] if isinstance(rows, list) and len(place) > 1 else None
    return row.get("label", "") if isinstance(row, dict) else ""


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
