"""What people do with drafts besides deciding: keep an edit, split one in two, take out a sentence."""

import datetime as dt
import re
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agents.audit import record
from agents.evidence import EVIDENCE, Words
from agents.kinds import get_kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed, NotPending, of_subject
from knowledge import gate, harvest
from knowledge.models import Harvest
from knowledge.passages import sentences
from knowledge.payloads import ArticlePayload, DraftSentence
from knowledge.transcripts import fetch_transcript, known_of
from knowledge.wording import read_heading

_STEP = re.compile(r"^\s*(?:\d{1,2}\.|-) ")
_BLOCK = re.compile(r"(?m)^(?=## |\d{1,2}\. |- )")


def pending_draft(subject: Harvest) -> Suggestion | None:
    """The suggestion that waits about a harvest."""
    return of_subject(subject).filter(kind=harvest.KIND, state=Suggestion.State.PENDING).first()


def list_blocks(body: str) -> list[str]:
    """The sections and steps of a draft, in order: where it can be split."""
    return [piece for piece in _BLOCK.split(body) if piece.strip()]


def list_sources(subject: Harvest, suggestion: Suggestion) -> list[dict[str, Any]]:
    """What was said, personal data taken out, with the marks of the sentences that the draft was made from."""
    transcript = fetch_transcript(subject.source, subject.object_id)
    if transcript is None:
        return []
    marks = {(one.message, one.start): one.mark for one in EVIDENCE.validate_python(suggestion.evidence)
             if isinstance(one, Words)}  # fmt: skip
    said, _removed = gate.read_turns(transcript.turns, transcript.known)
    found: dict[int, dict[str, Any]] = {}
    for one in said:
        if one.author != "note":
            turn = found.setdefault(one.message, {"author": one.author, "sentences": []})
            pieces = [(piece, at % 2 == 1) for at, piece in enumerate(gate.split_removed(one.text)) if piece]
            turn["sentences"].append({"pieces": pieces, "mark": marks.get((one.message, one.start), 0)})
    return list(found.values())


@transaction.atomic
def save_draft(subject: Harvest, *, edits: dict[str, Any], by: Any, seen: int, now: dt.datetime) -> Suggestion:
    """Keep a person's edits without deciding; the draft waits on. Raises NotPending when it changed since ``seen``."""
    subject, suggestion = _lock(subject, seen)
    payload = ArticlePayload.model_validate({**suggestion.proposed, **edits})
    _refuse_personal(subject, payload)
    if payload.body != suggestion.proposed["body"]:
        payload = payload.model_copy(update={"sentences": _read_sentences(payload)})
    saved = _propose(subject, suggestion, payload, now)
    record("harvest.edited", by=by, subject=subject, text=payload.title, suggestion=saved, now=now)
    return saved


@transaction.atomic
def split_draft(
    subject: Harvest, *, at: int, title: str, by: Any, seen: int, now: dt.datetime
) -> tuple[Suggestion, Suggestion]:
    """Two drafts out of one: what stands from block ``at`` on becomes a new article of its own.

    Raises NotPending when the draft changed since ``seen``, NotAllowed when there is nothing to split.
    """
    subject, suggestion = _lock(subject, seen)
    payload = ArticlePayload.model_validate(suggestion.proposed)
    blocks = list_blocks(payload.body)
    if payload.article:
        raise NotAllowed([_("A revision is not split. Approve it, or reject it.")])
    if not 0 < at < len(blocks):
        raise NotAllowed([_("There is nothing to split there.")])
    head, tail = "".join(blocks[:at]).strip(), "".join(blocks[at:]).strip()
    first = _with_body(payload, payload.title, head)
    second = _with_body(payload, title, tail)
    _refuse_personal(subject, second)
    kept = _propose(subject, suggestion, first, now)
    last = Harvest.objects.filter(source=subject.source, object_id=subject.object_id, closed_at=subject.closed_at)
    other = Harvest.objects.create(
        source=subject.source, object_id=subject.object_id, closed_at=subject.closed_at, run=subject.run,
        part=(last.aggregate(top=Max("part"))["top"] or 1) + 1, split_from=subject, state=Harvest.State.DRAFTED,
        outcome=Harvest.Outcome.NEW, reason=_("Split from “%(title)s”.") % {"title": payload.title},
        label=subject.label, link=subject.link, title=title, line_of_business=subject.line_of_business,
        created_at=now, finished_at=now,
    )  # fmt: skip
    made = _propose(other, suggestion, second, now)
    record("harvest.split", by=by, subject=subject, text=f"{payload.title} / {title}", suggestion=made, now=now)
    return kept, made


