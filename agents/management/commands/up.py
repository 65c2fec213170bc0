"""``manage.py up``: everything that runs, under one supervisor."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Start database, web, worker and poller; restart what dies; stop all on Ctrl-C or SIGTERM."""

    help = "Start everything: database, web server, worker and mail poller. Ctrl-C stops it in order."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where the web server listens."""
        parser.add_argument("--host", default=settings.WEB_HOST)
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Hand over to the supervisor, which comes back when all has stopped."""
        import_string(settings.SUPERVISOR)(host, port, self.stdout.write)
