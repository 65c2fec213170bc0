"""Answers: by hand, and drafted by the agent from knowledge with its sources."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.actors import agent_user
from agents.audit import record
from agents.models import Effect, Rule, Suggestion
from agents.models.levels import ArrivedAs, Level
from agents.proposals import Proposal, propose
from cases import asking
from cases.intake import add_own_message
from cases.lifecycle import lock_case
from cases.models import Case
from cases.payloads import ReplyPayload
from conversations import outgoing
from conversations.models import Conversation, Message, MessageTemplate
from conversations.placeholders import render_template
from conversations.templates import values_of
from conversations.warnings import doubts
from knowledge.search import find_passages

SECTION = "cases.resolution"
KIND = "cases.send_reply"
AGENT = "case-management"


@dataclass(frozen=True)
class Draft:
    """An answer the agent would send: its text, the sentence-by-sentence sources, and what speaks against it."""

    body: str
    subject: str
    to: list[str]
    sentences: list[dict[str, Any]]
    evidence: list[Any]
    risks: list[str]
    confidence: float
    engine: str
    engine_version: str
    template: MessageTemplate | None = None
    open_questions: list[str] = field(default_factory=list)


def current_conversation(case: Case) -> Conversation | None:
    """The conversation of the customer's last message, in which an answer goes."""
    if case.last_inbound_id:
        return case.last_inbound.conversation
    link = case.links.filter(is_current=True).select_related("conversation").order_by("-id").first()
    return link.conversation if link else None


def reply_blockers(
    case: Case, to: list[str] | None = None, cc: list[str] | None = None, *, is_automatic: bool = False
) -> list[str]:
    """Why no answer can be sent now, in words; empty when one can. More stands against an automatic one."""
    conversation = current_conversation(case)
    if conversation is None:
        return [_("This case has no conversation to answer in.")]
    return outgoing.blockers(conversation, to, cc or (), is_automatic=is_automatic)


@transaction.atomic
def send_reply(
    case: Case,
    *,
    body: str,
    by: Any,
    subject: str = "",
    to: list[str] | None = None,
    cc: list[str] | None = None,
    suggestion: Suggestion | None = None,
    citations: list[dict[str, Any]] | None = None,
    key: str,
    now: dt.datetime | None = None,
) -> Message:
    """Compose an answer in the case's conversation and queue it; the same key twice is one message."""
    now = now or timezone.now()
    case = lock_case(case.pk)
    agent = by.agent if by.is_agent else ""
    message = outgoing.compose_reply(
        current_conversation(case),
        body=body,
        subject=subject or None,
        to=to,
        cc=cc or (),
        author=by,
        authority=Effect.Authority.AGENT if by.is_agent else Effect.Authority.PERSON,
        key=key,
        suggestion=suggestion,
        agent=agent or (suggestion.agent if suggestion else ""),
        is_automatic=by.is_agent,
        citations=citations or (),
        effect_subject=case,
        now=now,
    )
    if not hasattr(message, "case_link"):
        add_own_message(case, message, now=now)
        record("case.answered", by=by, subject=case, text=message.subject, suggestion=suggestion, now=now)
    return message


def plan_reply(case: Case, *, now: dt.datetime) -> tuple[Rule | None, str, sections.Loaded]:
    """The rule that decides about this case's answer, why, and the section's settings."""
    loaded = sections.load(SECTION, case.line_of_business)
    rule, why = sections.match_rule(SECTION, case, now=now)
    return rule, why, loaded


def draft_reply(
    case: Case, *, user: Any, rule: Rule | None = None, values: Mapping[str, Any] | None = None
) -> Draft | None:
    """What the agent would answer to the customer's last message; None when knowledge does not answer it.

    ``user`` is whose eyes knowledge is searched with: the agent's own user. ``values`` are the section's settings.
    """
    message = case.last_inbound
    if message is None:
        return None
    language = message.language or (case.contact.language if case.contact else "")
    found = find_passages(
        f"{case.title}\n{message.newest_text}",
        user=user,
        language=language,
        external_only=True,
        line_of_business=case.line_of_business,
        product=case.product,
        limit=8,
    )
    template = choose_template(rule, values or {}, language)
    greeting, closing = template_pieces(template, case) if template else ("", "")
    question = asking.DraftReply(
        text=message.newest_text,
        subject=message.subject,
        language=language,
        contact_name=case.contact.name if case.contact else message.from_name,
        greeting=greeting,
        closing=closing,
        passages=[
            asking.SourcePassage(
                passage=hit.passage,
                article=hit.article,
                version=hit.version,
                title=hit.title,
                heading=hit.heading,
                text=hit.text,
                similarity=hit.similarity,
                audience=hit.audience,
                language=hit.language,
            )
            for hit in found
        ],
    )
    answer = skills.run("cases.draft_reply", question, skills.Scope(case.line_of_business_id))
    return _as_draft(case, message, answer, template)


