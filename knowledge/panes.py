"""What knowledge adds to the navigation, and the draft of a case on its page."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import Suggestion
from agents.panes import Finder, NavLink, Pane, register
from knowledge import harvest
from knowledge.access import PUBLISH, visible_harvests
from knowledge.listing import find_articles
from knowledge.models import Harvest
from knowledge.transcripts import CASE


def list_mine(user: Any) -> QuerySet[Harvest]:
    """Drafts that wait and that this person may decide."""
    waiting = Suggestion.objects.filter(kind=harvest.KIND, state=Suggestion.State.PENDING).values("object_id")
    return visible_harvests(user).filter(pk__in=waiting)


def show_draft(subject: Any, user: Any) -> dict[str, Any] | None:
    """The draft that waits about a solved case."""
    found = harvest.waiting_of(CASE, subject.pk)
    return {"harvest": found} if found else None


register(
    Finder(name="articles", label=_("Articles"), icon="book-open", order=40, find=find_articles),
    NavLink(
        name="knowledge", label=_("Knowledge"), url_name="knowledge:articles", icon="book-open", key="g k", order=40
    ),
    NavLink(
        name="products",
        label=_("Products and subjects"),
        url_name="knowledge:products",
        icon="package",
        group="manage",
        order=60,
        permission="agents.manage",
    ),
)
register(
    NavLink(
        name="drafts", label=_("Article drafts"), url_name="knowledge:drafts", icon="file-pen", order=41,
        permission=PUBLISH, count=list_mine,
    ),
    Pane(
        name="article-draft", slot="case.context", subject_type="cases.Case", template="knowledge/pane.html",
        context=show_draft, order=60, permission=PUBLISH,
    ),
)  # fmt: skip
