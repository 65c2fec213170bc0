"""``manage.py work``: the worker cluster, with what language models need imported before it forks."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from agents import llm


class Command(BaseCommand):
    """Run the worker cluster until SIGTERM or Ctrl-C."""

    help = "Run the workers. Where a language model is chosen, its library is loaded once and shared by all of them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then become the cluster."""
        llm.preload()
        call_command("qcluster")
