"""The loop of a case: look, decide, propose the next act (``cases.resolution`` decides; this reads and proposes)."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from agents import conditions, policy, sections, skills
from agents.actors import agent_user
from agents.evidence import Evidence
from agents.kinds import get_kind
from agents.models import Attempt, Rule, Suggestion
from agents.models.levels import ArrivedAs, Level, least
from agents.proposals import Proposal, propose
from cases import asking, attention, lifecycle, replies, resolution
from cases.models import AgentState, Case
from cases.payloads import EscalatePayload, ReplyPayload, ResolvePayload
from cases.replies import AGENT, KIND, Draft
from cases.resolution import Act, Manners, Snapshot
from cases.understanding import read_understanding
from cases.wording import PIECES
from conversations.models import Message, Queue
from conversations.warnings import doubts

RESOLVE_KIND, ESCALATE_KIND = "cases.resolve_case", "cases.escalate"
# Sentences of so many of our last mails are not taken for the customer's.
OUR_LAST = 5
WaitsFor, Reason = AgentState.WaitsFor, AgentState.Reason
INTENT_FACTS = {"intent", "intent_group"}


@dataclass(frozen=True)
class Thought:
    """What the agent would do next: the act, the draft where it is a mail, and what was heard."""

    act: Act
    snapshot: Snapshot
    heard: skills.Answer
    draft: Draft | None = None
    # What is odd about the customer's mail: nothing is done alone on the word of somebody nobody vouches for.
    doubts: tuple[str, ...] = ()
    lacks_template: bool = False


def suggest_next(case: Case, *, now: dt.datetime) -> list[Suggestion]:
    """Think about one case and propose what comes next; nothing when the last word is ours or the agent is off."""
    seen = case.last_inbound_id or 0
    made: list[Suggestion] = []
    rule, loaded = replies.plan_reply(case, now=now)
    if is_wanted(case, rule, loaded):
        fingerprint = replies.reply_fingerprint(case)
        thought = think(case, user=agent_user(AGENT), rule=rule, loaded=loaded)
        made = _propose(case, thought, rule, loaded, fingerprint, now)
    Case.objects.filter(pk=case.pk, reply_seen__lt=seen).update(reply_seen=seen)
    return made


def is_wanted(case: Case, rule: Rule | None, loaded: sections.Loaded) -> bool:
    """Whether the customer has the last word; of history also what was answered is drafted, to be compared with it."""
    waits = case.is_open and case.last_direction == Message.Direction.IN
    if not loaded.is_on or not (waits or case.is_history):
        return False
    return level_of(case, rule, loaded) != Level.OFF and case.last_inbound_id is not None


def level_of(case: Case, rule: Rule | None, loaded: sections.Loaded) -> Level:
    """The least of the rule's or the section's level and the one of the case's channel."""
    return least(rule.level if rule else loaded.level, channel_level(case, loaded))


def channel_level(case: Case, loaded: sections.Loaded) -> Level:
    """How far the agent goes in the channel a case came by; without a setting of its own as far as the section."""
    return Level(loaded.values.get(f"channel_{case.origin}") or Level.AUTO)


def think(case: Case, *, user: Any, rule: Rule | None, loaded: sections.Loaded) -> Thought:
    """What the agent would do next, from a snapshot; writes nothing. Live, history and Try it are this one path."""
    state = attention.state_of(case) if case.pk else AgentState(case=case)
    ours = _our_mails(case)
    heard = hear_customer(case, ours)
    snapshot = take_snapshot(case, state, heard, loaded, ours)
    act = resolution.heed_customer(snapshot)
    odd = tuple(doubts(case.last_inbound)) if case.pk and case.last_inbound else ()
    if act is not None:
        return Thought(act, snapshot, heard, doubts=odd)
    sent = {passage for each in state.tried for passage in each["passages"]}
    without = sent if snapshot.reaction == "rejects" else set()
    draft = replies.draft_reply(
        case, user=user, rule=rule, values=loaded.values, without=without, text=_matter(case, snapshot)
    )
    is_new = draft is None or not {quote.passage for quote in draft.evidence} <= sent
    act = resolution.choose_answer(snapshot, finds_answer=draft is not None, is_new=is_new)
    labels = [each.label for each in act.asks]
    if act.name in (resolution.ASK, resolution.CLARIFY):
        draft = replies.draft_question(case, rule=rule, values=loaded.values, missing=labels)
    elif act.name == resolution.ANSWER and labels:
        draft = replies.draft_reply(
            case, user=user, rule=rule, values=loaded.values, without=without, missing=labels,
            text=_matter(case, snapshot),
        )  # fmt: skip
    elif act.name != resolution.ANSWER:
        draft = None
    if draft is not None and (lacks := replies.lacks_template(case, rule)):
        draft = replace(draft, risks=[*draft.risks, str(Reason.TEMPLATE_UNRESOLVED.label)])
        return Thought(act, snapshot, heard, draft, odd, lacks)
    return Thought(act, snapshot, heard, draft, odd)


