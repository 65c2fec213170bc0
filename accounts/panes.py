"""What accounts adds to the navigation."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agents.panes import Finder, Found, NavLink, register


def find_people(user: Any, words: str, limit: int) -> list[Found]:
    """People of ours by name and address."""
    rows = User.objects.filter(Q(name__icontains=words) | Q(email__icontains=words), is_agent=False)
    return [Found(text=str(row), url=reverse("accounts:person", args=[row.pk]), more=row.email) for row in rows[:limit]]


register(
    Finder(name="people", label=_("People"), icon="users", permission="accounts.manage", order=80, find=find_people),
    NavLink(
        name="people",
        label=_("People"),
        url_name="accounts:people",
        icon="users",
        group="manage",
        order=80,
        permission="accounts.manage",
    ),
)
