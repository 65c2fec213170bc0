"""Intents in the search over everything."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from agents.panes import Found
from intents.access import visible_intents


def find_intents(user: Any, words: str, limit: int) -> list[Found]:
    """Intents by name, key and definition; who does not manage them finds none, because their pages are closed."""
    sought = Q(name__icontains=words) | Q(key__icontains=words) | Q(definition__icontains=words)
    rows = visible_intents(user).filter(sought).select_related("group").order_by("name", "pk")
    return [
        Found(text=row.name, url=reverse("intents:intent", args=[row.pk]), more=row.group.name if row.group else "")
        for row in rows[:limit]
    ]
