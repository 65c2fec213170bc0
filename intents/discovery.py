"""Discovery: why customers write is found in their messages, compared with the library, and moved there by people."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Refused
from agents import conditions, embeddings, sections
from agents.audit import record
from agents.models import Rule
from agents.queue import ring
from agents.skills.languages import fold
from conversations.models import Message
from intents import groups, library, matching
from intents.clustering import LEFT_OUT, cluster
from intents.joining import join_requests
from intents.learning import read_vector
from intents.models import Candidate, DiscoveryRun, Example, Intent, IntentGroup, Review
from intents.naming import name_groups, pick_examples
from intents.privacy import hide_personal, own_words, people_of
from intents.recognition import read_units
from intents.standing import keep_standing

log = structlog.get_logger(__name__)
SECTION = "intents.discovery"
BELL = "discovery.asked"
Kind, State = DiscoveryRun.Kind, DiscoveryRun.State
TESTED, MOST, FEWEST = 1000, 20_000, 20
WINDOW, DAILY = dt.timedelta(days=61), dt.timedelta(hours=24)
LEASE = dt.timedelta(minutes=10)
PIECE = 250


@dataclass(frozen=True)
class Found:
    """The messages of a run, in an order that does not depend on arrival: keys, languages, words, vectors."""

    keys: list[int]
    languages: list[str]
    texts: list[str]
    vectors: np.ndarray


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_run(rule: Rule, *, kind: str, by: Any, now: dt.datetime | None = None) -> DiscoveryRun:
    """Ask for a run under a rule's settings as they are now. Raises Refused while one is under way."""
    now, outcome = now or timezone.now(), rule.outcome
    try:
        with transaction.atomic():
            run = DiscoveryRun.objects.create(
                rule=rule.pk,
                name=rule.name,
                line_of_business_id=outcome.get("line_of_business") or None,
                conditions=rule.conditions,
                granularity=outcome.get("granularity", "medium"),
                default_status=outcome.get("default_status", Review.PENDING),
                kind=kind,
                created_by=by,
                created_at=now,
            )
            record("discovery.asked", by=by, subject=run, text=str(run), now=now)
            ring(BELL, run.pk)
    except IntegrityError:
        raise Refused(_("A run of “%(name)s” is under way.") % {"name": rule.name}) from None
    return run


def ask_daily(*, now: dt.datetime) -> int:
    """Ask for the runs whose day has come; returns how many. Nothing while discovery or the agent is switched off."""
    loaded = sections.load(SECTION)
    if not (loaded.is_on and matching.is_on()):
        return 0
    asked = 0
    for rule in loaded.rules:
        under_way = Q(state__in=[State.WAITING, State.RUNNING])
        today = Q(kind=Kind.SCHEDULED, created_at__gt=now - DAILY)
        if DiscoveryRun.objects.filter(under_way | today, rule=rule.pk).exists():
            continue
        if rule.outcome.get("is_scheduled"):
            ask_run(rule, kind=Kind.SCHEDULED, by=None, now=now)
            asked += 1
    return asked


def due_runs(limit: int, *, now: dt.datetime) -> list[int]:
    """Runs that wait, and those whose worker died."""
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, lease__lt=now)
    return list(DiscoveryRun.objects.filter(free).order_by("id").values_list("pk", flat=True)[:limit])


# ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────────


def do_run(pk: int, *, now: dt.datetime | None = None) -> DiscoveryRun | None:
    """Look, group, name, compare and keep; what goes wrong is said on the run. None when another worker has it."""
    now = now or timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, lease__lt=now)
    if not DiscoveryRun.objects.filter(free, pk=pk).update(state=State.RUNNING, lease=now + LEASE, processed=0):
        return None
    run = DiscoveryRun.objects.select_related("line_of_business").get(pk=pk)
    try:
        candidates, left_out = find_candidates(run, now=now)
    except Refused as why:
        return _fail(run, str(why), now)
    except Exception as error:
        log.exception("discovery.failed", run=pk)
        return _fail(run, _("It stopped at an error (%(kind)s). The log has it.") % {"kind": type(error).__name__}, now)
    with transaction.atomic():
        Candidate.objects.filter(run=run).delete()
        Candidate.objects.bulk_create(candidates)
        DiscoveryRun.objects.filter(pk=pk).update(
            state=State.DONE, finished_at=timezone.now(), lease=None, left_out=left_out, reason=""
        )
    return DiscoveryRun.objects.get(pk=pk)


