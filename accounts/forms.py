"""Forms of people, roles, teams, tokens and one's own profile."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts import guarded
from accounts.models import Role, Team, User
from accounts.notifications import KINDS, muted_kinds
from accounts.roles import AGENT, PERMISSION_GROUPS
from accounts.tokens import DEFAULT_DAYS, MOST_DAYS, SCOPES
from accounts.work_forms import CapacityField
from agents.models import LineOfBusiness

SHOWN, READ_ONLY, HIDDEN = "shown", "read_only", "hidden"
FIELD_CHOICES = [(SHOWN, _("Shown")), (READ_ONLY, _("Read only")), (HIDDEN, _("Hidden"))]


class Boxes(forms.ModelMultipleChoiceField):
    """Rows as a list of boxes; none is fine."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(queryset, required=False, **options)


class PersonForm(forms.Form):
    """A person, as an administrator sees them."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it."))
    roles = Boxes(Role.objects.exclude(code=AGENT), label=_("Roles"), help_text=_("Several roles add up."))
    teams = Boxes(Team.objects.all(), label=_("Teams"))
    lines = Boxes(
        LineOfBusiness.objects.all(),
        label=_("Lines of business"),
        help_text=_("With none chosen they see records without a line of business."),
    )
    is_active = forms.BooleanField(
        label=_("May sign in"),
        required=False,
        initial=True,
        help_text=_("Switched off, their sessions end and their tokens are revoked at once. What they did stays."),
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        self.person = person
        if person:
            kwargs.setdefault("initial", _initial(person))
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        """The address in small letters, when nobody else has it."""
        email: str = self.cleaned_data["email"].lower()
        others = User.objects.filter(email__iexact=email)
        if self.person:
            others = others.exclude(pk=self.person.pk)
        if others.exists():
            raise forms.ValidationError(_("Somebody signs in with this address already."))
        return email


class NewPersonForm(PersonForm):
    """A person who is being added."""

    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Left empty, you get a link to hand over, with which they set their own."),
    )
    field_order = ["name", "email", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["is_active"]

    def clean(self) -> dict[str, Any]:
        """The password held to the same rules as one that people set themselves."""
        said = super().clean() or self.cleaned_data
        if password := said.get("password"):
            try:
                validate_password(password, User(name=said.get("name", ""), email=said.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said


def _initial(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "roles": person.roles.all(),
        "teams": person.teams.all(),
        "lines": person.lines_of_business.all(),
        "is_active": person.is_active,
    }


class NewRoleForm(forms.Form):
    """The name of a role that is being added."""

    name = forms.CharField(label=_("Name"), max_length=80)


class RoleForm(forms.Form):
    """What a role allows and shows."""

    name = forms.CharField(label=_("Name"), max_length=80)
    visibility = forms.ChoiceField(label=_("Sees"), choices=Role.Visibility.choices, widget=forms.RadioSelect)
    capacity = CapacityField(
        label=_("Open cases at most"), help_text=_("For each who holds it. Empty: as the settings of Assignment say.")
    )

    def __init__(self, *args: Any, role: Role, is_fixed: bool = False, **kwargs: Any) -> None:
        initial = {
            "name": role.name,
            "visibility": role.visibility,
            "capacity": "" if role.capacity is None else role.capacity,
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for number, (group, permissions) in enumerate(PERMISSION_GROUPS.items()):
            self.fields[f"permissions_{number}"] = forms.MultipleChoiceField(
                label=group,
                choices=list(permissions.items()),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                initial=[code for code in permissions if code in role.permissions],
            )
        for _group, fields in guarded.list_offered():
            for offered in fields:
                state = forms.ChoiceField(label=offered.text, choices=FIELD_CHOICES, initial=_state(role, offered))
                self.fields[offered.key] = state
        for field in self.fields.values():
            field.disabled = is_fixed

    def permission_fields(self) -> list[forms.BoundField]:
        """The boxes, group by group."""
        return [self[name] for name in self.fields if name.startswith("permissions_")]

    def guarded_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields that can be hidden or locked, model by model."""
        return [(group, [self[field.key] for field in fields]) for group, fields in guarded.list_offered()]

    def wishes(self) -> dict[str, Any]:
        """What ``accounts.roles.change_role`` is asked for."""
        said = self.cleaned_data
        permissions = [code for name, codes in said.items() if name.startswith("permissions_") for code in codes]
        kept: dict[str, dict[str, list[str]]] = {HIDDEN: {}, READ_ONLY: {}}
        for _group, fields in guarded.list_offered():
            for field in fields:
                if said[field.key] in kept:
                    kept[said[field.key]].setdefault(field.label, []).append(field.name)
        return {
            "name": said["name"],
            "visibility": said["visibility"],
            "capacity": said["capacity"],
            "permissions": permissions,
            "hidden_fields": kept[HIDDEN],
            "read_only_fields": kept[READ_ONLY],
        }


def _state(role: Role, field: guarded.Offered) -> str:
    if field.name in role.hidden_fields.get(field.label, []):
        return HIDDEN
    return READ_ONLY if field.name in role.read_only_fields.get(field.label, []) else SHOWN


class TeamForm(forms.Form):
    """A team and its members."""

    name = forms.CharField(label=_("Name"), max_length=80)
    line_of_business = forms.ModelChoiceField(
        LineOfBusiness.objects.all(), label=_("Line of business"), required=False, empty_label=_("None")
    )
    members = Boxes(User.objects.filter(is_agent=False, is_active=True), label=_("Members"))

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        self.team = team
        if team:
            members = team.members.all()
            line = team.line_of_business
            kwargs.setdefault("initial", {"name": team.name, "line_of_business": line, "members": members})
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        """A name no other team has."""
        name: str = self.cleaned_data["name"]
        others = Team.objects.filter(name__iexact=name)
        if self.team:
            others = others.exclude(pk=self.team.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a team of that name already."))
        return name


class TokenForm(forms.Form):
    """A token that is being made."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What uses it: “Shop export”."))
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=MOST_DAYS, initial=DEFAULT_DAYS)


class ProfileForm(forms.Form):
    """What people change about themselves."""

    name = forms.CharField(label=_("Name"), max_length=120)
    zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [(name, name) for name in sorted(zoneinfo.available_timezones())]
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
        required=False,
    )
    keys = forms.BooleanField(
        label=_("Single-key shortcuts"),
        required=False,
        help_text=_("Switched off, only shortcuts with Ctrl work, so that a slip of the hand does nothing."),
    )

    notified = forms.MultipleChoiceField(
        label=_("Tell me when"),
        choices=lambda: [(kind.name, kind.label) for kind in KINDS.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        chosen = person.preferences
        initial: dict[str, Any] = {"name": person.name, "zone": person.zone}
        initial |= {"theme": chosen.get("theme", ""), "keys": chosen.get("keys", True)}
        initial["notified"] = sorted(KINDS.keys() - muted_kinds(person))
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
