"""What outreach does when it is due: begin, go on, read replies, end what was suppressed."""

import datetime as dt

from agents.sweeps import Sweep, sweep
from conversations.models import Suppression
from conversations.suppression import BELL as SUPPRESSED
from sales.outreach import enrolments, passing, replies


@sweep
class EnrolSweep(Sweep):
    """Begins to write to qualified leads."""

    name = "sales.enrol"
    bell = "lead.qualified"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Qualified leads nobody has written to."""
        return enrolments.find_leads(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one."""
        enrolments.consider_lead(ident, now=now)


@sweep
class PassOnSweep(Sweep):
    """Finds a person for leads that the agent does not write to by itself, or cannot."""

    name = "sales.pass_on"
    bell = "lead.qualified"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Leads nobody was asked about."""
        return passing.find_leads(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Suggest who takes one."""
        passing.pass_on(ident, now=now)


@sweep
class TouchSweep(Sweep):
    """Leads each cadence to its next mail."""

    name = "sales.touch"
    bell = enrolments.BELL
    every = dt.timedelta(seconds=30)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Cadences to be looked at."""
        return enrolments.find_due(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Look at one."""
        enrolments.advance(ident, now=now)


@sweep
class StaleSweep(Sweep):
    """Looks at once at the cadence of a lead whose draft was taken back."""

    name = "sales.touch_again"
    bell = "lead.outreach_stale"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """The cadence of this lead."""
        for pk in enrolments.list_running(ident):
            enrolments.advance(pk, now=now)


@sweep
class ReplySweep(Sweep):
    """Reads what leads wrote, and acts on it."""

    name = "sales.replies"
    bell = replies.BELL
    every = dt.timedelta(seconds=10)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Messages not read yet."""
        return replies.find_unread(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Read one."""
        replies.read_reply(ident, now=now)


@sweep
class ReplyAgainSweep(Sweep):
    """Looks once more at a lead's last word after what was suggested about it was taken back."""

    name = "sales.replies_again"
    bell = replies.STALE
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it; a new message is found by the sweep above."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one lead's last word again."""
        replies.consider_again(ident, now=now)


@sweep
class SuppressedSweep(Sweep):
    """Ends the cadences of whoever asked for no more, by link, by complaint or through a person."""

    name = "sales.suppressed"
    bell = SUPPRESSED
    every = dt.timedelta(minutes=10)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """The newest row stands for all: every running cadence is asked about."""
        recent = Suppression.objects.filter(created_at__gte=now - dt.timedelta(days=2)).order_by("-id")
        return list(recent.values_list("pk", flat=True)[:1])

    def do(self, ident: int, now: dt.datetime) -> None:
        """End what is covered."""
        enrolments.end_suppressed(ident, now=now)
