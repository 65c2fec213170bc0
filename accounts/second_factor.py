"""The second factor: a code of an app beside the password, by allauth.mfa; its secrets are sealed when stored."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.people import end_all_access
from agents.audit import record
from agents.models.sealing import open_sealed, seal

# Who configures: a stolen password of theirs opens everything.
ADMINISTRATORS = ("accounts.manage", "agents.manage", "conversations.manage")
# What stays open to somebody who still has to set it up.
OPEN_NAMES = {"account_logout", "account_reauthenticate"}
KNOWN = "second_factor"


class SealedFactor(DefaultMFAAdapter):
    """allauth with secrets sealed under the operator's keys."""

    def encrypt(self, text: str) -> str:
        """The secret as it is stored."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return open_sealed(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Nobody switches off what they must have."""
        return not must_have_second_factor(authenticator.user)


def must_have_second_factor(user: Any) -> bool:
    """Whether the operator asks this person for one (``REQUIRE_SECOND_FACTOR``)."""
    if settings.REQUIRE_SECOND_FACTOR == "all":
        return True
    is_administrator = user.is_superuser or any(user.has_perm(one) for one in ADMINISTRATORS)
    return settings.REQUIRE_SECOND_FACTOR == "administrators" and is_administrator


def has_second_factor(user: Any) -> bool:
    """Whether this person is asked for a code when they sign in."""
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))


@transaction.atomic
def reset_second_factor(person: User, *, by: User | None, now: dt.datetime | None = None) -> bool:
    """Take the second factor from somebody who lost it, with all their sessions and tokens; False when they had none.

    ``by`` is None on the command line.
    """
    gone, _rows = Authenticator.objects.filter(user=person).delete()
    if gone:
        end_all_access(person, by=by, now=now)
        text = _("took the second factor from %(name)s") % {"name": person}
        record("accounts.second_factor_reset", by=by, subject=person, text=text, now=now)
    return bool(gone)


class RequireSecondFactor:
    """Middleware: who must have a second factor and has none gets the page that sets it up, and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Asked only where the operator asks for it; tokens of programs are no sessions and pass."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The address is known here, the view has not run."""
        if settings.REQUIRE_SECOND_FACTOR == "none" or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        is_open = str(name).startswith("mfa_") or name in OPEN_NAMES or name == "second_factor_qr"
        if is_open or not request.user.is_authenticated or request.session.get(KNOWN):
            return None
        if not must_have_second_factor(request.user):
            return None
        if has_second_factor(request.user):
            request.session[KNOWN] = True
            return None
        return redirect("mfa_activate_totp")
