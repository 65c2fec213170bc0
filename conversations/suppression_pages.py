"""The pages of suppressed addresses, and the page behind the link in a mail by which its reader says no more."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import needs
from agents.review.paging import cut
from conversations import access, blinding, suppression
from conversations.models import Suppression

ORDER = ("-created_at", "-id")
UNREADABLE_SHOWN = 20


class AddressForm(forms.Form):
    """Whom not to write to any more, how far it goes and why."""

    address = forms.CharField(
        label=gettext_lazy("Address or domain"),
        max_length=320,
        help_text=gettext_lazy("ellen@example.com, or example.com for everybody there."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("What is not sent"), choices=Suppression.Scope.choices, initial=Suppression.Scope.OUTREACH
    )
    note = forms.CharField(label=gettext_lazy("Why"), max_length=200)

    def clean_address(self) -> str:
        """Refuse what is neither an address nor a domain."""
        given: str = self.cleaned_data["address"]
        if blinding.read_target(given) is None:
            raise forms.ValidationError(
                _("This is neither an e-mail address nor a domain. Write it like ellen@example.com or example.com.")
            )
        return given


class ListForm(forms.Form):
    """A list of addresses from elsewhere."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("One address or domain a row, in a column named “email” or in the first. At most 5 MB."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("What is not sent"), choices=Suppression.Scope.choices, initial=Suppression.Scope.OUTREACH
    )
    note = forms.CharField(label=gettext_lazy("Where the list is from"), max_length=200)


class ReasonForm(forms.Form):
    """Why an address may be written to again."""

    reason = forms.CharField(
        label=gettext_lazy("Why it may be written to again"),
        max_length=200,
        help_text=gettext_lazy("Stands in the record with your name."),
    )


def _frame(*more: tuple[str, str]) -> dict[str, Any]:
    return {"crumbs": [(_("Admin center"), reverse("agents:manage")), *more]}


def _below() -> dict[str, Any]:
    return _frame((_("Suppressed addresses"), reverse("conversations:suppressions")))


@require_GET
@needs(access.MANAGE)
def list_suppressions(request: HttpRequest) -> HttpResponse:
    """Who is not written to, newest first; the addresses themselves are not kept."""
    return _show_list(request, Suppression.objects.all())


@require_POST
@needs(access.MANAGE)
def find_suppression(request: HttpRequest) -> HttpResponse:
    """Look one address up. A post, so that it stands in no address and no log."""
    asked = request.POST.get("address", "").strip()[:320]
    return _show_list(request, suppression.find_rows(asked), asked=asked)


def _show_list(request: HttpRequest, rows: Any, *, asked: str = "") -> HttpResponse:
    reason = request.GET.get("reason", "")
    if reason in Suppression.Reason.values:
        rows = rows.filter(reason=reason)
    page = cut(
        rows.select_related("by", "message"),
        ORDER,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    counts = suppression.count_reasons()
    shown = _frame() | {
        "page": page,
        "asked": asked,
        "readable": bool(asked) and blinding.read_target(asked) is not None,
        "counts": [(value, label, counts[value]) for value, label in Suppression.Reason.choices if counts.get(value)],
        "total": sum(counts.values()),
        "reason": reason,
    }
    return render(request, "conversations/suppressions.html", shown)


@never_cache
@needs(access.MANAGE)
def add_suppression(request: HttpRequest) -> HttpResponse:
    """Suppress an address or a domain by hand."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        suppression.suppress(
            given["address"], reason=Suppression.Reason.PERSON, by=request.user, scope=given["scope"],
            note=given["note"], now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("%(address)s is not written to any more") % {"address": given["address"]})
        return redirect("conversations:suppressions")
    shown = _below() | {"form": form}
    return render(request, "conversations/suppression.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(access.MANAGE)
def import_suppressions(request: HttpRequest) -> HttpResponse:
    """Suppress everybody on a list, and say what became of its rows."""
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    shown = _below() | {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            content = given["file"].read(suppression.MOST_BYTES + 1)
            report = suppression.import_list(content, scope=given["scope"], by=request.user, note=given["note"])
        except suppression.Unreadable as error:
            form.add_error("file", str(error))
        else:
            more = max(0, len(report.unreadable) - UNREADABLE_SHOWN)
            shown |= {"report": report, "unreadable": report.unreadable[:UNREADABLE_SHOWN], "more": more}
            return render(request, "conversations/suppression_import.html", shown | {"form": ListForm()})
    return render(request, "conversations/suppression_import.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(access.MANAGE)
def lift_suppression(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an address be written to again, with a reason."""
    row = access.get_suppression(request.user, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        suppression.lift(row.pk, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        messages.success(request, _("Removed from the list"))
        return redirect("conversations:suppressions")
    shown = _below() | {"form": form, "row": row}
    return render(request, "conversations/suppression_lift.html", shown, status=422 if form.is_bound else 200)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """No more sales mail to whoever has this link: a post acts at once, as RFC 8058 says; looking changes nothing.

    Link scanners and previews look; so only the button, or a mail program that knows the standard, acts.
    """
    known = blinding.read_token(token) is not None
    done = request.method == "POST" and suppression.unsubscribe(token, now=timezone.now()) is not None
    response = render(
        request, "conversations/unsubscribe.html", {"known": known, "done": done}, status=200 if known else 404
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
