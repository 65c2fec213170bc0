"""A mail of a cadence: drafted from what is known, proposed, and sent when somebody or the agent agrees."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import skills
from agents.audit import record
from agents.cadence.calendars import next_open
from agents.evidence import Quoted
from agents.models import Effect, Rule, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.skills import Answer, Scope
from conversations import outgoing, suppression
from conversations.authenticity import proves_itself
from conversations.contacts import find_or_add_contact
from conversations.models import Conversation, Message
from conversations.placeholders import render_template
from conversations.starting import start_conversation
from sales.lifecycle import lock_lead, move_lead
from sales.models import Enrolment, Finding, Lead, Touch
from sales.outreach.asking import DraftedOutreach, DraftOutreach, KnownFact, MailPart
from sales.outreach.drafting import find_unsourced
from sales.outreach.payloads import OutreachPayload
from sales.outreach.plan import AGENT, Plan, find_missing, find_prohibited, plan_of, weave
from sales.outreach.rhythm import day_of, window_of
from sales.outreach.wording import phrases

KIND = "sales.send_outreach"
# How many days ahead a place under the daily cap is looked for.
DAYS_AHEAD = 60
NOT_LEFT = (Message.SendState.NOT_SENT, Message.SendState.REFUSED)


def lead_of(suggestion: Suggestion) -> Lead:
    """The lead a suggestion is about."""
    lead = suggestion.subject
    assert isinstance(lead, Lead)
    return lead


def question_of(lead: Lead, plan: Plan, *, step: int = 1, steps: int = 1) -> DraftOutreach:
    """What is known about a lead and what we offer, for the skill."""
    told = Suggestion.objects.filter(pk__in=lead.touches.exclude(suggestion=None).values("suggestion"))
    parts = [part for final in told.values_list("final", flat=True) for part in (final or {}).get("parts", [])]
    facts = facts_of(lead, with_news=plan.values.get("use_news", True))
    return DraftOutreach(
        lead_name=lead.name,
        company=lead.company_name,
        language=lead.language or plan.values.get("language") or "en",
        tone=plan.values.get("tone") or "formal",
        step=step,
        steps=steps,
        product=lead.product.name if lead.product else "",
        facts=facts,
        told=sorted({part["fact"] for part in parts if part.get("fact")}),
        offers=plan.offers,
        told_offers=[part["text"] for part in parts if part.get("source") == "offer"],
        woven=weave(lead, plan),
        call_to_action=plan.values.get("call_to_action", ""),
        disclosures=plan.disclosures,
        sender=plan.sender,
        our_name=plan.our_name,
        our_website=plan.general.get("company_website") or "",
    )


def facts_of(lead: Lead, *, with_news: bool = True) -> list[KnownFact]:
    """What may be quoted to the lead: words of their pages, and of what they asked for; nothing that was retired."""
    rows = lead.findings.filter(retired_at=None).select_related("page").order_by("id")
    return [
        KnownFact(
            id=row.pk,
            topic=row.topic,
            claim=row.claim,
            quote=row.quote,
            where=_host(row),
            start=row.start,
            url=row.url,
            confidence=row.confidence,
        )
        for row in rows
        if (row.page_id or row.field == "note") and (with_news or row.topic != Finding.Topic.NEWS)
    ]


def _host(row: Finding) -> str:
    if row.page is None:
        return ""
    return (urlsplit(row.url or row.page.url).hostname or "").removeprefix("www.")


def draft(lead: Lead, plan: Plan, *, step: int, steps: int) -> tuple[Answer[DraftedOutreach], DraftOutreach]:
    """The mail the agent would write; no parts when nothing can be said."""
    question = question_of(lead, plan, step=step, steps=steps)
    if plan.values.get("mode") == "fixed" and plan.template is not None:
        return _fixed(lead, plan, question), question
    return skills.run("sales.draft_outreach", question, Scope(lead.line_of_business_id)), question


def _fixed(lead: Lead, plan: Plan, question: DraftOutreach) -> Answer[DraftedOutreach]:
    """The template as it stands: no skill is asked, only the lead's own fields are filled in."""
    assert plan.template is not None
    box = plan.mailbox
    values = {
        "contact.name": lead.name,
        "contact.first_name": lead.first_name,
        "contact.address": lead.email,
        "contact.company": lead.company_name,
        "mailbox.name": box.name if box else "",
        "mailbox.address": box.address if box else "",
        "author.name": plan.sender,
        "author.first_name": plan.sender.split(" ")[0],
    }
    subject, body = render_template(plan.template.subject, values), render_template(plan.template.body, values)
    lines = [body.text.strip(), *find_missing(body.text, plan.disclosures)]
    missing = [*subject.missing, *body.missing]
    output = DraftedOutreach(
        subject=subject.text or plan.template.name,
        body="\n\n".join(lines),
        parts=[MailPart(text="\n\n".join(lines), source="offer")],
        language=plan.template.language,
        unsourced=[_("“%(name)s” is not known") % {"name": name} for name in missing],
    )
    return Answer(output, [], 0.0 if missing else 0.9, "template", str(plan.template.version))


