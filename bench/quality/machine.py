"""Machine mail: found, named by kind and with the address that failed; human mail never lost. Beside header rules.

python bench/quality/machine.py <folder with mail_machine> names what was read wrongly.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from conversations.parse import parse
from conversations.parsed import Nature, Unparseable
from conversations.pool import ParserPool

KINDS = {Nature.BOUNCE: "bounce", Nature.COMPLAINT: "complaint", Nature.AUTO_REPLY: "automatic reply",
         Nature.OUT_OF_OFFICE: "automatic reply", Nature.PERSON: "person"}  # fmt: skip
FLOOR, AIM = "floor 99", "aim 99.5"
# Where the set made names unrecognisable, the returned mail went elsewhere than the report says; read by hand.
BY_HAND = {
    "lhost-exchange2003-01": "kijitora@example.jp", "lhost-exchange2003-03": "kijitora@example.jp",
    "lhost-notes-01": "kijitora@u1.example.co.jp", "lhost-notes-03": "kijitora@example.com",
    "lhost-qmail-12": "nyaan@example.org", "lhost-v5sendmail-03": "kijitora@example.org",
    "lhost-v5sendmail-07": "hachiware@example.edu", "lhost-x1-02": "kijitora@example.org",
    "lhost-x2-01": "kijitora@example.co.jp", "lhost-x2-02": "kijitora@example.com",
    "lhost-yahoo-14": "kijitora@example.org",
}  # fmt: skip
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=/'-]{1,64}@[A-Za-z0-9.-]*[A-Za-z0-9]")
_FAILED = re.compile(r"(?im)^(?:final-recipient|original-recipient|x-failed-recipients):(.*(?:\n[ \t].*)*)")
_TO = re.compile(r"(?im)^[> ]*to:(.*(?:\n[ \t].*)*)")


@dataclass(frozen=True)
class Mail:
    """A mail and what it is: ``bounce``, ``complaint``, ``automatic reply`` or ``person``."""

    name: str
    raw: bytes
    kind: str


def mails(folder: Path) -> Iterator[Mail]:
    """Sisimai's by their names; mikel's, and the mails with replies, as written by people, but for delivery reports."""
    for path in sorted((folder / "mail_machine" / "sisimai").rglob("*.eml")):
        kind = "complaint" if "arf" in path.name else "automatic reply" if "rfc3834" in path.name else "bounce"
        yield Mail(f"{path.parent.name}/{path.name}", path.read_bytes(), "person" if "is-not" in path.name else kind)
    for path in sorted((folder / "mail_machine" / "mikel").rglob("*.eml")):
        raw = path.read_bytes()
        is_report = re.search(rb"(?i)^content-type:\s*multipart/report", raw, re.MULTILINE)
        yield Mail(path.name, raw, "bounce" if is_report else "person")
    for path in sorted((folder / "mail_replies").rglob("*")):
        if path.suffix == ".eml":
            yield Mail(path.name, path.read_bytes(), "person")
        elif path.suffix == ".txt":
            head = b"From: Ann <ann@home.example>\nTo: care@firm.example\nSubject: Re: my order\n"
            yield Mail(path.name, head + b"Content-Type: text/plain; charset=utf-8\n\n" + path.read_bytes(), "person")


def failed_addresses(mail: Mail) -> set[str]:
    """The addresses a bounce names as failed in its fields, else those to which the returned mail went."""
    if by_hand := BY_HAND.get(Path(mail.name).stem):
        return {by_hand}
    text = re.sub(r"\r\n?", "\n", mail.raw.decode("latin-1"))
    named = {address.lower() for field in _FAILED.findall(text) for address in _ADDRESS.findall(field)}
    if named:
        return named
    receivers = [{address.lower() for address in _ADDRESS.findall(field)} for field in _TO.findall(text)]
    return receivers[-1] if len(receivers) > 1 else set()


# ── plain header rules ────────────────────────────────────────────────────────────────────────────────────────────


def by_headers(message: Message) -> str:
    """What a list of headers alone can tell."""
    kind, report = message.get_content_type(), str(message.get_param("report-type") or "").lower()
    sender = str(message.get("From", "")).lower()
    if report == "feedback-report":
        return "complaint"
    if kind == "multipart/report" or re.search(r"mailer-daemon|postmaster", sender):
        return "bounce"
    if str(message.get("Return-Path", "x")).strip() == "<>":
        return "bounce"
    automatic = str(message.get("Auto-Submitted", "no")).lower() != "no"
    bulk = str(message.get("Precedence", "")).lower() in ("bulk", "list", "junk", "auto_reply")
    return "automatic reply" if automatic or bulk or re.search(r"no-?reply", sender) else "person"


def failed_by_headers(raw: bytes) -> str:
    """The first field that names a recipient."""
    found = _FAILED.search(raw.decode("latin-1"))
    address = _ADDRESS.search(found[1]) if found else None
    return address[0].lower() if address else ""


# ── table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def count(all_mails: list[Mail], wrong: list[str] | None = None) -> Counter[tuple[str, str]]:
    """How many of each kind were told, by us and by the rules; and the addresses of bounces."""
    counts: Counter[tuple[str, str]] = Counter()
    for mail in all_mails:
        try:
            parsed = parse(mail.raw)
        except Unparseable as problem:
            counts["parked", mail.kind] += 1
            if wrong is not None:
                wrong.append(f"{mail.name}: parked, {problem}")
            continue
        kind, plain = KINDS.get(parsed.nature, "bulk"), by_headers(message_from_bytes(mail.raw))
        counts["all", mail.kind] += 1
        counts["found", mail.kind] += (kind == "person") == (mail.kind == "person")
        counts["named", mail.kind] += kind == mail.kind
        counts["lost", mail.kind] += mail.kind == "person" and kind not in ("person", "bulk")
        counts["headers found", mail.kind] += (plain == "person") == (mail.kind == "person")
        counts["headers named", mail.kind] += plain == mail.kind
        expected = failed_addresses(mail) if mail.kind == "bounce" else set()
        counts["address", "all"] += bool(expected)
        counts["address", "right"] += parsed.failed_recipient.lower() in expected
        counts["address", "headers"] += failed_by_headers(mail.raw) in expected
        counts["address", "named"] += mail.kind == "bounce" and bool(parsed.failed_recipient)
        counts["address", "status"] += mail.kind == "bounce" and bool(parsed.bounce_status)
        if wrong is not None and (kind != mail.kind or (expected and parsed.failed_recipient.lower() not in expected)):
            wrong.append(f"{mail.name}: {mail.kind}, read as {parsed.nature} ({parsed.nature_reason[:60]}),"
                         f" {parsed.failed_recipient!r} for {sorted(expected)[:2]}")  # fmt: skip
    return counts


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A row per measure: ours, the rules of headers, floor and aim."""
    if not (folder / "mail_machine").exists():
        return
    all_mails = list(mails(folder))
    counts = count(all_mails)
    machine = ("bounce", "complaint", "automatic reply")
    total = sum(counts["all", kind] for kind in machine)

    def share(what: str, *kinds: str) -> str:
        return f"{100 * sum(counts[what, kind] for kind in kinds) / sum(counts['all', kind] for kind in kinds):.1f}"

    beside = f"{share('found', *machine)} (headers {share('headers found', *machine)}; {FLOOR}, {AIM})"
    yield "machine mail", f"found, of {total}", beside
    lost = counts["all", "person"] - counts["headers found", "person"]
    beside = f"{counts['lost', 'person']} (headers {lost}; floor 0)"
    yield "machine mail", f"human mails lost, of {counts['all', 'person']}", beside
    bulk = counts["all", "person"] - counts["found", "person"] - counts["lost", "person"]
    yield "machine mail", "… and kept, but marked as list mail or of a robot", str(bulk)
    for kind in machine:
        beside = f"{share('named', kind)} (headers {share('headers named', kind)})"
        yield "machine mail", f"{kind}, named so, of {counts['all', kind]}", beside
    judged = counts["address", "all"]
    right, headers = 100 * counts["address", "right"] / judged, 100 * counts["address", "headers"] / judged
    yield (
        "machine mail",
        f"failed address right, of {judged} bounces that can be judged",
        f"{right:.1f} (headers {headers:.1f})",
    )
    named, status = counts["address", "named"], counts["address", "status"]
    yield "machine mail", f"bounces with an address, with a status, of {counts['all', 'bounce']}", f"{named}, {status}"
    yield "machine mail", "mails per second through one kept child", _speed([mail.raw for mail in all_mails])


def _speed(raws: list[bytes]) -> str:
    """Second pass; the first warms the child."""
    with ParserPool(1) as pool:
        for raw in raws[:50]:
            pool.parse(raw)
        begun = time.perf_counter()
        for raw in raws:
            pool.parse(raw)
        ours = len(raws) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for raw in raws:
        message_from_bytes(raw, policy=policy.default).get_body()
    return f"{ours:.0f} (the library's parse alone, in process, {len(raws) / (time.perf_counter() - begun):.0f})"


if __name__ == "__main__":
    read_wrongly: list[str] = []
    count(list(mails(Path(sys.argv[1]))), read_wrongly)
    print("\n".join(read_wrongly))
