"""A solved matter becomes a drafted article, a revision, or nothing, each with its reason, once a closing."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from agents import sections, skills
from agents.actors import agent_user
from agents.audit import record
from agents.models import Rule, SectionSetting, Suggestion
from agents.models.levels import ArrivedAs, Level
from agents.proposals import Proposal, propose
from agents.sections import versions
from knowledge import gate
from knowledge.asking import DraftArticle, DraftedArticle, NearArticle
from knowledge.models import Article, Harvest, HarvestRun, Product
from knowledge.payloads import ArticlePayload, DraftSentence
from knowledge.search import find_passages
from knowledge.transcripts import CASE, GIVERS, Transcript, Turn, fetch_transcript
from knowledge.wording import headings

SECTION, HISTORY = "knowledge.creation", "knowledge.historical"
KIND, AGENT = "knowledge.publish_article", "customer-knowledge"
State, Outcome = Harvest.State, Harvest.Outcome
OPEN_STATES = (State.READY, State.THINKING, State.FAILED)
# How long after a closing the sweep still looks for what no bell announced.
LOOK_BACK = dt.timedelta(days=2)
NEAREST, MOST_WAITING_COMPARED, NEAR_CHARACTERS = 5, 50, 1500
WHY = {
    "gap": gettext_noop("No published article answers this."),
    "near": gettext_noop("An article is near and does not say this yet."),
    "covered": gettext_noop("A published article says this already."),
    "waiting": gettext_noop("A draft that waits for review says this already."),
    "nothing_general": gettext_noop("Nothing in our answers helps anybody else."),
    "too_little": gettext_noop("Our answers say too little."),
    "no_question": gettext_noop("What the customer asked cannot be told without personal data."),
}


class CapReached(Exception):  # noqa: N818
    """As many drafts wait as may; this one was not stored."""


def harvest_closing(source: str, ident: int, *, now: dt.datetime, run: HarvestRun | None = None) -> Harvest | None:
    """What becomes of one closing; None when it is open again or harvesting is off. Doing it twice does no harm.

    Raises CapReached in a run whose cap of waiting drafts is reached.
    """
    transcript = fetch_transcript(source, ident)
    if transcript is None:
        return None
    loaded = sections.load(SECTION, transcript.line_of_business)
    if run is None and not (loaded.is_on and loaded.level != Level.OFF and loaded.values.get("real_time")):
        return None
    if run is not None:
        loaded = replace(loaded, rules=sections.load(HISTORY, transcript.line_of_business).rules)
    harvest = _begin(transcript, run, now)
    if harvest.state not in OPEN_STATES:
        return harvest
    rule, why = _match(source, ident, loaded, now)
    if rule is None and loaded.rules:
        return _end(harvest, Outcome.NONE, why, now)
    Harvest.objects.filter(pk=harvest.pk).update(state=State.THINKING)
    try:
        draft, answer, removed = think(transcript, loaded.values)
        return _store(harvest, transcript, draft, answer, removed, rule, loaded.values, run, now)
    except CapReached:
        Harvest.objects.filter(pk=harvest.pk, state=State.THINKING).delete()
        raise
    except Exception as problem:
        failed = Harvest.objects.filter(pk=harvest.pk, state=State.THINKING)
        failed.update(state=State.FAILED, reason=type(problem).__name__)
        raise


def harvest_again(pk: int, *, now: dt.datetime) -> Harvest | None:
    """Think once more about a closing whose draft was withdrawn because the article it revises changed."""
    found = Harvest.objects.filter(pk=pk, part=1).exclude(state__in=[State.CREATED, State.REJECTED]).first()
    pending = Suggestion.objects.filter(kind=KIND, object_id=pk, state=Suggestion.State.PENDING)
    if found is None or pending.exists():
        return None
    Harvest.objects.filter(pk=pk).update(state=State.READY)
    return harvest_closing(found.source, found.object_id, now=now)


def _begin(transcript: Transcript, run: HarvestRun | None, now: dt.datetime) -> Harvest:
    row, _created = Harvest.objects.get_or_create(
        source=transcript.source, object_id=transcript.ident, closed_at=transcript.closed_at, part=1,
        defaults={
            "run": run, "label": transcript.label, "link": transcript.link, "created_at": now,
            "line_of_business": transcript.line_of_business,
        },
    )  # fmt: skip
    return row


def _match(source: str, ident: int, loaded: sections.Loaded, now: dt.datetime) -> tuple[Rule | None, str]:
    subject = GIVERS[source].rows(None).filter(pk=ident).first() if loaded.rules else None
    return sections.first_match(loaded.rules, subject, now) if subject is not None else (None, "")


def think(transcript: Transcript, values: Mapping[str, Any]) -> tuple[DraftedArticle, skills.Answer, dict[str, int]]:
    """The draft of a matter; personal data is removed before anything is asked, and what was removed is counted."""
    used = _used(values)
    # A customer's mail that is odd, or speaks to machines, is shown to the reviewer and quoted by nobody.
    turns = [turn for turn in transcript.turns if turn.author != "customer" or not _is_odd(turn)]
    turns = [turn for turn in turns if turn.author != "note" or "notes" in used]
    turns = [turn for turn in turns if turn.author == "note" or "mails" in used]
    said, removed = gate.read_turns(turns, transcript.known)
    product = Product.objects.filter(pk=transcript.product or 0).first() if "product" in used else None
    title = gate.clean(transcript.title, transcript.known) if "title" in used else ""
    question = DraftArticle(
        title=title,
        product=product.name if product else "",
        language=transcript.language or "en",
        said=said,
        near=_near(transcript, title, said),
        covered_from=float(values.get("covered_from", 0.85)),
        near_from=float(values.get("near_from", 0.7)),
    )
    scope = skills.Scope(transcript.line_of_business.pk if transcript.line_of_business else None)
    answer = skills.run("knowledge.draft_article", question, scope)
    return answer.output, answer, dict(removed)


# Notes among ourselves are left out unless somebody says otherwise.
ATTRIBUTES = ("title", "product", "subject", "mails")


def _is_odd(turn: Turn) -> bool:
    return bool(turn.doubts) or gate.gives_orders(turn.text)


def _near(transcript: Transcript, title: str, said: Sequence[Any]) -> list[NearArticle]:
    """Published articles that may say it already, and drafts that wait."""
    words = " ".join(one.text for one in said if one.author == "us")[:2000]
    product = Product.objects.filter(pk=transcript.product or 0).first()
    hits = find_passages(
        f"{title}\n{words}", user=agent_user(AGENT), language=transcript.language,
        line_of_business=transcript.line_of_business, product=product, limit=12, is_shown=False,
    )  # fmt: skip
    idents = list(dict.fromkeys(hit.article for hit in hits))[:NEAREST]
    found = Article.objects.in_bulk(idents)
    near = [
        NearArticle(article=pk, version=found[pk].version, title=found[pk].title, text=found[pk].body[:NEAR_CHARACTERS])
        for pk in idents
        if pk in found
    ]
    waiting = Suggestion.objects.filter(kind=KIND, state=Suggestion.State.PENDING).order_by("-id")
    drafts = waiting.values_list("proposed", flat=True)[:MOST_WAITING_COMPARED]
    return near + [
        NearArticle(title=str(draft.get("title", "")), text=str(draft.get("body", ""))[:NEAR_CHARACTERS])
        for draft in drafts
        if not draft.get("article")
    ]


@transaction.atomic
def _store(
    harvest: Harvest, transcript: Transcript, draft: DraftedArticle, answer: skills.Answer, removed: dict[str, int],
    rule: Rule | None, values: Mapping[str, Any], run: HarvestRun | None, now: dt.datetime,
) -> Harvest:  # fmt: skip
    """Keep what became of it, and propose the draft; nothing that still holds personal data is kept."""
    harvest = Harvest.objects.select_for_update().get(pk=harvest.pk)
    if harvest.state not in OPEN_STATES:
        return harvest
    harvest.removed = removed
    harvest.near = [one.model_dump(exclude={"text"}) for one in draft.near if one.article]
    harvest.article_id = draft.article or None
    if draft.decision == "none":
        return _end(harvest, Outcome.NONE, _(WHY.get(draft.why, draft.why)), now)
    payload = make_payload(transcript, draft, values)
    if kinds := gate.list_personal(f"{payload.title}\n{payload.body}", transcript.known):
        return _end(harvest, Outcome.NONE, _("It cannot be told without personal data: %(kinds)s.") % {
            "kinds": ", ".join(kinds)}, now)  # fmt: skip
    if run is not None:
        versions.lock("waiting articles")
        if count_waiting() >= run.most_waiting:
            raise CapReached
    harvest.state, harvest.outcome, harvest.title = State.DRAFTED, draft.decision, payload.title
    harvest.reason, harvest.finished_at = _(WHY.get(draft.why, draft.why)), now
    harvest.save()
    made = propose(KIND, harvest, _proposal(harvest, transcript, payload, answer, rule, values, run), now=now)
    if not made:
        return _end(harvest, Outcome.NONE, _("The agent is paused or switched off."), now)
    harvest.refresh_from_db()
    return harvest


def _proposal(
    harvest: Harvest, transcript: Transcript, payload: ArticlePayload, answer: skills.Answer, rule: Rule | None,
    values: Mapping[str, Any], run: HarvestRun | None,
) -> Proposal:  # fmt: skip
    doubts = [doubt for turn in transcript.turns for doubt in turn.doubts]
    doubts += [_("A mail of the case gives orders to whoever reads it.")
               for turn in transcript.turns if gate.gives_orders(turn.text)][:1]  # fmt: skip
    risks = list(dict.fromkeys([*doubts, *gate.doubt(f"{payload.title}\n{payload.body}")]))
    sure = answer.confidence >= float(values.get("auto_from", 0.8)) and not risks
    return Proposal(
        payload=payload,
        fingerprint=fingerprint(harvest),
        evidence=answer.evidence,
        risks=risks,
        confidence=answer.confidence,
        engine=answer.engine,
        engine_version=answer.version,
        rule=rule,
        why=harvest.reason,
        wanted=Level.AUTO if sure and run is None else Level.ASK,
        line_of_business=transcript.line_of_business,
        channel=transcript.channel,
        topic=transcript.topic,
        topic_label=transcript.topic_label,
        # A run over the past is a person's act, and what it makes waits for a person: nothing else is live in it.
        arrived_as=ArrivedAs.LIVE if run is not None else transcript.arrived_as,
    )


def make_payload(transcript: Transcript, draft: DraftedArticle, values: Mapping[str, Any]) -> ArticlePayload:
    """The draft as what would be published; a revision is the whole next text of its article."""
    sentences = [
        DraftSentence(
            section=one.section,
            text=one.text,
            part=f"s{at}" if one.source and one.source.message else "",
            is_step=one.is_step,
        )
        for at, one in enumerate(draft.sentences)
    ]
    body = write_body(sentences, transcript.language)
    article = Article.objects.filter(pk=draft.article).first() if draft.decision == "update" else None
    if article is not None:
        body = f"{article.body.rstrip()}\n\n{write_body(sentences, article.language)}"
    audience: Any = article.audience if article else values.get("audience", "internal")
    return ArticlePayload(
        title=(article.title if article else draft.title)[:200],
        summary=draft.summary,
        body=body,
        language=article.language if article else transcript.language or "en",
        audience=audience,
        compliance=values.get("compliance", "pending"),
        then=values.get("then", "publish"),
        keywords=[word for word in draft.keywords if not gate.list_personal(word, transcript.known)],
        products=[transcript.product] if transcript.product and "product" in _used(values) else [],
        subjects=[transcript.subject] if transcript.subject and "subject" in _used(values) else [],
        lines=[transcript.line_of_business.pk] if transcript.line_of_business else [],
        article=article.pk if article else 0,
        article_version=article.version if article else 0,
        sentences=sentences,
    )


def _used(values: Mapping[str, Any]) -> set[str]:
    return set(values.get("attributes") or ATTRIBUTES)


def write_body(sentences: Sequence[DraftSentence], language: str) -> str:
    """The sections Issue, Cause and Resolution in Markdown: steps as a numbered list, what is no step below them."""
    words = headings(language)
    parts = []
    for section in ("issue", "cause", "resolution"):
        found = [one for one in sentences if one.section == section]
        steps = [one.text for one in found if one.is_step and section == "resolution"]
        rest = [one.text for one in found if not (one.is_step and section == "resolution")]
        numbered = [f"{at}. {text}" for at, text in enumerate(steps, 1)] if len(steps) > 1 else steps
        blocks = ["\n".join(numbered), " ".join(rest)]
        if found:
            parts.append(f"## {words[section]}\n\n" + "\n\n".join(block for block in blocks if block))
    return "\n\n".join(parts)


def _end(harvest: Harvest, outcome: str, reason: str, now: dt.datetime) -> Harvest:
    """No article: say why, on the harvest and on the record."""
    harvest.state, harvest.outcome, harvest.reason, harvest.finished_at = State.NOT_CREATED, outcome, reason[:300], now
    harvest.save()
    record(
        "harvest.no_article", by=agent_user(AGENT), subject=harvest, text=harvest.label, why=reason,
        line_of_business=harvest.line_of_business, now=now,
    )  # fmt: skip
    return harvest


def fingerprint(harvest: Harvest) -> dict[str, Any]:
    """What a draft rests on: the closing, and the article it would change."""
    article = harvest.article if harvest.outcome == Outcome.UPDATE else None
    return {"closed_at": harvest.closed_at.isoformat(), "article": article.version if article else 0}


def count_waiting() -> int:
    """How many drafts wait for a person."""
    return Suggestion.objects.filter(kind=KIND, state=Suggestion.State.PENDING).count()


def find_closings(now: dt.datetime, limit: int) -> list[int]:
    """Solved cases that no bell announced; none while harvesting is off everywhere."""
    giver = GIVERS.get(CASE)
    return giver.find_new(now - LOOK_BACK, limit) if giver and is_on_anywhere() else []


def is_on_anywhere() -> bool:
    """Whether any line of business harvests what is solved."""
    rows = SectionSetting.objects.filter(section=SECTION, is_on=True).exclude(level=Level.OFF)
    return any(row.values.get("real_time", True) for row in rows)


def waiting_of(source: str, ident: int) -> Harvest | None:
    """The harvest of a matter whose draft waits for a person."""
    drafted = Harvest.objects.filter(source=source, object_id=ident, state=State.DRAFTED)
    pending = Suggestion.objects.filter(Q(kind=KIND), state=Suggestion.State.PENDING).values("object_id")
    return drafted.filter(pk__in=pending).order_by("-id").first()
