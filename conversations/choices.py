"""Queues and templates as forms offer them."""

from typing import Any

from django.db.models import Q

from agents.choices import RowField
from conversations.facts import queue_choices
from conversations.models import MessageTemplate

# Templates with a place for an answer; the others are whole mails.
AROUND_AN_ANSWER = Q(body__regex=r"\{\{\s*body\s*\}\}")


class TemplateField(RowField):
    """An active template for mails; ``which`` narrows them."""

    def __init__(self, *, empty: Any, which: Q | None = None, **options: Any) -> None:
        rows = MessageTemplate.objects.filter(which or Q(), is_active=True).order_by("name")
        super().__init__(rows=lambda: rows.all().values_list("pk", "name"), empty=empty, **options)


class QueueField(RowField):
    """A queue."""

    def __init__(self, *, empty: Any, **options: Any) -> None:
        super().__init__(rows=queue_choices, empty=empty, **options)