def _fail(run: DiscoveryRun, reason: str, now: dt.datetime) -> DiscoveryRun:
    DiscoveryRun.objects.filter(pk=run.pk).update(state=State.FAILED, reason=reason[:300], finished_at=now, lease=None)
    return DiscoveryRun.objects.get(pk=run.pk)


def find_candidates(run: DiscoveryRun, *, now: dt.datetime) -> tuple[list[Candidate], int]:
    """What a run finds, the largest first, and how many messages are like too few others. Writes only its progress."""
    found = _collect(run, now=now)
    before = _standing_candidates(run)
    labels, goes_on = group_messages(found, run.granularity, before)
    names = _go_on_with_names(name_groups(found.texts, labels), goes_on, before)
    middles = _middles(found.vectors, labels)
    families = _name_families(found.texts, labels, middles)
    known = _known_intents(run)
    rows = []
    for place, name in enumerate(names):
        members = np.flatnonzero(labels == place)
        intent = _nearest_intent(found.vectors, members, middles[place], known)
        rows.append(_candidate(run, place, name, families[place], found, members, intent))
    _hide_personal(rows)
    return rows, int((labels == LEFT_OUT).sum())


def _standing_candidates(run: DiscoveryRun) -> list[Candidate]:
    """What the scheduled run before this one found; nothing for a test, which looks anew."""
    if run.kind != Kind.SCHEDULED:
        return []
    same = DiscoveryRun.objects.filter(rule=run.rule, kind=Kind.SCHEDULED, granularity=run.granularity)
    last = same.filter(state=State.DONE, pk__lt=run.pk).order_by("-pk").first()
    return list(last.candidates.order_by("place")) if last else []


def group_messages(found: Found, granularity: str, before: list[Candidate]) -> tuple[np.ndarray, np.ndarray]:
    """A group number for each message, and for each group the place of the candidate it goes on from.

    At high granularity the same request for two things stays two reasons.
    """

    def find() -> np.ndarray:
        labels = cluster(found.vectors, granularity=granularity)
        return labels if granularity == "high" else join_requests(found.texts, found.vectors, labels, found.languages)

    places = {key: at for at, row in enumerate(before) for key in row.members}
    standing = np.array([places.get(key, LEFT_OUT) for key in found.keys], int)
    return keep_standing(found.vectors, standing, find)


def _go_on_with_names(names: list[str], goes_on: np.ndarray, before: list[Candidate]) -> list[str]:
    """A reason that goes on keeps its name, also one that a person gave it; no two have the same."""
    kept = {place: before[at].name for place, at in enumerate(goes_on) if at != LEFT_OUT}
    taken = {name.casefold() for name in kept.values()}
    return [
        kept.get(place) or (f"{name} {place + 1}" if name.casefold() in taken else name)
        for place, name in enumerate(names)
    ]


def _hide_personal(rows: list[Candidate]) -> None:
    """The examples that are kept say nothing of who wrote them."""
    keys = [each["message"] for row in rows for each in row.examples]
    wrote = Message.objects.select_related("contact__company").in_bulk(keys)
    ours = own_words()
    for row in rows:
        row.examples = [
            each | {"text": hide_personal(each["text"], [*people_of(wrote[each["message"]]), *ours])}
            for each in row.examples
        ]


