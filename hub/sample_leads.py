"""The sample company's leads: imported from their file through the same verbs that people use, with the agent on."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from agents.sections import SECTIONS, configuring
from conversations.models import Queue
from hub import sample
from knowledge.models import Product
from sales import importing, starting
from sales.models import LeadImport

SELECTION = "sales.selection"
FILE = sample.FOLDER / "leads.csv"
CRITERIA = [
    {"name": "industry", "label": "Industry", "kind": "industry", "weight": 2,
     "wanted": ["Hotels", "Cafés", "Bakeries", "Offices"]},
    {"name": "size", "label": "Size", "kind": "size", "least": 20, "most": 500},
    {"name": "role", "label": "Role", "kind": "role",
     "wanted": ["Owner", "Head of food", "Purchasing", "Office manager", "Operations"]},
    {"name": "own-1", "label": "Coffee", "kind": "words", "wanted": ["coffee", "breakfast", "espresso"]},
]  # fmt: skip
PITCH = (
    "Halden & Roe make espresso machines and grinders in Amsterdam and roast the coffee for them.\n"
    "Every machine for trade comes with a service contract and a training on site."
)


def load_leads(*, now: dt.datetime | None = None) -> LeadImport:
    """Settings of the Sales Agent, and the file of leads from dry run to import. Outside a transaction."""
    now = now or timezone.now()
    people = get_user_model().objects.filter(is_agent=False)
    admin = people.filter(roles__code="administrator").first()
    seller = people.filter(roles__code="seller").first()
    _load_settings(admin)
    batch = importing.keep_file(FILE.name, FILE.read_bytes(), by=seller, now=now)
    mapping = {**batch.mapping, str(batch.header.index("Budget")): "custom:Budget"}
    queue = Queue.objects.filter(name="Trade").select_related("line_of_business").first()
    importing.start_check(batch, mapping=mapping, by=seller, queue=queue)
    importing.advance_import(batch.pk, now=now)
    importing.start_import(batch, by=seller, now=now)
    importing.advance_import(batch.pk, now=now)
    starting.start_agent(by=admin, now=now)
    batch.refresh_from_db()
    return batch


def _load_settings(admin: Any) -> None:
    company = sample.read_company()
    machines = Product.objects.filter(family__name="Machines for trade")
    offers = {str(row.pk): row.description.partition(" Use when")[0] for row in machines}
    values: dict[str, tuple[dict[str, Any], str]] = {
        "sales.general": ({"company_name": company.name, "pitch": PITCH, "products": offers}, "auto"),
        "sales.selection": ({"lookback_days": 30}, "auto"),
        "sales.research": ({"competitors": ["Cafetto"], "most_pages": 3}, "auto"),
        "sales.qualification": ({"criteria": CRITERIA, "auto_from": 0.93}, "auto"),
    }
    for name, (given, level) in values.items():
        section = SECTIONS[name]
        whole = {**section.defaults, **given}
        configuring.save(section, values=whole, level=level, is_on=name != SELECTION, by=admin, expected=None)
