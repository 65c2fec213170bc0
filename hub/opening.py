"""The first minutes of an installation: its first administrator, and agents that only observe."""

import datetime as dt
import hmac
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Role
from accounts.people import create_person
from accounts.roles import ADMINISTRATOR
from agents.audit import record
from agents.models import Entry
from agents.models.levels import Level
from agents.sections import SECTIONS, configuring

SECTIONS_OF_FIRST_RUN = ("cases.creation", "cases.fields", "cases.resolution")
DECIDED = "first_run.decided"
GUESSED, GUESSES, WINDOW_SECONDS = "hub:setup-guesses", 10, 900
_LOCK = 7204119  # no two first administrators: an advisory lock of PostgreSQL


class WrongCode(Exception):  # noqa: N818
    """The code was not the one on the terminal, or there is an administrator already; ``str()`` says which."""


def has_people() -> bool:
    """Whether anybody could sign in; agents' users cannot."""
    return get_user_model().objects.filter(is_agent=False).exists()


def code_file() -> Path:
    """Where the one-time code of this installation is kept, readable by its operator alone."""
    return settings.VAR_DIR / "setup_code"


def setup_code() -> str:
    """The code that makes the first administrator: made when first asked for, "" as soon as there are people."""
    file = code_file()
    if has_people():
        file.unlink(missing_ok=True)
        return ""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}-{secrets.randbelow(10**4):04d}")
    return file.read_text().strip()


def may_guess() -> bool:
    """Count one guess of the code: so many, by whomever, until a quarter of an hour has passed without one."""
    made = cache.get(GUESSED, 0) + 1
    cache.set(GUESSED, made, WINDOW_SECONDS)
    return made <= GUESSES


def create_first_administrator(*, code: str, email: str, name: str, password: str) -> Any:
    """Make the first person, who may do everything, and let the agents observe. Raises WrongCode."""
    if not may_guess():
        raise WrongCode(_("Too many wrong codes. Try again in a quarter of an hour."))
    expected = setup_code()
    if not expected or not hmac.compare_digest(code.strip().encode(), expected.encode()):
        raise WrongCode(_("This is not the code. It stands on the terminal in which Deskhand was started."))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if has_people():
            raise WrongCode(_("There is an administrator already. Sign in, or ask them to add you."))
        role = Role.objects.get(code=ADMINISTRATOR)
        person = create_person(email=email, name=name, password=password, by=None, roles=[role])
        start_observing(by=person)
    code_file().unlink(missing_ok=True)
    return person


def start_observing(*, by: Any) -> None:
    """Switch on what nobody has configured yet, so that mail is looked at; nothing is asked and nothing is sent."""
    for name in SECTIONS_OF_FIRST_RUN:
        section = SECTIONS[name]
        if configuring.version_of(section) == 0:
            configuring.change_settings(section, level=Level.OBSERVE, is_on=True, by=by)


def decide_levels(*, creates: bool, fields: str, replies: str, by: Any, now: dt.datetime | None = None) -> None:
    """End the first run: whether mail opens cases, and who decides about fields and answers. Each is a version.

    Raises ``configuring.Invalid`` when a section refuses, and then nothing is changed.
    """
    with transaction.atomic():
        configuring.change_settings(SECTIONS["cases.creation"], is_on=creates, by=by, now=now)
        for name, level in (("cases.fields", fields), ("cases.resolution", replies)):
            configuring.change_settings(SECTIONS[name], level=level, is_on=True, by=by, now=now)
        record(DECIDED, by=by, text=", ".join([fields, replies]), now=now)


def is_decided() -> bool:
    """Whether somebody has ended the first run."""
    return Entry.objects.filter(verb=DECIDED).exists()
