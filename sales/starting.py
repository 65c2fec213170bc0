"""Starting and stopping the Sales Agent.

Started, it takes up new leads at once; it starts only when every page it needs is ready. Stopped, it takes up no more;
leads that were taken up go on. What it stands on is the switch of the page Select leads.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents import sections
from agents.audit import record
from agents.models import SectionSetting
from agents.queue import ring
from agents.sections import SECTIONS, Prerequisite, Section, configuring, sections_of
from sales.mode import only_drafts
from sales.selection import AGENT, SECTION

# What an agent that only drafts needs; one that engages needs all of its pages.
DRAFTING = ("sales.general", "sales.selection", "sales.research", "sales.qualification")


class NotReady(Exception):  # noqa: N818
    """Something is missing; ``reasons`` says what."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


def is_started() -> bool:
    """Whether new leads are taken up, for all or for one line of business."""
    return SectionSetting.objects.filter(section=SECTION, is_on=True).exists()


def needed_sections() -> list[Section]:
    """The pages that have to be ready, in order."""
    return [one for one in sections_of(AGENT) if one.name in DRAFTING or not only_drafts(None)]


def list_needs() -> list[tuple[Section, list[str]]]:
    """Each page that is needed with what is not so yet; nothing is its green tick."""
    return [(section, _lacks(section)) for section in needed_sections()]


def _lacks(section: Section) -> list[str]:
    lacks = [str(one.label) for one in section.prerequisites() if one.state == Prerequisite.INCOMPLETE]
    if section.has_switch and section.name != SECTION and not sections.load(section.name).is_on:
        lacks.append(_("It is switched on"))
    return lacks


def list_missing() -> list[str]:
    """What keeps the agent from starting, in words; empty when it may."""
    return [
        _("%(page)s, not yet: %(what)s.") % {"page": section.title, "what": what}
        for section, lacks in list_needs()
        for what in lacks
    ]


@transaction.atomic
def start_agent(*, by: Any, now: dt.datetime) -> bool:
    """Take up new leads from now on. False when it was started already. Raises NotReady."""
    if is_started():
        return False
    if missing := list_missing():
        raise NotReady(missing)
    version = configuring.change_settings(SECTIONS[SECTION], by=by, is_on=True, now=now)
    record("sales.started", by=by, subject=version, text=_("started the Sales Agent"), now=now)
    ring("lead.created")
    return True


@transaction.atomic
def stop_agent(*, by: Any, now: dt.datetime) -> bool:
    """Take up no more leads; those that were taken up go on. False when it was stopped already."""
    if not is_started():
        return False
    section = SECTIONS[SECTION]
    version = configuring.change_settings(section, by=by, is_on=False, now=now)
    for row in SectionSetting.objects.filter(section=SECTION, is_on=True).select_related("line_of_business"):
        configuring.change_settings(section, by=by, is_on=False, line_of_business=row.line_of_business, now=now)
    record("sales.stopped", by=by, subject=version, text=_("stopped the Sales Agent"), now=now)
    return True
