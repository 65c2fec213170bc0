"""The cases app, as Django sees it."""

from django.apps import AppConfig

from accounts.guarded import offer_fields

GUARDED_FIELDS = ["title", "description", "type", "priority", "category", "product", "serial_number", "order_number"]


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        """Say which fields of a case a role may hide or lock."""
        offer_fields("cases.case", GUARDED_FIELDS)
