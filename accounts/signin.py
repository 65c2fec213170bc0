"""How people sign in: by e-mail address, added by an administrator; agents' users and strangers never."""

import smtplib
from typing import Any

import structlog
from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agents.audit import record

log = structlog.get_logger(__name__)


def may_sign_in(user: Any) -> bool:
    """Whether ``user`` is a person who is switched on."""
    return user is not None and user.is_active and not user.is_agent


def password_link(person: User) -> str:
    """The address at which ``person`` sets a password, good once and for ``PASSWORD_RESET_TIMEOUT`` seconds."""
    uid, key = user_pk_to_url_str(person), default_token_generator.make_token(person)
    return settings.PUBLIC_URL.rstrip("/") + reverse("account_reset_password_from_key", args=[uid, key])


class SignInAdapter(DefaultAccountAdapter):
    """allauth with the house's answers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody adds themselves."""
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """The last look before a session begins, whatever way led here."""
        if not may_sign_in(user):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail: from ``PUBLIC_URL``, never from a host name that the request claims."""
        uid, _dash, token = key.partition("-")
        return settings.PUBLIC_URL.rstrip("/") + reverse("account_reset_password_from_key", args=[uid, token])

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Called at each change of how somebody signs in: it goes on record; no mail is sent."""
        if template_prefix in CHANGES:
            record("accounts.second_factor", by=user, subject=user, text=str(CHANGES[template_prefix]))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and answer a mail server that is down like any other request: the page never tells who is known."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.error("staff_mail_not_sent", template=template_prefix, error=type(error).__name__)


# What allauth would write a mail about, in the words of the record.
CHANGES = {
    "mfa/email/totp_activated": _("set up a second factor"),
    "mfa/email/totp_deactivated": _("switched their second factor off"),
    "mfa/email/recovery_codes_generated": _("made new recovery codes"),
}


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    """Sends a link to people who may sign in; the page answers every address alike."""

    users: list[Any]

    def clean_email(self) -> str:
        """The address, and in ``users`` whom it belongs to."""
        email: str = super().clean_email()
        self.users = [user for user in self.users if may_sign_in(user)]
        return email


class UserTokenForm(allauth_forms.UserTokenForm):
    """A link of somebody who was switched off since it was made is as wrong as a made-up one."""

    def _get_user(self, uidb36: str) -> Any:
        user = super()._get_user(uidb36)
        return user if may_sign_in(user) else None
