"""The words by which a case is found: its title, its customer, its mails; and the search over everything."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import CombinedSearchVector, SearchVector, SearchVectorField
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.access import hidden_fields
from agents.panes import Found
from agents.skills.languages import fold
from cases.access import MODEL, say_case, visible_cases
from cases.inbox import search_cases
from conversations.models import Contact

# A mail longer than this is found by its beginning.
CHARACTERS = 20_000


def find_words(*texts: str) -> SearchVector:
    """What a case is found by: the words of these texts; accents do not count."""
    return SearchVector(Value(fold("\n".join(text[:CHARACTERS] for text in texts if text))), config="simple")


def add_words(*texts: str) -> Combinable:
    """The same besides what the case is found by already."""
    already = Coalesce(F("search"), Value("", output_field=SearchVectorField()))
    return CombinedSearchVector(already, "||", find_words(*texts), None)


def find_cases(user: Any, words: str, limit: int) -> list[Found]:
    """Cases by number, title, customer and the words of their mails, within reach and without hidden fields."""
    rows = search_cases(visible_cases(user), words, hidden_fields(user, MODEL)).select_related("contact")
    return [
        Found(
            text=say_case(case, user),
            url=case.get_absolute_url(),
            more=case.get_status_display(),
        )
        for case in rows.order_by("-last_message_at", "-id")[:limit]
    ]


def find_contacts(user: Any, words: str, limit: int) -> list[Found]:
    """Customers of cases within reach, by name and address; each leads to their cases."""
    theirs = visible_cases(user).filter(contact=OuterRef("pk"))
    rows = Contact.objects.filter(Q(name__icontains=words) | Q(address__icontains=words)).filter(Exists(theirs))
    return [
        Found(
            text=row.name or row.address,
            url=f"{reverse('cases:inbox')}?{urlencode({'view': 'all', 'status': 'any', 'q': row.address})}",
            more=row.address if row.name else "",
        )
        for row in rows.order_by("name", "id")[:limit]
    ]
