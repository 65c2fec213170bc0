"""The pages of mailboxes, message templates and parked mail, and the files and bodies of messages."""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents.sections.versions import Conflict
from conversations import access, mailboxes, parked
from conversations.display import is_picture, show_body
from conversations.forms import MailboxForm, TemplateForm
from conversations.models import Delivery, Mailbox, MessageTemplate
from conversations.placeholders import PLACEHOLDERS, check_template, example_values, render_template
from conversations.templates import Faulty, save_template

PARKED_SHOWN = 100


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Admin center"), reverse("agents:manage")), *more]


def _tell_conflict(form: Any, error: Conflict) -> None:
    values = {"who": error.who, "number": error.current.number}
    form.add_error(None, _("%(who)s saved version %(number)s after you opened this page. Open it again.") % values)


@require_GET
@needs(access.MANAGE)
def list_mailboxes(request: HttpRequest) -> HttpResponse:
    """Every mailbox with its state in words."""
    rows = access.visible_mailboxes(request.user).select_related("line_of_business", "queue")
    shown = {
        "crumbs": _crumbs(),
        "mailboxes": rows.annotate(parked=Count("deliveries", filter=Q(deliveries__state=Delivery.State.PARKED))),
    }
    return render(request, "conversations/mailboxes.html", shown)


@never_cache
@needs(access.MANAGE)
def edit_mailbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Connect a mailbox, or change one."""
    mailbox = access.get_mailbox(request.user, pk) if pk else Mailbox()
    form = MailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        row = Mailbox.objects.get(pk=pk) if pk else Mailbox()
        try:
            saved = mailboxes.save_mailbox(
                row, form.cleaned_data, by=request.user, expected=form.cleaned_data.get("expected")
            )
        except Conflict as error:
            _tell_conflict(form, error)
        else:
            messages.success(request, _("%(name)s is saved\nIt is read within a minute") % {"name": saved.name})
            return redirect("conversations:mailbox", saved.pk)
    return _show_mailbox(request, form, pk)


def _show_mailbox(request: HttpRequest, form: MailboxForm, pk: int | None) -> HttpResponse:
    shown = {
        "crumbs": _crumbs((_("Mailboxes"), reverse("conversations:mailboxes"))),
        "form": form,
        "mailbox": Mailbox.objects.get(pk=pk) if pk else None,
        "webhook_url": settings.PUBLIC_URL.rstrip("/") + reverse("conversations:hand_in", args=[pk]) if pk else "",
        "test_url": reverse("conversations:test_mailbox", args=[pk])
        if pk
        else reverse("conversations:test_new_mailbox"),
    }
    return render(request, "conversations/mailbox.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(access.MANAGE)
def try_mailbox(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Try what the form says, without saving it; nothing is sent."""
    mailbox = access.get_mailbox(request.user, pk) if pk else Mailbox()
    form = MailboxForm(request.POST, instance=mailbox)
    valid = form.is_valid()
    checks = mailboxes.test_connection(form.as_mailbox()) if valid else []
    shown = {
        "checks": [("ok" if check.ok else "no", f"{check.name}: {check.text}") for check in checks],
        "all_well": bool(checks) and all(check.ok for check in checks),
        "errors": []
        if valid
        else [f"{form[name].label}: {' '.join(e)}" for name, e in form.errors.items() if name in form.fields],
        "crumbs": _crumbs((_("Mailboxes"), reverse("conversations:mailboxes"))),
        "back": reverse("conversations:mailbox", args=[pk]) if pk else reverse("conversations:add_mailbox"),
    }
    name = "_checks" if request.htmx else "test"  # type: ignore[attr-defined]
    return render(request, f"conversations/{name}.html", shown)


@require_POST
@needs(access.MANAGE)
def switch_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a mailbox off or on."""
    mailbox = access.get_mailbox(request.user, pk)
    turns_on = request.POST.get("on") == "1"
    mailboxes.switch_mailbox(mailbox, on=turns_on, by=request.user)
    done = _("%(name)s is read again") if turns_on else _("%(name)s is switched off\nIts mail stays on the server")
    messages.success(request, done % {"name": mailbox.name})
    return redirect("conversations:mailbox", pk)


@require_GET
@needs(access.MANAGE)
def list_templates(request: HttpRequest) -> HttpResponse:
    """Every message template."""
    rows = MessageTemplate.objects.prefetch_related("lines_of_business")
    return render(request, "conversations/templates.html", {"crumbs": _crumbs(), "templates": rows})


@never_cache
@needs(access.MANAGE)
def edit_template(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a template or change one, with its preview beside it."""
    template = access.get_template(request.user, pk) if pk else MessageTemplate()
    form = TemplateForm(request.POST or None, instance=template)
    if request.method == "POST" and form.is_valid():
        row = MessageTemplate.objects.get(pk=pk) if pk else MessageTemplate()
        try:
            saved = save_template(row, form.cleaned_data, by=request.user, expected=form.cleaned_data.get("expected"))
        except Conflict as error:
            _tell_conflict(form, error)
        except Faulty as error:
            for name, wrong in error.errors.items():
                form.add_error(name, wrong)
        else:
            messages.success(
                request, _("Version %(number)s of “%(name)s” is saved") % {"number": saved.version, "name": saved.name}
            )
            return redirect("conversations:templates")
    shown = {
        "crumbs": _crumbs((_("Message templates"), reverse("conversations:templates"))),
        "form": form,
        "template": MessageTemplate.objects.get(pk=pk) if pk else None,
        "placeholders": sorted(PLACEHOLDERS.values(), key=lambda each: each.name),
        **_preview(form["subject"].value() or "", form["body"].value() or ""),
    }
    return render(request, "conversations/template.html", shown, status=422 if form.is_bound else 200)


