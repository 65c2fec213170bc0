"""An answer to a lead's question, from the sentences of published external articles, each with its source."""

import datetime as dt
import re
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from agents import sections
from agents.actors import agent_user
from agents.audit import record
from agents.evidence import PassageQuote, RuleMatch
from agents.models import Effect, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.skills.languages import fold, small_words
from conversations import outgoing
from conversations.models import Message
from knowledge.passages import sentences
from knowledge.search import Hit, find_passages
from sales.lifecycle import lock_lead
from sales.models import Lead, Touch
from sales.outreach.drafting import FIGURE
from sales.outreach.mails import lead_of
from sales.outreach.payloads import AnswerPayload
from sales.outreach.plan import AGENT, Plan, find_missing, find_prohibited, plan_of, prices_of
from sales.outreach.wording import phrases

KIND, SECTION = "sales.answer_question", "sales.replies"
# As near as this a passage answers, and so many sentences of it are taken for one question.
NEAR, MOST_SENTENCES, MOST_QUESTIONS = 0.45, 2, 3
# As much of a question's words as this stand in a sentence of the settings that answers it.
ALIKE = 0.6
_WORD = re.compile(r"[^\W\d_]{3,}")


class Said(NamedTuple):
    """A sentence of an answer, and what it was taken from."""

    text: str
    source: PassageQuote | RuleMatch


def fingerprint_of(lead: Lead) -> dict[str, Any]:
    """The last message of either side."""
    return {"last_message": lead.last_message_id, "email": lead.email, "is_open": lead.is_open}


def suggest_answer(lead: Lead, message: Message, *, now: dt.datetime) -> list[Suggestion]:
    """Answer the questions of a mail when knowledge does; nothing when it does not answer every one."""
    questions = [span.text for span in sentences(message.newest_text) if span.text.rstrip().endswith("?")]
    plan = plan_of(lead)
    found = [
        _find_answer(lead, question, message.language) or _find_offer(plan, question, message.language)
        for question in questions[:MOST_QUESTIONS]
    ]
    if not found or any(each is None for each in found) or len(questions) > MOST_QUESTIONS:
        return []
    quotes = [quote for each in found if each for quote in each[0]]
    sure = min(each[1] for each in found if each)
    return propose(KIND, lead, _proposal(lead, plan, message, quotes, sure), now=now)


def _find_offer(plan: Plan, question: str, language: str) -> tuple[list[Said], float] | None:
    """A sentence about a product or a price that an administrator wrote, when no article answers."""
    said = [(_share(question, f"{one.product} {one.sentence}", language[:2]), one) for one in
            [*prices_of(plan), *plan.offers]]  # fmt: skip
    share, offer = max(said, key=lambda each: each[0], default=(0.0, None))
    if offer is None or share < ALIKE:
        return None
    page = RuleMatch(name=_("General: %(product)s") % {"product": offer.product or _("what we offer")})
    return [Said(offer.sentence, page)], min(0.9, round(share, 4))


def _find_answer(lead: Lead, question: str, language: str) -> tuple[list[Said], float] | None:
    among = set(sections.load(SECTION, lead.line_of_business).values.get("articles") or [])
    hits = find_passages(
        question,
        user=agent_user(AGENT),
        language=language or lead.language,
        external_only=True,
        line_of_business=lead.line_of_business,
        product=lead.product,
        limit=40 if among else 4,
        is_shown=False,
    )
    hits = [hit for hit in hits if not among or hit.article in among]
    best = [(_rank(question, hit, span.text, language[:2]), hit, span) for hit in hits for span in sentences(hit.text)]
    best = sorted(best, key=lambda each: (-each[0], each[1].passage, each[2].start))
    if not best or best[0][0] < NEAR:
        return None
    top = best[0]
    chosen = [each for each in best if each[1].passage == top[1].passage and each[0] >= NEAR][:MOST_SENTENCES]
    quotes = [
        PassageQuote(
            article=hit.article, version=hit.version, passage=hit.passage, title=hit.title, start=span.start,
            end=span.end, text=span.text,
        )
        for _score, hit, span in sorted(chosen, key=lambda each: each[2].start)
    ]  # fmt: skip
    return [Said(quote.text, quote) for quote in quotes], min(0.95, round(top[0], 4))


