"""Which articles a user may see: fetch and authorise in one call."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404

from accounts.access import reach
from accounts.models import Role
from agents.models import LineOfBusiness
from knowledge.models import Article, ArticleImport, Harvest, HarvestRun, Product

WRITE, PUBLISH, MANAGE = "knowledge.author", "knowledge.approve", "agents.manage"
READERS = (WRITE, PUBLISH, "cases.work", "cases.approve", "cases.supervise", "sales.work")
# An article that lists products of so many families tells of something else: delivery, returns, the warranty.
FAMILIES_OF_GENERAL = 3


def visible_articles(user: Any) -> QuerySet[Article]:
    """Published external articles for everybody; for staff those of their lines, and drafts for who writes.

    Staff see general articles and the ones of their lines of business; a role that sees all records sees every line.
    Authors also see what they wrote themselves, wherever it is filed.
    """
    if not any(user.has_perm(permission) for permission in READERS):
        return Article.objects.filter(state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL)
    known = reach(user)
    rows = Article.objects.all()
    is_writer = user.has_perm(WRITE) or user.has_perm(PUBLISH)
    if not is_writer:
        rows = rows.filter(state=Article.State.PUBLISHED)
    roles = {role.visibility for code in READERS for role in known.counting(code)}
    if known.is_unlimited or Role.Visibility.ALL in roles:
        return rows
    fits = ~Exists(filed_under()) | Exists(filed_under().filter(lineofbusiness__in=known.lines))
    return rows.filter(fits | Q(author=user) if is_writer else fits)


def filed_under() -> QuerySet[Any]:
    """The lines of business of the article of the outer query; with none it is a general one."""
    return Article.lines_of_business.through.objects.filter(article=OuterRef("pk"))


def of_line(line: LineOfBusiness | int) -> Q:
    """Articles of this line of business, and general ones."""
    return ~Exists(filed_under()) | Exists(filed_under().filter(lineofbusiness=line))


def of_product(product: Product) -> Q:
    """Articles that list this product or none, and those that list so many that they are about none of them."""
    listed = Article.products.through.objects.filter(article=OuterRef("pk"))
    broad = Article.objects.annotate(families=Count("products__family", distinct=True))
    broad = broad.filter(families__gte=FAMILIES_OF_GENERAL)
    return Q(~Exists(listed)) | Q(Exists(listed.filter(product=product))) | Q(pk__in=broad.values("pk"))


def get_article(user: Any, pk: int) -> Article:
    """The article; Http404 whether it is missing or forbidden."""
    article = visible_articles(user).select_related("author").filter(pk=pk).first()
    if article is None:
        raise Http404
    return article


def get_import(user: Any, pk: int) -> ArticleImport:
    """One's own import; Http404 whether it is missing or another's."""
    found = ArticleImport.objects.filter(pk=pk, created_by=user).first()
    if found is None:
        raise Http404
    return found


def visible_harvests(user: Any) -> QuerySet[Harvest]:
    """Harvests of the lines whose articles this person publishes, and those of no line."""
    if not user.has_perm(PUBLISH):
        return Harvest.objects.none()
    known = reach(user)
    if known.is_unlimited or Role.Visibility.ALL in {role.visibility for role in known.counting(PUBLISH)}:
        return Harvest.objects.all()
    return Harvest.objects.filter(Q(line_of_business__isnull=True) | Q(line_of_business__in=known.lines))


def get_harvest(user: Any, pk: int) -> Harvest:
    """A harvest; Http404 whether it is missing or forbidden."""
    found = visible_harvests(user).select_related("article", "run", "line_of_business").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_run(user: Any, pk: int) -> HarvestRun:
    """A run over the past; Http404 whether it is missing or forbidden."""
    found = HarvestRun.objects.filter(pk=pk).first() if user.has_perm(MANAGE) else None
    if found is None:
        raise Http404
    return found
