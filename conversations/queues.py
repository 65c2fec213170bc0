"""Queues: where work waits for a team."""

from typing import Any

from django.db import transaction

from accounts.models import Team
from agents.audit import record
from agents.models import LineOfBusiness
from conversations.models import Queue


@transaction.atomic
def save_queue(
    queue: Queue | None, *, name: str, team: Team | None, line_of_business: LineOfBusiness | None, by: Any
) -> Queue:
    """Add a queue, or change one; who sees its records follows with the next request."""
    queue = queue or Queue()
    queue.name, queue.team, queue.line_of_business = name, team, line_of_business
    queue.save()
    record("queue.saved", by=by, subject=queue, text=queue.name)
    return queue
