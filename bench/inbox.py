"""The inbox page with 100,000 cases, beside django-helpdesk's list with as many; and the case page of a long thread."""

import statistics
import time
from typing import Any
from urllib.parse import urlencode

from bench.ground import Ground
from bench.peer import run_peer, version_of
from bench.report import Table, percentile

PEER = "django-helpdesk"
COLUMNS = [
    "what",
    "median, ms",
    "p95, ms",
    "processor, ms",
    "queries",
    "django-helpdesk: median, ms",
    "p95, ms",
    "processor, ms",
    "queries",
    "ratio of p95",
]


def measure(ground: Ground) -> list[Table]:
    """Ours, then theirs, each in its own process, through Django's WSGI client, signed in, filled caches."""
    count, repeats = ground.size(100_000, 5_000), ground.size(30, 10)
    with ground.database("inbox"):
        ours, cases = _ours(count, repeats)
    url = ground.empty_database("bench_peer")
    theirs = run_peer(ground.var, PEER, "list_tickets.py", count, repeats, ground.seed, _page(count), database=url)
    inbox = Table(COLUMNS, [_beside(name, ours[name], theirs[name]) for name in ours])
    inbox.notes += [
        f"{count:,} cases and {count:,} tickets, one message each, a tenth of them open; 25 rows to a page, newest "
        f"first; {repeats} requests after one that warms up. Deep is page 40 (page 10 of a quick run). "
        "No filter but “open”; filtered by priority; searched for "
        "two words that one row has. Deskhand: the whole page. "
        f"django-helpdesk {version_of(PEER)}: only the rows that its page then asks for (JSON), which is the smaller "
        "part of what its user waits for.",
    ]
    inbox.notes += [
        "Processor is what the web process itself used, the median; what the database used is in the other two. Under "
        "load the processor's milliseconds are the steadier figure.",
    ]
    page = Table(["case page", "median, ms", "p95, ms", "processor, ms", "queries"], cases)
    page.notes += [
        "Of a long case the page shows the first mail, the newest 30 entries and every mail with lit words; “unfolded” "
        "is the same case with all of them (`?whole=1`), “60 more” what one press on the fold brings.",
    ]
    return [inbox, page]


def _beside(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[object]:
    ratio = percentile(theirs["ms"], 0.95) / percentile(ours["ms"], 0.95)
    return [f"inbox, {name}", *_figures(ours), *_figures(theirs), f"{ratio:.1f}"]


def _figures(found: dict[str, Any]) -> list[object]:
    wall, own = found["ms"], found["processor"]
    return [
        f"{statistics.median(wall):.0f}", f"{percentile(wall, 0.95):.0f}", f"{statistics.median(own):.0f}",
        found["queries"],
    ]  # fmt: skip


def _ours(count: int, repeats: int) -> tuple[dict[str, dict[str, Any]], list[list[object]]]:
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import Role
    from accounts.people import create_person
    from bench.many_cases import fill

    call_command("collectstatic", verbosity=0, interactive=False)
    fill(count)
    person = create_person(
        email="ann@harbour.example", name="Ann", by=None, roles=[Role.objects.get(code="supervisor")]
    )
    client = Client(HTTP_HOST="localhost")
    client.force_login(person)
    asked = {
        "first page": {"view": "all"},
        "deep page": {"view": "all", "after": _cursor(person, _page(count))},
        "filtered": {"view": "all", "priority": "urgent"},
        "searched": {"view": "all", "q": "grinder 4710", "status": "any"},
    }
    pages = {name: _time(client, f"/desk/?{urlencode(query)}", repeats) for name, query in asked.items()}
    return pages, _case_pages(client, repeats)


def _page(count: int) -> int:
    """Page 40, or one that a small run has."""
    return 40 if count > 10_000 else 10


def _cursor(person: Any, page: int) -> str:
    """Where a page begins, found by turning the pages before it."""
    from agents.review.paging import cut
    from cases.inbox import ORDER, Filters, list_cases

    at, rows = "", list_cases(person, Filters(view="all"))
    for _ in range(page - 1):
        at = cut(rows, ORDER, after=at).after or at
    return at


def _case_pages(client: Any, repeats: int) -> list[list[object]]:
    from bench.many_cases import add_messages
    from cases.models import Case

    rows: list[list[object]] = []
    for count, case in zip((10, 200), Case.objects.filter(status="open").order_by("-id")[:2], strict=True):
        add_messages(case, count)
        found = _time(client, case.get_absolute_url(), repeats)
        rows.append([f"{count} messages", *_figures(found)])
    fold = f"{case.get_absolute_url()}timeline/?before=m{_newest(case, 30)}"
    rows.append([f"{count} messages, 60 more", *_figures(_time(client, fold, repeats, HTTP_HX_REQUEST="true"))])
    rows.append(
        [f"{count} messages, unfolded", *_figures(_time(client, f"{case.get_absolute_url()}?whole=1", repeats))]
    )
    return rows


def _newest(case: Any, place: int) -> int:
    return list(case.message_links.order_by("-message__received_at").values_list("message", flat=True)[:place])[-1]


def _time(client: Any, address: str, repeats: int, **headers: str) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address, **headers)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, **headers)
    count = len(queries)  # the next request forgets them
    assert answer.status_code == 200, (address, answer.status_code)
    times, own = [], []
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        client.get(address, **headers)
        times.append((time.perf_counter() - begun) * 1000)
        own.append((time.process_time() - used) * 1000)
    return {"ms": times, "processor": own, "queries": count}