def hear_customer(case: Case, ours: list[Message]) -> skills.Answer:
    """How the customer takes our last mail."""
    message = case.last_inbound
    question = asking.ReadReaction(
        message=message.pk or 0 if message else 0,
        text=message.newest_text if message else "",
        subject=message.subject if message else "",
        language=message.language if message else "",
        ours=[mail.newest_text for mail in ours],
    )
    return skills.run("cases.read_reaction", question, skills.Scope(case.line_of_business_id))


def _our_mails(case: Case) -> list[Message]:
    """Ours before the customer's last message, newest first."""
    if not case.pk or case.message_count < 2:
        return []
    ours = Message.objects.filter(case_link__case=case, direction=Message.Direction.OUT)
    ours = ours.exclude(send_state=Message.SendState.NOT_SENT).order_by("-received_at", "-id")
    if case.last_inbound:
        ours = ours.filter(received_at__lte=case.last_inbound.received_at)
    return list(ours.only("pk", "newest_text", "received_at")[:OUR_LAST])


def take_snapshot(
    case: Case, state: AgentState, heard: skills.Answer, loaded: sections.Loaded, ours: list[Message]
) -> Snapshot:
    """The case as the decision sees it."""
    by_hand = bool(ours) and ours[0].pk != state.last_mail_id
    after = ("solution" if by_hand else state.last_outbound) if ours else ""
    message = case.last_inbound
    fresh = message is not None and (message.pk or 1) > state.heard
    return Snapshot(
        is_open=case.is_open or case.is_history,
        customer_spoke_last=case.last_direction != Message.Direction.OUT or case.is_history,
        is_escalated=state.status == AgentState.Status.ESCALATED,
        is_paused=state.status == AgentState.Status.PAUSED,
        reaction=heard.output.reaction if fresh else "none",
        sure=heard.confidence if fresh else 0.0,
        after=after,
        by_hand=by_hand,
        speaks=message is None or not message.language or message.language[:2] in PIECES,
        solutions=state.solutions_sent,
        questions=state.questions_sent,
        asked=frozenset(state.asked),
        understanding=read_understanding(case),
        manners=manners_of(loaded),
    )


def manners_of(loaded: sections.Loaded) -> Manners:
    """The settings of the loop."""
    usual = Manners()
    given = {name: loaded.values.get(name) for name in usual.__dataclass_fields__}
    return Manners(**{name: value for name, value in given.items() if value is not None})


def _matter(case: Case, snapshot: Snapshot) -> str:
    """What the answer is about: after a question of ours the customer's mails together, else the last alone."""
    if snapshot.after != "question" or not case.pk:
        return ""
    rows = Message.objects.filter(case_link__case=case, direction=Message.Direction.IN)
    texts = rows.order_by("received_at", "id").values_list("newest_text", flat=True)
    return "\n\n".join(texts)[:20_000]