def _collect(run: DiscoveryRun, *, now: dt.datetime) -> Found:
    """The messages that the conditions let through, embedded; Refused when they are too few to tell."""
    rows = messages_of(run, now=now)
    read = [(message.pk, message.language, _words(message)) for message in rows]
    read = sorted((row for row in read if row[2]), key=lambda row: (library.word_fingerprint(row[2]), row[0]))
    if len(read) < FEWEST:
        values = {"count": len(read), "fewest": FEWEST}
        raise Refused(_("Only %(count)d messages match; it takes %(fewest)d to tell reasons apart.") % values)
    DiscoveryRun.objects.filter(pk=run.pk).update(total=len(read))
    vectors = []
    for at in range(0, len(read), PIECE):
        vectors.append(embeddings.embed([text for _key, _language, text in read[at : at + PIECE]]))
        DiscoveryRun.objects.filter(pk=run.pk).update(
            processed=F("processed") + len(vectors[-1]), lease=timezone.now() + LEASE
        )
    keys, languages, texts = (list(column) for column in zip(*read, strict=True))
    return Found(keys, languages, texts, np.vstack(vectors))


def messages_of(run: DiscoveryRun, *, now: dt.datetime) -> list[Message]:
    """The first mails of conversations within the conditions and the line, newest first, as many as the kind allows."""
    first = ~Q(conversation__messages__id__lt=F("id"), conversation__messages__direction=Message.Direction.IN)
    rows = Message.objects.filter(first, direction=Message.Direction.IN, nature=Message.Nature.PERSON)
    if run.line_of_business_id:
        rows = rows.filter(conversation__line_of_business=run.line_of_business_id)
    rows = rows.filter(conditions.compile(run.conditions, Message, now))
    if run.kind == Kind.SCHEDULED:
        rows = rows.filter(received_at__gt=now - WINDOW)
    rows = rows.only("pk", "language", "subject", "newest_text", "conversation_id").distinct()
    return list(rows.order_by("-received_at", "-id")[: TESTED if run.kind == Kind.TEST else MOST])


def _words(message: Message) -> str:
    units = read_units(message.newest_text, message.subject)
    return units[0].text[:1000] if units else ""


