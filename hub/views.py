"""The first page, and the first run: mailbox, test, history, what the agents would have done, observe or ask."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents.sections import SECTIONS, configuring, load
from agents.sections.versions import Conflict
from conversations.mailboxes import save_mailbox, test_connection
from conversations.models import Mailbox
from hub import history, observed, opening, steps
from hub.forms import FirstAdministratorForm, FirstMailboxForm, HistoryForm, LevelsForm, UploadForm
from hub.home import home_of
from hub.progress import read_progress
from hub.summary import summarise

MANAGE = "agents.manage"


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits, what was done, whether the agents run; setting up comes first, and strangers sign in."""
    user = request.user
    if not user.is_authenticated:
        return redirect("account_login" if opening.has_people() else "hub:first_administrator")
    if user.has_perm(MANAGE) and not Mailbox.objects.exists():
        return redirect("hub:first_run")
    return render(request, "hub/home.html", home_of(user, now=timezone.now()))


@never_cache
def first_administrator(request: HttpRequest) -> HttpResponse:
    """Make the first person with the code from the terminal; afterwards this page only leads on."""
    if opening.has_people():
        return redirect("hub:home")
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            person = opening.create_first_administrator(
                code=said["code"], email=said["email"], name=said["name"], password=said["password"]
            )
        except opening.WrongCode as error:
            form.add_error("code", str(error))
        else:
            login(request, person, backend="accounts.backends.RoleBackend")
            return redirect("hub:first_run")
    opening.setup_code()
    return render(request, "hub/first_administrator.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_GET
@login_required
def first_run(request: HttpRequest) -> HttpResponse:
    """Go on where it stopped; people who do not set up read what happens."""
    if not request.user.has_perm(MANAGE):
        return render(request, "hub/not_ready.html", {"is_ready": Mailbox.objects.exists()})
    return redirect(steps.next_step(steps.list_steps()).url)


def _show(request: HttpRequest, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    rows = steps.list_steps()
    here = next(step for step in rows if step.name == name)
    at = rows.index(here)
    frame = {
        "step": here,
        "steps": rows,
        "number": at + 1,
        "back": rows[at - 1] if at else None,
        "onward": rows[at + 1] if at + 1 < len(rows) else None,
        "mailbox": steps.first_mailbox(),
    }
    return render(request, f"hub/{name}.html", frame | shown, status=status)


@never_cache
@needs(MANAGE)
def connect_mailbox(request: HttpRequest) -> HttpResponse:
    """Step one: connect the mailbox, or change what was entered."""
    known = steps.first_mailbox()
    form = FirstMailboxForm(request.POST or None, instance=known or Mailbox(history_days=0))
    if known and not known.imap_host and not known.smtp_host:
        form.fields["only_files"].initial = True
    if request.method == "POST" and form.is_valid():
        row = Mailbox.objects.get(pk=known.pk) if known else Mailbox(history_days=0)
        values = form.cleaned_data if known else {**form.cleaned_data, "history_days": 0}
        try:
            save_mailbox(row, values, by=request.user, expected=form.cleaned_data.get("expected"))
        except Conflict as error:
            words = {"who": error.who}
            form.add_error(None, _("%(who)s changed the mailbox while this page was open. Open it again.") % words)
        else:
            opening.start_observing(by=request.user)
            return redirect("hub:history" if form.cleaned_data["only_files"] else "hub:test")
    return _show(request, "mailbox", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@needs(MANAGE)
def test_mailbox(request: HttpRequest) -> HttpResponse:
    """Step two: every step of reading and sending is tried and said in words."""
    mailbox = steps.first_mailbox()
    if mailbox is None:
        return redirect("hub:mailbox")
    checks = test_connection(mailbox) if request.method == "POST" else []
    shown = {
        "checks": [("ok" if check.ok else "no", f"{check.name}: {check.text}") for check in checks],
        "all_well": bool(checks) and all(check.ok for check in checks),
    }
    return _show(request, "test", shown)


@never_cache
@needs(MANAGE)
def choose_history(request: HttpRequest) -> HttpResponse:
    """Step three: how far back the server is read, or files from elsewhere; below it how far that has come."""
    mailbox = steps.first_mailbox()
    if mailbox is None:
        return redirect("hub:mailbox")
    form = HistoryForm(request.POST or None, initial={"days": mailbox.history_days or 30})
    if request.method == "POST" and form.is_valid() and mailbox.imap_host:
        opening.start_observing(by=request.user)
        history.read_back(mailbox, days=form.cleaned_data["days"], by=request.user)
        messages.success(request, _("Old mail is being read\nNothing is answered and nothing is sent"))
        return redirect("hub:history")
    return _show_history(request, mailbox, form, UploadForm(initial={"mailbox": mailbox.pk}))


def _show_history(request: HttpRequest, mailbox: Mailbox, form: HistoryForm, upload: UploadForm) -> HttpResponse:
    has_history = steps.has_history()
    shown = {
        "form": form,
        "upload": upload,
        "has_history": has_history,
        "progress": read_progress(mailbox, now=timezone.now()) if has_history or mailbox.history_days else None,
    }
    return _show(request, "history", shown, status=422 if upload.is_bound else 200)


@require_POST
@needs(MANAGE)
def upload_history(request: HttpRequest) -> HttpResponse:
    """Keep an uploaded archive; a worker takes it in."""
    mailbox = steps.first_mailbox()
    form = UploadForm(request.POST, request.FILES)
    if mailbox is None:
        return redirect("hub:mailbox")
    if not form.is_valid():
        return _show_history(request, mailbox, HistoryForm(), form)
    opening.start_observing(by=request.user)
    archive = history.keep_archive(form.cleaned_data["archive"], mailbox=form.cleaned_data["mailbox"], by=request.user)
    messages.success(
        request, _("%(name)s is being taken in\nNothing is answered and nothing is sent") % {"name": archive}
    )
    return redirect("hub:history")


@never_cache
@require_GET
@needs(MANAGE)
def show_progress(request: HttpRequest) -> HttpResponse:
    """The numbers alone, asked for again while work is left."""
    progress = read_progress(steps.first_mailbox(), now=timezone.now())
    return render(request, "hub/_progress.html", {"progress": progress})


@never_cache
@require_GET
@needs(MANAGE)
def show_result(request: HttpRequest) -> HttpResponse:
    """Step four: what the agents would have done, in numbers and case by case."""
    filters = observed.Filters.from_query(request.GET)
    page = observed.list_observed(request.user, filters)
    shown = {
        "summary": summarise(),
        "filters": filters,
        "tabs": observed.list_tabs(filters, reverse("hub:result")),
        "tab_url": _address(filters.as_query()),
        "rows": page.rows,
        "next_url": _address({**filters.as_query(), "after": page.after}) if page.after else "",
        "previous_url": _address({**filters.as_query(), "before": page.before}) if page.before else "",
        "open_count": observed.count_open(request.user),
        "running": read_progress(steps.first_mailbox(), now=timezone.now()),
    }
    return _show(request, "result", shown)


def _address(query: dict[str, str]) -> str:
    return reverse("hub:result") + (f"?{urlencode(query)}" if query else "")


@never_cache
@needs(MANAGE)
def decide_levels(request: HttpRequest) -> HttpResponse:
    """Step five: observe only, or human confirmation; saved as versions of the three sections."""
    levels = {name: load(name) for name in opening.SECTIONS_OF_FIRST_RUN}
    initial = {
        "creates": levels["cases.creation"].is_on or levels["cases.creation"].version == 0,
        "fields_level": levels["cases.fields"].level,
        "replies_level": levels["cases.resolution"].level,
    }
    form = LevelsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            opening.decide_levels(
                creates=said["creates"], fields=said["fields_level"], replies=said["replies_level"], by=request.user
            )
        except configuring.Invalid as error:
            form.add_error(None, " ".join(text for texts in error.errors.values() for text in texts))
        else:
            messages.success(request, _("Deskhand is set up\nChange any of it in the admin center"))
            return redirect("agents:manage")
    sections = [SECTIONS[name] for name in opening.SECTIONS_OF_FIRST_RUN]
    return _show(request, "decide", {"form": form, "sections": sections}, status=422 if form.is_bound else 200)
