"""Another template around a draft that waits: what the agent wrote stays, word for word."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.evidence import EVIDENCE
from agents.kinds import get_kind
from agents.models import LineOfBusiness, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed, NotPending
from cases.asking import ReplyPart
from cases.drafting import as_body, greet, unsourced_figures
from cases.lifecycle import lock_case
from cases.models import Case
from cases.payloads import ReplyPayload
from cases.replies import KIND, language_of, list_templates, say_figure, template_pieces
from cases.wording import pieces
from conversations.models import MessageTemplate

RECOMMENDED, FOUND = 5, 20


def recommend_templates(case: Case, *, q: str = "") -> list[MessageTemplate]:
    """Five templates in the customer's language, those of the case's line first; with ``q`` those of that name."""
    tagged = LineOfBusiness.objects.filter(pk=case.line_of_business_id or 0, messagetemplate=OuterRef("pk"))
    rows = list_templates(case).annotate(is_of_line=Exists(tagged)).order_by("-is_of_line", "name")
    if q:
        return list(rows.filter(name__icontains=q)[:FOUND])
    language = language_of(case, case.last_inbound) if case.last_inbound else ""
    return list(rows.filter(language=language or "en")[:RECOMMENDED])


@transaction.atomic
def change_template(
    suggestion: Suggestion, template: MessageTemplate | None, *, by: Any, now: dt.datetime | None = None
) -> Suggestion:
    """The same draft with the greeting and closing of another template, or our own; it waits on, under a new number.

    Raises NotPending when it was decided or replaced, PermissionDenied, and NotAllowed when edits would be lost.
    """
    now, kind = now or timezone.now(), get_kind(KIND)
    case = lock_case(suggestion.object_id)
    row = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if row.state != Suggestion.State.PENDING:
        raise NotPending(row)
    if row.kind != KIND or not kind.access(case, by):
        raise PermissionDenied
    payload = _reframe(case, ReplyPayload.model_validate(row.proposed), template)
    made = propose(KIND, case, Proposal(
        payload=payload, fingerprint=row.fingerprint, evidence=EVIDENCE.validate_python(row.evidence),
        risks=_risks(case, row, payload), confidence=row.confidence, engine=row.engine,
        engine_version=row.engine_version, rule=row.rule, why=row.why, wanted=Level.ASK,
        line_of_business=row.line_of_business, channel=row.channel, topic=row.topic, topic_label=row.topic_label,
    ), now=now)  # fmt: skip
    if not made or made[0].state != Suggestion.State.PENDING:
        raise NotAllowed([_("Something new happened in the case, or the agent is paused. Nothing was changed.")])
    name = template.name if template else _("none")
    said = _("chose the template “%(name)s” for the draft") % {"name": name}
    record("case.template_chosen", by=by, subject=case, text=said, suggestion=made[0], now=now)
    return made[0]


def _reframe(case: Case, payload: ReplyPayload, template: MessageTemplate | None) -> ReplyPayload:
    parts = _parts(payload)
    if len(parts) < 2 or as_body(parts) != payload.body or not (parts[0].source == parts[-1].source == "template"):
        raise NotAllowed([_("Somebody edited this text. Another template would lose the edits.")])
    language = language_of(case, case.last_inbound)[:2] if case.last_inbound else ""
    greeting, closing = template_pieces(template, case) if template else ("", "")
    words, name = pieces(language or "en"), case.contact.name if case.contact else ""
    parts[0] = parts[0].model_copy(update={"text": greet(words, name, greeting)})
    parts[-1] = parts[-1].model_copy(update={"text": (closing or words.closing).strip()})
    return payload.model_copy(
        update={
            "body": as_body(parts),
            "sentences": [part.model_dump(mode="json") for part in parts],
            "template": template.name if template else "",
        }
    )


def _parts(payload: ReplyPayload) -> list[ReplyPart]:
    return [ReplyPart.model_validate(part) for part in payload.sentences]


def _risks(case: Case, row: Suggestion, payload: ReplyPayload) -> list[str]:
    """What spoke against it still does, but for figures that only the old template held; those of the new one too."""
    mail = case.last_inbound.newest_text if case.last_inbound else ""
    before = {say_figure(one) for one in unsourced_figures(_parts(ReplyPayload.model_validate(row.proposed)), mail)}
    after = [say_figure(one) for one in unsourced_figures(_parts(payload), mail)]
    kept = [risk for risk in row.risks if risk not in before or risk in after]
    return [*kept, *(risk for risk in after if risk not in before)]
