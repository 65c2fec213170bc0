"""Addresses of the look's browser tests: every component on one page, for somebody who is signed in; no database."""

import datetime as dt
from pathlib import Path

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from agents.models import AgentPause
from agents.panes import NavLink
from config import looks
from config.shell import Shell, ShownLink

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and a name of sixty letters"


LINKS = [
    (NavLink(name="inbox", label="Inbox", url_name="gallery", icon="messages-square", key="g i"), 14),
    (NavLink(name="review", label="Review", url_name="gallery", icon="inbox", key="g r", due=True), 23),
    (NavLink(name="leads", label="Leads", url_name="gallery", icon="target"), 99999),
    (NavLink(name="manage", label="Admin center", url_name="gallery", icon="sliders-horizontal", group="manage"), None),
    (NavLink(name="long", label=LONG, url_name="gallery", icon="scroll-text", group="manage"), 0),
]


class Sample(forms.Form):
    """One field of every look."""

    name = forms.CharField(label="Name", help_text="Shown in the record")
    wait = forms.IntegerField(label="Wait")
    mailbox = forms.ChoiceField(label="Mailbox", choices=[("care", "care@haldenroe.example"), ("long", LONG)])
    sources = forms.MultipleChoiceField(
        label="From", choices=[("mail", "Mail"), ("chat", "Chat")], widget=forms.CheckboxSelectMultiple
    )
    overwrite = forms.BooleanField(label="May be overwritten", required=False)
    running = forms.BooleanField(label="Creation and update", required=False)
    view = forms.ChoiceField(label="View", choices=[("a", "Read"), ("b", "Edit")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    level = forms.ChoiceField(
        label="Level", choices=[(code, look.text) for code, look in looks.LEVELS.items()], widget=forms.RadioSelect
    )


def sample_context() -> dict[str, object]:
    """Typical, empty and too long values for every component."""
    return {
        "long": LONG,
        "now": timezone.now() - dt.timedelta(hours=2),
        "levels": list(looks.LEVELS),
        "kinds": [f"cases.{kind}" for kind in looks.KINDS],
        "looks": list(looks.BANNERS),
        "crumbs": [("Admin center", "/"), ("Case Management Agent", "")],
        "tabs": [{"text": "All", "url": "/gallery/", "count": 23}, {"text": LONG, "url": "/other/", "count": 99999}],
        "form": Sample({"wait": "x", "level": "auto", "view": "a", "running": "on"}),
        "counts": [0, 0, 1, 1, 2, 1, 2, 3, 3, 4, 4, 6, 8, 9, 12, 18, 26, 38, 40, 22],
        "labels": [f"{day} June" for day in range(1, 15)],
        "series": [("Opened", [*range(3, 17)]), ("Solved", [2, 3, None, *range(1, 12)])],
        "rows": [
            {"label": "Priority", "before": "Normal", "after": "High", "number": 1},
            {"label": "Reason", "before": "", "after": LONG},
        ],
        "diff_lines": [("-", "Covered for 12 months."), ("+", "Covered for 24 months."), (" ", "As before.")],
        "list": ["Refund for a double charge", LONG],
        "checks": [("ok", "No message since the draft"), ("warn", "Depends on stock"), ("no", "No mailbox")],
        "choices": [("a", "Subject"), ("b", LONG)],
        "steps": [
            {"text": "Our reply leaves", "more": "Starts the plan", "state": "done"},
            {"text": "Gentle reminder", "more": "Thu 11 June", "state": "next"},
            {"text": "Close, no answer", "icon": "circle-check"},
        ],
    }


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component, as somebody signed in sees it."""
    request.user = get_user_model()(email="priya@haldenroe.example", name="Priya Raman", is_superuser=True)
    messages.success(request, "3 field updates accepted\nWritten to #48210", extra_tags="undo:/undo/7/")
    shell = Shell(request)
    shell.links = [ShownLink(link, "/gallery/", count, link.name == "review") for link, count in LINKS]
    shell.pauses = [AgentPause(agent="", started_by=request.user)]
    template = engines["django"].from_string((Path(__file__).parent / "gallery.html").read_text())
    return HttpResponse(template.render({**sample_context(), "shell": shell}, request))


urlpatterns = [path("accounts/", include("allauth.account.urls")), path("gallery/", gallery, name="gallery")]
