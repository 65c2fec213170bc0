"""What holds whoever changes people or roles: refusals in words, one change at a time, somebody left in charge."""

from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.models import Role, User

MANAGE_PEOPLE = "accounts.manage"


class Refused(Exception):  # noqa: N818
    """A change that is not allowed; the text says why, for people."""


def lock_people() -> None:
    """Let one change of people or roles run at a time, so that two cannot each remove the other administrator."""
    list(Role.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def administrators() -> QuerySet[User]:
    """The people who can manage people now."""
    able = User.objects.filter(is_active=True, is_agent=False)
    by_role = able.filter(roles__permissions__contains=[MANAGE_PEOPLE])
    return able.filter(is_superuser=True).union(by_role)


def keep_an_administrator() -> None:
    """Raise ``Refused`` when the change just made leaves nobody to manage people."""
    if not administrators().exists():
        raise Refused(gettext("Nobody would be left to manage people. Make somebody else an administrator first."))


def change(field: str, label: object, old: object, new: object) -> dict[str, object]:
    """One changed field, as the record keeps it."""
    return {"field": field, "label": str(label), "old": old, "new": new}
