"""How well mails are read: newest reply and nature, on the mails of a folder, as one table.

python bench/quality/mail.py --data <folder with mail_replies and mail_machine> [--show]
"""

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mailparser_reply import EmailReplyParser

from conversations.newest import newest_reply
from conversations.parse import parse
from conversations.parsed import Nature, Unparseable
from conversations.pool import ParserPool
from conversations.sanitise import html_to_text

HTML_EXPECTED = "Hi. I am fine.\n\nThanks,\nAlex"
Case = tuple[str, str, str, str]
"""Name, text, HTML, expected reply (with signature)."""


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def talon_cases(folder: Path) -> Iterator[Case]:
    fixtures = folder / "talon" / "tests" / "fixtures"
    for path in sorted((fixtures / "standard_replies").glob("*.eml")):
        parsed = parse(path.read_bytes())
        expected = path.with_name(path.stem + "_reply_text")
        reply = expected.read_text() if expected.exists() else "Hello"
        yield f"{path.name} text", parsed.text, "", reply
        yield f"{path.name} whole", parsed.text, parsed.html, reply
    for path in sorted((fixtures / "html_replies").glob("*.html")):
        yield path.name, "", path.read_text(), HTML_EXPECTED
    for name, expected in (("OLK_SRC_BODY_SECTION.html", "Reply"), ("reply-separated-by-hr.html", "Hi there Bob")):
        yield name, "", (fixtures / name).read_text(), expected


def whole_reply(text: str, html: str) -> str:
    found = newest_reply(text, html)
    return found.newest + found.signature


def parser_reply(text: str, html: str) -> str:
    languages = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "ja", "cs"]
    reader = EmailReplyParser(languages=languages)
    return reader.parse_reply(text or html_to_text(html)) or ""


def score(cases: list[Case], read: Callable[[str, str], str], *, show: bool = False) -> tuple[int, float]:
    start, right = time.perf_counter(), 0
    for name, text, html, expected in cases:
        found = read(text, html)
        exact = squeeze(found) == squeeze(expected)
        right += exact
        if show and not exact:
            print(f"--- {name}\n{found!r}\nexpected {expected!r}")
    return right, time.perf_counter() - start


def machine_mails(folder: Path) -> Iterator[tuple[Path, bytes, str]]:
    """Path, bytes and what is expected: ``machine``, ``complaint``, ``auto_reply`` or ``person``."""
    for path in sorted((folder / "sisimai").rglob("*.eml")):
        kind = "complaint" if "arf" in path.name else "auto_reply" if "rfc3834" in path.name else "machine"
        yield path, path.read_bytes(), "person" if "is-not" in path.name else kind
    for path in sorted((folder / "mikel").rglob("*.eml")):
        reports = "multipart_report" in str(path)
        yield path, path.read_bytes(), "machine" if reports else "person"


def judge(nature: Nature, expected: str) -> bool:
    if expected == "person":
        return nature is Nature.PERSON
    return nature is not Nature.PERSON


def header_rules(message: Message) -> bool:
    """The baseline: what a list of headers alone can tell."""
    automatic = str(message.get("Auto-Submitted", "no")).lower() != "no"
    null = str(message.get("Return-Path", "x")).strip() == "<>"
    bulk = str(message.get("Precedence", "")).lower() in ("bulk", "list", "junk", "auto_reply")
    sender = bool(re.search(r"mailer-daemon|postmaster|no-?reply", str(message.get("From", "")), re.IGNORECASE))
    return automatic or null or bulk or sender or message.get_content_type() == "multipart/report"


def measure_machine(folder: Path, *, show: bool) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for path, raw, expected in machine_mails(folder):
        group = "person" if expected == "person" else "machine"
        counts[group, "all"] += 1
        try:
            parsed = parse(raw)
        except Unparseable as problem:
            counts[group, "parked"] += 1
            print(f"parked {path.name}: {problem}")
            continue
        found = judge(parsed.nature, expected)
        counts[group, "right"] += found
        counts[group, "exact"] += expected == "machine" and parsed.nature is Nature.BOUNCE
        kind = Nature.AUTO_REPLY if parsed.nature is Nature.OUT_OF_OFFICE else parsed.nature
        counts[expected, "exact kind"] += kind == expected
        counts[expected, "of kind"] += 1
        counts[group, "headers"] += header_rules(message_from_bytes(raw)) == (group == "machine")
        counts[group, "status"] += bool(parsed.bounce_status)
        counts[group, "recipient"] += bool(parsed.failed_recipient)
        if show and not found:
            print(f"--- {path} {parsed.nature} ({parsed.nature_reason}) {parsed.subject!r}")
    for group in ("machine", "person"):
        total = counts[group, "all"]
        if total:
            print(
                f"| nature of {group} mails | {counts[group, 'right']} of {total}"
                f" | headers alone {counts[group, 'headers']} |"
            )
    for kind in ("complaint", "auto_reply"):
        print(f"| {kind}, told by name | {counts[kind, 'exact kind']} of {counts[kind, 'of kind']} | |")
    print(f"| bounces told by name | {counts['machine', 'exact']} of {counts['machine', 'of kind']} | |")
    print(f"| bounces with status, recipient | {counts['machine', 'status']}, {counts['machine', 'recipient']} | |")


def measure_pool(folder: Path) -> None:
    """Mails per second through one kept child, second pass (the first warms it)."""
    raws = [raw for _, raw, _ in machine_mails(folder)]
    with ParserPool(1) as pool:
        for raw in raws[:50]:
            pool.parse(raw)
        start = time.perf_counter()
        for raw in raws:
            pool.parse(raw)
        speed = len(raws) / (time.perf_counter() - start)
    start = time.perf_counter()
    for raw in raws:
        message_from_bytes(raw, policy=policy.default).get_body()
    plain = len(raws) / (time.perf_counter() - start)
    print(f"| whole mails per second, one child | {speed:.0f} | the library's parse alone, in process {plain:.0f} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--show", action="store_true", help="print every mail that was read wrongly")
    given = options.parse_args()
    print("| what | Deskhand | beside it |\n|---|---|---|")
    replies, machines = given.data / "mail_replies", given.data / "mail_machine"
    if not replies.exists() and not machines.exists():
        print("| no data | | |")
    if replies.exists():
        cases = list(talon_cases(replies))
        ours, ours_time = score(cases, whole_reply, show=given.show)
        theirs, their_time = score(cases, parser_reply)
        print(f"| newest reply, exact | {ours} of {len(cases)} | mail-parser-reply {theirs} of {len(cases)} |")
        print(f"| the same, mails per second | {len(cases) / ours_time:.0f} | {len(cases) / their_time:.0f} |")
    if machines.exists():
        measure_machine(machines, show=given.show)
        measure_pool(machines)


if __name__ == "__main__":
    main()
