"""Articles from files: each row is checked first, then imported once; the counts add up to the rows."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from agents.audit import record
from agents.models import LineOfBusiness
from agents.queue import ring
from agents.skills.languages import KNOWN, detect_language, fold
from knowledge.access import PUBLISH, visible_articles
from knowledge.articles import change_article, create_article, make_slug, set_state, why_fixed
from knowledge.models import Article, ArticleImport, Product, Subject
from knowledge.reading import RawArticle, ReadFile

Outcome = Literal["new", "changed", "unchanged", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("new", "changed", "unchanged", "refused")
MOST_CHARACTERS = 200_000
# How many rows one turn of the worker imports, and how many the page waits for.
TURN, AT_ONCE = 200, 25
# How long a checked or finished file can be looked at.
KEPT = dt.timedelta(days=30)
# How many names of files left aside are kept for the page.
MOST_IGNORED = 200


class Row(BaseModel):
    """A checked row: what would become of it and why, and what it would be filed under (keys).

    ``is_named`` says that the file gave the slug: without one the same title in another language is another article.
    """

    place: str
    outcome: Outcome
    title: str = ""
    slug: str = ""
    is_named: bool = False
    body: str = ""
    audience: str = Article.Audience.INTERNAL
    language: str = "en"
    lines_of_business: list[int] = []
    products: list[int] = []
    subjects: list[int] = []
    article: int | None = None
    notes: list[str] = []


class Catalogue:
    """Lines, products and subjects by every name people use for them; read once per file."""

    def __init__(self) -> None:
        self.lines, self.products, self.subjects = Names(), Names(), Names()
        for line in LineOfBusiness.objects.all():
            self.lines.add(line.pk, line.name)
        for product in Product.objects.all():
            self.products.add(product.pk, product.name, product.sku, *product.aliases)
        for subject in Subject.objects.all():
            self.subjects.add(subject.pk, subject.name)


class Names:
    """Keys by name, slug or the one slug that begins with the words."""

    def __init__(self) -> None:
        self.keys: dict[str, int] = {}

    def add(self, key: int, *names: str) -> None:
        """Know one row by these names; the first row of a name keeps it."""
        for name in filter(None, names):
            self.keys.setdefault(make_slug(name), key)

    def find(self, text: str) -> tuple[list[int], list[str]]:
        """The keys of names separated by commas, semicolons or bars, and the names that nobody has."""
        names = [name.strip() for name in text.replace(";", ",").replace("|", ",").split(",") if name.strip()]
        found = {name: self._key(make_slug(name)) for name in names}
        return sorted({key for key in found.values() if key}), [name for name, key in found.items() if not key]

    def _key(self, slug: str) -> int | None:
        if slug in self.keys:
            return self.keys[slug]
        longer = {key for name, key in self.keys.items() if name.startswith(f"{slug}-")}
        return longer.pop() if len(longer) == 1 else None


def check_rows(read: ReadFile, *, by: Any) -> list[Row]:
    """What would become of each row, in order, writing nothing; a title or slug twice in one file is refused."""
    catalogue, known = Catalogue(), _existing(read, by)
    seen: dict[str, str] = {}
    rows = []
    for raw in read.rows:
        row = _check(raw, catalogue)
        key = row.slug if row.is_named else f"{row.slug} {row.language}"
        if row.outcome != "refused" and key in seen:
            row = _refuse(row, _("It has the same name as %(place)s.") % {"place": seen[key]})
        seen.setdefault(key, row.place)
        rows.append(row if row.outcome == "refused" else _compare(row, known, by))
    return rows


def count_outcomes(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows are new, changed, unchanged and refused."""
    counted = Counter(row.outcome for row in rows)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


def prepare_import(name: str, read: ReadFile, *, by: Any, now: dt.datetime | None = None) -> ArticleImport:
    """Keep a checked file until somebody says that it is imported."""
    rows = check_rows(read, by=by)
    return ArticleImport.objects.create(
        name=name[:200],
        rows=[row.model_dump() for row in rows],
        ignored=read.ignored[:MOST_IGNORED],
        total=len(rows),
        created_by=by,
        created_at=now or timezone.now(),
    )


