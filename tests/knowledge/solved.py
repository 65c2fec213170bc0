"""Solved matters for the tests of harvesting: a giver of transcripts that no other app is needed for."""

import datetime as dt

from agents.models import SectionSetting
from agents.pii import KEEP, Known
from knowledge import transcripts
from knowledge.models import ProductFamily
from knowledge.transcripts import Giver, Transcript, Turn

NOON = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
SOURCE = "case"

ASKED = """Hello,

the drop on my Duo 58 blinks and coffee runs very slowly, order HR-204118. How do I descale it?

Kind regards,
Marta Lindqvist
Storgatan 5, 11122 Stockholm
+46 70 123 45 67
"""
ANSWERED = """Hi Marta,

thanks for getting in touch. The drop blinks because lime narrows the valve behind the group.

1. Empty the tank and the drip tray.
2. Fill half a litre of water with one sachet of descaler.
3. Please hold Steam and Rinse for five seconds.
4. Rinse with two full tanks afterwards.

I have sent two sachets to Storgatan 5. Let me know how it goes!

Kind regards,
Priya Raman
"""


class Desk:
    """Matters by id; those in ``open_again`` were reopened."""

    def __init__(self):
        self.matters = {}
        self.open_again = set()

    def add(self, ident=1, asked=ASKED, answered=ANSWERED, title="Blinking drop", **more):
        known = [
            Known("person", "Marta Lindqvist"), Known("email", "marta.lindqvist@example.se"),
            Known("order", "HR-204118"), Known("person", "Priya Raman"), Known(KEEP, "Duo 58"),
        ]  # fmt: skip
        turns = [Turn(10 * ident + 1, "customer", asked), Turn(10 * ident + 2, "us", answered)]
        fields = {"turns": turns, "known": known, "language": "en", "title": title} | more
        self.matters[ident] = Transcript(
            source=SOURCE, ident=ident, closed_at=NOON + dt.timedelta(minutes=ident), label=f"Case {ident}", **fields
        )
        ProductFamily.objects.get_or_create(pk=ident, defaults={"name": f"Matter {ident}"})
        return self.matters[ident]

    def fetch(self, ident):
        return None if ident in self.open_again else self.matters.get(ident)

    def past(self, since, until, after, limit):
        found = sorted(pk for pk, one in self.matters.items() if since <= one.closed_at < until and pk > after)
        return found[:limit]

    def giver(self):
        return Giver(
            source=SOURCE, label="Matters", model=ProductFamily,
            rows=lambda user: ProductFamily.objects.filter(pk__in=self.matters),
            fetch=self.fetch, find_new=lambda since, limit: sorted(self.matters)[:limit], find_past=self.past,
            count_past=lambda since, until: len(self.past(since, until, 0, 10**6)),
        )  # fmt: skip


def switch_on(level="ask", section="knowledge.creation", **values):
    from agents.sections import SECTIONS

    row, _made = SectionSetting.objects.update_or_create(
        section=section, line_of_business=None,
        defaults={"is_on": True, "level": level, "values": {**SECTIONS[section].defaults, **values}},
    )  # fmt: skip
    return row


def take_over(monkeypatch, desk):
    monkeypatch.setitem(transcripts.GIVERS, SOURCE, desk.giver())
