"""What the agent does next in a case: one decision from one snapshot. Pure."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases.models.attention import AgentState

Reason = AgentState.Reason
WAIT, LEAVE, ANSWER, CLARIFY, ASK, RESOLVE, ESCALATE = (
    "wait", "leave", "answer", "clarify", "ask", "resolve", "escalate",
)  # fmt: skip
# How sure the reading of a wish or a rejection must be; content has a bar of its own in the settings.
HEARD_FROM = 0.7


@dataclass(frozen=True)
class Manners:
    """The settings of the loop for one line of business.

    ``asks`` is "before" (ask first, answer later) or "with" (both in one mail); ``unknown`` is what follows an intent
    that is not known: "answer" when an article answers, "ask" in any case, or "escalate".
    """

    attempts: int = 2
    clarify: int = 1
    asks: str = "before"
    unknown: str = "answer"
    thanks_closes: bool = True
    accept_from: float = 0.85


@dataclass(frozen=True)
class Wanted:
    """An attribute that is still missing: its name, and how people read it."""

    name: str
    label: str


@dataclass(frozen=True)
class Understanding:
    """What is known of the customer's intent; ``is_used`` is False where there is no library of intents."""

    is_used: bool = False
    label: str = ""
    confidence: float | None = None
    several: tuple[str, ...] = ()
    missing: tuple[Wanted, ...] = ()
    asked: frozenset[str] = frozenset()
    known: tuple[tuple[str, str], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether one intent was recognised."""
        return bool(self.label)


@dataclass(frozen=True)
class Snapshot:
    """A case as of a moment. ``after`` is what our last mail was ("", "question", "solution")."""

    is_open: bool = True
    customer_spoke_last: bool = True
    is_escalated: bool = False
    is_paused: bool = False
    reaction: str = "none"
    sure: float = 0.0
    after: str = ""
    by_hand: bool = False
    speaks: bool = True
    solutions: int = 0
    questions: int = 0
    asked: frozenset[str] = frozenset()
    understanding: Understanding = field(default_factory=Understanding)
    manners: Manners = field(default_factory=Manners)


@dataclass(frozen=True)
class Act:
    """What comes next: its name, why in words, the reason of an escalation, the attributes asked for."""

    name: str
    why: str = ""
    reason: str = ""
    asks: tuple[Wanted, ...] = ()


def heed_customer(seen: Snapshot) -> Act | None:
    """What the customer's reaction decides, before anything is looked for; None when an answer is due."""
    if not seen.is_open or not seen.customer_spoke_last:
        return Act(WAIT, _("Nothing new from the customer."))
    if seen.is_paused:
        return Act(WAIT, _("Somebody took the case over."))
    if seen.is_escalated:
        return None
    if seen.reaction == "person" and seen.sure >= HEARD_FROM:
        return Act(ESCALATE, _("The customer asks for a person."), Reason.ASKS_FOR_PERSON)
    if not seen.after:
        return None
    return _after_our_mail(seen)


def _after_our_mail(seen: Snapshot) -> Act | None:
    if seen.reaction == "accepts" and seen.sure >= seen.manners.accept_from:
        return Act(RESOLVE, _("The customer says that it is settled."))
    if seen.reaction == "thanks" and seen.sure >= seen.manners.accept_from and seen.after == "solution":
        if seen.manners.thanks_closes:
            return Act(RESOLVE, _("The customer thanks and asks nothing."))
        return Act(LEAVE, _("The customer thanks; thanks alone closes no case."))
    rejected = seen.reaction == "rejects" and seen.sure >= HEARD_FROM and seen.after == "solution"
    if rejected and seen.solutions >= seen.manners.attempts:
        why = _("The customer rejects the answer; it was attempt %(count)d of %(most)d.")
        why %= {"count": seen.solutions, "most": seen.manners.attempts}
        return Act(ESCALATE, why, Reason.REJECTS_SOLUTION)
    return None


def choose_answer(seen: Snapshot, *, finds_answer: bool, is_new: bool = True) -> Act:
    """Ask, answer or give it to people. ``is_new`` is False when the answer found has been sent before."""
    if seen.is_escalated:
        return _for_people(finds_answer and is_new)
    if not seen.speaks:
        return Act(ESCALATE, _("The mail is in a language the agent does not answer in."), Reason.LANGUAGE_UNKNOWN)
    answers = finds_answer and is_new
    known = seen.understanding
    if known.is_used and not known.is_known:
        if seen.manners.unknown == "answer" and answers:
            return Act(ANSWER, _("The intent is not known, but an article answers."))
        return _clarify_or_escalate(seen)
    fresh = tuple(each for each in known.missing if each.name not in seen.asked | known.asked)
    if fresh and (seen.manners.asks == "before" or not answers):
        return Act(ASK, _("Still missing: %(names)s.") % {"names": _names(fresh)}, asks=fresh)
    if answers:
        return Act(ANSWER, _("Everything needed is known.") if known.is_known else "", asks=fresh)
    return _no_answer(seen, finds_answer)


def _for_people(answers: bool) -> Act:
    """An escalated case: a draft for whoever works on it, never more."""
    if answers:
        return Act(ANSWER, _("The case is escalated; a draft may help."))
    return Act(WAIT, _("The case is escalated."))


def _clarify_or_escalate(seen: Snapshot) -> Act:
    several = seen.understanding.several
    if seen.manners.unknown != "escalate" and seen.questions < seen.manners.clarify:
        return Act(CLARIFY, _("What the customer wants is not clear."))
    if several:
        why = _("It may be about %(names)s.") % {"names": ", ".join(several)}
        return Act(ESCALATE, why, Reason.SEVERAL_INTENTS)
    return Act(ESCALATE, _("What the customer wants is still not clear."), Reason.INTENT_NOT_FOUND)


def _no_answer(seen: Snapshot, finds_answer: bool) -> Act:
    if seen.understanding.missing:
        names = _names(seen.understanding.missing)
        why = _("Asked for and not given: %(names)s.") % {"names": names}
        return Act(ESCALATE, why, Reason.UNABLE_TO_PROCEED)
    if finds_answer or (seen.reaction == "rejects" and seen.after == "solution"):
        return Act(ESCALATE, _("The answer did not help, and no article gives another."), Reason.REJECTS_SOLUTION)
    return Act(ESCALATE, _("No article answers this."), Reason.SOLUTION_NOT_FOUND)


def _names(wanted: tuple[Wanted, ...]) -> str:
    return ", ".join(each.label for each in wanted)


def name_act(name: str) -> str:
    """An act in words, for people."""
    return {
        WAIT: _("Wait"),
        LEAVE: _("Leave it to people"),
        ANSWER: _("Suggest a resolution"),
        CLARIFY: _("Ask what the customer wants"),
        ASK: _("Ask for what is missing"),
        RESOLVE: _("Resolve the case"),
        ESCALATE: _("Escalate the case"),
    }[name]
