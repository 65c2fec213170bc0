"""Which suggestions, effects and entries a person gets to see. Missing and forbidden look the same."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from pydantic import ValidationError

from agents.kinds import KINDS, Kind
from agents.models import Effect, Entry, Suggestion


def decidable_kinds(user: Any) -> list[Kind]:
    """The kinds of act ``user`` may decide about, by permission."""
    return [kind for kind in KINDS.values() if kind.permission and user.has_perm(kind.permission)]


def visible_suggestions(user: Any) -> QuerySet[Suggestion]:
    """Suggestions of every state that ``user`` may decide about: permission and subject, all in the database."""
    seen = Q(pk__in=[])
    for kind in decidable_kinds(user):
        subjects = kind.visible(user)
        content_type = ContentType.objects.get_for_model(subjects.model)
        seen |= Q(kind=kind.name, content_type=content_type) & Q(_about(subjects))
    return Suggestion.objects.filter(seen)


def _about(subjects: QuerySet[Any]) -> Exists:
    """Whether the row's generic subject is one of these, looked up row by row: a list of all of them may be long."""
    return Exists(subjects.order_by().filter(pk=OuterRef("object_id")))


def get_suggestion(user: Any, pk: int) -> Suggestion:
    """One suggestion ``user`` may decide about, with what its pages show; 404 otherwise."""
    return keep_parts(get_object_or_404(_with_names(visible_suggestions(user)), pk=pk), user)


def get_readable_suggestion(user: Any, pk: int) -> Suggestion:
    """One suggestion for its permanent page: also for who reads the record, within what they see there."""
    found = _with_names(visible_suggestions(user)).filter(pk=pk).first()
    if found is None and user.has_perm("agents.record"):
        found = _with_names(Suggestion.objects.filter(_about_visible(user))).filter(pk=pk).first()
    if found is None or found.kind not in KINDS:
        raise Http404
    return keep_parts(found, user)


def hides_parts(user: Any) -> bool:
    """Whether some parts of what agents suggest are hidden from ``user``; then summaries are not searched for them."""
    return any(kind.hidden_parts(user) for kind in KINDS.values())


def keep_parts(suggestion: Suggestion, user: Any) -> Suggestion:
    """The row in hand without the parts hidden from ``user``: to be shown, never to be saved."""
    kind = KINDS.get(suggestion.kind)
    hidden = kind.hidden_parts(user) if kind else frozenset()
    if kind is None or not hidden:
        return suggestion
    suggestion.summary = _summary(kind, suggestion, hidden)
    suggestion.proposed = _without(kind, suggestion.proposed, hidden)
    suggestion.final = _without(kind, suggestion.final, hidden) if suggestion.final else suggestion.final
    suggestion.evidence = [piece for piece in suggestion.evidence if piece.get("part") not in hidden]
    suggestion.left_out = [part for part in suggestion.left_out if part not in hidden]
    return suggestion


def keep_entries(entries: Iterable[Entry], user: Any) -> list[Entry]:
    """The entries in hand without the values hidden from ``user``: to be shown, never to be saved."""
    hidden: dict[int, frozenset[str]] = {}
    for kind in KINDS.values():
        if parts := kind.hidden_parts(user):
            model = ContentType.objects.get_for_model(kind.visible(user).model).pk
            hidden[model] = hidden.get(model, frozenset()) | parts
    found = list(entries)
    for entry in found:
        if not (names := hidden.get(entry.content_type_id or 0)):
            continue
        entry.changes = [row for row in entry.changes if row.get("field") not in names]
        suggestion = entry.suggestion
        if suggestion and suggestion.kind in KINDS:
            said = _summary(KINDS[suggestion.kind], suggestion, names)
            entry.text = said if said != suggestion.summary else entry.text
    return found


def _without(kind: Kind, value: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """A payload without the hidden parts; empty when nothing is left or it cannot be read any more."""
    try:
        payload = kind.Payload.model_validate(value)
    except ValidationError:
        return {}
    parts = set(kind.parts(payload))
    if not parts & hidden:
        return value
    return kind.take_parts(payload, parts - hidden).model_dump(mode="json") if parts - hidden else {}


def _summary(kind: Kind, suggestion: Suggestion, hidden: frozenset[str]) -> str:
    value = suggestion.payload
    left = _without(kind, value, hidden)
    if left == value:
        return suggestion.summary
    return kind.summary(kind.Payload.model_validate(left))[:300] if left else str(kind.title)


def visible_entries(user: Any) -> QuerySet[Entry]:
    """The record as ``user`` reads it.

    Entries about something the agents decide on (a case, an article) are limited to what the user sees of it; entries
    about settings, pauses and what is gone are shown to everybody who may read the record.
    """
    return Entry.objects.filter(_about_visible(user)).select_related("user", "line_of_business", "suggestion")


def visible_effects(user: Any) -> QuerySet[Effect]:
    """What leaves, by the same rule as the record."""
    return Effect.objects.filter(_about_visible(user)).select_related("approved_by", "suggestion")


def get_effect(user: Any, pk: int) -> Effect:
    """One effect of the outbox; 404 for missing and forbidden alike."""
    return get_object_or_404(visible_effects(user), pk=pk)


def _about_visible(user: Any) -> Q:
    """Rows with a generic subject that is visible, gone, or of a type no agent decides about."""
    seen, guarded = Q(pk__in=[]), set[int]()
    for kind in KINDS.values():
        subjects = kind.visible(user)
        content_type = ContentType.objects.get_for_model(subjects.model)
        seen |= Q(content_type=content_type) & Q(_about(subjects))
        if content_type.pk not in guarded:
            guarded.add(content_type.pk)
            there = Exists(subjects.model._base_manager.filter(pk=OuterRef("object_id")))
            seen |= Q(content_type=content_type) & Q(~there)
    return seen | Q(content_type__isnull=True) | ~Q(content_type__in=guarded)


def _with_names(suggestions: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    return suggestions.select_related("line_of_business", "rule", "decided_by", "undone_by", "content_type")
