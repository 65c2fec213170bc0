"""What knowledge adds to the navigation, and the draft of a case on its page."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, Pane, register
from knowledge import harvest
from knowledge.access import PUBLISH
from knowledge.transcripts import CASE


def show_draft(subject: Any, user: Any) -> dict[str, Any] | None:
    """The draft that waits about a solved case."""
    found = harvest.waiting_of(CASE, subject.pk)
    return {"harvest": found} if found else None


register(
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
        permission=PUBLISH, count=lambda user: harvest.count_waiting() or None, due=True,
    ),
    Pane(
        name="article-draft", slot="case.context", subject_type="cases.Case", template="knowledge/pane.html",
        context=show_draft, order=60, permission=PUBLISH,
    ),
)  # fmt: skip
