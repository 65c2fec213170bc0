"""Take in one mail from standard input, for mail servers that pipe."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error
from django.utils import timezone

from conversations.addresses import normalise_address
from conversations.models import Mailbox
from conversations.receive import receive


class Command(BaseCommand):
    """``manage.py receive --mailbox ADDRESS < mail``, with the exit codes of sysexits.h.

    0 stored · 65 empty or over the size limit · 67 no such mailbox · 75 not now, try again (the database is away).
    """

    help = "Store one mail from standard input. Exit codes are those mail servers know: 0, 65, 67, 75."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose mail it is."""
        parser.add_argument("--mailbox", metavar="ADDRESS", required=True, help="the address it was sent to")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store the bytes, then say that they are safe."""
        raw = sys.stdin.buffer.read(settings.MAIL_SIZE_LIMIT + 1)
        if not raw.strip() or len(raw) > settings.MAIL_SIZE_LIMIT:
            self._leave(os.EX_DATAERR, "The mail is empty or over the size limit.")
        try:
            mailbox = find_mailbox(options["mailbox"])
            if mailbox is None:
                self._leave(os.EX_NOUSER, "There is no such mailbox here.")
            receive(raw, mailbox=mailbox, source="pipe", received_at=timezone.now(), origin="pipe")
        except (Error, OSError) as error:
            self._leave(os.EX_TEMPFAIL, f"The mail could not be stored now: {type(error).__name__}")

    def _leave(self, code: int, why: str) -> None:
        self.stderr.write(why)
        sys.exit(code)


def find_mailbox(address: str) -> Mailbox | None:
    """The mailbox an address belongs to, with or without what stands behind a plus."""
    address = normalise_address(address)
    name, _at, domain = address.partition("@")
    plain = f"{name.partition('+')[0]}@{domain}"
    found = Mailbox.objects.filter(is_active=True, address__in=[address, plain])
    return found.order_by("-address").first()
