"""Tokens of REST clients: made, shown once, found, revoked."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User
from accounts.rights import Refused
from accounts.signin import may_sign_in
from agents.audit import record

SCOPES = {
    "cases:read": _("Read cases"),
    "cases:write": _("Open, change and answer cases"),
    "messages:read": _("Read messages"),
    "messages:write": _("Hand in messages"),
    "suppressions:read": _("Ask whom not to write to"),
    "suppressions:write": _("Change whom not to write to"),
    "suggestions:read": _("Read suggestions"),
    "suggestions:decide": _("Accept, edit and reject suggestions"),
    "leads:read": _("Read leads"),
    "leads:write": _("Add, change and import leads"),
    "people:read": _("Read who is there, what they take on and what they can do"),
    "people:write": _("Say who is there, what they take on and what they can do"),
    "tasks:read": _("Read tasks and notifications"),
    "tasks:write": _("Make tasks, mark them as done, mark notifications as read"),
    "intents:read": _("Read intents and what was recognised"),
    "intents:write": _("Write and review intents"),
    "articles:read": _("Read articles"),
    "articles:write": _("Write articles"),
}
MARK = "dh_"
PREFIX_LENGTH = 10
DEFAULT_DAYS, MOST_DAYS = 90, 365
# "Last used" is for people who wonder whether a token can go: to the minute, or every request would write a row.
USE_NOTED_EVERY = dt.timedelta(minutes=1)


@transaction.atomic
def issue_token(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    by: User,
    days: int = DEFAULT_DAYS,
    now: dt.datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token of ``user``, and the secret that is shown once: ``dh_<prefix>_<43 characters, 256 bits>``."""
    now, scopes = now or timezone.now(), sorted(set(scopes))
    _check_wish(user, scopes, days, by)
    prefix, secret = secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        user=user,
        prefix=prefix,
        digest=_digest(secret),
        scopes=scopes,
        created_at=now,
        created_by=by,
        expires_at=now + dt.timedelta(days=days),
    )
    why = ", ".join(scopes)
    text = gettext("made the token %(name)s") % {"name": name}
    record("accounts.token_issued", by=by, subject=token, text=text, why=why, now=now)
    return token, f"{MARK}{prefix}_{secret}"


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User, now: dt.datetime | None = None) -> bool:
    """End ``token`` at once; false when it was revoked before."""
    if token.user_id != by.pk and not by.has_perm("accounts.manage"):
        raise Refused(gettext("This token belongs to somebody else."))
    now = now or timezone.now()
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        return False
    text = gettext("revoked the token %(name)s") % {"name": token.name}
    record("accounts.token_revoked", by=by, subject=token, text=text, now=now)
    return True


def find_token(presented: str, *, now: dt.datetime | None = None) -> ApiToken | None:
    """The living token that ``presented`` is the secret of, with its user; None for anything else.

    The digest is compared in constant time, and also when no token has the prefix.
    """
    now = now or timezone.now()
    prefix, _underscore, secret = presented.removeprefix(MARK).partition("_")
    well_formed = presented.startswith(MARK) and len(prefix) == PREFIX_LENGTH and prefix.isalnum()
    found = ApiToken.objects.select_related("user").filter(prefix=prefix).first() if well_formed else None
    matches = hmac.compare_digest(_digest(secret), found.digest if found else _digest(""))
    if found is None or not matches or found.revoked_at or found.expires_at <= now or not may_sign_in(found.user):
        return None
    _note_use(found, now)
    return found


def tokens_of(user: User) -> list[ApiToken]:
    """The tokens that ``user`` holds and has not revoked, newest first."""
    return list(user.tokens.filter(revoked_at=None))


def _check_wish(user: User, scopes: list[str], days: int, by: User) -> None:
    if user.pk != by.pk:
        raise Refused(gettext("People make their own tokens: a token acts in the name of its owner."))
    if not may_sign_in(user):
        raise Refused(gettext("Somebody who cannot sign in gets no token."))
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise Refused(gettext("Choose at least one of the scopes."))
    if not 1 <= days <= MOST_DAYS:
        raise Refused(gettext("A token lives for 1 to %(most)s days.") % {"most": MOST_DAYS})


def _digest(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()


def _note_use(token: ApiToken, now: dt.datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
