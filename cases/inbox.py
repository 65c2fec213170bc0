"""The list of cases: views, filters and search; ``agents.review.paging`` cuts the pages."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.http import QueryDict

from accounts.access import hidden_fields
from agents.skills.languages import fold
from cases.access import MODEL, visible_cases
from cases.models import AgentState, Case
from conversations.models import Contact

PAGE = 25
ORDER = ("-last_message_at", "-id")
COUNT_UP_TO = 1000
VIEWS = ("mine", "team", "unassigned", "all", "history")
# What a row of the list shows, and nothing else: texts and search vectors of a case are longer than the whole row.
SHOWN = (
    "number", "title", "priority", "status", "last_message_at", "last_direction", "preview", "waiting_kinds",
    "is_unread", "topic_label", "contact__name", "contact__address", "owner__name", "owner__email", "queue__name",
    "agent__status",
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """What the address of the list says; unknown values are ignored."""

    view: str = "mine"
    q: str = ""
    status: str = "open"
    priority: str = ""
    queue: str = ""
    line: str = ""
    category: str = ""
    intent: str = ""
    draft: str = ""
    agent: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read the address."""
        view = query.get("view", "mine")
        status = query.get("status", "open")
        return cls(
            view=view if view in VIEWS else "mine",
            q=query.get("q", "").replace("\0", "").strip()[:200],
            status=status if status in (*Case.Status.values, "any") else "open",
            priority=_one_of(query.get("priority", ""), Case.Priority.values),
            queue=_digits(query.get("queue", "")),
            line=_digits(query.get("line", "")),
            category=query.get("category", "").replace("\0", "")[:60],
            intent=query.get("intent", "").replace("\0", "")[:80],
            draft="1" if query.get("draft") else "",
            agent=_one_of(query.get("agent", ""), ["escalated", "waiting"]),
        )

    def as_query(self, **changes: str) -> str:
        """The address with some parts changed; what has its usual value is left out."""
        usual = Filters()
        values = {name: changes.get(name, getattr(self, name)) for name in self.__dataclass_fields__}
        kept = {name: value for name, value in values.items() if value and value != getattr(usual, name)}
        kept |= {name: value for name, value in changes.items() if name not in values and value}
        return urlencode(kept)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the view is chosen."""
        names = ("q", "priority", "queue", "line", "category", "intent", "draft", "agent")
        return any(getattr(self, name) for name in names) or self.status != "open"


def list_cases(user: Any, filters: Filters) -> QuerySet[Case]:
    """The cases of a view that this user may see, newest message first."""
    rows = visible_cases(user).filter(_view(user, filters.view))
    if filters.status != "any":
        rows = rows.filter(status=filters.status)
    for name, path in (("priority", "priority"), ("queue", "queue_id"), ("line", "line_of_business_id"),
                       ("category", "category"), ("intent", "topic")):  # fmt: skip
        if value := getattr(filters, name):
            rows = rows.filter(**{path: value})
    if filters.agent == "escalated":
        rows = rows.filter(agent__status=AgentState.Status.ESCALATED)
    elif filters.agent == "waiting":
        rows = rows.filter(status_reason=Case.StatusReason.WAITING)
    if filters.draft:
        rows = rows.exclude(waiting_kinds=[])
    if filters.q:
        rows = rows.filter(_search(filters.q, hidden_fields(user, MODEL)))
    return rows.order_by(*ORDER)


def list_rows(user: Any, filters: Filters) -> QuerySet[Case]:
    """The same, each with what a row of the list shows."""
    return _with_shown(list_cases(user, filters))


def _with_shown(rows: QuerySet[Case]) -> QuerySet[Case]:
    return rows.select_related("contact", "owner", "queue", "agent").only(*SHOWN)


def search_cases(rows: QuerySet[Case], words: str, hidden: frozenset[str]) -> QuerySet[Case]:
    """The rows that the words find, live and history alike."""
    return rows.filter(_search(words, hidden))


def _view(user: Any, view: str) -> Q:
    live = Q(arrived_as="live")
    if view == "mine":
        return live & Q(owner=user)
    if view == "team":
        return live & Q(queue__team__in=user.teams.all())
    if view == "unassigned":
        return live & Q(owner__isnull=True)
    if view == "history":
        return Q(arrived_as="history")
    return live


def _search(words: str, hidden: frozenset[str]) -> Q:
    """A number finds its case; words are sought in the case, the customer and the mails, never in hidden fields."""
    number = words.lstrip("#")
    if number.isdecimal() and number.isascii() and len(number) < 15:
        return Q(number=int(number)) | _in_numbers("icontains", number, hidden)
    query = SearchQuery(fold(words), search_type="websearch", config="simple")
    # By their ids, not over a join: then every part of the question can be answered by an index of cases.
    people = Contact.objects.filter(Q(address__icontains=words) | Q(name__icontains=words)).order_by().values("pk")
    found = Q(search=query) | Q(_IsAnyOf(F("contact_id"), ArraySubquery(people)))
    if "title" not in hidden:
        found |= Q(title__icontains=words)
    return found | _in_numbers("iexact", words, hidden)


class _IsAnyOf(Func):
    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


def _in_numbers(how: str, words: str, hidden: frozenset[str]) -> Q:
    open_ones = [name for name in ("order_number", "serial_number") if name not in hidden]
    found = Q(pk__in=[])
    for name in open_ones:
        found |= Q(**{f"{name}__{how}": words})
    return found


def count_cases(rows: QuerySet[Case]) -> str:
    """How many there are, up to "1,000+": counting stops there."""
    return _say_count(rows.order_by().values("pk")[: COUNT_UP_TO + 1].count())


def count_found(rows: QuerySet[Case], user: Any) -> tuple[str, QuerySet[Case]]:
    """How many a search or filter finds, and the rows to turn the pages of.

    Few are named by their ids: the database cannot know that a word is rare, and would walk the whole list for it.
    """
    found = list(rows.order_by().values_list("pk", flat=True)[: COUNT_UP_TO + 1])
    few = _with_shown(visible_cases(user).filter(pk__in=found)).order_by(*ORDER)
    return _say_count(len(found)), few if len(found) <= COUNT_UP_TO else rows


def _say_count(count: int) -> str:
    return f"{COUNT_UP_TO:,}+" if count > COUNT_UP_TO else str(count)


def _one_of(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def _digits(value: str) -> str:
    return value if value.isdecimal() and value.isascii() and len(value) < 15 else ""
