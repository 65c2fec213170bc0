"""Forms of what people take on: presence, capacity, skills, and the catalogue of skills."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.capacity import MOST_CAPACITY
from accounts.models import Ability, PersonAbility, User

PREFIX = "ability-"


class CapacityField(forms.IntegerField):
    """How many open cases somebody takes at most; empty leaves it to what stands above."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, min_value=0, max_value=MOST_CAPACITY, **options)


class WorkForm(forms.Form):
    """What one person takes on, as an administrator sees it."""

    presence = forms.ChoiceField(
        label=_("Presence"),
        choices=User.Presence.choices,
        help_text=_("They say so themselves beside their name; here it is said for them."),
    )
    capacity = CapacityField(
        label=_("Open cases at most"), help_text=_("Empty: as their roles say. 0: the agent gives them none.")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        held = {row.ability_id: row.level for row in person.person_abilities.all()}
        kwargs["initial"] = {"presence": person.presence, "capacity": person.capacity}
        super().__init__(*args, **kwargs)
        levels = [("", _("No")), *PersonAbility.Level.choices]
        for ability in Ability.objects.all():
            self.fields[f"{PREFIX}{ability.pk}"] = forms.TypedChoiceField(
                label=ability.name, choices=levels, coerce=int, required=False, empty_value=None,
                initial=held.get(ability.pk, ""),
            )  # fmt: skip

    def ability_fields(self) -> list[forms.BoundField]:
        """The skills, each with its level."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def abilities(self) -> dict[int, int]:
        """The levels that were chosen, by skill."""
        said = self.cleaned_data.items()
        return {int(name.removeprefix(PREFIX)): level for name, level in said if name.startswith(PREFIX) and level}


class AbilityForm(forms.Form):
    """The name of a skill."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("A language, a product, a kind of question."))
