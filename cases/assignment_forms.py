"""Forms of assignment: its settings, what a rule does, and how a person edits what it proposes."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.capacity import DEFAULT_CAPACITY, MOST_CAPACITY
from accounts.models import Ability, PersonAbility
from cases.choosing import AVAILABLE, PERSON, ROUND_ROBIN, WAYS, WHO_COUNTS
from cases.pools import people_who_work
from conversations.facts import queue_choices

PREFIX = "ability-"


def list_people() -> list[tuple[int, str]]:
    """Who may own a case, by name."""
    return [(person.pk, str(person)) for person in people_who_work()]


def _offer(form: forms.Form, name: str, nothing: str, rows: list[tuple[int, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = [("", nothing), *rows]


class AssignmentForm(forms.Form):
    """How much people take, and who comes first."""

    capacity = forms.IntegerField(
        label=gettext_lazy("Open cases at most"),
        min_value=0,
        max_value=MOST_CAPACITY,
        initial=DEFAULT_CAPACITY,
        help_text=gettext_lazy("For each person for whom neither their own page nor their role says otherwise."),
    )
    order = forms.ChoiceField(
        label=gettext_lazy("When somebody becomes free"),
        choices=[
            ("fifo", gettext_lazy("Longest wait first")),
            ("priority", gettext_lazy("Most urgent first")),
        ],
        initial="fifo",
    )
    count_waiting = forms.BooleanField(
        label=gettext_lazy("Cases that wait for the customer take up room"),
        required=False,
        initial=True,
    )


class AssignmentRuleForm(forms.Form):
    """Where a matching case goes, and who gets it."""

    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), required=False, coerce=int, empty_value=None)
    way = forms.ChoiceField(label=gettext_lazy("Owner"), choices=WAYS, initial=ROUND_ROBIN)
    person = forms.TypedChoiceField(label=gettext_lazy("Person"), required=False, coerce=int, empty_value=None)
    presence = forms.ChoiceField(
        label=gettext_lazy("Who counts"),
        choices=WHO_COUNTS,
        initial=AVAILABLE,
        help_text=gettext_lazy("Of the queue's team. Nobody free: it waits in the queue until somebody is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        needed = {f"{PREFIX}{row['ability']}": row["level"] for row in initial.pop("abilities", [])}
        super().__init__(*args, **{**kwargs, "initial": {**initial, **needed}})
        _offer(self, "queue", _("The one it is in"), queue_choices())
        _offer(self, "person", _("Nobody"), list_people())
        levels = [("", _("Not needed"))] + [
            (value, _("%(level)s or better") % {"level": label}) for value, label in PersonAbility.Level.choices
        ]
        for ability in Ability.objects.all():
            self.fields[f"{PREFIX}{ability.pk}"] = forms.TypedChoiceField(
                label=ability.name, choices=levels, required=False, coerce=int, empty_value=None
            )

    def ability_fields(self) -> list[forms.BoundField]:
        """The skills, each with its least level."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def needs_abilities(self) -> bool:
        """Whether a skill is asked for: they are shown open then."""
        return any(bound.value() for bound in self.ability_fields())

    def clean(self) -> dict[str, Any]:
        """The outcome as it is kept; a person only where the way names one."""
        cleaned = super().clean() or {}
        needed = [
            {"ability": int(name.removeprefix(PREFIX)), "level": cleaned.pop(name)}
            for name in list(cleaned)
            if name.startswith(PREFIX) and (cleaned[name] or cleaned.pop(name))
        ]
        if cleaned.get("way") == PERSON and not cleaned.get("person"):
            self.add_error("person", _("Choose who gets it."))
        return {**cleaned, "abilities": needed}


class AssignEditForm(forms.Form):
    """Queue and owner that the agent proposes, for whoever decides."""

    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), required=False, coerce=int, empty_value=None)
    owner = forms.TypedChoiceField(label=gettext_lazy("Owner"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "queue", _("As it is"), queue_choices())
        _offer(self, "owner", _("Nobody"), list_people())
