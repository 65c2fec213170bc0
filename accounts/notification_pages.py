"""The page behind the bell, and the same for programs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import notifications
from accounts.pages import PersonRequest
from agents.review.paging import cut


@never_cache
@require_GET
@login_required
def list_notifications(request: PersonRequest) -> HttpResponse:
    """What is new for this person, or everything of the last 90 days."""
    shows_all = request.GET.get("view") == "all"
    rows = notifications.notifications_of(request.user, unread=not shows_all)
    page = cut(rows, ["-id"], after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    address = reverse("accounts:notifications")
    shown: dict[str, Any] = {
        "page": page,
        "kinds": notifications.KINDS,
        "shows_all": shows_all,
        "tabs": [{"text": _("New"), "url": address}, {"text": _("All"), "url": f"{address}?view=all"}],
        "current": f"{address}?view=all" if shows_all else address,
    }
    return render(request, "accounts/notifications.html", shown)


@never_cache
@require_GET
@login_required
def open_notification(request: PersonRequest, pk: int) -> HttpResponse:
    """Go to what a line speaks of; it counts as read from then on."""
    row = get_object_or_404(notifications.notifications_of(request.user), pk=pk)
    notifications.mark_read(request.user, row.pk)
    return redirect(row.link)


@require_POST
@login_required
def read_notifications(request: PersonRequest) -> HttpResponse:
    """Mark what was shown as read."""
    given = request.POST.get("up_to", "")
    up_to = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    count = notifications.mark_all_read(request.user, up_to=up_to)
    text = ngettext("%(count)d line marked as read", "%(count)d lines marked as read", count)
    messages.success(request, text % {"count": count})
    return redirect("accounts:notifications")