def _rank(question: str, hit: Hit, sentence: str, language: str) -> float:
    """How much of the question a sentence speaks about, and how near its passage is."""
    share = _share(question, f"{hit.title} {sentence}", language)
    return 0.6 * share + 0.4 * max(0.0, min(1.0, hit.similarity))


def _share(question: str, text: str, language: str) -> float:
    asked = {word for word in _WORD.findall(fold(question)) if word not in small_words(language)}
    said = set(_WORD.findall(fold(text)))
    return sum(any(word[:5] == other[:5] for other in said) for word in asked) / len(asked) if asked else 0.0


def _proposal(lead: Lead, plan: Plan, message: Message, quotes: list[Said], sure: float) -> Proposal:
    bar = float(sections.load(SECTION, lead.line_of_business).values.get("auto_from", 0.85))
    words = phrases(message.language or lead.language)
    greeting = words.formal.format(name=lead.name) if lead.name else words.nobody
    closing = f"{words.closing}\n{plan.sender}" if plan.sender else words.closing
    text = " ".join(quote.text for quote in quotes)
    body = "\n\n".join([greeting, words.answer, text, closing, *plan.disclosures])
    payload = AnswerPayload(
        message=message.pk,
        to=lead.email,
        subject=message.subject if message.subject.lower().startswith("re:") else f"Re: {message.subject}".strip(),
        body=body,
        sentences=[{"text": quote.text, "quote": quote.source.model_dump()} for quote in quotes],
    )
    return Proposal(
        payload=payload,
        fingerprint=fingerprint_of(lead),
        evidence=[quote.source for quote in quotes],
        confidence=sure,
        engine="local",
        engine_version="1",
        wanted=Level.AUTO if sure >= bar and not plan.only_drafts else Level.ASK,
        line_of_business=lead.line_of_business,
        channel="mail",
        arrived_as=lead.arrived_as,
    )


def list_refusals(suggestion: Suggestion) -> list[str]:
    """Why it cannot be sent now; what the agent sends alone says no figure that no passage says."""
    lead, payload, alone = lead_of(suggestion), suggestion.payload, suggestion.decided_by_agent
    plan = plan_of(lead)
    if lead.conversation is None or not lead.email:
        return [_("There is no thread with this lead to answer in.")]
    reasons = outgoing.blockers(lead.conversation, [lead.email], is_automatic=alone)
    for word in find_prohibited(f"{payload['subject']}\n{payload['body']}", plan.prohibited):
        reasons.append(_("“%(word)s” is not to be used in sales mail.") % {"word": word})
    for line in find_missing(payload["body"], plan.disclosures):
        reasons.append(_("This has to stand in it: %(line)s") % {"line": line})
    if alone:
        quoted = " ".join(each["text"] for each in payload["sentences"]) + " ".join([*plan.disclosures, plan.sender])
        known = {found.group().rstrip(".,:/") for found in FIGURE.finditer(quoted)}
        said = (found.group().rstrip(".,:/") for found in FIGURE.finditer(payload["body"]))
        reasons += [_("No source says “%(figure)s”.") % {"figure": each} for each in said if each not in known]
    return reasons


def send_answer(lead: Lead, payload: AnswerPayload, *, by: Any, suggestion: Suggestion, now: dt.datetime) -> Message:
    """Compose the answer in the lead's thread and queue it; in the caller's transaction."""
    lead = lock_lead(lead.pk)
    assert lead.conversation
    message = outgoing.compose_reply(
        lead.conversation,
        body=payload.body,
        subject=payload.subject,
        to=[lead.email],
        author=by,
        authority=Effect.Authority.AGENT if by.is_agent else Effect.Authority.PERSON,
        key=f"lead-answer:{lead.pk}:{payload.message}:{suggestion.pk}",
        suggestion=suggestion,
        agent=AGENT,
        is_automatic=by.is_agent,
        citations=payload.sentences,
        effect_subject=lead,
        now=now,
    )
    Touch.objects.get_or_create(message=message, defaults={"lead": lead, "suggestion": suggestion, "at": now})
    Lead.objects.filter(pk=lead.pk).update(
        last_message=message, last_direction=Message.Direction.OUT, last_activity_at=now
    )
    record("lead.answered", by=by, subject=lead, text=message.subject, suggestion=suggestion, now=now)
    return message
