"""What accounts forgets in time: stored answers after a day, sessions that have run out, news after 90 days."""

import datetime as dt
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.idempotency import delete_old_answers
from accounts.notifications import delete_old_notifications
from accounts.presence import rest_gone
from agents.sweeps import Chore, sweep


@sweep
class ForgetAnswers(Chore):
    """Stored answers to repeated requests are kept for 24 hours."""

    name = "accounts.forget_answers"
    every = dt.timedelta(hours=1)

    def run(self, now: dt.datetime) -> Any:
        """Delete what is older."""
        return delete_old_answers(now=now)


@sweep
class ForgetSessions(Chore):
    """Sessions that have run out, and the lines on profile pages that speak of them."""

    name = "accounts.forget_sessions"
    every = dt.timedelta(hours=6)

    def run(self, now: dt.datetime) -> Any:
        """Delete the sessions that have run out; how many."""
        gone = Session.objects.filter(expire_date__lt=now).delete()[0]
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        return gone


@sweep
class ForgetNotifications(Chore):
    """What people were told is kept for 90 days."""

    name = "accounts.forget_notifications"
    every = dt.timedelta(hours=6)

    def run(self, now: dt.datetime) -> Any:
        """Delete what is older."""
        return delete_old_notifications(now=now)


@sweep
class RestGone(Chore):
    """People who went home without saying so are offline some hours later."""

    name = "accounts.rest_gone"
    every = dt.timedelta(minutes=10)

    def run(self, now: dt.datetime) -> Any:
        """Set them offline."""
        return rest_gone(now=now)
