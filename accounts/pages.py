"""What every page of accounts does alike: who may open it, and how a refusal is shown."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Refused

View = Callable[..., HttpResponse]


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in, for annotations."""

    user: User


def needs(permission: str) -> Callable[[View], View]:
    """Open a page to people with ``permission``: others are asked to sign in, or told that it is not theirs (403)."""

    def wrap(view: View) -> View:
        @login_required
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def attempt(form: Form, act: Callable[[], Any]) -> Any:
    """What ``act`` returns when the form is right and the act allowed; else None, and the form says why."""
    if not form.is_valid():
        return None
    try:
        return act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def people_frame() -> dict[str, Any]:
    """The way up and the tabs of everything below People."""
    return {
        "crumbs": [(_("Admin center"), _admin_center()), (_("People"), reverse("accounts:people"))],
        "tabs": [
            {"text": _("People"), "url": reverse("accounts:people")},
            {"text": _("Roles"), "url": reverse("accounts:roles")},
            {"text": _("Teams"), "url": reverse("accounts:teams")},
            {"text": _("Skills"), "url": reverse("accounts:abilities")},
            {"text": _("API tokens"), "url": reverse("accounts:tokens")},
        ],
    }


def _admin_center() -> str:
    return "/manage/"
