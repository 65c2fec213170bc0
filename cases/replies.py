"""Answers: by hand, and drafted by the agent from knowledge with its sources."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.audit import record
from agents.models import Effect, Rule, Suggestion
from cases import asking
from cases.intake import add_own_message
from cases.lifecycle import lock_case
from cases.models import Case
from conversations import outgoing
from conversations.choices import AROUND_AN_ANSWER
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


def plan_reply(case: Case, *, now: dt.datetime) -> tuple[Rule | None, sections.Loaded]:
    """The rule that decides about this case's answer, and the section's settings."""
    loaded = sections.load(SECTION, case.line_of_business)
    rule, _why = sections.first_match(loaded.rules, case, now)
    return rule, loaded


def draft_reply(
    case: Case,
    *,
    user: Any,
    rule: Rule | None = None,
    values: Mapping[str, Any] | None = None,
    missing: Sequence[str] = (),
    without: Collection[int] = (),
    text: str = "",
) -> Draft | None:
    """What the agent would answer to the customer's last message; None when knowledge does not answer it.

    ``user`` is whose eyes knowledge is searched with: the agent's own user. ``values`` are the section's settings.
    ``missing`` is asked for in the same mail; passages ``without`` were sent before and did not help; ``text`` is the
    customer's matter where the last message is but a part of it.
    """
    message = case.last_inbound
    if message is None:
        return None
    language = language_of(case, message)
    found = find_passages(
        f"{case.title}\n{text or message.newest_text}",
        user=user,
        language=language,
        external_only=True,
        line_of_business=case.line_of_business,
        product=case.product,
        limit=8,
        is_shown=False,
    )
    passages = [_as_passage(hit) for hit in found if hit.passage not in without]
    template = choose_template(case, rule, values or {}, language)
    question = _question(case, message, template, language)
    question = question.model_copy(
        update={"text": text or question.text, "passages": passages, "missing": list(missing)}
    )
    draft = _think(case, message, question, template)
    return draft if draft and draft.evidence else None


def draft_question(
    case: Case,
    *,
    rule: Rule | None = None,
    values: Mapping[str, Any] | None = None,
    missing: Sequence[str] = (),
) -> Draft | None:
    """A mail that only asks: for what is missing, or, with nothing missing, what the customer wants."""
    message = case.last_inbound
    if message is None:
        return None
    language = language_of(case, message)
    template = choose_template(case, rule, values or {}, language)
    question = _question(case, message, template, language)
    update = {"missing": list(missing), "clarify": not missing}
    draft = _think(case, message, question.model_copy(update=update), template)
    # It answers nothing, so no question of the customer is left open by it.
    return replace(draft, risks=doubts(message), open_questions=[]) if draft else None


def language_of(case: Case, message: Message) -> str:
    """The language in which the customer is answered."""
    return message.language or (case.contact.language if case.contact else "")


def _question(case: Case, message: Message, template: MessageTemplate | None, language: str) -> asking.DraftReply:
    greeting, closing = template_pieces(template, case) if template else ("", "")
    return asking.DraftReply(
        text=message.newest_text,
        subject=message.subject,
        language=language,
        contact_name=case.contact.name if case.contact else message.from_name,
        greeting=greeting,
        closing=closing,
    )


def _as_passage(hit: Any) -> asking.SourcePassage:
    names = ("passage", "article", "version", "title", "heading", "text", "similarity", "audience", "language")
    return asking.SourcePassage(**{name: getattr(hit, name) for name in names})


def _think(case: Case, message: Message, question: asking.DraftReply, template: MessageTemplate | None) -> Draft | None:
    answer = skills.run("cases.draft_reply", question, skills.Scope(case.line_of_business_id))
    return _as_draft(case, message, answer, template)


def _as_draft(case: Case, message: Message, answer: skills.Answer, template: MessageTemplate | None) -> Draft | None:
    output: asking.DraftedReply = answer.output
    if not output.parts:
        return None
    risks = doubts(message)
    risks += [say_figure(figure) for figure in output.unsourced_figures]
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


def say_figure(figure: str) -> str:
    """The risk that a figure, date or link of a draft stands in no source."""
    return _("Figure without a source: %(figure)s") % {"figure": figure}


def reply_subject(case: Case, message: Message) -> str:
    """The customer's subject with one "Re:" before it."""
    subject = message.subject or case.title
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def choose_template(case: Case, rule: Rule | None, values: Mapping[str, Any], language: str) -> MessageTemplate | None:
    """The rule's template, else one tagged with the case's line of business, else the default; None writes without.

    A template in another language than the customer's, or tagged for other lines alone, is left out.
    """
    by_rule = rule.outcome.get("template") if rule else None
    by_line = case.line_of_business_id if values.get("recommend") else None
    if not (by_rule or by_line or values.get("template")):
        return None
    spoken = list_templates(case).filter(language=language or "en")
    tagged = spoken.filter(lines_of_business=by_line) if by_line else spoken.none()
    return (
        spoken.filter(pk=by_rule or 0).first()
        or tagged.order_by("name").first()
        or spoken.filter(pk=values.get("template") or 0).first()
    )


def lacks_template(case: Case, rule: Rule | None) -> bool:
    """Whether the rule names a template that is gone, switched off or not for this case's line."""
    named = rule.outcome.get("template") if rule else None
    return bool(named) and not list_templates(case).filter(pk=named or 0).exists()


def list_templates(case: Case) -> QuerySet[MessageTemplate]:
    """The active templates with a place for an answer that may be used for this case."""
    active = MessageTemplate.objects.filter(AROUND_AN_ANSWER, is_active=True)
    fits = Q(lines_of_business=None) | Q(lines_of_business=case.line_of_business_id)
    return active.filter(fits).distinct()


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
    """The last message of either side, the customer's last, and whether the case is open: what an answer rests on.

    A mail that reached the server before our answer and was read after it is the customer's last, not the last.
    """
    return {"last_message": case.last_message_id, "last_inbound": case.last_inbound_id, "status": case.status}
