"""What rules may look at on a lead."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from accounts.choices import people_choices
from accounts.models import Team
from agents.facts import Fact, Type, register
from agents.models import LineOfBusiness
from conversations.facts import queue_choices
from knowledge.models import Product
from sales.models import Lead


def _texts() -> Iterable[Fact]:
    for name, label in (
        ("company_name", _("Company")),
        ("name", _("Name")),
        ("email", _("E-mail address")),
        ("phone", _("Phone")),
        ("title", _("Job title")),
        ("country", _("Country")),
        ("language", _("Language")),
        ("website", _("Website")),
        ("industry", _("Industry")),
        ("source", _("Source")),
        ("note", _("What they asked for")),
        ("consent_note", _("Why we may write")),
    ):
        yield Fact(name=name, label=label, type=Type.TEXT, model=Lead, path=name)


def _choices() -> Iterable[Fact]:
    for name, label, path, choices in (
        ("status", _("Status"), "status", Lead.Status.choices),
        ("rating", _("Rating"), "rating", Lead.Rating.choices),
        ("fit", _("Fit"), "fit", Lead.Fit.choices),
        ("line", _("Line of business"), "line_of_business_id",
         lambda: list(LineOfBusiness.objects.values_list("pk", "name"))),
        ("queue", _("Queue"), "queue_id", queue_choices),
        ("team", _("Team"), "queue__team_id", lambda: list(Team.objects.values_list("pk", "name"))),
        ("product", _("Product"), "product_id", lambda: list(Product.objects.values_list("pk", "name"))),
    ):  # fmt: skip
        yield Fact(name=name, label=label, type=Type.CHOICE, model=Lead, path=path, choices=choices)


register(
    *_texts(),
    *_choices(),
    Fact(name="owner", label=_("Owner"), type=Type.USER, model=Lead, path="owner_id", choices=people_choices),
    Fact(name="employees", label=_("Employees"), type=Type.NUMBER, model=Lead, path="employees"),
    Fact(name="fit_score", label=_("Fit score"), type=Type.NUMBER, model=Lead, path="fit_score"),
    Fact(name="age", label=_("Age of the lead"), type=Type.DURATION, model=Lead, path="created_at"),
    Fact(name="quiet", label=_("Time since anything happened"), type=Type.DURATION, model=Lead,
         path="last_activity_at"),
)  # fmt: skip
