"""Try it: what the settings in hand would make of a lead; nothing is written."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from agents.sections import Claim, Loaded, Trial
from sales.lead_section import find_lead
from sales.models import Finding, Lead
from sales.qualifying import judge_lead, verdict_of
from sales.research import look_into
from sales.selection import judge_lead as judge_selection

MET = {"yes": "good", "no": "bad", "unknown": "plain"}


def try_selection(given: str, loaded: Loaded, *, user: Any, now: dt.datetime) -> Trial:
    """Whether the lead would be taken up, and why."""
    lead = find_lead(given, user)
    if lead is None:
        return Trial(error=_("Choose a lead."))
    taken, why, rule = judge_selection(lead, loaded, now=now)
    words = _("Would be taken up") if taken else _("Would be left alone")
    return Trial([Claim(str(lead), why, words, "good" if taken else "plain")], rule=rule.name if rule else "")


def try_research(given: str, loaded: Loaded, *, user: Any, now: dt.datetime) -> Trial:
    """What would be found, each with its words; pages that could not be read say why."""
    lead = find_lead(given, user)
    if lead is None:
        return Trial(error=_("Choose a lead."))
    look = look_into(lead, loaded.values, now=now)
    claims = [
        Claim(Finding.Topic(found.topic).label, found.claim, f"“{found.quote}”", "good", found.confidence)
        for found in look.answer.output.findings
    ]
    claims += [Claim(_("Page"), page.url, page.why, "plain") for page in look.pages if page.why]
    return Trial(claims, text=str(lead)) if claims else Trial(error=_("Nothing was found."))


def try_qualification(given: str, loaded: Loaded, *, user: Any) -> Trial:
    """Each criterion, and the verdict."""
    lead = find_lead(given, user)
    if lead is None:
        return Trial(error=_("Choose a lead."))
    fit, answer = judge_lead(lead, loaded.values)
    if not fit.rank:
        return Trial(error=_("Too little is known to judge this lead. Research it first."))
    verdict = _("Would qualify") if verdict_of(fit, loaded.values) == "qualified" else _("Would be disqualified")
    claims = [Claim(Lead.Fit(fit.rank).label, str(fit.score), verdict, "good", answer.confidence)]
    words = {"yes": _("matched"), "no": _("not matched"), "unknown": _("not known")}
    claims += [Claim(row.label, row.why, words[row.met], MET[row.met]) for row in fit.reasons]
    return Trial(claims, text=str(lead))