def fingerprint_of(lead: Lead) -> dict[str, Any]:
    """What a mail rests on: their last word, their address, and that the cadence still runs."""
    running = lead.enrolments.exclude(state=Enrolment.State.ENDED).values_list("pk", "state").first()
    return {
        "last_inbound": lead.last_inbound_id,
        "email": lead.email,
        "is_open": lead.is_open,
        "enrolment": list(running) if running else None,
    }


def suggest_mail(
    lead: Lead, *, enrolment: Enrolment | None, step: int, steps: int, rule: Rule | None = None, now: dt.datetime
) -> list[Suggestion]:
    """Draft one mail and put it before whoever decides; nothing when there is nothing to say."""
    plan = plan_of(lead)
    fingerprint = fingerprint_of(lead)
    answer, question = draft(lead, plan, step=step, steps=steps)
    output = answer.output
    if not output.parts:
        return []
    risks = list_risks(question, output)
    bar = float(plan.values.get("auto_from", 0.85))
    proposal = Proposal(
        payload=OutreachPayload(
            enrolment=enrolment.pk if enrolment else None,
            step=step,
            steps=steps,
            to=lead.email,
            subject=subject_of(lead, output, step),
            body=output.body,
            parts=[part.model_dump() for part in output.parts],
        ),
        fingerprint=fingerprint,
        evidence=evidence_of(lead, output),
        risks=risks,
        confidence=answer.confidence,
        engine=answer.engine,
        engine_version=answer.version,
        rule=rule,
        wanted=Level.AUTO if answer.confidence >= bar and not risks and not plan.only_drafts else Level.ASK,
        line_of_business=lead.line_of_business,
        channel="mail",
        topic=lead.topic,
        topic_label=lead.topic_label,
        arrived_as=lead.arrived_as,
    )
    return propose(KIND, lead, proposal, now=now)


def subject_of(lead: Lead, output: DraftedOutreach, step: int) -> str:
    """A follow-up answers in the thread of the first mail."""
    told = lead.conversation.subject if lead.conversation and step > 1 else ""
    return f"Re: {told}" if told else output.subject


def list_risks(question: DraftOutreach, output: DraftedOutreach) -> list[str]:
    """What speaks against sending it without a person."""
    risks = [_("No source says “%(figure)s”.") % {"figure": figure} for figure in output.unsourced]
    if not any(part.fact for part in output.parts) and question.step == 1:
        risks.append(_("Nothing in it is about this company: nothing was found that could be quoted."))
    return risks


def evidence_of(lead: Lead, output: DraftedOutreach) -> list[Quoted]:
    """The findings behind the sentences, each with its words."""
    rows = {row.pk: row for row in lead.findings.filter(pk__in=[part.fact for part in output.parts if part.fact])}
    found = []
    for at, part in enumerate(output.parts):
        if row := rows.get(part.fact):
            title = _host(row) or _("What they asked for")
            found.append(
                Quoted(
                    part=str(at), row=row.pk, title=title, url=row.url, start=row.start,
                    end=row.start + len(row.quote), text=row.quote,
                )
            )  # fmt: skip
    return found


# ── what stands against it ────────────────────────────────────────────────────────────────────────────────────────


