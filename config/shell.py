"""What stands around every page: the navigation, the pause box, the search address, and pages for refused methods."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import notifications, presence
from agents import panes
from agents.models import AgentPause
from agents.policy import pausing
from config.counting import count_rows

# The navigation link whose page holds the pause buttons: who may follow it sees the box as a link.
PAUSE_LINK = "manage"

BELL = "bell"
GROUPS = (("work", _("Work")), ("manage", _("Manage")))


@dataclass(frozen=True)
class ShownLink:
    """A navigation link with its address and number, as the template needs it."""

    link: panes.NavLink
    url: str
    count: int | None
    current: bool


class Shell:
    """The shell of one request. Everything is worked out when a template first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = getattr(request, "user", None)

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in; without it the page has no navigation."""
        return bool(self.user and self.user.is_authenticated)

    @property
    def company(self) -> str:
        """The name of the company this copy serves."""
        return settings.COMPANY_NAME

    @cached_property
    def links(self) -> list[ShownLink]:
        """Every link this user may follow; the longest address that begins the current path is the current one."""
        if not self.signed_in:
            return []
        found = [(link, _address(link.url_name)) for link in panes.list_links(self.user)]
        path = self.request.path
        here = max((url for _l, url in found if url and path.startswith(url) and url != "/"), key=len, default="")
        here = here or (path if path == "/" else "")
        counts = self.counts
        return [ShownLink(link, url, counts.get(link.name) or None, url == here) for link, url in found if url]

    @cached_property
    def counts(self) -> dict[str, int]:
        """The numbers of the links and of the bell."""
        asked = {link.name: (link.count, link.most) for link in panes.list_links(self.user) if link.count}
        bell = (partial(notifications.notifications_of, unread=True), notifications.MOST_COUNTED)
        return count_rows(self.user, {BELL: bell, **asked})

    @cached_property
    def groups(self) -> list[tuple[Any, list[ShownLink]]]:
        """The links under their headings, empty groups left out."""
        by_group = [(title, [shown for shown in self.links if shown.link.group == code]) for code, title in GROUPS]
        return [(title, links) for title, links in by_group if links]

    @cached_property
    def due(self) -> list[ShownLink]:
        """Links whose number waits for this user's decision."""
        return [shown for shown in self.links if shown.link.due and shown.count]

    @cached_property
    def pauses(self) -> list[AgentPause]:
        """The pauses that hold now, the pause of all first; the pause box says who and since when."""
        return list(pausing.running_pauses(now=timezone.now())) if self.signed_in else []

    @cached_property
    def unread(self) -> int:
        """How many notifications this person has not read: the number on the bell."""
        return self.counts.get(BELL, 0) if self.signed_in else 0

    @cached_property
    def presence(self) -> list[presence.Said]:
        """What this person may say about being there, the current one marked; nothing for who takes no cases."""
        if self.user is None or not self.signed_in or not _address("accounts:say_presence"):
            return []
        return presence.say_all(self.user) if self.user.has_perm("cases.work") else []

    @property
    def pause_url(self) -> str:
        """Where agents are paused and resumed, "" for who may not."""
        return next((shown.url for shown in self.links if shown.link.name == PAUSE_LINK), "")

    @property
    def search_url(self) -> str:
        """Where the palette asks for results, "" while nothing answers there."""
        return _address("hub:search")

    @property
    def bell_url(self) -> str:
        """The page of this person's notifications."""
        return _address("accounts:notifications")

    @property
    def me_url(self) -> str:
        """The signed-in person's own page."""
        return _address("accounts:profile") or _address("account_change_password")

    @property
    def home_url(self) -> str:
        """The first page of this user's navigation; pages of errors ask for nothing else, so nothing is counted."""
        if not self.signed_in:
            return "/"
        return next(filter(None, (_address(link.url_name) for link in panes.list_links(self.user))), "/")


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` in every page."""
    return {"shell": Shell(request)}


class RefusedMethodPage:
    """Middleware: a browser that asks with the wrong method gets a page, not a blank answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give an empty 405 a body; everything else passes untouched."""
        response = self.get_response(request)
        blank = response.status_code == 405 and not response.streaming and not response.content
        if not blank or not request.accepts("text/html"):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response.get("Allow", "GET")
        return page
