"""What follow-ups do when it is due: begin plans on quiet cases, move plans on, notice what ends them."""

import datetime as dt

from agents.sweeps import Sweep, sweep
from cases.models import Case
from followups import plans, starting
from followups.models import Plan


@sweep
class StartSweep(Sweep):
    """Begins plans; a new message on a case is looked at at once, silence that grows by itself in rounds."""

    name = "followups.start"
    bell = "case.message"
    every = dt.timedelta(seconds=15)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """The next cases that a rule may fit."""
        return starting.find_cases(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Consider one case."""
        starting.consider_case(ident, now=now)


@sweep
class DueSweep(Sweep):
    """Moves plans on whose next step is due."""

    name = "followups.due"
    every = dt.timedelta(seconds=15)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Plans to look at, claimed for this worker."""
        return plans.claim_due(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Look at one plan."""
        plans.advance(ident, now=now)


class CaseBell(Sweep):
    """Looks at the plan of a case that a bell named; the sweep above finds what a lost bell leaves."""

    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Look at the running plan of the case."""
        case = Case(pk=ident)
        for pk in Plan.objects.filter(case=case, state=Plan.State.RUNNING).values_list("pk", flat=True):
            plans.advance(pk, now=now)


@sweep
class EndSweep(CaseBell):
    """A case that ended otherwise ends its plan."""

    name = "followups.case_closed"
    bell = "case.closed"


@sweep
class MachineSweep(CaseBell):
    """A bounce ends a plan, an absence moves it."""

    name = "followups.machine_mail"
    bell = "case.machine_mail"


@sweep
class AgainSweep(CaseBell):
    """A step is suggested anew after what waited was withdrawn because the case had moved on."""

    name = "followups.again"
    bell = "followup.due"
