"""Reads the sample company: its people, products, articles, templates, solved cases and mails, as typed rows."""

import json
import re
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).resolve().parent.parent / "sample"

Nature = Literal["person", "bounce", "complaint", "auto_reply", "out_of_office", "list", "robot"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Row(BaseModel):
    """A file of the sample is refused when a key is missing or unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleLine(_Row):
    """A line of business."""

    slug: str
    name: str
    description: str


class SampleHoliday(_Row):
    """A day on which nobody answers."""

    date: date
    name: str


class SampleCalendar(_Row):
    """Business hours: for each weekday a list of (from, to) in ``time_zone``, an IANA name."""

    name: str
    time_zone: str
    hours: dict[Weekday, list[tuple[time, time]]]
    holidays: list[SampleHoliday]


class SampleMailbox(_Row):
    """A mailbox; ``queue`` and ``line_of_business`` are slugs, the signature has template placeholders."""

    address: str
    name: str
    purpose: Literal["support", "sales", "both"]
    line_of_business: str
    queue: str
    signature: str


class SampleTeam(_Row):
    """A team of one line of business."""

    slug: str
    name: str
    line_of_business: str
    description: str


class SampleQueue(_Row):
    """A queue and the team that works on it."""

    slug: str
    name: str
    line_of_business: str
    team: str
    description: str


class SamplePerson(_Row):
    """Somebody who works here. Passwords are set by who loads the sample."""

    email: str
    first_name: str
    last_name: str
    role: Literal["administrator", "supervisor", "representative", "author", "seller"]
    team: str
    visibility: Literal["own", "team", "line_of_business", "all"]
    languages: list[str]
    skills: list[str]
    capacity: int | None = None
    presence: Literal["available", "busy", "away", "offline"] = "offline"


class SampleCompany(_Row):
    """company.json; ``now`` is the moment from whose point of view every date of the sample was written."""

    now: datetime
    name: str
    domain: str
    address: str
    time_zone: str
    about: str
    lines_of_business: list[SampleLine]
    business_calendar: SampleCalendar
    mailboxes: list[SampleMailbox]
    teams: list[SampleTeam]
    queues: list[SampleQueue]
    people: list[SamplePerson]


class SampleFamily(_Row):
    """A product family."""

    slug: str
    name: str
    line_of_business: str


class SampleProduct(_Row):
    """A product; ``aliases`` are what customers write, ``serial_pattern`` is a regular expression or nothing."""

    slug: str
    name: str
    family: str
    sku: str
    aliases: list[str]
    description: str
    serial_pattern: str | None


class SampleSubject(_Row):
    """A node of the subject tree; ``parent`` is a slug or nothing."""

    slug: str
    name: str
    parent: str | None
    description: str


class SampleChoice(_Row):
    """A category, type or priority of cases."""

    slug: str
    name: str
    description: str


class SampleProducts(_Row):
    """products.json: what is sold, and the choices that cases are sorted by."""

    order_number_pattern: str
    families: list[SampleFamily]
    products: list[SampleProduct]
    subjects: list[SampleSubject]
    categories: list[SampleChoice]
    types: list[SampleChoice]
    priorities: list[SampleChoice]


class SampleAttribute(_Row):
    """What must be known for an intent; ``case_field`` names the field of a case that holds it."""

    label: str
    question: str
    type: str = "text"
    pattern: str = ""
    options: list[dict[str, str | list[str]]] = []
    is_required: bool = True
    case_field: str = ""


class SampleIntent(_Row):
    """A reason why customers write; without a line of business it is a general one."""

    name: str
    group: str
    line_of_business: str
    definition: str
    self_service: bool
    examples: list[str]
    attributes: list[SampleAttribute]


class SampleIntents(_Row):
    """intents.json: the groups in order, and the intents."""

    groups: list[str]
    intents: list[SampleIntent]


class SampleArticle(_Row):
    """An article; ``body`` is Markdown and begins with the title as heading."""

    slug: str
    title: str
    audience: Literal["internal", "external"]
    line_of_business: str
    products: list[str]
    subjects: list[str]
    language: str
    body: str


class SampleTemplate(_Row):
    """A message template with placeholders like ``{{ contact.first_name }}``."""

    slug: str
    name: str
    line_of_business: str | None
    language: str
    subject: str
    body: str


class SampleExpected(_Row):
    """What a human reader can tell from a mail; slugs, nothing where the mail does not say."""

    product: str | None = None
    order_number: str | None = None
    serial_number: str | None = None
    priority: str | None = None
    type: str | None = None
    category: str | None = None
    language: str | None = None


class SampleMail(_Row):
    """A mail as a server delivered it.

    ``direction`` is outbound for our own replies, as the Sent folder keeps them; ``case`` is the key shared by the
    mails of one case, nothing when no case belongs to it; ``concerns`` names the case that a bounce or an absence is
    about; ``newest`` is how the newest text begins; ``article`` is the slug of the article that answers.
    """

    file: str
    mailbox: str
    direction: Literal["inbound", "outbound"]
    nature: Nature
    case: str | None
    concerns: str | None
    newest: str
    expected: SampleExpected
    article: str | None
    note: str
    path: Path
    raw: bytes
    received_at: datetime


class SampleSolved(_Row):
    """A solved case with the customer's question and our answer: what an article can be made from."""

    name: str
    subject: str
    asked: str
    answered: str
    line_of_business: str
    product: str | None
    language: str


class SamplePastCase(_Row):
    """A solved case, confirmed by people, from which the local engine learns."""

    subject: str
    text: str
    line_of_business: str
    category: str
    type: str
    priority: str
    product: str | None
    order_number: str | None
    resolution: str


def read_company(folder: Path = FOLDER) -> SampleCompany:
    """Read company.json."""
    return SampleCompany.model_validate_json(_text(folder / "company.json"))


def read_products(folder: Path = FOLDER) -> SampleProducts:
    """Read products.json."""
    return SampleProducts.model_validate_json(_text(folder / "products.json"))


def read_intents(folder: Path = FOLDER) -> SampleIntents:
    """Read intents.json."""
    return SampleIntents.model_validate_json(_text(folder / "intents.json"))


def read_articles(folder: Path = FOLDER) -> list[SampleArticle]:
    """Read articles/*.md in the order of their names."""
    return [_article(_text(path)) for path in sorted((folder / "articles").glob("*.md"))]


def read_templates(folder: Path = FOLDER) -> list[SampleTemplate]:
    """Read templates.json."""
    return [SampleTemplate.model_validate(row) for row in json.loads(_text(folder / "templates.json"))]


def read_solved(folder: Path = FOLDER) -> list[SampleSolved]:
    """Read solved.jsonl: solved cases with what was said, one a line."""
    lines = _text(folder / "solved.jsonl").splitlines()
    return [SampleSolved.model_validate_json(line) for line in lines if line.strip()]


def read_history(folder: Path = FOLDER) -> list[SamplePastCase]:
    """Read history/*.jsonl, one solved case a line."""
    paths = sorted((folder / "history").glob("*.jsonl"))
    lines = [line for path in paths for line in _text(path).splitlines() if line.strip()]
    return [SamplePastCase.model_validate_json(line) for line in lines]


def read_mails(folder: Path = FOLDER, *, now: datetime | None = None) -> list[SampleMail]:
    """Read the mails in the order in which they arrived.

    With ``now`` (aware) every Date and Received header moves by its distance from the sample's own moment, so that
    the newest mail is as fresh as it was written to be. Bodies and Message-IDs stay as they are.
    """
    written_at = read_company(folder).now
    distance = now - written_at if now else timedelta(0)
    rows: list[dict[str, Any]] = json.loads(_text(folder / "mail" / "index.json"))
    return [_mail(folder / "mail" / row["file"], row, distance) for row in rows]


def shift_dates(raw: bytes, distance: timedelta) -> bytes:
    """Move the Date and Received headers of a mail; what cannot be read as a date stays as it is."""
    if not distance:
        return raw
    head, blank, body = _split(raw)
    lines = head.decode("latin-1")
    lines = _DATE.sub(partial(_shifted, distance=distance), lines)
    lines = _RECEIVED.sub(partial(_shifted, distance=distance), lines)
    return lines.encode("latin-1") + blank + body


_DATE = re.compile(r"(?im)^(Date:[ \t]*)([^\r\n]+)")
# A Received header may be folded; its date stands after the last semicolon.
_RECEIVED = re.compile(r"(?im)^(Received:(?:[^\r\n]|\r?\n[ \t])*;\s+)([^;\r\n]+)")


def _shifted(match: re.Match[str], *, distance: timedelta) -> str:
    moment = _moment(match[2])
    return match[1] + format_datetime(moment + distance) if moment else match[0]


def _moment(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    blank = re.search(rb"\r?\n\r?\n", raw)
    return (raw[: blank.start()], blank[0], raw[blank.end() :]) if blank else (raw, b"", b"")


def _received_at(raw: bytes) -> datetime:
    """When our server took the mail: the topmost Received header, which every mail of the sample has."""
    found = _RECEIVED.search(_split(raw)[0].decode("latin-1"))
    moment = _moment(found[2]) if found else None
    if moment is None:
        raise ValueError("a mail of the sample has no Received header with a date")
    return moment


def _mail(path: Path, row: dict[str, Any], distance: timedelta) -> SampleMail:
    raw = shift_dates(path.read_bytes(), distance)
    return SampleMail.model_validate({**row, "path": path, "raw": raw, "received_at": _received_at(raw)})


def _article(text: str) -> SampleArticle:
    """Front matter is one ``key: value`` a line between two lines of dashes; lists are separated by commas."""
    _, front, body = text.split("---\n", 2)
    values: dict[str, Any] = dict(line.split(": ", 1) for line in front.strip().splitlines())
    for key in ("products", "subjects"):
        values[key] = [slug.strip() for slug in values.get(key, "").split(",") if slug.strip()]
    return SampleArticle(**values, body=body.strip())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