@transaction.atomic
def start_import(pk: int, *, by: Any, publish: bool = False, now: dt.datetime | None = None) -> bool:
    """Let the rows be imported; False when that was said before."""
    now = now or timezone.now()
    started = ArticleImport.objects.filter(pk=pk, started_at=None).update(started_at=now, publish=publish)
    if started:
        text = _("imported articles from %(name)s") % {"name": ArticleImport.objects.get(pk=pk).name}
        record("knowledge.import_started", by=by, text=text, now=now)
        ring("import.started", pk)
    return bool(started)


def forget_imports(now: dt.datetime) -> int:
    """Delete imports nobody needs any more, with the texts in them; returns how many. Running ones stay."""
    old = ArticleImport.objects.filter(created_at__lt=now - KEPT)
    return old.exclude(started_at__isnull=False, finished_at=None).delete()[0]


def unfinished(limit: int) -> list[int]:
    """Imports that were started and are not finished."""
    rows = ArticleImport.objects.filter(started_at__isnull=False, finished_at=None).order_by("id")
    return list(rows.values_list("pk", flat=True)[:limit])


def advance_import(pk: int, *, most: int = TURN, now: dt.datetime | None = None) -> int:
    """Import the next rows, each in a transaction with its place, so that none is done twice; returns how many."""
    now, done = now or timezone.now(), 0
    rows = ArticleImport.objects.filter(pk=pk).values_list("rows", flat=True).first() or []
    while done < most and _import_next(pk, rows, now):
        done += 1
    if done == most:
        ring("import.started", pk)
    return done


@transaction.atomic
def _import_next(pk: int, rows: list[dict[str, Any]], now: dt.datetime) -> bool:
    """One row; False when nothing is left, or when somebody else is at it."""
    running = (
        ArticleImport.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, started_at__isnull=False, finished_at=None)
        .defer("rows")
        .first()
    )
    if running is None:
        return False
    at = running.position
    if at < running.total:
        outcome = import_row(Row.model_validate(rows[at]), by=running.created_by, publish=running.publish, now=now)
        running.counts[outcome] = running.counts.get(outcome, 0) + 1
        running.position = at + 1
    if running.position >= running.total:
        running.finished_at = now
    running.save(update_fields=["position", "counts", "finished_at"])
    return running.position < running.total


@transaction.atomic
def import_row(row: Row, *, by: Any, publish: bool = False, now: dt.datetime | None = None) -> Outcome:
    """Write one checked row; says what became of it, which differs from the check only if somebody wrote meanwhile."""
    if row.outcome == "refused":
        return "refused"
    fields = _fields(row)
    article = _find_again(row)
    if article is None:
        article = create_article(by=by, now=now, slug=row.slug, **fields)
        outcome: Outcome = "new"
    elif by is not None and (why_fixed(article, by) or not visible_articles(by).filter(pk=article.pk).exists()):
        return "refused"
    else:
        saved = change_article(article, by=by, now=now, **fields)
        outcome = "changed" if saved.version != article.version else "unchanged"
        article = saved
    if publish and article.state == Article.State.DRAFT and (by is None or by.has_perm(PUBLISH)):
        set_state(article, state=Article.State.PUBLISHED, by=by, now=now)
    return outcome


def _fields(row: Row) -> dict[str, Any]:
    return {
        "title": row.title,
        "body": row.body,
        "audience": row.audience,
        "language": row.language,
        "lines_of_business": list(LineOfBusiness.objects.filter(pk__in=row.lines_of_business)),
        "products": list(Product.objects.filter(pk__in=row.products)),
        "subjects": list(Subject.objects.filter(pk__in=row.subjects)),
    }


def _find_again(row: Row) -> Article | None:
    """The article to write to: the one that was found, or one that was written under the slug since."""
    if row.article is not None:
        return Article.objects.filter(pk=row.article).first()
    found = Article.objects.filter(slug=row.slug).first()
    return found if found and (row.is_named or found.language == row.language) else None


# ── checking one row ──────────────────────────────────────────────────────────────────────────────────────────────


