"""The pages of articles: list, read, write, publish, versions."""

import difflib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents.models import LineOfBusiness, Version
from agents.sections import versions
from knowledge import articles, helping
from knowledge.access import PUBLISH, WRITE, get_article, visible_articles
from knowledge.draft_forms import DatesForm
from knowledge.forms import ArticleForm, language_choices
from knowledge.listing import list_page, read_wanted
from knowledge.models import Article, Product

MOST_PREVIEWED = 200_000


@require_GET
@login_required
def list_articles(request: HttpRequest) -> HttpResponse:
    """Every article this person may read, with search and filters in the address."""
    wanted = read_wanted(request.GET)
    page = list_page(request.user, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    shown = {
        "page": page,
        "rows": [(article, page.hits.get(article.pk)) for article in page.articles],
        "wanted": wanted,
        "names": dict(language_choices()),
        "states": Article.State.choices,
        "audiences": Article.Audience.choices,
        "all_lines": LineOfBusiness.objects.all(),
        "all_products": Product.objects.filter(is_active=True),
        "may_write": request.user.has_perm(WRITE),
        "is_bare": not page.articles and not wanted and not visible_articles(request.user).exists(),
    }
    return render(request, "knowledge/articles.html", shown)


@never_cache
@require_GET
@login_required
def show_article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article as its readers see it, what it is filed under, its passages, and what may be done with it."""
    article = get_article(request.user, pk)
    shown = {
        **_frame(request, article),
        "passages": article.passages.defer("embedding", "search"),
        "lines": article.lines_of_business.all(),
        "products": article.products.all(),
        "subjects": article.subjects.all(),
        "language": dict(language_choices()).get(article.language, article.language),
        "newest": versions.latest(articles.version_target(article)),
        "is_indexed": article.indexed_version == article.version,
        "compliances": Article.Compliance.choices,
        "reasons": _reasons(article) if request.user.has_perm(WRITE) else [],
        "feedback": helping.list_feedback(article) if request.user.has_perm(WRITE) else [],
    }
    return render(request, "knowledge/article.html", shown)


def _reasons(article: Article) -> list[tuple[str, str]]:
    """What its status may be set to; the present one among it."""
    words = dict(Article.StateReason.choices) | {"": article.get_state_display()}
    codes = articles.REASONS.get(Article.State(article.state), [])
    if codes and article.state_reason not in codes:
        codes = [article.state_reason, *codes]
    return [(str(code), str(words[code])) for code in codes]


def _frame(request: HttpRequest, article: Article) -> dict[str, Any]:
    url = reverse("knowledge:article", args=[article.pk])
    return {
        "article": article,
        "crumbs": [(_("Knowledge"), reverse("knowledge:articles"))],
        "tabs": [
            {"text": _("Read"), "url": url},
            {"text": _("Versions"), "url": f"{url}versions/", "count": article.version},
        ],
        "why_fixed": articles.why_fixed(article, request.user),
        "may_write": request.user.has_perm(WRITE),
        "may_publish": request.user.has_perm(PUBLISH),
        "dates": _dates_form(request, article),
    }


def _dates_form(request: HttpRequest, article: Article) -> DatesForm | None:
    """The dates of an article that may still be published, or expire, for who decides it."""
    open_to = {Article.State.DRAFT, Article.State.APPROVED, Article.State.SCHEDULED, Article.State.PUBLISHED}
    if article.state not in open_to or not request.user.has_perm(PUBLISH):
        return None
    return DatesForm(initial={"publish_at": article.publish_at, "expires_at": article.expires_at})


@never_cache
@needs(WRITE)
def add_article(request: HttpRequest) -> HttpResponse:
    """Write a new article; it is a draft until somebody publishes it."""
    form = ArticleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        article = articles.create_article(by=request.user, **form.wishes())
        messages.success(request, _("The draft was saved\nNobody is answered with it until it is published."))
        return redirect("knowledge:article", article.pk)
    return _show_editor(request, form, None)


@never_cache
@needs(WRITE)
def edit_article(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an article; when somebody saved meanwhile, both texts are shown and nothing is lost."""
    article = get_article(request.user, pk)
    if reason := articles.why_fixed(article, request.user):
        messages.error(request, reason)
        return redirect("knowledge:article", article.pk)
    form = ArticleForm(request.POST if request.method == "POST" else None, article=article)
    if request.method == "POST" and form.is_valid():
        expected = form.cleaned_data["expected"]
        try:
            saved = articles.change_article(article, by=request.user, expected=expected or 0, **form.wishes())
        except versions.Conflict as conflict:
            return _show_conflict(request, article, conflict)
        text = _("Version %(number)s was saved\nSearch knows it within a minute.") % {"number": saved.version}
        messages.success(request, text)
        return redirect("knowledge:article", saved.pk)
    return _show_editor(request, form, article)


def _show_conflict(request: HttpRequest, article: Article, conflict: versions.Conflict) -> HttpResponse:
    """The editor with this person's text, what the other one changed, and a save that says what it replaces."""
    article.refresh_from_db()
    mine = request.POST.copy()
    mine["expected"] = str(article.version)
    form = ArticleForm(mine, article=article)
    theirs, own = article.body.splitlines(), form.data.get("body", "").replace("\r\n", "\n").strip().splitlines()
    shown = {"conflict": conflict, "lines": diff_lines(theirs, own)}
    return _show_editor(request, form, article, status=409, **shown)


def _show_editor(
    request: HttpRequest, form: ArticleForm, article: Article | None, *, status: int = 0, **more: Any
) -> HttpResponse:
    crumbs = [(_("Knowledge"), reverse("knowledge:articles"))]
    if article:
        crumbs.append((article.title, reverse("knowledge:article", args=[article.pk])))
    shown = {
        "form": form,
        "article": article,
        "crumbs": crumbs,
        "next": article.version + 1 if article else 1,
        "text": str(form["body"].value() or "")[:MOST_PREVIEWED],
        "title": form["title"].value() or "",
        **more,
    }
    return render(request, "knowledge/edit.html", shown, status=status or (422 if form.is_bound else 200))


@require_POST
@needs(WRITE)
def preview(request: HttpRequest) -> HttpResponse:
    """The text in the editor as readers will see it."""
    shown = {"text": request.POST.get("body", "")[:MOST_PREVIEWED], "title": request.POST.get("title", "")[:200]}
    return render(request, "knowledge/_preview.html", shown)


@require_POST
@needs(PUBLISH)
def change_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, take back to draft, or archive the version that was read."""
    article = get_article(request.user, pk)
    state, expected = request.POST.get("state", ""), request.POST.get("expected", "")
    if state not in DONE or not expected.isdecimal():
        raise Http404
    try:
        articles.set_state(article, state=state, by=request.user, expected=int(expected))
    except versions.Conflict as conflict:
        text = _("%(who)s saved a new version meanwhile\nNothing was changed. Read it first, then decide.")
        messages.error(request, text % {"who": conflict.who})
        return redirect("knowledge:article", pk)
    except articles.Refused as refusal:
        messages.error(request, _("Not published\n%(why)s") % {"why": refusal.reason})
        return redirect("knowledge:article", pk)
    messages.success(request, DONE[Article.State(state)]())
    return redirect("knowledge:article", pk)


DONE = {
    Article.State.PUBLISHED: lambda: _("The article was published\nSearch and new drafts use it from now on."),
    Article.State.DRAFT: lambda: _("The article is a draft again\nSearch and new drafts no longer use it."),
    Article.State.APPROVED: lambda: _("The article is approved\nIt answers nobody until it is published."),
    Article.State.EXPIRED: lambda: _("The article has expired\nSearch and new drafts no longer use it."),
    Article.State.DISCARDED: lambda: _("The article was discarded\nIt is kept, and found by nobody."),
    Article.State.ARCHIVED: lambda: _("The article was archived\nIt is kept, and found by nobody."),
}


@never_cache
@require_GET
@login_required
def list_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what and when; two versions beside each other."""
    article = get_article(request.user, pk)
    if not request.user.has_perm(WRITE) and not request.user.has_perm(PUBLISH):
        raise PermissionDenied
    rows = articles.list_versions(article)
    older, newer = (_number(request.GET.get(name, "")) for name in ("a", "b"))
    shown = {**_frame(request, article), "rows": rows}
    if older and newer:
        shown |= _compare(article, min(older, newer), max(older, newer))
    elif len(rows) > 1:
        shown |= _compare(article, rows[1].number, rows[0].number)
    return render(request, "knowledge/versions.html", shown)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _compare(article: Article, older: int, newer: int) -> dict[str, Any]:
    target = articles.version_target(article)
    try:
        a, b = versions.get_snapshot(target, older), versions.get_snapshot(target, newer)
    except Version.DoesNotExist:
        raise Http404
    changes = versions.diff(a, b, wording=articles.word_change)
    fields = [
        {"label": change["label"], "before": change["old"], "after": change["new"]}
        for change in changes
        if change["field"] != "body"
    ]
    lines = diff_lines(a["body"].splitlines(), b["body"].splitlines()) if a["body"] != b["body"] else []
    return {"older": older, "newer": newer, "fields": fields, "lines": lines}


def diff_lines(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Changed lines with three around each, as (sign, text); a row of dots stands for what is equal between."""
    found: list[tuple[str, str]] = []
    for line in list(difflib.unified_diff(before[:5000], after[:5000], lineterm="", n=3))[2:]:
        if line.startswith("@@"):
            found += [(" ", "…")] if found else []
        else:
            found.append((line[0], line[1:]))
    return found


@require_POST
@needs(WRITE)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Make an older version the newest."""
    article = get_article(request.user, pk)
    if reason := articles.why_fixed(article, request.user):
        messages.error(request, reason)
        return redirect("knowledge:versions", pk)
    try:
        saved = articles.restore_version(
            article, number, by=request.user, expected=_number(request.POST.get("expected", ""))
        )
    except Version.DoesNotExist:
        raise Http404
    except versions.Conflict as conflict:
        text = _("%(who)s saved a new version meanwhile\nNothing was changed. Compare again, then decide.")
        messages.error(request, text % {"who": conflict.who})
        return redirect("knowledge:versions", pk)
    text = _("Version %(old)s stands again as version %(new)s") % {"old": number, "new": saved.version}
    messages.success(request, text)
    return redirect("knowledge:article", pk)
