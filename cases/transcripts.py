"""What solved cases hand over to knowledge: what was said, and whom the record knows."""

import datetime as dt
import re
from dataclasses import replace
from email import message_from_bytes
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models.levels import ArrivedAs
from agents.pii import KEEP, Known
from cases.access import visible_cases
from cases.asking import ReadReaction
from cases.models import Case
from cases.reactions import read_reaction
from conversations.models import Mailbox, Message, Note, Raw
from conversations.warnings import doubts
from knowledge.models import Harvest, Product
from knowledge.transcripts import CASE, Giver, Transcript, Turn

MOST_MESSAGES, MOST_BYTES = 60, 2_000_000
# As sure as this a mail rejects what we answered before it.
REJECTED_FROM = 0.5
# Text that its sender did not want to be seen, yet to be read by a machine.
_HIDDEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:\.0+)?\s*[;\"']"
    r"|(?<![-\w])color\s*:\s*(?:#fff(?:fff)?\b|white\b|rgb\(\s*255\s*,\s*255\s*,\s*255|transparent))",
    re.IGNORECASE,
)
WITH = ("contact__company", "company", "product", "line_of_business", "owner")


def list_solved(user: Any = None) -> QuerySet[Case]:
    """Solved cases, newest first; with ``user`` those they may see."""
    rows = Case.objects.all() if user is None else visible_cases(user)
    return rows.filter(status=Case.Status.RESOLVED, status_reason=Case.StatusReason.SOLVED).order_by("-resolved_at")


def fetch_transcript(ident: int) -> Transcript | None:
    """The transcript of a solved case; None when it is open again or was closed for another reason."""
    case = list_solved().select_related(*WITH).filter(pk=ident, resolved_at__isnull=False).first()
    if case is None or case.resolved_at is None:
        return None
    messages = list(_messages(case))
    language = next((one.language for one in messages if one.direction == Message.Direction.IN and one.language), "")
    return Transcript(
        source=CASE,
        ident=case.pk,
        closed_at=case.resolved_at,
        label=_("Case %(number)s") % {"number": case.number},
        link=case.get_absolute_url(),
        title=case.title,
        description=case.description,
        resolution=case.resolution,
        turns=[*mark_rejected(list(map(_turn, messages)), language[:2]), *_notes(case)],
        known=_known(case, messages),
        language=(language or "en")[:2],
        product=case.product_id,
        subject=case.subject_id,
        line_of_business=case.line_of_business,
        channel=case.origin,
        topic=case.topic,
        topic_label=case.topic_label,
        arrived_as=case.arrived_as,
    )


def _messages(case: Case) -> QuerySet[Message]:
    rows = Message.objects.filter(case_link__case=case).select_related("author")
    return rows.filter(nature=Message.Nature.PERSON).order_by("received_at", "id")[:MOST_MESSAGES]


def _turn(message: Message) -> Turn:
    text = message.newest_text or message.text
    inbound = message.direction == Message.Direction.IN
    odd = [str(each) for each in doubts(message)]
    if inbound and _hides_text(message):
        odd.append(_("The mail hides text from its reader."))
    return Turn(message.pk, "customer" if inbound else "us", text, max(message.text.find(text), 0), tuple(odd))


def mark_rejected(turns: list[Turn], language: str) -> list[Turn]:
    """The turns, those of ours that the customer rejected in their next mail marked as no help."""
    found, waiting = [], []
    for at, turn in enumerate(turns):
        if turn.author == "us":
            waiting.append(at)
        elif turn.author == "customer":
            found += waiting if waiting and _rejects(turn, language) else []
            waiting = []
    return [replace(turn, helped=False) if at in found else turn for at, turn in enumerate(turns)]


def _rejects(turn: Turn, language: str) -> bool:
    reaction, _words, sure = read_reaction(ReadReaction(message=turn.message, text=turn.text, language=language))
    return reaction.reaction == "rejects" and sure >= REJECTED_FROM


def _hides_text(message: Message) -> bool:
    """Whether the HTML as it came hides words; what we store has lost its styles."""
    if not message.html:
        return False
    raw = Raw.objects.filter(deliveries__message=message).first()
    parts = message_from_bytes(bytes(raw.content)).walk() if raw and raw.size < MOST_BYTES else []
    return any(
        _HIDDEN.search(bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace"))
        for part in parts
        if part.get_content_type() == "text/html"
    )


def _notes(case: Case) -> list[Turn]:
    rows = Note.objects.filter(content_type__model="case", object_id=case.pk).order_by("created_at")[:20]
    return [Turn(0, "note", note.text) for note in rows]


def _known(case: Case, messages: list[Message]) -> list[Known]:
    """Names, addresses and numbers of everybody in the case; the names of products and our own addresses stay."""
    pairs: list[tuple[str, str]] = [("order", case.order_number), ("serial", case.serial_number)]
    pairs += [("number", value) for value in case.custom.values() if isinstance(value, str) and re.search(r"\d", value)]
    for message in messages:
        inbound = message.direction == Message.Direction.IN
        name = message.from_name if inbound else (message.author.name if message.author else message.from_name)
        pairs.append(("person", name))
        pairs += [("email", message.from_address)] if inbound else []
    if case.contact:
        pairs += [("person", case.contact.name), ("email", case.contact.address), ("phone", case.contact.phone)]
    for company in (case.company, case.contact.company if case.contact else None):
        pairs += [("company", company.name)] if company else []
    pairs += [("person", case.owner.name)] if case.owner else []
    ours = [address for address in Mailbox.objects.values_list("address", flat=True) if address]
    products = Product.objects.values_list("name", "aliases")
    keep = [*ours, *(name for product, aliases in products for name in [product, *aliases])]
    found = [Known(kind, value.strip()) for kind, value in dict.fromkeys(pairs) if value and value.strip()]
    return [*found, *(Known(KEEP, value) for value in keep)]


def find_new(since: dt.datetime, limit: int) -> list[int]:
    """Live cases solved since then of whose closing nothing became yet, oldest first."""
    harvested = Harvest.objects.filter(source=CASE, object_id=OuterRef("pk"), closed_at=OuterRef("resolved_at"))
    rows = list_solved().filter(resolved_at__gte=since, arrived_as=ArrivedAs.LIVE).exclude(Exists(harvested))
    return list(rows.order_by("resolved_at", "id").values_list("pk", flat=True)[:limit])


def find_past(since: dt.datetime, until: dt.datetime, after: int, limit: int) -> list[int]:
    """Cases solved in a window, those of history too, by id."""
    rows = list_solved().filter(resolved_at__gte=since, resolved_at__lt=until, pk__gt=after)
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])


def count_past(since: dt.datetime, until: dt.datetime) -> int:
    """How many were solved in a window."""
    return list_solved().filter(resolved_at__gte=since, resolved_at__lt=until).count()


GIVER = Giver(
    source=CASE,
    label=gettext_lazy("Cases"),
    model=Case,
    rows=list_solved,
    fetch=fetch_transcript,
    find_new=find_new,
    find_past=find_past,
    count_past=count_past,
)
