"""Who is there in the sample company, how much they take, what they can do, and who gets which case."""

import datetime as dt
from typing import Any

from accounts.capacity import change_work, save_ability
from accounts.models import Ability, PersonAbility, User
from accounts.presence import set_presence
from agents.sections import SECTIONS, configuring
from conversations.models import Queue
from hub import sample
from intents.models import IntentGroup

LANGUAGES = {"de": "German", "es": "Spanish", "fr": "French", "ja": "Japanese", "nl": "Dutch"}


def load_work(company: sample.SampleCompany, *, by: Any, now: dt.datetime) -> None:
    """Presence, capacity and skills of the people, and two rules of assignment."""
    people = {person.email: person for person in User.objects.filter(email__in=[row.email for row in company.people])}
    for row in company.people:
        skills = [name.capitalize() for name in row.skills] + [LANGUAGES[one] for one in row.languages if one != "en"]
        held = {_ability(name, by).pk: PersonAbility.Level.EXPERT for name in skills}
        change_work(people[row.email], by=by, capacity=row.capacity, abilities=held, now=now)
        set_presence(people[row.email], row.presence, by=by, now=now)
    _load_rules(by)


def _ability(name: str, by: Any) -> Ability:
    return Ability.objects.filter(name=name).first() or save_ability(None, name=name, by=by)


def _load_rules(by: Any) -> None:
    """Faults go to the workshop in turn, at once; money goes to who can do it, once somebody agreed."""
    section = SECTIONS["cases.assignment"]
    configuring.change_settings(section, by=by, level="ask", is_on=True)
    payments = Ability.objects.get(name="Payments")
    for name, group, queue, level, outcome in (
        ("Faults to the workshop", "Machine faults", "Workshop", "auto", {"way": "round_robin"}),
        (
            "Money to who looks after it", "Billing", "Payments", "ask",
            {"way": "capacity", "abilities": [{"ability": payments.pk, "level": PersonAbility.Level.GOOD}]},
        ),
    ):  # fmt: skip
        chosen, goes_to = IntentGroup.objects.get(name=group), Queue.objects.get(name=queue)
        rule = configuring.RuleDraft(
            id=None,
            name=name,
            conditions={
                "join": "all",
                "items": [
                    {"fact": "intent_group", "op": "is", "value": chosen.pk},
                    {"fact": "line", "op": "is", "value": goes_to.line_of_business_id},
                ],
            },
            level=level,
            outcome={"queue": goes_to.pk, "person": None, "presence": "available", "abilities": [], **outcome},
            is_active=True,
        )
        configuring.save_rule(section, rule, by=by)
