"""``manage.py sink``: where the demo's mail ends."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hub.sink import start_sink


class Command(BaseCommand):
    """Take mail at OUTBOUND_SINK and keep it as .eml files, until SIGTERM or Ctrl-C."""

    help = "A local SMTP server that keeps every mail in var/sink and sends nothing on."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen until told to stop."""
        host, _colon, port = settings.OUTBOUND_SINK.rpartition(":")
        folder, stopped = settings.VAR_DIR / "sink", threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        try:
            running = start_sink(folder, host=host, port=int(port), size_limit=settings.MAIL_SIZE_LIMIT)
        except OSError as error:
            raise CommandError(f"{settings.OUTBOUND_SINK} cannot be listened on: {error.strerror}.") from None
        self.stdout.write(f"Mail that leaves ends in {folder}.")
        stopped.wait()
        running.stop()
