"""The agents app, as Django sees it; at start-up it finds what every app registers."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

DOORS = ["skills", "facts", "sources", "suggestions", "effects", "sections", "panes", "sweeps", "measures"]
# The sweeps of this app, and what its pages offer to the navigation and to the checks.
OWN_DOORS = [
    "agents.sweeps.chores",
    "agents.manage.navigation",
    "agents.manage.restoring",
    "agents.manage.checks",
    "agents.review.navigation",
    "agents.oversight.navigation",
    "agents.oversight.measures",
]


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents"

    def ready(self) -> None:
        """Import each app's doors, so that their registers are full."""
        autodiscover_modules(*DOORS)
        for name in OWN_DOORS:
            import_module(name)
