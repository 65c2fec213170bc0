"""The help centre's pages: open to everybody, the same for everybody, and kept by whoever asks for them."""

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from agents import sections
from knowledge import helping
from knowledge.models import Article
from knowledge.search import search_articles

KEPT_SECONDS = 300
MOST_LISTED, MOST_ASKED = 60, 200


def _open(**more: Any) -> dict[str, Any]:
    """What every page shows; Http404 while the help centre is switched off."""
    loaded = sections.load(helping.SECTION)
    if not loaded.is_on:
        raise Http404
    return {"values": loaded.values, "topics": helping.list_subjects(), "products": helping.list_products(), **more}


def _render(request: HttpRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    answer = render(request, template, shown)
    patch_cache_control(answer, public=True, max_age=KEPT_SECONDS)
    return answer


@require_GET
def show_home(request: HttpRequest) -> HttpResponse:
    """The question, topics, and what was published last; with ``q`` what answers it."""
    asked = request.GET.get("q", "").replace("\x00", " ").strip()[:MOST_ASKED]
    rows = helping.public_articles()
    topic, product = (_ident(request.GET.get(name, "")) for name in ("topic", "product"))
    if topic:
        rows = rows.filter(subjects=topic)
    if product:
        rows = rows.filter(products=product)
    shown = _open(asked=asked, topic=topic, product=product)
    if asked:
        hits = search_articles(asked, rows, limit=20)
        found = rows.in_bulk([hit.article for hit in hits])
        shown["hits"] = [(found[hit.article], hit) for hit in hits if hit.article in found]
    else:
        shown["articles"] = list(rows.defer("body").order_by("-published_at", "-pk")[:MOST_LISTED])
    return _render(request, "knowledge/help/home.html", shown)


def _ident(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_GET
def show_article(request: HttpRequest, slug: str) -> HttpResponse:
    """One article, and the question whether it helped."""
    shown = _open()
    article = helping.public_articles().prefetch_related("subjects", "products").filter(slug=slug).first()
    if article is None:
        raise Http404
    minutes = max(1, round(len(article.body.split()) / 200))
    said = request.GET.get("said", "")
    body = article.body.removeprefix(f"# {article.title}").lstrip()
    return _render(
        request,
        "knowledge/help/article.html",
        {**shown, "article": article, "body": body, "minutes": minutes, "said": said},
    )


# A page kept by caches holds no token; what is posted changes a count, and is limited by address.
@csrf_exempt
@require_POST
def give_feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep whether an article helped; more than a person says in an hour is not kept."""
    loaded = sections.load(helping.SECTION)
    article: Article | None = helping.public_articles().filter(slug=slug).first()
    if not loaded.is_on or not loaded.values.get("feedback") or article is None:
        raise Http404
    address = request.META.get("REMOTE_ADDR", "")
    if _is_too_often(address):
        return render(request, "knowledge/help/busy.html", {"article": article}, status=429)
    helping.give_feedback(
        article,
        is_useful=request.POST.get("useful") == "yes",
        comment=request.POST.get("comment", ""),
        address=address,
        now=timezone.now(),
    )
    return redirect(f"{article_url(article)}?said=thanks")


def _is_too_often(address: str) -> bool:
    key = f"help-feedback:{helping.read_voice(Article(pk=0), address, timezone.now())}"
    cache.add(key, 0, 3600)
    return int(cache.incr(key)) > helping.MOST_AN_HOUR


def article_url(article: Article) -> str:
    """Where customers read it."""
    return f"/help/{article.slug}/"


@require_GET
def show_robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the help centre, and nothing else."""
    allowed = "Allow: /help/\n" if helping.is_open() else ""
    text = f"User-agent: *\n{allowed}Disallow: /\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