# ── proposing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _propose(
    case: Case, thought: Thought, rule: Rule | None, loaded: sections.Loaded, fingerprint: dict[str, Any],
    now: dt.datetime,
) -> list[Suggestion]:  # fmt: skip
    act = _as_far_as_allowed(case, thought, rule, loaded, now)
    if act.name == resolution.ESCALATE:
        thought = replace(thought, act=act, draft=None)
    wanted = least(channel_level(case, loaded), care_for(thought, loaded))
    shared: dict[str, Any] = {
        "fingerprint": fingerprint, "rule": rule, "wanted": wanted, "why": act.why,
        "line_of_business": case.line_of_business, "channel": case.origin, "topic": case.topic,
        "topic_label": case.topic_label, "arrived_as": case.arrived_as,
    }  # fmt: skip
    made: list[Suggestion] = []
    if not case.is_history:
        _note(case, thought, act, rule, loaded, now)
        _stand_in_queue(case, thought, act, rule, loaded, now)
    if thought.draft is not None and act.name in (resolution.ANSWER, resolution.ASK, resolution.CLARIFY):
        made = propose(KIND, case, _reply_proposal(thought, shared), now=now)
    elif act.name == resolution.RESOLVE:
        made = propose(RESOLVE_KIND, case, _resolve_proposal(case, thought, shared), now=now)
    elif act.name == resolution.ESCALATE:
        made = propose(ESCALATE_KIND, case, _escalate_proposal(case, thought, loaded, shared), now=now)
    return made


def _as_far_as_allowed(
    case: Case, thought: Thought, rule: Rule | None, loaded: sections.Loaded, now: dt.datetime
) -> Act:
    """Where people decide about every mail and none was sent, what has no answer is simply theirs.

    Alone, the agent writes nothing by a rule whose template is gone: people would not know that it is.
    """
    act = thought.act
    if thought.lacks_template and mode_of(case, rule, loaded, now) == Level.AUTO:
        return Act(resolution.ESCALATE, str(Reason.TEMPLATE_UNRESOLVED.label), Reason.TEMPLATE_UNRESOLVED)
    understood = act.reason in (
        Reason.SOLUTION_NOT_FOUND, Reason.LANGUAGE_UNKNOWN, Reason.INTENT_NOT_FOUND, Reason.SEVERAL_INTENTS,
    )  # fmt: skip
    if act.name != resolution.ESCALATE or not understood or thought.snapshot.after:
        return act
    by_people = case.is_history or mode_of(case, rule, loaded, now) == Level.ASK
    return Act(resolution.LEAVE, act.why, act.reason) if by_people else act


def mode_of(case: Case, rule: Rule | None, loaded: sections.Loaded, now: dt.datetime) -> Level:
    """How far the agent may go with this case now, everything counted."""
    verdict = policy.effective_level(get_kind(KIND), rule=rule, line_of_business=case.line_of_business, now=now)
    return least(verdict.level, channel_level(case, loaded))


def care_for(thought: Thought, loaded: sections.Loaded) -> Level:
    """What the agent itself leaves to people: doubts, irony, a thread a person writes in, an answer below the bar."""
    snapshot, draft = thought.snapshot, thought.draft
    if snapshot.is_escalated or snapshot.by_hand or thought.doubts or thought.heard.output.is_ironic:
        return Level.ASK
    if draft is None:
        return Level.AUTO
    bar = float(loaded.values.get("auto_from", 0.85))
    sure = thought.act.name != resolution.ANSWER or draft.confidence >= bar
    return Level.AUTO if sure and not draft.risks else Level.ASK


def _note(case: Case, thought: Thought, act: Act, rule: Rule | None, loaded: sections.Loaded, now: dt.datetime) -> None:
    mode = mode_of(case, rule, loaded, now)
    waits = WaitsFor.NOBODY if act.name == resolution.WAIT or mode == Level.OBSERVE else WaitsFor.PERSON
    attention.note_thought(
        case,
        mode=mode,
        why=act.why,
        reaction=thought.snapshot.reaction,
        intent=thought.snapshot.understanding.label,
        waits_for=waits,
        last_act=AgentState.LastAct.LEFT if act.name == resolution.LEAVE else "",
        reason=Reason.OBSERVED_INTENT if _observes_intent(case, rule, loaded) else act.reason,
    )


def _observes_intent(case: Case, rule: Rule | None, loaded: sections.Loaded) -> bool:
    """Whether it is a rule about its intent that keeps the agent to observing this case."""
    around = least(loaded.level, channel_level(case, loaded))
    if rule is None or rule.level != Level.OBSERVE or around.rank <= Level.OBSERVE.rank:
        return False
    return any(leaf.fact in INTENT_FACTS for leaf in conditions.parse(rule.conditions).leaves())


