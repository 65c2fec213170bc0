"""Mailboxes and message templates have their versions on a page."""

from django.urls import reverse

from agents.sections.versions import Versioned, register
from conversations import access
from conversations.mailboxes import restore_mailbox
from conversations.templates import restore_template

register(
    Versioned(
        "mailbox", access.get_mailbox, lambda row: reverse("conversations:mailbox", args=[row.pk]), restore_mailbox
    )
)
register(
    Versioned(
        "template", access.get_template, lambda row: reverse("conversations:template", args=[row.pk]), restore_template
    )
)