@require_POST
@needs(access.MANAGE)
def preview_template(request: HttpRequest) -> HttpResponse:
    """How the template reads with example values, while it is being written."""
    return render(
        request, "conversations/_preview.html", _preview(request.POST.get("subject", ""), request.POST.get("body", ""))
    )


def _preview(subject: str, body: str) -> dict[str, Any]:
    values = example_values()
    return {
        "preview_subject": render_template(subject[:1000], values).text,
        "preview_body": render_template(body[:20_000], values).text,
        "wrong": [*check_template(subject[:1000]), *check_template(body[:20_000])],
    }


@require_GET
@needs(access.MANAGE)
def list_parked(request: HttpRequest) -> HttpResponse:
    """Mail that could not be read, newest first."""
    rows = Delivery.objects.filter(state=Delivery.State.PARKED).select_related("mailbox").order_by("-stored_at", "-pk")
    found = list(rows.select_related("raw").defer("raw__content")[: PARKED_SHOWN + 1])
    shown = {"crumbs": _crumbs(), "parked": found[:PARKED_SHOWN], "has_more": len(found) > PARKED_SHOWN}
    return render(request, "conversations/parked.html", shown)


@require_GET
@needs(access.MANAGE)
def show_parked(request: HttpRequest, pk: int) -> HttpResponse:
    """One parked mail as text."""
    delivery = access.get_parked(request.user, pk)
    shown = {
        "crumbs": _crumbs((_("Parked mail"), reverse("conversations:parked"))),
        "delivery": delivery,
        "raw": parked.preview_raw(delivery),
        "is_cut": delivery.raw.size > parked.SHOWN,
    }
    return render(request, "conversations/parked_mail.html", shown)


@require_GET
@needs(access.MANAGE)
def export_parked(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a file."""
    delivery = access.get_parked(request.user, pk)
    return _as_file(
        HttpResponse(bytes(delivery.raw.content), content_type="application/octet-stream"), f"mail-{pk}.eml"
    )


@require_POST
@needs(access.MANAGE)
def retry_parked(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a parked mail be read again."""
    access.get_parked(request.user, pk)
    if parked.retry_parked(pk, by=request.user, now=timezone.now()):
        messages.success(request, _("The mail is read again"))
    return redirect("conversations:parked")


@require_POST
@needs(access.MANAGE)
def discard_parked(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a parked mail off the page."""
    access.get_parked(request.user, pk)
    if parked.discard_parked(pk, by=request.user, reason=request.POST.get("reason", "")[:300], now=timezone.now()):
        messages.success(request, _("The mail is discarded\nIts bytes are kept"))
    return redirect("conversations:parked")


@require_GET
@needs(access.WORK)
def download_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """A file of a message: always saved, never shown, whatever it claims to be."""
    attachment = access.get_attachment(request.user, pk)
    response = FileResponse(attachment.file.open("rb"), content_type="application/octet-stream")
    return _as_file(response, attachment.name)


@require_GET
@needs(access.WORK)
def show_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture that came in a mail, for that mail's page; anything else is saved, never shown."""
    attachment = access.get_attachment(request.user, pk)
    if not is_picture(attachment):
        raise Http404
    response = FileResponse(attachment.file.open("rb"), content_type=attachment.sniffed_type)
    _as_file(response, attachment.name)
    response["Content-Disposition"] = content_disposition_header(False, attachment.name) or "inline"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _as_file(response: Any, name: str) -> Any:
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@needs(access.WORK)
@csp_update({"img-src": ["https:", "http:"]})  # type: ignore[misc]
def show_with_images(request: HttpRequest, pk: int) -> HttpResponse:
    """One message on a page of its own, with what its sender wants loaded from elsewhere: asked for by a person."""
    message = access.get_message(request.user, pk)
    shown = {"message": message, "body": show_body(message, show_images=True)}
    return render(request, "conversations/with_images.html", shown)
