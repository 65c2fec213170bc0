"""What comes in and what goes out."""

from conversations.models.contacts import Company, Contact
from conversations.models.mailboxes import Mailbox, MessageTemplate, Queue
from conversations.models.messages import Attachment, Conversation, Message, Note
from conversations.models.receiving import Delivery, Raw
from conversations.models.routed import Routed
from conversations.models.suppressions import Suppression, SuppressionKey
from conversations.models.tasks import Task

__all__ = [
    "Attachment",
    "Company",
    "Contact",
    "Conversation",
    "Delivery",
    "Mailbox",
    "Message",
    "MessageTemplate",
    "Note",
    "Queue",
    "Raw",
    "Routed",
    "Suppression",
    "SuppressionKey",
    "Task",
]