def _read_sentences(payload: ArticlePayload) -> list[DraftSentence]:
    """The sentences of an edited text; the untouched keep their source, and whoever edits is the source of the others.

    Of a revision only what it adds counts, and an article in other sections is shown as it stands.
    """
    before = {one.text: one for one in payload.sentences}
    if payload.article:
        return [one for one in payload.sentences if one.text in payload.body]
    found: list[DraftSentence] = []
    section = ""
    for line in payload.body.splitlines():
        if line.startswith("#"):
            section = read_heading(line.lstrip("# "))
            continue
        text = _STEP.sub("", line)
        for said in [text] if text in before else [one.text for one in sentences(text)]:
            part = before[said].part if said in before else ""
            found.append(DraftSentence(section=section, text=said, part=part, is_step=text != line))
    return found if all(one.section for one in found) else []


def _with_body(payload: ArticlePayload, title: str, body: str) -> ArticlePayload:
    kept = [one for one in payload.sentences if one.text in body]
    return ArticlePayload.model_validate(
        payload.model_dump() | {"title": title, "body": body, "sentences": [one.model_dump() for one in kept]}
    )


def _lock(subject: Harvest, seen: int) -> tuple[Harvest, Suggestion]:
    """The harvest and the draft that was seen, both locked."""
    subject = Harvest.objects.select_for_update().get(pk=subject.pk)
    suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=seen, object_id=subject.pk)
    if suggestion.state != Suggestion.State.PENDING:
        raise NotPending(suggestion)
    return subject, suggestion


def _refuse_personal(subject: Harvest, payload: ArticlePayload) -> None:
    """What a person types is stored as well: it passes the same gate."""
    kinds = gate.list_personal(f"{payload.title}\n{payload.body}", known_of(subject.source, subject.object_id))
    if kinds:
        raise NotAllowed([_("It still holds personal data: %(kind)s.") % {"kind": ", ".join(kinds)}])


def _propose(subject: Harvest, old: Suggestion, payload: ArticlePayload, now: dt.datetime) -> Suggestion:
    """The same grounds, other words; it always waits for a person."""
    parts = {one.part for one in payload.sentences}
    evidence = [one for one in EVIDENCE.validate_python(old.evidence) if one.part in parts]
    Harvest.objects.filter(pk=subject.pk).update(title=payload.title)
    made = propose(harvest.KIND, subject, Proposal(
        payload=payload, fingerprint=get_kind(harvest.KIND).fingerprint(subject), evidence=evidence,
        risks=gate.doubt(f"{payload.title}\n{payload.body}"), confidence=old.confidence, engine=old.engine,
        engine_version=old.engine_version, rule=old.rule, why=old.why, wanted=Level.ASK,
        line_of_business=old.line_of_business, channel=old.channel, topic=old.topic, topic_label=old.topic_label,
    ), now=now)  # fmt: skip
    if not made or made[0].state != Suggestion.State.PENDING:
        raise NotAllowed([_("The agent is paused or switched off.")])
    Harvest.objects.filter(pk=subject.pk).update(state=Harvest.State.DRAFTED)
    return made[0]


def forget_reopened(source: str, ident: int, *, now: dt.datetime) -> int:
    """Take back the drafts of a matter that was opened again; returns how many."""
    from agents.suggestions import withdraw_for

    rows = Harvest.objects.filter(source=source, object_id=ident, state=Harvest.State.DRAFTED)
    return sum(withdraw_for(row, _("The case was opened again."), now=now) for row in rows)
