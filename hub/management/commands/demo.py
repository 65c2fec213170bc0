"""Load the sample company, let its mail come in, and run."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.module_loading import import_string

from hub import loading, sample_leads, sample_outreach


class Command(BaseCommand):
    """``manage.py demo``: once; a second call changes nothing. ``--up`` goes on as ``manage.py up``, in one process."""

    help = "Load the sample company and store its mail; with --up run everything, too."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Whether to run, and where the web server listens."""
        parser.add_argument("--up", action="store_true", help="start everything afterwards; Ctrl-C stops it")
        parser.add_argument("--host", default=settings.WEB_HOST)
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)

    def handle(self, *args: Any, up: bool, host: str, port: int, **options: Any) -> None:
        """Load, store, print the log-ins, run."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0, interactive=False)
        if loading.is_loaded():
            self.stdout.write("The sample company is here already.")
        else:
            now = timezone.now()
            loading.load_company(now=now)
            self.stdout.write(f"{loading.receive_mails(now=now)} mails stored; they are read as soon as it runs.")
            self.stdout.write(f"{sample_leads.load_leads(now=now).counts['new']} leads imported.")
            self.stdout.write(f"{sample_outreach.load_outreach(now=now)} more were written to days ago; some answered.")
        for address, role in loading.people_to_print():
            self.stdout.write(f"  {address:<40} {loading.PASSWORD:<12} {role}")
        if up:
            import_string(settings.SUPERVISOR)(host, port, self.stdout.write)