def list_refusals(suggestion: Suggestion) -> list[str]:
    """Why this mail cannot be sent now; more stands against one that no person approved."""
    lead, payload, alone = lead_of(suggestion), suggestion.payload, suggestion.decided_by_agent
    plan = plan_of(lead)
    text = f"{payload['subject']}\n{payload['body']}"
    reasons = _about_lead(lead, payload, plan)
    reasons += [
        _("“%(word)s” is not to be used in sales mail.") % {"word": word}
        for word in find_prohibited(text, plan.prohibited)
    ]
    reasons += [
        _("This has to stand in it: %(line)s") % {"line": line}
        for line in find_missing(payload["body"], plan.disclosures)
    ]
    if alone:
        reasons += _about_record(lead, plan)
        reasons += [risk for risk in suggestion.risks if risk not in reasons]
        reasons += list_unfounded(lead, payload, plan)
    return reasons


def _about_lead(lead: Lead, payload: dict[str, Any], plan: Plan) -> list[str]:
    if not lead.email:
        return [_("The lead has no e-mail address.")]
    reasons = []
    if payload["to"] != lead.email:
        reasons.append(_("The lead's address is another one now."))
    if plan.values.get("needs_consent", True) and not lead.consent_note.strip():
        reasons.append(_("It is not noted why we may write to them."))
    enrolment = Enrolment.objects.filter(pk=payload.get("enrolment") or 0).first()
    if enrolment is not None and enrolment.state != Enrolment.State.ACTIVE:
        reasons.append(_("The cadence is not running: %(why)s") % {"why": enrolment.state_why or _("ended")})
    conversation = lead.conversation or Conversation(mailbox=plan.mailbox)
    return reasons + outgoing.blockers(conversation, [lead.email], outreach=True)


def unproven() -> str:
    """Why nothing leaves from a mailbox without a person."""
    return _("Mail from this mailbox does not prove where it comes from (SPF, DKIM): others take it for spam.")


def _about_record(lead: Lead, plan: Plan) -> list[str]:
    """What has to be in order before the agent writes by itself: the sender, and the record of the lead."""
    reasons = []
    if plan.mailbox is not None and proves_itself(plan.mailbox, now=timezone.now()) is False:
        reasons.append(unproven())
    if not lead.company_name.strip():
        reasons.append(_("The record names no company."))
    return reasons


def list_unfounded(lead: Lead, payload: dict[str, Any], plan: Plan) -> list[str]:
    """Claims about the lead whose finding is not there (any more), and figures that no source has."""
    facts = {part["fact"] for part in payload.get("parts", []) if part.get("source") == "finding"}
    known = set(lead.findings.filter(pk__in=facts, retired_at=None).values_list("pk", flat=True))
    reasons = [_("A claim about them rests on a finding that is gone.")] if facts - known else []
    question = question_of(lead, plan, step=payload["step"], steps=payload["steps"])
    unsourced = find_unsourced(question, payload["body"])
    if plan.values.get("mode") == "fixed" and plan.template is not None:
        unsourced = [each for each in unsourced if each not in plan.template.body]
    return reasons + [_("No source says “%(figure)s”.") % {"figure": figure} for figure in unsourced]


# ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────────


