"""Try it: what the settings in hand would make of a case or a pasted text; nothing is written."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from agents.models.levels import Level, least
from agents.sections import Claim, Loaded, Trial, first_match
from cases import filling, resolution, resolving
from cases.access import visible_cases
from cases.models import Case
from conversations.models import Message


def find_subject(given: str, user: Any) -> Case | None:
    """The case of that number, or an unsaved one whose customer wrote the pasted text."""
    if given.strip().isdecimal() and len(given.strip()) < 15:
        related = ("contact", "line_of_business", "last_inbound__conversation", "product")
        return visible_cases(user).select_related(*related).filter(number=int(given)).first()
    if not given.strip():
        return None
    message = Message(pk=0, direction=Message.Direction.IN, text=given, newest_text=given, subject="")
    return Case(pk=0, number=0, title="", description=given, last_inbound=message)


def try_fields(given: str, loaded: Loaded, *, user: Any, now: dt.datetime) -> Trial:
    """Each field of the settings: its value, how sure, and whether it would be filled in, suggested or left."""
    case = find_subject(given, user)
    if case is None:
        return Trial(error=_("Choose a case or paste a text."))
    plan = filling.plan_from(loaded, rule=None, why="")
    found, _answer = filling.predict_fields(case, plan)
    rule, why = first_match(loaded.rules, case, now) if case.pk else (None, "")
    return Trial(claims=[_claim(item) for item in found], text=_text_of(case), rule=why if rule else "")


def _claim(item: filling.Prediction) -> Claim:
    if item.level == Level.AUTO:
        becomes, look = _("Filled in"), "good"
    elif item.level == Level.ASK:
        becomes, look = _("Suggested"), "ask"
    else:
        becomes, look = item.reason, "plain"
    shown = item.shown if item.value is not None else _("left empty")
    return Claim(item.field.label, shown, becomes, look, item.confidence if item.value is not None else None)


def try_next(given: str, loaded: Loaded, *, user: Any, now: dt.datetime) -> Trial:
    """What would come next: the act and why, the draft, and whether it would happen without a person."""
    case = find_subject(given, user)
    if case is None:
        return Trial(error=_("Choose a case or paste a text."))
    rule, why = first_match(loaded.rules, case, now) if case.pk else (None, "")
    thought = resolving.think(case, user=user, rule=rule, loaded=loaded)
    level = least(resolving.channel_level(case, loaded), resolving.care_for(thought, loaded))
    alone = level == Level.AUTO
    becomes = _("Would happen without a person") if alone else _("Would wait for a person")
    if thought.act.name in (resolution.WAIT, resolution.LEAVE):
        becomes = ""
    act = Claim(_("Next"), resolution.name_act(thought.act.name), thought.act.why, "good" if alone else "ask")
    claims = [act]
    if thought.draft is not None:
        claims.append(Claim(_("Mail"), thought.draft.body, becomes, act.look, thought.draft.confidence))
        claims += [Claim(_("Mind"), risk, "", "plain") for risk in thought.draft.risks]
    return Trial(claims=claims, text=_text_of(case), rule=why if rule else "")


def _text_of(case: Case) -> str:
    return case.last_inbound.newest_text if case.last_inbound else case.description
