"""Who may see and edit the library: fetch and authorise in one call."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from accounts.access import reach
from accounts.models import Role
from conversations.access import visible_conversations
from intents.models import Candidate, Determination, DiscoveryRun, Intent, IntentGroup, Review

MANAGE, WORK = "agents.manage", "cases.work"


def visible_intents(user: Any) -> QuerySet[Intent]:
    """Every intent for who manages agents; for people at work the approved ones of their lines and the general ones."""
    if user.has_perm(MANAGE):
        return Intent.objects.all()
    if not user.has_perm(WORK):
        return Intent.objects.none()
    rows, known = Intent.objects.filter(review_state=Review.APPROVED), reach(user)
    if known.is_unlimited or any(role.visibility == Role.Visibility.ALL for role in known.counting(WORK)):
        return rows
    return rows.filter(Q(line_of_business=None) | Q(line_of_business__in=known.lines))


def get_intent(user: Any, pk: int) -> Intent:
    """One intent; Http404 whether it is missing or forbidden."""
    found = visible_intents(user).select_related("group", "line_of_business", "reviewed_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def list_groups(user: Any) -> QuerySet[IntentGroup]:
    """The groups with how many intents stand in each; none for those who do not manage agents."""
    rows = IntentGroup.objects.all() if user.has_perm(MANAGE) else IntentGroup.objects.none()
    return rows.select_related("line_of_business").annotate(members=Count("intents")).order_by("name", "pk")


def get_group(user: Any, pk: int) -> IntentGroup:
    """One group; Http404 whether it is missing or forbidden."""
    found = list_groups(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible_determinations(user: Any) -> QuerySet[Determination]:
    """What was recognised in the conversations ``user`` may read."""
    return Determination.objects.filter(conversation__in=visible_conversations(user))


def get_run(user: Any, pk: int) -> DiscoveryRun:
    """One discovery run, for who manages agents; Http404 otherwise."""
    rows = DiscoveryRun.objects.select_related("line_of_business", "created_by", "reviewed_by")
    found = rows.filter(pk=pk).first() if user.has_perm(MANAGE) else None
    if found is None:
        raise Http404
    return found


def get_candidate(user: Any, pk: int) -> Candidate:
    """Something a run found, for who manages agents; Http404 otherwise."""
    found = Candidate.objects.select_related("run").filter(pk=pk).first() if user.has_perm(MANAGE) else None
    if found is None:
        raise Http404
    return found