def _stand_in_queue(
    case: Case, thought: Thought, act: Act, rule: Rule | None, loaded: sections.Loaded, now: dt.datetime
) -> None:
    """A case the agent works alone stands where supervisors look for them; decided at its first mail, not later."""
    queue = Queue.objects.filter(pk=loaded.values.get("agent_queue") or 0).first()
    writes = act.name in (resolution.ANSWER, resolution.ASK, resolution.CLARIFY)
    if queue is None or not writes or thought.snapshot.after or case.owner_id or case.queue_id == queue.pk:
        return
    if least(mode_of(case, rule, loaded, now), care_for(thought, loaded)) == Level.AUTO:
        lifecycle.assign_case(case, by=agent_user(AGENT), queue=queue, why=_("The agent works this case alone."))


def _reply_proposal(thought: Thought, shared: dict[str, Any]) -> Proposal:
    draft, act = thought.draft, thought.act
    assert draft is not None
    return Proposal(
        payload=ReplyPayload(
            to=draft.to,
            subject=draft.subject,
            body=draft.body,
            sentences=draft.sentences,
            template=draft.template.name if draft.template else "",
            act="answer" if act.name == resolution.ANSWER else "ask" if act.name == resolution.ASK else "clarify",
            asks=[each.name for each in act.asks],
        ),
        evidence=draft.evidence,
        risks=draft.risks,
        confidence=draft.confidence if act.name == resolution.ANSWER else None,
        engine=draft.engine,
        engine_version=draft.engine_version,
        **shared,
    )


def _resolve_proposal(case: Case, thought: Thought, shared: dict[str, Any]) -> Proposal:
    heard, state = thought.heard, attention.state_of(case)
    titles = list(dict.fromkeys(each["title"] for each in state.tried))
    words: list[Evidence] = list(heard.evidence)
    return Proposal(
        payload=ResolvePayload(
            resolution_type="solved",
            resolution="\n".join(titles),
            said=" ".join(item.text for item in words if item.kind == "words")[:500],
        ),
        evidence=words,
        risks=list(thought.doubts),
        confidence=heard.confidence,
        engine=heard.engine,
        engine_version=heard.version,
        **shared,
    )


def _escalate_proposal(case: Case, thought: Thought, loaded: sections.Loaded, shared: dict[str, Any]) -> Proposal:
    heard, state = thought.heard, attention.state_of(case)
    from_words = thought.act.reason in (Reason.ASKS_FOR_PERSON, Reason.REJECTS_SOLUTION)
    return Proposal(
        payload=escalation_of(case, state, thought.act.reason, thought.act.why, loaded),
        evidence=heard.evidence if from_words else (),
        risks=list(thought.doubts),
        confidence=heard.confidence if from_words else None,
        engine=heard.engine,
        engine_version=heard.version,
        **shared,
    )


def escalation_of(case: Case, state: AgentState, reason: str, details: str, loaded: sections.Loaded) -> EscalatePayload:
    """To whom the case would be given, with the reason and what was tried."""
    queue = Queue.objects.filter(pk=loaded.values.get("escalation_queue") or 0).first()
    return EscalatePayload(
        reason=reason,
        details=details,
        queue=queue.pk if queue else None,
        from_queue=case.queue_id,
        tried=list(dict.fromkeys(each["title"] for each in state.tried)),
    )


def due_cases(limit: int) -> list[int]:
    """Open cases, and those of history, with a message of the customer not considered for an answer, oldest first.

    Their fields come first, for nobody is asked for what a field says; where those cannot be read the answer comes
    without them.
    """
    due = Case.objects.filter(Q(status=Case.Status.OPEN) | Q(arrived_as=ArrivedAs.HISTORY))
    due = due.filter(last_inbound__gt=F("reply_seen")).exclude(status=Case.Status.CANCELLED)
    parked = Attempt.objects.filter(sweep="cases.fields", object_id=OuterRef("pk"), parked_at__isnull=False)
    due = due.filter(Q(last_inbound__lte=F("fields_seen")) | Exists(parked))
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])
