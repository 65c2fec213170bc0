"""The newest reply of a mail, exact but for white space, beside mail-parser-reply and quotequail.

python bench/quality/newest.py <folder with mail_replies> shows every library's readings, languages and clients.
The mails of ``blind/newest`` were written by somebody who had not seen the code; only counts of them are printed.
"""

import json
import os
import re
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

from bench.peer import run_peer, version_of
from conversations.newest import newest_reply
from conversations.parse import parse
from conversations.sanitise import html_to_text

BLIND = Path(__file__).parent / "blind" / "newest"
HTML_EXPECTED = "Hi. I am fine.\n\nThanks,\nAlex"
CLIENTS = ("Outlook", "Apple Mail", "iPhone", "iPad", "Thunderbird", "Yahoo", "Lotus", "Domino", "Zendesk", "K-9",
           "Samsung", "Proton", "GMX", "WEB.DE", "Gmail", "Zimbra", "Roundcube", "Horde", "Evolution")  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A mail and the words that are new in it."""

    name: str
    text: str
    html: str
    expected: str
    subject: str = ""
    sender: str = ""
    language: str = ""
    client: str = ""


Readings = dict[str, tuple[list[str], float]]
"""What each way of asking a library answers for all mails, and the seconds that took."""


def squeeze(text: str) -> str:
    """One blank for any white space, one way of writing an accent."""
    return " ".join(unicodedata.normalize("NFC", text).split())


# ── mails ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def talon_cases(folder: Path) -> Iterator[Case]:
    """Talon's mails that carry their reply: plain text alone and with the HTML, and HTML alone."""
    fixtures = folder / "mail_replies" / "talon" / "tests" / "fixtures"
    for path in sorted((fixtures / "standard_replies").glob("*.eml")):
        parsed = parse(path.read_bytes())
        expected = path.with_name(path.stem + "_reply_text")
        reply = expected.read_text() if expected.exists() else "Hello"
        yield Case(f"{path.name} text", parsed.text, "", reply)
        yield Case(f"{path.name} whole", parsed.text, parsed.html, reply)
    for path in sorted((fixtures / "html_replies").glob("*.html")):
        yield Case(path.name, "", path.read_text(), HTML_EXPECTED)
    for name, expected in (("OLK_SRC_BODY_SECTION.html", "Reply"), ("reply-separated-by-hr.html", "Hi there Bob")):
        if (fixtures / name).exists():
            yield Case(name, "", (fixtures / name).read_text(), expected)


def blind_cases() -> Iterator[Case]:
    """The mails that whoever works on the code does not look at."""
    for path in sorted(BLIND.glob("*.eml")):
        expected = path.with_suffix(".txt")
        if not expected.exists():
            continue
        raw = path.read_bytes()
        parsed = parse(raw)
        yield Case(
            path.stem,
            parsed.text,
            parsed.html,
            expected.read_text(encoding="utf-8"),
            parsed.subject,
            parsed.from_name,
            parsed.language or "?",
            _client(raw),
        )


def _client(raw: bytes) -> str:
    message = message_from_bytes(raw)
    named = f"{message.get('X-Mailer', '')} {message.get('User-Agent', '')}"
    return next((client for client in CLIENTS if client.lower() in named.lower()), "not named")


# ── libraries ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_each(cases: list[Case], read: Callable[[Case], str]) -> tuple[list[str], float]:
    begun = time.perf_counter()
    found = [read(case) for case in cases]
    return found, time.perf_counter() - begun


def ours(cases: list[Case]) -> Readings:
    """The new words: without what ends the letter, with its farewell and name, with the whole signature."""

    def alone(case: Case) -> str:
        return newest_reply(case.text, case.html, subject=case.subject, sender=case.sender).newest

    def letter(case: Case) -> str:
        return newest_reply(case.text, case.html, subject=case.subject, sender=case.sender).letter

    def signed(case: Case) -> str:
        found = newest_reply(case.text, case.html, subject=case.subject, sender=case.sender)
        return f"{found.newest}\n{found.signature}"

    ways = {"without signature": alone, "with farewell and name": letter, "with signature": signed}
    return {name: _read_each(cases, way) for name, way in ways.items()}