def send_mail(lead: Lead, payload: OutreachPayload, *, by: Any, suggestion: Suggestion, now: dt.datetime) -> Message:
    """Compose the mail, queue it for the next hour that is allowed, and note the touch; in the caller's transaction."""
    lead, plan = lock_lead(lead.pk), plan_of(lead)
    enrolment = Enrolment.objects.filter(pk=payload.enrolment or 0).first()
    conversation = lead.conversation or _open_conversation(lead, payload.subject, plan, now)
    at = find_slot(plan, enrolment.cadence if enrolment else plan.rhythm(lead), now=now)
    touch = enrolment.touches.filter(step=payload.step, direction=Touch.Direction.OUT).first() if enrolment else None
    if touch and touch.message and touch.message.send_state not in NOT_LEFT:
        return touch.message
    place = f"{enrolment.pk}:{payload.step}" if enrolment else f"lead{lead.pk}:{suggestion.pk}"
    if touch:  # what was approved before provably did not leave
        place += f":{suggestion.pk}"
    message = outgoing.compose_reply(
        conversation,
        body=payload.body,
        subject=payload.subject,
        to=[lead.email],
        author=by,
        authority=Effect.Authority.AGENT if by.is_agent else Effect.Authority.PERSON,
        key=f"outreach:{place}",
        suggestion=suggestion,
        agent=AGENT,
        is_automatic=by.is_agent,
        citations=[part for part in payload.parts if part.get("fact")],
        not_before=max(at, now + dt.timedelta(seconds=settings.AUTOMATIC_HOLD_SECONDS)) if by.is_agent else at,
        effect_subject=lead,
        unsubscribe_words=way_out(lead, plan),
        now=now,
    )
    values = {"message": message, "suggestion": suggestion, "at": at}
    if touch:
        Touch.objects.filter(pk=touch.pk).update(**values)
    else:
        Touch.objects.create(lead=lead, enrolment=enrolment, step=payload.step, **values)
    _note(lead, conversation, message, now)
    if enrolment is not None:
        Enrolment.objects.filter(pk=enrolment.pk).update(step=payload.step, next_due_at=at + dt.timedelta(minutes=2))
    if lead.status in (Lead.Status.QUALIFIED, Lead.Status.REPLIED):
        move_lead(
            lead, Lead.Status.IN_OUTREACH, by=by, why=_("Mail %(step)d goes out") % {"step": payload.step}, now=now
        )
    record("lead.written_to", by=by, subject=lead, text=message.subject, suggestion=suggestion, now=now)
    return message


def way_out(lead: Lead, plan: Plan) -> str:
    """The words before the link that ends these mails."""
    own = plan.values.get("opt_out") or ""
    return own or phrases(lead.language or plan.values.get("language") or "en").unsubscribe


def show_way_out(lead: Lead) -> str:
    """The same with a placeholder in place of the link: a link of the reader's own is made when the mail leaves."""
    return f"{way_out(lead, plan_of(lead))} {_('[their own link, made when it is sent]')}"


def _open_conversation(lead: Lead, subject: str, plan: Plan, now: dt.datetime) -> Conversation:
    contact = find_or_add_contact(lead.email, name=lead.name, now=now)
    assert contact
    conversation = start_conversation(
        contact,
        subject=subject,
        channel=Conversation.Channel.MAIL,
        queue=lead.queue,
        line_of_business=lead.line_of_business,
        mailbox=plan.mailbox,
        taker=AGENT,
        now=now,
    )
    Lead.objects.filter(pk=lead.pk).update(conversation=conversation, contact=contact)
    lead.conversation, lead.contact = conversation, contact
    return conversation


def _note(lead: Lead, conversation: Conversation, message: Message, now: dt.datetime) -> None:
    Lead.objects.filter(pk=lead.pk).update(
        last_message=message, last_direction=Message.Direction.OUT, last_activity_at=now
    )
    if conversation.owner_id != lead.owner_id:
        Conversation.objects.filter(pk=conversation.pk).update(owner=lead.owner)


def find_slot(plan: Plan, frozen: dict[str, Any], *, now: dt.datetime) -> dt.datetime:
    """The next moment in the hours allowed on whose day the cap is not reached."""
    window, zone = window_of(frozen), frozen.get("zone") or "UTC"
    at = next_open(now, window)
    for _day in range(DAYS_AHEAD):
        begins, ends = day_of(at, zone)
        if not plan.cap or count_planned(begins, ends) < plan.cap:
            return at
        at = next_open(ends, window)
    return at


def count_planned(begins: dt.datetime, ends: dt.datetime) -> int:
    """How many mails of outreach left in this time, or will."""
    touches = Touch.objects.filter(direction=Touch.Direction.OUT, at__gte=begins, at__lt=ends)
    return touches.exclude(message__send_state__in=NOT_LEFT).count()


def why_suppressed(lead: Lead) -> str:
    """Why the lead is not written to; empty when nothing keeps us from it."""
    row = suppression.is_suppressed(lead.email, outreach=True) if lead.email else None
    return suppression.explain(lead.email, row) if row else ""
