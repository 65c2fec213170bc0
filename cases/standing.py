"""Where the agent stands with a case, in words, for its page and for programs."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agents.kinds import get_kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.suggestions import of_subject
from cases.attention import state_of
from cases.drafts import ReplyDraft
from cases.models import AgentState, Case

Status = AgentState.Status


@dataclass(frozen=True)
class Standing:
    """What people read about the agent's work on one case."""

    state: AgentState
    words: str
    next_act: str = ""
    tried: list[str] = field(default_factory=list)
    # Resolutions, escalations and assignments that wait for this person, each with what accepting does.
    waiting: list[tuple[Suggestion, str]] = field(default_factory=list)
    may_take_over: bool = False
    may_give_back: bool = False
    may_stop: bool = False


def show_standing(case: Case, user: Any, draft: ReplyDraft | None = None) -> Standing | None:
    """Where the agent stands; None for a case it never looked at."""
    if case.is_history:
        return None
    state = state_of(case)
    works = case.is_open and user.has_perm("cases.work")
    if state._state.adding and not works:
        return None
    supervises = case.is_open and user.has_perm("cases.supervise")
    return Standing(
        state=state,
        words=describe_standing(state),
        next_act=name_next(draft, state),
        tried=list(dict.fromkeys(each["title"] for each in state.tried)),
        waiting=_waiting(case, user),
        may_take_over=works and state.status != Status.PAUSED,
        may_give_back=works and state.is_held,
        may_stop=supervises and not state.is_held,
    )


def _waiting(case: Case, user: Any) -> list[tuple[Suggestion, str]]:
    """What the agent wants besides writing, for whoever may decide it."""
    kinds = {"cases.resolve_case", "cases.escalate", "cases.assign_case"} & set(case.waiting_kinds)
    if not kinds:
        return []
    rows = of_subject(case).filter(kind__in=kinds, state=Suggestion.State.PENDING).order_by("id")
    return [(row, get_kind(row.kind).consequence(row)) for row in rows if get_kind(row.kind).access(case, user)]


def describe_standing(state: AgentState) -> str:
    """One sentence: what it does or waits for."""
    if state.status == Status.PAUSED:
        return _("Somebody took this case over. The agent does nothing.")
    if state.status == Status.ESCALATED:
        return _("Escalated. Nothing leaves by the agent alone.")
    if state._state.adding or state.mode == Level.OFF:
        return _("The agent has not looked at this case.")
    if state.mode == Level.OBSERVE:
        return _("The agent only notes what it would do.")
    if state.waits_for == AgentState.WaitsFor.CUSTOMER:
        asked = state.last_outbound == AgentState.Outbound.QUESTION
        return _("Waits for what the customer tells us.") if asked else _("Waits whether the answer helped.")
    if state.last_act == AgentState.LastAct.LEFT:
        return _("Left to people.")
    if state.waits_for == AgentState.WaitsFor.PERSON:
        return _("Waits for your decision.")
    return _("At work.")


def name_next(draft: ReplyDraft | None, state: AgentState) -> str:
    """What the waiting draft is for: a first mail, a question, a resolution."""
    if draft is None:
        return ""
    if draft.payload.act == "answer":
        return _("Suggest a resolution")
    return _("Reply to customer") if state.mails_sent else _("Send email to customer")
