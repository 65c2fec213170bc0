"""Cases and notes as clients see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import hidden_fields
from agents.rest import Named, NamedLine
from cases.access import MODEL
from cases.fields import marks_of
from cases.models import AgentState, Case, FieldMark
from conversations.models import Note


class ContactSerializer(Named):
    """The customer."""

    address = serializers.CharField(read_only=True)


class MarkSerializer(serializers.ModelSerializer):
    """Who set the present value of a field."""

    user = Named(read_only=True, allow_null=True)

    class Meta:
        model = FieldMark
        fields = ["set_by", "user", "suggestion", "confidence", "at"]
        read_only_fields = fields


class CaseRowSerializer(serializers.ModelSerializer):
    """A case as lists show it. A field that your roles hide is left out."""

    owner = Named(read_only=True, allow_null=True)
    queue = Named(read_only=True, allow_null=True)
    contact = ContactSerializer(read_only=True, allow_null=True)
    company = Named(read_only=True, allow_null=True)
    product = Named(read_only=True, allow_null=True)
    subject = Named(read_only=True, allow_null=True)
    line_of_business = NamedLine(read_only=True, allow_null=True)
    waits_for = serializers.ListField(
        source="waiting_kinds",
        child=serializers.CharField(),
        read_only=True,
        help_text="Kinds of suggestions that wait for a decision.",
    )
    path = serializers.CharField(source="get_absolute_url", read_only=True, help_text="Its page on this host.")

    class Meta:
        model = Case
        fields = [
            "number", "title", "type", "category", "priority", "status", "status_reason", "origin", "owner", "queue",
            "line_of_business", "contact", "company", "product", "subject", "order_number", "serial_number",
            "arrived_as", "created_at", "first_response_at", "resolved_at", "reopened_count", "last_message_at",
            "last_direction", "message_count", "preview", "waiting_since", "waits_for", "is_unread", "path",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Case) -> dict[str, Any]:
        """Without what the reader's roles hide."""
        shown = super().to_representation(instance)
        hidden = hidden_fields(self.context["request"].user, MODEL)
        shown = {name: value for name, value in shown.items() if name not in hidden}
        for name in ("custom", "set_by"):
            if name in shown:
                shown[name] = {key: value for key, value in shown[name].items() if key not in hidden}
        return shown


class AgentStateSerializer(serializers.ModelSerializer):
    """Where the agent stands with a case."""

    class Meta:
        model = AgentState
        fields = [
            "mode", "status", "waits_for", "last_act", "last_outbound", "mails_sent", "reaction", "intent", "why",
            "started_at", "escalated_at", "reason", "details",
        ]  # fmt: skip
        read_only_fields = fields


class CaseSerializer(CaseRowSerializer):
    """A case with everything on it."""

    agent = serializers.SerializerMethodField(help_text="Where the agent stands; null when it never looked at it.")

    custom = serializers.DictField(read_only=True, help_text="Custom fields by name.")
    set_by = serializers.SerializerMethodField(help_text="Who set each field: a person, the agent or a rule.")
    last_message = serializers.IntegerField(
        source="last_message_id", read_only=True, allow_null=True, help_text="Id of the last message of either side."
    )

    class Meta(CaseRowSerializer.Meta):
        fields = [
            *CaseRowSerializer.Meta.fields, "description", "custom", "resolution_type", "resolution", "last_message",
            "set_by", "agent",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(AgentStateSerializer(allow_null=True))
    def get_agent(self, row: Case) -> dict[str, Any] | None:
        """The state, where there is one."""
        state = AgentState.objects.filter(case=row).first()
        return dict(AgentStateSerializer(state).data) if state else None

    @extend_schema_field(serializers.DictField(child=MarkSerializer()))
    def get_set_by(self, row: Case) -> dict[str, Any]:
        """The mark of each field that has one."""
        return {name: MarkSerializer(mark).data for name, mark in marks_of(row).items()}


class NoteSerializer(serializers.ModelSerializer):
    """An internal note; customers never see it."""

    author = Named(read_only=True, allow_null=True)

    class Meta:
        model = Note
        fields = ["id", "text", "author", "agent", "created_at"]
        read_only_fields = fields
