"""People and teams as forms and conditions offer them."""

from typing import Any

from accounts.models import Team, User
from agents.choices import RowField


def people_choices(permission: str = "") -> list[tuple[int, str]]:
    """The people who may sign in, by name; with ``permission`` those who have it."""
    people = User.objects.filter(is_active=True, is_agent=False).order_by("name")
    return [(one.pk, str(one)) for one in people if not permission or one.has_perm(permission)]


class PersonField(RowField):
    """A person."""

    def __init__(self, *, empty: Any, **options: Any) -> None:
        super().__init__(rows=people_choices, empty=empty, **options)


class TeamField(RowField):
    """A team."""

    def __init__(self, *, empty: Any, **options: Any) -> None:
        super().__init__(rows=lambda: Team.objects.values_list("pk", "name"), empty=empty, **options)
