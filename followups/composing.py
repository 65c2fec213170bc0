"""The mails of a plan: a step's, and the one that says that the case was closed. Reads only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agents.evidence import RuleMatch
from cases.models import Case
from cases.replies import current_conversation, reply_subject, values_of_case
from cases.wording import pieces
from conversations.models import MessageTemplate
from conversations.outgoing import default_recipients
from conversations.placeholders import render_template
from followups import shapes
from followups.links import reopen_url
from followups.models import Plan
from followups.payloads import ClosePayload, FollowUpPayload
from followups.wording import letters

# The placeholder that stands for the link in a closing mail.
LINK = "followup.reopen_link"
_PLACE = re.compile(r"\{\{[^}]*\}\}")


@dataclass(frozen=True)
class Letter:
    """A mail as it would leave, and the names of placeholders for which there was nothing to say."""

    subject: str
    body: str
    template: str = ""
    missing: list[str] = field(default_factory=list)


def draft_step(plan: Plan, number: int) -> tuple[FollowUpPayload, list[str]]:
    """The mail of one step, and what speaks against sending it by the agent alone."""
    letter = write_step(plan.case, plan.shape, number)
    payload = FollowUpPayload(
        plan=plan.pk,
        step=number,
        to=_recipients(plan.case) or [""],
        subject=letter.subject,
        body=letter.body,
        template=letter.template,
    )
    return payload, _risks(letter)


def draft_closing(plan: Plan) -> tuple[ClosePayload, list[str]]:
    """How the case would be closed, with its mail where the rule wants one."""
    case, shape = plan.case, plan.shape
    resolution, _missing = _fill(shape.get("resolution") or "", values_of_case(case), "")
    payload = ClosePayload(
        plan=plan.pk, resolution_type=shape.get("resolution_type") or "no_answer", resolution=resolution
    )
    if not shape.get("closing_mail"):
        return payload, []
    letter = write_closing(case, shape, reopen_url(plan))
    given = {"to": _recipients(case), "subject": letter.subject, "body": letter.body, "template": letter.template}
    return payload.model_copy(update=given), _risks(letter)


def write_step(case: Case, shape: shapes.Shape, number: int) -> Letter:
    """The text of a step for a case: its template's, else our own words."""
    language = language_of(case)
    template = _template(shapes.template_of(shape, number), language)
    ours = letters(language)
    is_last = number == len(shape["steps"]) and number > 1
    return _write(case, shape, template, ours.last if is_last else ours.reminder, {})


def write_closing(case: Case, shape: shapes.Shape, link: str) -> Letter:
    """The mail that says that the case was closed and how it is opened again."""
    language = language_of(case)
    template = _template(shape.get("closing_template"), language)
    return _write(case, shape, template, letters(language).closing.replace("{link}", link), {LINK: link})


def language_of(case: Case) -> str:
    """The customer's language, as their last mail or their contact says."""
    last = case.last_inbound.language if case.last_inbound else ""
    return last or (case.contact.language if case.contact else "") or "en"


def rule_evidence(plan: Plan) -> list[Any]:
    """What a step rests on: the rule that an administrator wrote."""
    return [RuleMatch(rule=plan.rule_id, name=plan.rule_name)]


def _template(pk: Any, language: str) -> MessageTemplate | None:
    """A chosen template, unless it went or speaks another language than the customer."""
    found = MessageTemplate.objects.filter(pk=pk, is_active=True).first() if pk else None
    return found if found and found.language == language else None


def _write(
    case: Case, shape: shapes.Shape, template: MessageTemplate | None, ours: str, more: Mapping[str, str]
) -> Letter:
    language, values = language_of(case), {**values_of_case(case), **more}
    no_gaps: list[str] = []
    if template is None:
        body, missing = _own_words(case, ours, language), no_gaps
    else:
        body, missing = _fill(template.body, values, pieces(language).greeting_without_name)
    subject = render_template(template.subject, values) if template else None
    told = subject.text.strip() if subject and not subject.missing else _usual_subject(case)
    return Letter(told, _with_references(body, case, shape), template.name if template else "", missing)


def _own_words(case: Case, sentences: str, language: str) -> str:
    said, name = pieces(language), case.contact.name if case.contact else ""
    greeting = said.greeting.format(name=name) if name else said.greeting_without_name
    owner = f"\n{case.owner.name}" if case.owner else ""
    return f"{greeting}\n\n{sentences}\n\n{said.closing}{owner}"


def _fill(text: str, values: Mapping[str, str], greeting: str) -> tuple[str, list[str]]:
    """The text line by line: a greeting without its name is replaced, another line that misses something left out.

    Missing are the names in lines that say more than a name: without them the mail may not make sense.
    """
    lines: list[str] = []
    missing: list[str] = []
    for line in text.strip().split("\n"):
        rendered = render_template(line, values)
        if not rendered.missing:
            lines.append(rendered.text)
        elif not lines and greeting:
            lines.append(greeting)
        elif re.search(r"\w", _PLACE.sub("", line)):
            missing += rendered.missing
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), missing


def _with_references(body: str, case: Case, shape: shapes.Shape) -> str:
    wanted = shape.get("references") or []
    told = {"number": f"#{case.number}", "title": case.title}
    line = " · ".join(told[name] for name in ("number", "title") if name in wanted)
    return f"{body}\n\n{line}" if line else body


def _usual_subject(case: Case) -> str:
    conversation = current_conversation(case)
    if case.last_inbound:
        return reply_subject(case, case.last_inbound)
    subject = (conversation.subject if conversation else "") or case.title
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _recipients(case: Case) -> list[str]:
    conversation = current_conversation(case)
    return [each.address for each in default_recipients(conversation)] if conversation else []


def _risks(letter: Letter) -> list[str]:
    return [_("Nothing is known for the placeholder “%(name)s”.") % {"name": name} for name in letter.missing]
