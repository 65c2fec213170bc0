"""What clients send about cases."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError as ModelError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.access import hidden_fields
from agents.models import LineOfBusiness
from agents.rest import Body, Query
from cases.access import MODEL, may_change
from cases.fields import BUILT_IN, case_fields, check_value
from cases.forms import RESOLUTION_TYPES
from cases.inbox import VIEWS
from cases.models import Case
from conversations.models import Queue

BUILT_IN_NAMES = tuple(row[0] for row in BUILT_IN)
LARGEST_ID = 2**63 - 1
REASONS_OF_OPEN = [
    (reason.value, reason.label)
    for reason in (
        Case.StatusReason.NEW,
        Case.StatusReason.IN_PROGRESS,
        Case.StatusReason.WAITING,
        Case.StatusReason.ON_HOLD,
    )
]


class CaseQuery(Query):
    """Which cases; the same choices as the list in the workspace."""

    view = serializers.ChoiceField(
        [(name, name) for name in VIEWS],
        default="all",
        help_text="`mine`, `team` (queues of my teams), `unassigned`, `all`; `history` are cases out of imported mail.",
    )
    status = serializers.ChoiceField([*Case.Status.choices, ("any", "any")], default="any")
    priority = serializers.ChoiceField(Case.Priority.choices, required=False)
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False, help_text="Id of a queue.")
    line = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False, help_text="Uid of a line of business."
    )
    category = serializers.CharField(required=False, max_length=60)
    q = serializers.CharField(
        required=False, max_length=200, help_text="A number, or words of case, customer and mails."
    )
    agent = serializers.ChoiceField(
        [("escalated", "escalated"), ("waiting", "waiting")],
        required=False,
        help_text="`escalated`: given to people by the agent; `waiting`: for the customer.",
    )
    draft = serializers.BooleanField(required=False, help_text="Only cases with something that waits for a decision.")
    updated_since = serializers.DateTimeField(
        required=False, help_text="Only cases with a message or an entry in the record since then."
    )

    def validate_category(self, value: str) -> str:
        """A field kept from the reader is no way to find out its value."""
        if "category" in hidden_fields(self.context["request"].user, MODEL):
            raise ValidationError(_("There is no such parameter."))
        return value


class ContactBody(Body):
    """The customer."""

    address = serializers.EmailField(max_length=254)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)


class CaseFieldsBody(Body):
    """Fields of a case. An empty text or null empties a field; custom ones stand under `custom` by their name."""

    kept: Iterable[str] = ()  # built-in ones that the activity takes by name
    title = serializers.CharField(required=False, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True, max_length=20_000, trim_whitespace=False)
    type = serializers.CharField(required=False, allow_blank=True, max_length=40)
    category = serializers.CharField(required=False, allow_blank=True, max_length=60)
    priority = serializers.ChoiceField(Case.Priority.choices, required=False)
    subject = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    product = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    order_number = serializers.CharField(required=False, allow_blank=True, max_length=80)
    serial_number = serializers.CharField(required=False, allow_blank=True, max_length=80)
    custom = serializers.DictField(
        required=False, child=serializers.JSONField(allow_null=True), help_text="Custom fields by name."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Collect the fields under ``fields``, each checked against its definition and the sender's roles."""
        given = {name: attrs.pop(name) for name in BUILT_IN_NAMES if name in attrs and name not in self.kept}
        custom = attrs.pop("custom", {})
        known, errors, values = case_fields() if given or custom else {}, {}, {}
        for name, value in [*given.items(), *custom.items()]:
            path = name if name in given else f"custom.{name}"
            each = known.get(name)
            if each is None or each.custom != (name in custom) or not isinstance(value, str | int | float | None):
                errors[path] = [_("There is no such field, or not with such a value.")]
            elif not may_change(self.context["request"].user, name):
                errors[path] = [_("Your roles do not change this field.")]
            else:
                values[name] = _checked(each, value, path, errors)
        if errors:
            raise ValidationError(errors)
        return {**attrs, "fields": values}


def _checked(each: Any, value: Any, path: str, errors: dict[str, list[str]]) -> Any:
    try:
        return check_value(each, value)
    except ModelError as error:
        errors[path] = list(error.messages)
        return None


class OpenCaseBody(CaseFieldsBody):
    """A case as it is opened."""

    kept = ("title", "description")
    title = serializers.CharField(max_length=300)
    contact = ContactBody(required=False, help_text="The customer; made when the address is new.")
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False, help_text="Id of a queue.")
    line_of_business = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.filter(is_active=True), slug_field="uid", required=False, help_text="Its uid."
    )


class ChangeCaseBody(CaseFieldsBody):
    """What changes."""

    status_reason = serializers.ChoiceField(
        REASONS_OF_OPEN, required=False, help_text="Where an open case stands; 409 when it is not open."
    )


class AssignBody(Body):
    """Who works on it, and where it waits. What is left out stays."""

    owner = serializers.EmailField(
        required=False, allow_null=True, help_text="E-mail address of who works cases; null takes it from everybody."
    )
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False, help_text="Id of a queue.")
    why = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")

    def validate_owner(self, value: str | None) -> Any:
        """The person, or None for nobody."""
        if value is None:
            return None
        able = get_user_model().objects.filter(is_active=True, is_agent=False, email__iexact=value)
        found = able.first()
        if found is None or not found.has_perm("cases.work"):
            raise ValidationError(_("Nobody with this address works cases."))
        return found


class ResolveBody(Body):
    """How it ended."""

    resolution_type = serializers.ChoiceField(RESOLUTION_TYPES)
    resolution = serializers.CharField(required=False, allow_blank=True, max_length=20_000, default="")
    last_message = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the last message you saw; 409 when another has arrived since.",
    )


class ReopenBody(Body):
    """Why."""

    why = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class EscalateBody(Body):
    """Why."""

    why = serializers.CharField(max_length=500)


class ConsiderBody(Body):
    """What the agent is asked to do."""

    actions = serializers.ListField(
        child=serializers.ChoiceField(["enrich", "resolve"]), allow_empty=False, max_length=2, default=["resolve"],
        help_text="`enrich` reads the mails for fields, `resolve` asks, answers or ends. Both may be asked at once.",
    )  # fmt: skip


class TemplateBody(Body):
    """Which template; null is none."""

    template = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, allow_null=True, help_text="Its id.")


class NoteBody(Body):
    """An internal note."""

    text = serializers.CharField(max_length=20_000, trim_whitespace=False)


class ReplyBody(Body):
    """A mail to the customer; the mailbox's signature is added."""

    body = serializers.CharField(max_length=50_000, trim_whitespace=False)
    subject = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    to = serializers.ListField(
        child=serializers.EmailField(), required=False, min_length=1, max_length=20, help_text="Usually the customer."
    )
    cc = serializers.ListField(child=serializers.EmailField(), required=False, max_length=20)
    last_message = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the last message you saw; 409 when another has arrived since.",
    )