def _as_draft(case: Case, message: Message, answer: skills.Answer, template: MessageTemplate | None) -> Draft | None:
    output: asking.DraftedReply = answer.output
    if not output.parts:
        return None
    risks = doubts(message)
    risks += [_("Figure without a source: %(figure)s") % {"figure": figure} for figure in output.unsourced_figures]
    risks += [_("Not answered: %(question)s") % {"question": question} for question in output.open_questions]
    return Draft(
        body=output.body,
        subject=reply_subject(case, message),
        to=[message.from_address],
        sentences=[part.model_dump(mode="json") for part in output.parts],
        evidence=[part.quote for part in output.parts if part.quote],
        risks=risks,
        confidence=answer.confidence,
        engine=answer.engine,
        engine_version=answer.version,
        template=template,
        open_questions=output.open_questions,
    )


def reply_subject(case: Case, message: Message) -> str:
    """The customer's subject with one "Re:" before it."""
    subject = message.subject or case.title
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def choose_template(rule: Rule | None, values: Mapping[str, Any], language: str) -> MessageTemplate | None:
    """The rule's template, else the one set for the line of business, else the general one; None writes without one.

    A template in another language than the customer's is left out.
    """
    chosen = (rule.outcome.get("template") if rule else None) or values.get("template")
    if not chosen:
        return None
    template = MessageTemplate.objects.filter(pk=chosen, is_active=True).first()
    return template if template and template.language == (language or "en") else None


def template_pieces(template: MessageTemplate, case: Case) -> tuple[str, str]:
    """The template's text before and after ``{{ body }}``, filled in for this case.

    A greeting with a name that is not known is left to the built-in one; a closing loses the lines left empty.
    """
    before, _mark, after = re.sub(r"\{\{\s*body\s*\}\}", "\0", template.body).partition("\0")
    values = values_of_case(case)
    greeting = render_template(before, values)
    lines = [render_template(line, values) for line in after.strip().split("\n")]
    closing = "\n".join(line.text for line in lines if not line.missing)
    return "" if greeting.missing else greeting.text.strip(), closing.strip()


def values_of_case(case: Case) -> dict[str, str]:
    """The texts for the placeholders that a case fills; the author is its owner."""
    conversation = current_conversation(case)
    return {
        **(values_of(conversation, author=case.owner) if conversation else {}),
        "case.number": str(case.number),
        "case.title": case.title,
        "case.product": str(case.product or ""),
        "case.order_number": case.order_number,
        "case.serial_number": case.serial_number,
    }


def reply_fingerprint(case: Case) -> dict[str, Any]:
    """The last message of either side, and whether the case is open: what an answer rests on."""
    return {"last_message": case.last_message_id, "status": case.status}


def suggest_reply(case: Case, *, now: dt.datetime) -> list[Suggestion]:
    """Think about one case's answer and propose it; nothing when the last word is ours or the agent is off."""
    seen = case.last_inbound_id or 0
    made: list[Suggestion] = []
    rule, _why, loaded = plan_reply(case, now=now)
    if _reply_wanted(case, rule, loaded):
        fingerprint = reply_fingerprint(case)
        draft = draft_reply(case, user=agent_user(AGENT), rule=rule, values=loaded.values)
        if draft is not None:
            bar = float(loaded.values.get("auto_from", 0.85))
            made = propose(KIND, case, _proposal(case, draft, rule, bar, fingerprint), now=now)
    Case.objects.filter(pk=case.pk, reply_seen__lt=seen).update(reply_seen=seen)
    return made


def _proposal(case: Case, draft: Draft, rule: Rule | None, bar: float, fingerprint: dict[str, Any]) -> Proposal:
    sure = draft.confidence >= bar and not draft.risks
    return Proposal(
        payload=ReplyPayload(
            to=draft.to,
            subject=draft.subject,
            body=draft.body,
            sentences=draft.sentences,
            template=draft.template.name if draft.template else "",
        ),
        fingerprint=fingerprint,
        evidence=draft.evidence,
        risks=draft.risks,
        confidence=draft.confidence,
        engine=draft.engine,
        engine_version=draft.engine_version,
        rule=rule,
        wanted=Level.AUTO if sure else Level.ASK,
        line_of_business=case.line_of_business,
        channel=case.origin,
        topic=case.topic,
        topic_label=case.topic_label,
        arrived_as=case.arrived_as,
    )


def _reply_wanted(case: Case, rule: Rule | None, loaded: sections.Loaded) -> bool:
    """Whether the customer has the last word; of history also what was answered is drafted, to be compared with it."""
    waits = case.is_open and case.last_direction == Message.Direction.IN
    if not loaded.is_on or not (waits or case.is_history):
        return False
    level = rule.level if rule else loaded.level
    return level != Level.OFF and case.last_inbound_id is not None


def due_cases(limit: int) -> list[int]:
    """Open cases, and those of history, with a message of the customer not considered for an answer, oldest first."""
    due = Case.objects.filter(Q(status=Case.Status.OPEN) | Q(arrived_as=ArrivedAs.HISTORY))
    due = due.filter(last_inbound__gt=F("reply_seen")).exclude(status=Case.Status.CANCELLED)
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])
