"""What rules may look at on a case."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from accounts.choices import people_choices
from accounts.models import Team
from agents.facts import Fact, Type, register
from agents.models import LineOfBusiness
from cases.fields import case_fields
from cases.models import AgentState, Case, FieldOption
from conversations.facts import queue_choices
from conversations.placeholders import offer_placeholder
from intents.attributes import offer_case_fields
from intents.facts import topic_facts
from knowledge.models import Product, Subject


def option_choices(field: str) -> list[tuple[str, str]]:
    """The values of one choice field with their labels."""
    return list(FieldOption.objects.filter(field=field, is_active=True).values_list("value", "label"))


def line_choices() -> list[tuple[int, str]]:
    """The lines of business by name."""
    return list(LineOfBusiness.objects.values_list("pk", "name"))


def _texts() -> Iterable[Fact]:
    for name, label, path in (
        ("title", _("Title"), "title"),
        ("description", _("Description"), "description"),
        ("order_number", _("Order number"), "order_number"),
        ("serial_number", _("Serial number"), "serial_number"),
        ("contact_address", _("Customer's address"), "contact__address"),
        ("contact_name", _("Customer's name"), "contact__name"),
        ("company", _("Company"), "company__name"),
        ("language", _("Language of the last mail"), "last_inbound__language"),
        ("last_text", _("Customer's last words"), "last_inbound__newest_text"),
    ):
        yield Fact(name=name, label=label, type=Type.TEXT, model=Case, path=path)


def _choices() -> Iterable[Fact]:
    for name, label, path, choices in (
        ("status", _("Status"), "status", Case.Status.choices),
        ("status_reason", _("Status reason"), "status_reason", Case.StatusReason.choices),
        ("priority", _("Priority"), "priority", Case.Priority.choices),
        ("type", _("Type"), "type", lambda: option_choices("type")),
        ("category", _("Category"), "category", lambda: option_choices("category")),
        ("origin", _("Origin"), "origin", lambda: list(Case._meta.get_field("origin").choices or [])),
        ("line", _("Line of business"), "line_of_business_id", line_choices),
        ("queue", _("Queue"), "queue_id", queue_choices),
        ("team", _("Team"), "queue__team_id", lambda: list(Team.objects.values_list("pk", "name"))),
        ("product", _("Product"), "product_id", lambda: list(Product.objects.values_list("pk", "name"))),
        ("subject", _("Subject"), "subject_id", lambda: list(Subject.objects.values_list("pk", "name"))),
        ("last_word", _("Who wrote last"), "last_direction", (("in", _("The customer")), ("out", _("We")))),
    ):  # fmt: skip
        yield Fact(name=name, label=label, type=Type.CHOICE, model=Case, path=path, choices=choices)


def _times() -> Iterable[Fact]:
    for name, label, path in (
        ("age", _("Age of the case"), "created_at"),
        ("quiet", _("Time since the last message"), "last_message_at"),
        ("waiting", _("Waiting for us since"), "waiting_since"),
    ):
        yield Fact(name=name, label=label, type=Type.DURATION, model=Case, path=path)


register(
    *_texts(),
    *_choices(),
    *_times(),
    *topic_facts(Case),
    Fact(
        name="agent_status",
        label=_("Where the agent stands"),
        type=Type.CHOICE,
        model=Case,
        path="agent__status",
        choices=AgentState.Status.choices,
    ),
    Fact(
        name="escalation",
        label=_("Reason of the escalation"),
        type=Type.CHOICE,
        model=Case,
        path="agent__reason",
        choices=AgentState.Reason.choices,
    ),
    Fact(name="owner", label=_("Owner"), type=Type.USER, model=Case, path="owner_id", choices=people_choices),
    Fact(name="messages", label=_("Number of messages"), type=Type.NUMBER, model=Case, path="message_count"),
    Fact(name="reopened", label=_("Times reopened"), type=Type.NUMBER, model=Case, path="reopened_count"),
    Fact(name="unread", label=_("Unread"), type=Type.BOOLEAN, model=Case, path="is_unread"),
)

offer_case_fields(
    lambda: [(name, each.label) for name, each in case_fields().items() if name not in ("title", "description")]
)

# Every placeholder of a case in message templates; cases.replies.values_of_case gives the texts.
offer_placeholder("case.number", _("the number of the case"), "10042")
offer_placeholder("case.title", _("the title of the case"), "Pump stopped")
offer_placeholder("case.product", _("the product of the case"), "Halden Duo 58")
offer_placeholder("case.order_number", _("the order number of the case"), "HR-204118")
offer_placeholder("case.serial_number", _("the serial number of the case"), "D58-11873")
