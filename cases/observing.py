"""What the agents would have done with cases out of history, beside what was really answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType

from agents.models import Suggestion
from cases.drafts import Sentence, cite_sentences
from cases.models import Case
from cases.payloads import FieldsPayload, FieldValue, ReplyPayload
from conversations.models import Message

REPLY, FIELDS = "cases.send_reply", "cases.fill_fields"


@dataclass
class Comparison:
    """One case: what its customer asked, what the agent would have answered and written, and the answer that was sent.

    ``asked`` is the message the draft answers (without a draft the customer's last); ``sent`` is the first answer of
    people to it, None where history has none.
    """

    case: Case
    asked: Message | None = None
    sent: Message | None = None
    draft: Suggestion | None = None
    paragraphs: list[list[Sentence]] = field(default_factory=list)
    fields: list[FieldValue] = field(default_factory=list)


def compare_cases(cases: Sequence[Case]) -> list[Comparison]:
    """The observed suggestions of these cases beside their mails, in the same order. Two queries."""
    found = {case.pk: Comparison(case) for case in cases}
    values: dict[int, dict[str, FieldValue]] = {case.pk: {} for case in cases}
    for suggestion in _observed(list(found)):
        row = found[suggestion.object_id]
        if suggestion.kind == REPLY:
            row.draft = suggestion
        else:
            payload = FieldsPayload.model_validate(suggestion.proposed)
            values[row.case.pk] |= {value.name: value for value in payload.fields}
    mails = _mails(list(found))
    for pk, row in found.items():
        row.fields = list(values[pk].values())
        row.asked, row.sent = pair_mails(mails.get(pk, []), row.draft.fingerprint if row.draft else {})
        if row.draft:
            sources = [item for item in row.draft.evidence if item["kind"] == "passage"]
            row.paragraphs = cite_sentences(ReplyPayload.model_validate(row.draft.proposed), sources)
    return list(found.values())


def pair_mails(mails: Sequence[Message], fingerprint: dict[str, Any]) -> tuple[Message | None, Message | None]:
    """The customer's message a draft answers, and the first answer of ours behind it; ``mails`` in order of arrival.

    The draft's fingerprint names the last message it saw, which may be our answer itself.
    """
    last = fingerprint.get("last_message")
    seen = next((at for at, mail in enumerate(mails) if mail.pk == last), len(mails) - 1)
    inbound = [at for at, mail in enumerate(mails[: seen + 1]) if mail.direction == Message.Direction.IN]
    if not inbound:
        return None, None
    asked = inbound[-1]
    answers = (mail for mail in mails[asked + 1 :] if mail.direction == Message.Direction.OUT)
    return mails[asked], next(answers, None)


def _observed(idents: list[int]) -> list[Suggestion]:
    """What was observed about these cases, oldest first."""
    rows = Suggestion.objects.filter(
        content_type=ContentType.objects.get_for_model(Case),
        object_id__in=idents,
        kind__in=[REPLY, FIELDS],
        state=Suggestion.State.OBSERVED,
    )
    return list(rows.order_by("id"))


def _mails(idents: list[int]) -> dict[int, list[Message]]:
    """The mails that people wrote in each case, in order of arrival."""
    people = [Message.Nature.PERSON, Message.Nature.COMPLAINT]
    rows = Message.objects.filter(case_link__case__in=idents, nature__in=people).select_related("case_link")
    grouped: dict[int, list[Message]] = {}
    for mail in rows.order_by("received_at", "id"):
        grouped.setdefault(mail.case_link.case_id, []).append(mail)
    return grouped