def _check(raw: RawArticle, catalogue: Catalogue) -> Row:
    title = " ".join(raw.fields.get("title", "").split())
    slug = raw.fields.get("slug", "")
    row = Row(
        place=raw.place, outcome="new", title=title[:200], slug=make_slug(slug or title), is_named=bool(slug.strip())
    )
    row.notes = list(raw.notes)
    row.body = raw.fields.get("body", "").strip()
    row.audience = raw.fields.get("audience", Article.Audience.INTERNAL).strip().lower()
    row.language = _language(raw.fields.get("language", ""), row)
    lines, strange_lines = catalogue.lines.find(raw.fields.get("lines", ""))
    row.lines_of_business = lines
    for name, known in (("products", catalogue.products), ("subjects", catalogue.subjects)):
        keys, strange = known.find(raw.fields.get(name, ""))
        setattr(row, name, keys)
        row.notes += [_("Nothing is called “%(name)s”; it is left out.") % {"name": one[:80]} for one in strange]
    if problem := _problem(row, title, strange_lines):
        return _refuse(row, problem)
    return row


def _problem(row: Row, title: str, strange_lines: list[str]) -> str:
    """Why a row cannot be imported. An unknown line is no mere note: without it other lines would read the article."""
    if not title:
        return _("It has no title.")
    if len(title) > 200:
        return _("Its title is longer than 200 characters.")
    if not row.body:
        return _("It has no text.")
    if len(row.body) > MOST_CHARACTERS:
        return _("Its text is longer than %(count)s characters.") % {"count": f"{MOST_CHARACTERS:,}"}
    if row.audience not in Article.Audience.values:
        return _("Its audience is neither internal nor external.")
    if strange_lines:
        return _("There is no line of business “%(name)s”.") % {"name": strange_lines[0][:80]}
    return ""


def _language(said: str, row: Row) -> str:
    code = said.strip().lower().replace("_", "-").split("-")[0]
    if code in KNOWN:
        return code
    guess = detect_language(f"{row.title}\n{row.body}") or "en"
    if said:
        row.notes.append(
            _("“%(said)s” is no language we know; it reads like “%(guess)s”.") % {"said": said[:20], "guess": guess}
        )
    return guess


def _refuse(row: Row, why: str) -> Row:
    return row.model_copy(update={"outcome": "refused", "notes": [why, *row.notes]})


@dataclass
class Known:
    """The articles that rows of a file may mean, by slug and by folded title with language, and who may read them."""

    by_name: dict[str, Article]
    visible: set[int]

    def find(self, row: Row) -> Article | None:
        """The article of the row's slug, else of its title in its language."""
        named = self.by_name.get(row.slug)
        if named and (row.is_named or named.language == row.language):
            return named
        return self.by_name.get(_title_key(row.title, row.language))


def _title_key(title: str, language: str) -> str:
    return f"{fold(title)}\n{language}"


def _existing(read: ReadFile, by: Any) -> Known:
    slugs = {make_slug(raw.fields.get("slug") or raw.fields.get("title", "")) for raw in read.rows}
    titles = {" ".join(raw.fields.get("title", "").split()) for raw in read.rows}
    rows = Article.objects.filter(slug__in=slugs) | Article.objects.filter(title__in=titles)
    found: dict[str, Article] = {}
    for article in rows.prefetch_related("lines_of_business", "products", "subjects").order_by("pk"):
        found[article.slug] = article
        found.setdefault(_title_key(article.title, article.language), article)
    mine = Article.objects.all() if by is None else visible_articles(by)
    visible = set(mine.filter(pk__in=[article.pk for article in found.values()]).values_list("pk", flat=True))
    return Known(found, visible)


def _compare(row: Row, known: Known, by: Any) -> Row:
    article = known.find(row)
    if article is None:
        return row
    if article.pk not in known.visible:
        return _refuse(row, _("An article of this slug is not yours to change."))
    if by is not None and (reason := why_fixed(article, by)):
        return _refuse(row, reason)
    is_same = all(getattr(row, name) == getattr(article, name) for name in ("title", "body", "audience", "language"))
    for name in ("lines_of_business", "products", "subjects"):
        is_same = is_same and getattr(row, name) == sorted(one.pk for one in getattr(article, name).all())
    return row.model_copy(
        update={"outcome": "unchanged" if is_same else "changed", "article": article.pk, "slug": article.slug}
    )
