"""What administrators define: custom fields of cases, and the values of choice fields."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.audit import record
from cases.models import Case, FieldDefinition, FieldOption

# Built-in fields whose values administrators define.
CHOICE_FIELDS = {"type": gettext_lazy("Type"), "category": gettext_lazy("Category")}


class Refused(Exception):  # noqa: N818
    """It cannot be saved; the text says why."""


@transaction.atomic
def save_definition(definition: FieldDefinition | None, *, by: Any, **fields: Any) -> FieldDefinition:
    """Add a custom field, or change one; its name and type stay, because values are kept under them."""
    is_new = definition is None
    definition = definition or FieldDefinition(name=fields["name"], type=fields["type"])
    if is_new and (fields["name"] in _built_in() or FieldDefinition.objects.filter(name=fields["name"]).exists()):
        raise Refused(_("There is a field of this name already. Choose another name."))
    for name in ("label", "description", "pattern", "order", "is_active"):
        setattr(definition, name, fields[name])
    definition.save()
    record("cases.field_defined", by=by, subject=definition, text=definition.label)
    return definition


def _built_in() -> set[str]:
    return {field.name for field in Case._meta.get_fields()}


@transaction.atomic
def save_option(field: str, option: FieldOption | None, *, by: Any, **values: Any) -> FieldOption:
    """Add a value to a choice field, or change one; what cases keep of it stays the same."""
    is_new = option is None
    option = option or FieldOption(field=field, value=values["value"])
    if is_new and FieldOption.objects.filter(field=field, value=values["value"]).exists():
        raise Refused(_("There is a value of this name already. Choose another name."))
    for name in ("label", "description", "order", "is_active"):
        setattr(option, name, values[name])
    option.save()
    record("cases.option_defined", by=by, subject=option, text=option.label)
    return option


def choice_fields() -> dict[str, str]:
    """The fields that have values to define: name to label."""
    custom = FieldDefinition.objects.filter(type=FieldDefinition.Type.CHOICE).values_list("name", "label")
    return {**{name: str(label) for name, label in CHOICE_FIELDS.items()}, **dict(custom)}
