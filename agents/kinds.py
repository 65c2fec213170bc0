"""What a kind of act is: all that an agent's author writes."""

from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from pydantic import BaseModel

from agents.models import Suggestion

KINDS: dict[str, "Kind"] = {}
K = TypeVar("K", bound="type[Kind]")


class Kind:
    """One kind of act an agent may suggest.

    Subclasses set the attributes, and write ``visible``, ``fingerprint`` and ``apply``; the rest has sensible answers.
    ``apply`` and ``undo`` change rows and queue effects, and touch nothing outside the database.
    """

    name: ClassVar[str]
    agent: ClassVar[str]
    title: ClassVar[Any]
    icon: ClassVar[str] = "sparkles"
    section: ClassVar[str] = ""
    Payload: ClassVar[type[BaseModel]]
    form: ClassVar[Any] = None
    # The names in the payload, at any depth, that a person edits; empty offers all that a control can hold.
    editable: ClassVar[tuple[str, ...]] = ()
    template: ClassVar[str] = ""
    permission: ClassVar[str] = ""
    can_undo: ClassVar[bool] = False
    # Rung when a suggestion was withdrawn because its subject changed, so that the sweep proposes anew.
    bell: ClassVar[str] = ""

    def visible(self, user: Any) -> QuerySet[Any]:
        """The subjects about which ``user`` may decide, as a queryset."""
        raise NotImplementedError

    def access(self, subject: Any, user: Any) -> bool:
        """Whether ``user`` may decide about ``subject``: the same rule as ``visible``, on one row."""
        return user.has_perm(self.permission) and self.visible(user).filter(pk=subject.pk).exists()

    def lock(self, subject: Any) -> Any:
        """The subject, locked until the transaction ends."""
        return type(subject)._default_manager.select_for_update(of=("self",)).get(pk=subject.pk)

    def fingerprint(self, subject: Any) -> dict[str, Any]:
        """The hard part: what must not change between the proposal and the act (JSON values)."""
        raise NotImplementedError

    def soft_fingerprint(self, subject: Any) -> dict[str, Any]:
        """What makes policy and guard be asked again when it changed."""
        return {}

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Reasons to refuse, in words; asked when proposed, when accepted and at the gate."""
        return []

    def outlives(self, suggestion: Suggestion, subject: Any) -> bool:
        """Whether its content is worth a person's decision after its effect was stopped at the gate."""
        return True

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Carry it out: rows change and effects are queued, in the deciding transaction."""
        raise NotImplementedError

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """The inverse of ``apply``, where there is one."""
        raise NotImplementedError

    def note_pending(self, subject: Any, kinds: list[str]) -> None:
        """The kinds that now wait about ``subject``, in the deciding transaction: for what its lists show."""

    def summary(self, payload: Any) -> str:
        """One line that says what would be done."""
        return str(self.title)

    def link(self, subject: Any) -> str:
        """Where the subject is looked at."""
        get_url = getattr(subject, "get_absolute_url", None)
        return get_url() if get_url else ""

    def consequence(self, suggestion: Suggestion) -> str:
        """What accepting does, for the button: "Mails Ellen now, changes 3 fields"."""
        return ""

    def hidden_parts(self, user: Any) -> frozenset[str]:
        """Names of parts whose values are kept from ``user`` wherever the suggestion is shown."""
        return frozenset()

    def parts(self, payload: Any) -> list[str]:
        """The names of the parts that can be taken or left apart; empty when it is one piece."""
        return []

    def take_parts(self, payload: Any, names: set[str]) -> Any:
        """The payload with only the named parts."""
        return payload

    def controls(self, payload: Any) -> dict[str, Any]:
        """Form fields for editing the parts, by the part's name; a part without one gets a control by its value."""
        return {}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """What the kind's template shows besides the suggestion.

        ``changes`` among it are rows of part, label, before and after: those with a part can be taken or left.
        """
        return {}


def kind(cls: K) -> K:
    """Register a kind."""
    KINDS[cls.name] = cls()
    return cls


def get_kind(name: str) -> Kind:
    """The kind of that name; KeyError when no app registers it."""
    return KINDS[name]