def _middles(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    count = int(labels.max()) + 1 if len(labels) else 0
    rows = [vectors[labels == at].mean(axis=0) for at in range(count)]
    return np.stack(rows) if rows else np.zeros((0, vectors.shape[1]))


def _name_families(texts: list[str], labels: np.ndarray, middles: np.ndarray) -> list[str]:
    """The name of the intent group each candidate would stand in; empty where it stands alone."""
    if len(middles) < 6:
        return [""] * len(middles)
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    families = cluster(middles / np.maximum(lengths, 1e-9), granularity="low")
    grouped = np.array([families[label] if label != LEFT_OUT else LEFT_OUT for label in labels])
    names = name_groups(texts, grouped)
    return [names[family].split()[0].capitalize() if family != LEFT_OUT else "" for family in families]


def _known_intents(run: DiscoveryRun) -> list[tuple[Intent, np.ndarray]]:
    """Each intent of the line, discarded ones as well, with the middle of its examples."""
    line = Q(line_of_business=None) | Q(line_of_business=run.line_of_business_id)
    rows = []
    for intent in Intent.objects.filter(line).prefetch_related("examples").order_by("pk"):
        vectors = [vector for each in intent.examples.all() if (vector := read_vector(each)) is not None]
        if vectors:
            rows.append((intent, np.mean(vectors, axis=0)))
    return rows


def _nearest_intent(
    vectors: np.ndarray, members: np.ndarray, middle: np.ndarray, known: list[tuple[Intent, np.ndarray]]
) -> Intent | None:
    """The intent that lies as near to a group's middle as its own messages do; None when there is none."""
    length = float(np.linalg.norm(middle))
    own = float((vectors[members] @ middle).mean()) / max(length, 1e-9)
    best, nearest = None, own
    for intent, centre in known:
        if centre.shape != middle.shape:
            continue
        alike = float(centre @ middle) / max(length * float(np.linalg.norm(centre)), 1e-9)
        if alike >= nearest:
            best, nearest = intent, alike
    return best


def _candidate(
    run: DiscoveryRun, place: int, name: str, group: str, found: Found, members: np.ndarray, intent: Intent | None
) -> Candidate:
    chosen = pick_examples(found.texts, found.vectors, members)
    languages = [found.languages[at] for at in members]
    state = Candidate.State.NEW
    if intent is not None:
        discarded = intent.review_state == Review.DISCARDED
        state = Candidate.State.DISCARDED if discarded else Candidate.State.KNOWN
    return Candidate(
        run=run,
        place=place,
        name=intent.name if intent else name[:120],
        group_name=group[:120],
        examples=[{"message": found.keys[at], "text": found.texts[at]} for at in chosen],
        volume=len(members),
        members=[found.keys[at] for at in members],
        language=max(sorted(set(languages)), key=languages.count),
        state=state,
        intent=intent,
    )


# ── what people do with it ────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def move_to_library(run: DiscoveryRun, candidates: list[int], *, by: Any, now: dt.datetime | None = None) -> int:
    """Make intents of new candidates, and teach the known ones; returns how many were moved. Once each."""
    now, moved = now or timezone.now(), 0
    rows = Candidate.objects.select_for_update(of=("self",)).filter(run=run, pk__in=candidates)
    for row in rows.exclude(state__in=[Candidate.State.MOVED, Candidate.State.DISCARDED]).order_by("place"):
        intent = row.intent or _add_intent(run, row, by=by, now=now)
        texts = [each["text"] for each in row.examples]
        library.add_examples(intent, texts, by=by, source=Example.Source.DISCOVERY, now=now)
        row.intent, row.state = intent, Candidate.State.MOVED
        row.save(update_fields=["intent", "state"])
        moved += 1
    if moved:
        text = ngettext("moved %(count)d intent to the library", "moved %(count)d intents to the library", moved)
        record("discovery.moved", by=by, subject=run, text=text % {"count": moved}, now=now)
    return moved


def _add_intent(run: DiscoveryRun, row: Candidate, *, by: Any, now: dt.datetime) -> Intent:
    source = Intent.Source.SIMULATION if run.kind == Kind.TEST else Intent.Source.DISCOVERY
    same = Intent.objects.filter(name__iexact=row.name, line_of_business=run.line_of_business).first()
    if same is not None:
        if same.review_state == Review.DISCARDED:
            raise Refused(_("“%(name)s” was discarded before. Give it another name.") % {"name": same.name})
        return same
    return library.save_intent(
        None, by=by, now=now, name=row.name, definition=row.examples[0]["text"][:500], language=row.language or "en",
        line_of_business=run.line_of_business, group=_group(run, row.group_name, by=by, now=now), source=source,
        review_state=run.default_status, review_source=Intent.ReviewSource.DEFAULT,
    )  # fmt: skip


def _group(run: DiscoveryRun, name: str, *, by: Any, now: dt.datetime) -> IntentGroup | None:
    if not name:
        return None
    found = IntentGroup.objects.filter(name__iexact=name, line_of_business=run.line_of_business)
    group = found.first() or groups.save_group(
        None, by=by, now=now, name=name, line_of_business=run.line_of_business, source=IntentGroup.Source.DISCOVERY
    )
    return None if group.review_state == Review.DISCARDED else group


def rename_candidate(candidate: Candidate, name: str) -> Candidate:
    """Give a candidate the name it is to have in the library. Raises Refused for an empty one or what was moved."""
    name = " ".join(name.split())[:120]
    if not fold(name):
        raise Refused(_("An intent needs a name."))
    if not Candidate.objects.filter(pk=candidate.pk, state=Candidate.State.NEW).update(name=name):
        raise Refused(_("It is in the library already. Rename it there."))
    candidate.name = name
    return candidate


def mark_reviewed(run: DiscoveryRun, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Say that somebody has looked through a run; once."""
    now = now or timezone.now()
    rows = DiscoveryRun.objects.filter(pk=run.pk, state__in=[State.DONE, State.FAILED], reviewed_at=None)
    if not rows.update(reviewed_by=by, reviewed_at=now):
        return False
    record("discovery.reviewed", by=by, subject=run, text=str(run), now=now)
    return True
