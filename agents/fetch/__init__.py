"""The one way to read a web page: guarded, bounded, polite. Nothing else in the house opens a web address.

Each hop of each request goes through the same steps: the address is taken apart and refused unless it is plain; its
name is resolved once; every answer must be a public address; the connection goes to exactly the address that was
checked; redirects start again at the first step. No proxy, cookie or credential of ours goes along. Time and size are
counted for all of it together, and while it streams.
"""

import contextlib
import datetime as dt
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.fetch.addresses import FetchError, Forbidden, Target, TooLarge, TooSlow, Unreachable, check_url
from agents.fetch.wire import Answer, ask, seconds_left

__all__ = ["FetchError", "Forbidden", "Page", "TooLarge", "TooSlow", "Unreachable", "check_url", "fetch"]

PAGE_BYTES, ROBOTS_BYTES = 2_000_000, 500_000
DEADLINE = 20.0
HOPS, REDIRECTS = 5, (301, 302, 303, 307, 308)
ROBOTS_KEPT = 3600.0
LONGEST_PAUSE = 10.0
TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_CHARSETS = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|us-ascii|(?:iso-?8859|windows|cp|koi8|gb|big5|euc|shift)[\w-]*", re.IGNORECASE
)


@dataclass(frozen=True)
class Page:
    """A page as it was read; ``text`` is the decoded document (HTML or plain text), and nobody's order."""

    url: str
    final_url: str
    status: int
    content_type: str
    text: str
    fetched_at: dt.datetime


def fetch(url: str, *, limit_bytes: int = PAGE_BYTES, deadline: float = DEADLINE) -> Page:
    """The page at ``url``, redirects followed; raises ``FetchError``.

    ``limit_bytes`` holds for what is sent and for what it unpacks to, ``deadline`` (seconds) for names, hops and
    streaming together. Never inside a transaction: RuntimeError.
    """
    _refuse_transaction()
    target, answer = _follow(check_url(url), limit_bytes, time.monotonic() + deadline, _refuse_unwished)
    return _as_page(url, target, answer)


def _follow(target: Target, limit: int, ends: float, refuse: Callable[[Target, float], None]) -> tuple[Target, Answer]:
    """The first answer that is no redirect, and where it stands; every hop is checked like the first."""
    for _hop in range(HOPS + 1):
        refuse(target, ends)
        answer = ask(target, limit, ends)
        if answer.status not in REDIRECTS or not answer.headers.get("location"):
            return target, answer
        target = check_url(urljoin(str(target), answer.headers["location"]))
    raise Unreachable(_("It redirects more than %(count)s times.") % {"count": HOPS})


def _as_page(url: str, target: Target, answer: Answer) -> Page:
    kind, _sep, rest = answer.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if answer.status != 200:
        raise Unreachable(_("The site answers %(status)s.") % {"status": answer.status})
    if kind not in TEXT_TYPES:
        raise Unreachable(_("It is no page of text (%(type)s).") % {"type": kind[:60] or "?"})
    charset = re.search(r"charset=[\"']?([\w.:-]{1,40})", rest, re.IGNORECASE)
    text = _decode(answer.body, charset[1] if charset else "")
    return Page(url, str(target), answer.status, kind, text, timezone.now())


def _decode(body: bytes, said: str) -> str:
    """The text, by what was said, by the document itself, else by what fits; only character sets of pages count."""
    meta = re.search(rb"<meta[^>]{0,200}?charset=[\"']?([\w.:-]{1,40})", body[:4096], re.IGNORECASE)
    names = (said, meta[1].decode("ascii", "ignore") if meta else "", "utf-8", "cp1252")
    for name in names:
        if _CHARSETS.fullmatch(name):
            with contextlib.suppress(LookupError, ValueError):
                return body.decode(name).replace("\0", "")
    return body.decode("utf-8", "replace").replace("\0", "")


def _refuse_transaction() -> None:
    """A page can take as long as the deadline: no row may be locked meanwhile. A test's own transaction is none."""
    blocks = (block for opened in connections.all(initialized_only=True) for block in opened.atomic_blocks)
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise RuntimeError("a web page is never fetched inside a transaction")


@dataclass
class _Manners:
    """What one site asks of robots, and when this worker was last there."""

    rules: Any = None
    read_at: float = 0.0
    next_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


_sites: dict[str, _Manners] = {}
MOST_SITES = 500


def forget_sites() -> None:
    """Ask every site for its robots.txt again."""
    _sites.clear()


def _refuse_unwished(target: Target, ends: float) -> None:
    """Wait for this site's turn and ask its robots.txt; raises ``Forbidden`` when it does not want us there."""
    if len(_sites) > MOST_SITES:
        _sites.clear()
    site = _sites.setdefault(target.origin, _Manners())
    with site.lock:
        if site.rules is None or time.monotonic() - site.read_at > ROBOTS_KEPT:
            site.rules, site.read_at = _read_robots(target, ends), time.monotonic()
        if not site.rules.can_fetch(str(target), "Deskhand"):
            raise Forbidden(_("The site does not want this page to be read by software (robots.txt)."))
        pause = max(float(settings.FETCH_PAUSE_SECONDS), float(site.rules.crawl_delay("Deskhand") or 0))
        wait = site.next_at - time.monotonic()
        if wait > 0:
            time.sleep(min(wait, LONGEST_PAUSE, seconds_left(ends)))
        site.next_at = time.monotonic() + min(pause, LONGEST_PAUSE)


def _read_robots(target: Target, ends: float) -> Any:
    """The site's rules: none when it has no such file; everything refused while it cannot be asked (RFC 9309)."""
    from protego import Protego

    _last, answer = _follow(Target(target.scheme, target.host, "/robots.txt"), ROBOTS_BYTES, ends, _any_page)
    if answer.status == 429 or answer.status >= 500:
        raise Unreachable(_("The site answers %(status)s.") % {"status": answer.status})
    return Protego.parse(answer.body.decode("utf-8", "replace") if answer.status == 200 else "")


def _any_page(target: Target, ends: float) -> None:
    """Whether robots.txt may be read is not asked of robots.txt."""