@cache
def _parser() -> EmailReplyParser:
    return EmailReplyParser(languages=[name for name in MAIL_LANGUAGES if len(name) == 2])


def parser_reply(cases: list[Case]) -> Readings:
    """mail-parser-reply with all languages it knows; HTML alone is given to it as text."""

    def first(case: Case) -> str:
        replies = _parser().read(case.text or html_to_text(case.html)).replies
        return replies[0].body if replies else ""

    def signed(case: Case) -> str:
        return _parser().parse_reply(case.text or html_to_text(case.html)) or ""

    return {"without signature": _read_each(cases, first), "with signature": _read_each(cases, signed)}


def quotequail(cases: list[Case]) -> Readings:
    """quotequail in its own environment: what it shows unfolded, and what stands around the mail it unwraps."""
    folder = Path(os.environ.get("DESKHAND_VAR") or "var").resolve() / "bench"
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump([[case.text, case.html] for case in cases], file)
        file.flush()
        answers = run_peer(folder, "quotequail", "read_replies.py", file.name)
    return {name: ([_as_text(each) for each in found], seconds) for name, (found, seconds) in answers.items()}


def _as_text(found: str) -> str:
    return html_to_text(found) if re.match(r"\s*<", found) else found


LIBRARIES = {"Deskhand": ours, "mail-parser-reply": parser_reply, "quotequail": quotequail}

# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────────────


def right_of(cases: list[Case], found: list[str]) -> list[bool]:
    """Of each mail whether exactly its reply was found."""
    return [squeeze(each) == squeeze(case.expected) for case, each in zip(cases, found, strict=True)]


def best_reading(cases: list[Case], readings: Readings) -> tuple[str, list[bool], float]:
    """The one way of asking, for the whole set, that suits a library best: expectations differ about signatures."""
    scored = {name: (right_of(cases, found), seconds) for name, (found, seconds) in readings.items()}
    name = max(scored, key=lambda each: sum(scored[each][0]))
    return name, *scored[name]


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A row per set: ours, the libraries, the floor and the aim."""
    for name, cases, goal in (
        ("mails of talon", list(talon_cases(folder)), lambda _: "floor 100"),
        ("mails written blind", list(blind_cases()), _blind_goal),
    ):
        if not cases:
            continue
        scores, speeds = {}, {}
        for library, read in LIBRARIES.items():
            _, right, seconds = best_reading(cases, read(cases))
            scores[library], speeds[library] = 100 * sum(right) / len(cases), 1e6 * seconds / len(cases)
        besides = ", ".join(f"{each} {scores[each]:.1f}" for each in list(scores)[1:])
        yield "newest reply", f"{name}, exact, of {len(cases)}", f"{scores['Deskhand']:.1f} ({besides}; {goal(scores)})"
        besides = ", ".join(f"{each} {speeds[each]:.0f}" for each in list(speeds)[1:])
        yield "newest reply", f"{name}, microseconds each", f"{speeds['Deskhand']:.0f} ({besides})"


def _blind_goal(scores: dict[str, float]) -> str:
    better = max(score for library, score in scores.items() if library != "Deskhand")
    return f"floor {(100 + better) / 2:.1f}, aim 90"


def main() -> None:
    """Every reading of every library, and where ours fails: counts only."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/nowhere")
    print(f"quotequail {version_of('quotequail')}")
    for title, cases in (("talon", list(talon_cases(folder))), ("blind", list(blind_cases()))):
        if not cases:
            continue
        print(f"\n| {title}, {len(cases)} mails | asked for | right | µs each |\n|---|---|---|---|")
        answers = {library: read(cases) for library, read in LIBRARIES.items()}
        for library, readings in answers.items():
            for name, (found, seconds) in readings.items():
                print(f"| {library} | {name} | {sum(right_of(cases, found))} | {1e6 * seconds / len(cases):.0f} |")
        right = best_reading(cases, answers["Deskhand"])[1]
        for group in ("language", "client"):
            named = [getattr(case, group) for case in cases]
            counts, hits = Counter(named), Counter(name for name, hit in zip(named, right, strict=True) if hit)
            if len(counts) > 1:
                print(
                    f"\nby {group}: " + ", ".join(f"{name} {hits[name]} of {counts[name]}" for name in sorted(counts))
                )


if __name__ == "__main__":
    main()
