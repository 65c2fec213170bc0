"""Let django-helpdesk read a folder of mails with its own get_email; prints seconds and what became of them."""

import json
import logging
import os
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from helpdesk.email import process_email  # noqa: E402
from helpdesk.models import FollowUp, Queue, Ticket  # noqa: E402


def main(folder: Path) -> None:
    """Read until the folder holds only what it refuses; a mail that stops it is set aside and counted."""
    call_command("migrate", verbosity=0, interactive=False)
    logging.disable(logging.CRITICAL)
    Queue.objects.get_or_create(
        slug="care",
        defaults={
            "title": "Care",
            "email_address": "care@haldenroe.example",
            "allow_email_submission": True,
            "email_box_type": "local",
            "email_box_interval": 0,
            # What it would write to customers is work that Deskhand does not do here.
            "enable_notifications_on_email_events": False,
        },
    )
    Queue.objects.update(email_box_local_dir=str(folder), email_box_last_check=None)
    before, count = (Ticket.objects.count(), FollowUp.objects.count()), len(os.listdir(folder))
    stopped: list[str] = []
    begun = time.perf_counter()
    while not _read_all(folder, stopped):
        pass
    seconds = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "mails": count,
                "seconds": seconds,
                "tickets": Ticket.objects.count() - before[0],
                "followups": FollowUp.objects.count() - before[1],
                "stopped": len(stopped),
                "left": len(os.listdir(folder)),
            }
        )
    )


def _read_all(folder: Path, stopped: list[str]) -> bool:
    """One run of its command; False when a mail stopped it, which is then out of the way."""
    Queue.objects.update(email_box_last_check=None)
    waiting = [folder / name for name in os.listdir(folder)]
    process_email(quiet=True)
    # It catches what stops it and says so only in its log; a run that came to its end writes down when.
    if Queue.objects.filter(email_box_last_check=None).exists():
        # It reads in the order of the folder: the first one still there is what stopped it.
        culprit = next(path for path in waiting if path.exists())
        stopped.append(culprit.name)
        culprit.unlink()
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]))
