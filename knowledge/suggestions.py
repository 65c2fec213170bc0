"""The kind of act of the Customer Knowledge Management Agent: publish an article."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from agents import sections
from agents.kinds import Kind, kind
from agents.models import Suggestion
from knowledge import articles, gate, harvest
from knowledge.access import PUBLISH, visible_harvests
from knowledge.draft_forms import DraftForm
from knowledge.models import Article, Harvest
from knowledge.payloads import ArticlePayload
from knowledge.transcripts import known_of


@kind
class PublishArticle(Kind):
    """Publishes a drafted article, or the next text of one that exists."""

    name = harvest.KIND
    agent = harvest.AGENT
    title = gettext_lazy("Article")
    icon = "book-open"
    section = harvest.SECTION
    Payload: ClassVar[type[BaseModel]] = ArticlePayload
    form = DraftForm
    template = "knowledge/kinds/publish_article.html"
    permission = PUBLISH
    can_undo = True
    bell = "harvest.due"

    def visible(self, user: Any) -> QuerySet[Harvest]:
        """Harvests of the lines whose articles this person publishes, and those of no line."""
        return visible_harvests(user)

    def fingerprint(self, subject: Harvest) -> dict[str, Any]:
        """The closing, and the version of the article it would change."""
        return harvest.fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Personal data, forbidden words, orders, and what compliance does not allow."""
        payload = ArticlePayload.model_validate(suggestion.payload)
        text = f"{payload.title}\n{payload.summary}\n{payload.body}\n{' '.join(payload.keywords)}"
        subject: Any = suggestion.subject
        known = known_of(subject.source, subject.object_id) if subject else ()
        refused = [
            _("It still holds personal data: %(kind)s.") % {"kind": kind} for kind in gate.list_personal(text, known)
        ]
        values = sections.load(self.section, suggestion.line_of_business).values
        words, patterns = values.get("prohibited") or [], values.get("patterns") or []
        refused += gate.refuse_words(text, prohibited=words, patterns=patterns)
        if gate.gives_orders(text):
            refused.append(_("It gives orders to whoever reads it."))
        if payload.then == "publish" and payload.compliance == Article.Compliance.NON_COMPLIANT:
            refused.append(_("An article that is not compliant is never published."))
        elif payload.then == "publish" and payload.compliance == Article.Compliance.PENDING:
            refused.append(_("Set compliance to Compliant first."))
        if suggestion.decided_by_agent:
            refused += suggestion.risks
        return refused

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Create the article or change it, and let it stand where the payload says."""
        payload = ArticlePayload.model_validate(suggestion.payload)
        subject: Any = suggestion.subject
        article = articles.take_draft(payload, source=_source_of(subject), by=by, now=suggestion.decided_at)
        Harvest.objects.filter(pk=subject.pk).update(state=Harvest.State.CREATED, article=article, title=article.title)

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """A new article is discarded; a revised one gets its text back, unless somebody saved since."""
        payload = ArticlePayload.model_validate(suggestion.payload)
        article = Harvest.objects.get(pk=suggestion.object_id).article
        if article is None:
            return
        if payload.article:
            articles.restore_version(article, payload.article_version, by=by)
        else:
            articles.set_state(article, state=Article.State.DISCARDED, by=by)
        Harvest.objects.filter(pk=suggestion.object_id).update(
            state=Harvest.State.REJECTED, reason=_("Undone by %(who)s.") % {"who": by}
        )

    def note_pending(self, subject: Harvest, kinds: list[str]) -> None:
        """What became of the draft stands on the harvest."""
        last = Suggestion.objects.filter(kind=self.name, object_id=subject.pk).order_by("-id").first()
        ends = {
            Suggestion.State.REJECTED: Harvest.State.REJECTED,
            Suggestion.State.WITHDRAWN: Harvest.State.NOT_CREATED,
        }
        if not kinds and last and last.state in ends:
            state = ends[Suggestion.State(last.state)]
            Harvest.objects.filter(pk=subject.pk).update(state=state, reason=last.reason[:300])
        if last and (revised := last.proposed.get("article")):
            waits = Suggestion.objects.filter(kind=self.name, state=Suggestion.State.PENDING, proposed__article=revised)
            articles.note_revision(revised, is_waiting=waits.exists())

    def summary(self, payload: Any) -> str:
        """New or revised, and its title."""
        words = _("Revise “%(title)s”") if payload.article else _("New article: %(title)s")
        return words % {"title": payload.title}

    def consequence(self, suggestion: Suggestion) -> str:
        """Who reads it from then on."""
        payload = ArticlePayload.model_validate(suggestion.payload)
        if payload.then != "publish":
            return _("Kept as a draft") if payload.then == "draft" else _("Kept as approved, published by hand")
        if payload.publish_at:
            return _("Published on the date you set")
        if payload.audience == Article.Audience.EXTERNAL:
            return _("Customers read it at once")
        return _("Colleagues find it, customers never read it")

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The text as it would stand, and the article it changes."""
        payload = ArticlePayload.model_validate(suggestion.payload)
        article = Article.objects.filter(pk=payload.article).first() if payload.article else None
        return {"draft": payload, "article": article}


def _source_of(subject: Harvest) -> str:
    return Article.Source.HISTORY if subject.run_id else Article.Source(subject.source)
