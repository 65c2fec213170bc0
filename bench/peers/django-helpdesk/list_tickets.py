"""Fill django-helpdesk with tickets and time its list as its page asks for it; prints milliseconds and queries."""

import base64
import datetime as dt
import json
import logging
import random
import sys
import time

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from helpdesk.models import Queue, Ticket  # noqa: E402

PAGE = 25
THINGS = ("grinder", "kettle", "boiler", "filter", "pump", "tray", "hose", "scale", "frother", "brewer")


def main(count: int, repeats: int, seed: int, page: int) -> None:
    """Fill, warm up, then each address ``repeats`` times."""
    call_command("migrate", verbosity=0, interactive=False)
    logging.disable(logging.CRITICAL)
    _fill(count, random.Random(seed))
    user = get_user_model().objects.create_user("ann", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    open_only, one_priority = {"status__in": [1, 2]}, {"status__in": [1, 2], "priority__in": [1]}
    asked = {
        "first page": (open_only, 0, ""),
        "deep page": (open_only, (page - 1) * PAGE, ""),
        "filtered": (one_priority, 0, ""),
        "searched": ({}, 0, "grinder 4710"),
    }
    print(json.dumps({name: _time(client, *each, repeats) for name, each in asked.items()}))


def _fill(count: int, rng: random.Random) -> None:
    now = timezone.now()
    queues = [Queue.objects.create(title=f"Queue {n}", slug=f"q{n}", email_address=f"q{n}@x.example") for n in range(4)]
    for start in range(0, count, 5000):
        Ticket.objects.bulk_create(
            Ticket(
                queue=queues[number % 4],
                title=f"The {THINGS[number % 10]} {number} does not start",
                submitter_email=f"customer{number % 20000}@post.example",
                description=f"Hello, my {THINGS[number % 10]} {number} does not start. " * 6,
                status=rng.choices((1, 2, 3, 4), (6, 4, 60, 30))[0],
                priority=rng.choices((1, 2, 3, 4), (2, 8, 80, 10))[0],
                created=now - dt.timedelta(minutes=5 * number),
                modified=now,
            )
            for number in range(start, min(count, start + 5000))
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _time(client: Client, filtering: dict, start: int, words: str, repeats: int) -> dict[str, object]:
    query = {
        "filtering": filtering, "filtering_null": {}, "sorting": "created", "sortreverse": False,
        "keyword": None, "search_string": "",
    }  # fmt: skip
    coded = base64.b64encode(json.dumps(query).encode()).decode()
    address = reverse("helpdesk:datatables_ticket_list", args=[coded])
    parameters = {"draw": 1, "start": start, "length": PAGE, "search[value]": words}
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, parameters)
    count = len(queries)  # the next request forgets them
    assert answer.status_code == 200, answer.status_code
    times, own = [], []
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        client.get(address, parameters)
        times.append((time.perf_counter() - begun) * 1000)
        own.append((time.process_time() - used) * 1000)
    return {"ms": times, "processor": own, "queries": count, "rows": len(answer.json()["data"])}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
