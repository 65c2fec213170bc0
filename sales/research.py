"""Research: read what the record says and the pages an administrator allows, keep what they say with its words."""

import datetime as dt
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.actors import agent_user
from agents.audit import record
from agents.fetch import FetchError, Forbidden, TooLarge, TooSlow, Unreachable, fetch
from agents.models import SectionSetting
from agents.queue import ring
from knowledge.models import Product
from sales.asking import Research, Researched, SourceText
from sales.lifecycle import lock_lead
from sales.models import Finding, Lead, WebPage
from sales.selection import AGENT

SECTION = "sales.research"
FRESH = dt.timedelta(hours=24)
MOST_TEXT = 60_000
RECORD_FIELDS = ("note", "industry", "employees", "country", "title")
WORTH_A_LOOK = re.compile(r"about|company|news|press|stor(?:y|ies)|team|career|ueber|unternehmen|propos|over-ons", re.I)
STATES: dict[type[FetchError], str] = {
    Forbidden: WebPage.State.FORBIDDEN,
    TooLarge: WebPage.State.TOO_LARGE,
    TooSlow: WebPage.State.TOO_SLOW,
    Unreachable: WebPage.State.UNREACHABLE,
}


@dataclass
class ReadPage:
    """A page as it was read, or why it was not; ``links`` lead on within the same site."""

    url: str
    state: str = WebPage.State.READ
    why: str = ""
    final_url: str = ""
    title: str = ""
    text: str = ""
    fetched_at: dt.datetime | None = None
    links: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """What research found, before anything is written."""

    pages: list[ReadPage]
    texts: list[SourceText]
    answer: skills.Answer[Researched]


def due_leads(limit: int) -> list[int]:
    """Leads that wait for research while it is switched on, oldest first."""
    if not SectionSetting.objects.filter(section=SECTION, is_on=True).exists():
        return []
    return list(Lead.objects.filter(research=Lead.Research.DUE).order_by("id").values_list("pk", flat=True)[:limit])


def research_lead(pk: int, *, now: dt.datetime) -> bool:
    """Look into one lead and keep what was found; False while research is switched off. Outside a transaction."""
    lead = Lead.objects.select_related("line_of_business", "product").get(pk=pk)
    loaded = sections.load(SECTION, lead.line_of_business)
    if lead.research != Lead.Research.DUE or not loaded.is_on:
        return False
    look = look_into(lead, loaded.values, now=now)
    keep_findings(lead, look, now=now)
    return True


def look_into(lead: Lead, values: dict[str, Any], *, now: dt.datetime) -> Look:
    """Read and think; writes nothing."""
    pages = read_pages(lead, values, now=now)
    texts = [
        SourceText(key=f"field:{name}", title=name, text=str(value), is_record=True)
        for name in RECORD_FIELDS
        if (value := getattr(lead, name)) not in (None, "")
    ]
    texts += [
        SourceText(key=f"page:{at}", title=page.url, text=page.text) for at, page in enumerate(pages) if page.text
    ]
    question = Research(
        company=lead.company_name,
        texts=texts,
        products=[name for row in Product.objects.filter(is_active=True) for name in (row.name, *row.aliases)],
        competitors=list(values.get("competitors") or []),
    )
    return Look(pages, texts, skills.run("sales.research", question, skills.Scope(lead.line_of_business_id)))


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_pages(lead: Lead, values: dict[str, Any], *, now: dt.datetime) -> list[ReadPage]:
    """The lead's site and the pages an administrator added, then what the first page links to, up to the limit."""
    most = int(values.get("most_pages") or 3)
    wanted = [lead.website] if lead.website and values.get("read_website", True) else []
    wanted += [address for each in values.get("pages") or [] if (address := _fill_in(each, lead))]
    read: list[ReadPage] = []
    while wanted and len(read) < most:
        url = wanted.pop(0)
        if any(url in (page.url, page.final_url) for page in read):
            continue
        page = read_page(url, now=now)
        read.append(page)
        wanted += [link for link in page.links if link not in wanted]
    return read


def _fill_in(pattern: str, lead: Lead) -> str:
    """An added page with the lead's site in it, as in ``{website}/jobs``; empty when the lead has none."""
    if "{website}" not in pattern:
        return pattern
    return urljoin(lead.website, pattern.replace("{website}", "").lstrip("/") or "/") if lead.website else ""


def read_page(url: str, *, now: dt.datetime) -> ReadPage:
    """One page: a fresh copy that another lead's research kept, else from the web; a refusal is a state, no error."""
    kept = WebPage.objects.filter(url=url, state=WebPage.State.READ, fetched_at__gt=now - FRESH).first()
    if kept:
        return ReadPage(url, kept.state, "", kept.final_url, kept.title, kept.text, kept.fetched_at)
    try:
        page = fetch(url)
    except FetchError as error:
        return ReadPage(url, STATES.get(type(error), WebPage.State.UNREACHABLE), str(error)[:300], fetched_at=now)
    outline = _Outline(page.final_url)
    outline.feed(page.text)
    text = page.text if page.content_type == "text/plain" else extract_text(page.text)
    state = WebPage.State.READ if text.strip() else WebPage.State.NO_TEXT
    links = outline.links if url == page.url else []
    return ReadPage(url, state, "", page.final_url, outline.title[:300], text[:MOST_TEXT], page.fetched_at, links)


def extract_text(html: str) -> str:
    """The main text of a page, without navigation and scripts; all of its text when there is no main."""
    from inscriptis import get_text

    try:
        import trafilatura

        found = trafilatura.extract(html, include_comments=False, include_links=False, favor_recall=True)
    except ImportError:
        found = None
    text = found or (get_text(html) if html.strip() else "")
    return re.sub(r"[ \t]+", " ", re.sub(r"\n{3,}", "\n\n", text)).replace("\0", "").strip()


class _Outline(HTMLParser):
    """A page's title, and its links within the same site that are worth a look."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.links, self.title = base, list[str](), ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        target = dict(attrs).get("href") if tag == "a" else None
        if target and WORTH_A_LOOK.search(target) and len(self.links) < 10:
            link = urldefrag(urljoin(self.base, target))[0]
            if urlsplit(link).netloc == urlsplit(self.base).netloc and link not in (*self.links, self.base):
                self.links.append(link)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title, self._in_title = " ".join(data.split()), False


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def keep_findings(lead: Lead, look: Look, *, now: dt.datetime) -> list[Finding]:
    """Write pages and findings; what was found before and still is stays the same row, the rest is retired."""
    lead = lock_lead(lead.pk)
    rows = [
        _keep_page(lead, page, f"page:{at}" in look.answer.output.ordering, now) for at, page in enumerate(look.pages)
    ]
    present = {
        (row.topic, row.claim, row.field, row.page_id): row
        for row in Finding.objects.filter(lead=lead, retired_at__isnull=True)
    }
    kept: list[Finding] = []
    for claim in look.answer.output.findings:
        where, _sep, at = claim.source.partition(":")
        page = rows[int(at)] if where == "page" else None
        name = at if where == "field" else ""
        same = present.pop((claim.topic, claim.claim, name, page.pk if page else None), None)
        row = same or Finding(lead=lead, topic=claim.topic, claim=claim.claim, field=name, page=page, created_at=now)
        row.value, row.quote, row.start, row.end = claim.value, claim.quote, claim.start, claim.end
        row.url, row.fetched_at = (page.final_url or page.url, page.fetched_at) if page else ("", None)
        row.confidence, row.engine, row.engine_version = claim.confidence, look.answer.engine, look.answer.version
        row.save()
        kept.append(row)
    Finding.objects.filter(pk__in=[row.pk for row in present.values()]).update(retired_at=now)
    _settle(lead, look, len(kept), now)
    return kept


def _keep_page(lead: Lead, page: ReadPage, gives_orders: bool, now: dt.datetime) -> WebPage:
    row, _made = WebPage.objects.update_or_create(
        lead=lead,
        url=page.url[:600],
        defaults={
            "final_url": page.final_url[:600],
            "title": page.title,
            "text": page.text,
            "state": page.state,
            "state_why": page.why,
            "gives_orders": gives_orders,
            "fetched_at": page.fetched_at or now,
        },
    )
    return row


def _settle(lead: Lead, look: Look, count: int, now: dt.datetime) -> None:
    """The lead says how its research went, and its fit is due."""
    failed = [page for page in look.pages if page.state != WebPage.State.READ]
    if not count:
        state = Lead.Research.FAILED
    else:
        state = Lead.Research.PARTLY if failed else Lead.Research.DONE
    lead.research, lead.researched_at, lead.fit_due, lead.last_activity_at = state, now, True, now
    lead.research_why = "; ".join(f"{urlsplit(page.url).netloc or page.url}: {page.why}" for page in failed)[:300]
    lead.save(update_fields=["research", "research_why", "researched_at", "fit_due", "last_activity_at"])
    addresses = [
        {"field": "page", "label": _("Page"), "old": "", "new": f"{page.url} ({page.state})"} for page in look.pages
    ]
    text = _("researched it: %(count)s findings from %(pages)s pages") % {"count": count, "pages": len(look.pages)}
    record("lead.researched", by=agent_user(AGENT), subject=lead, text=text, changes=addresses, now=now)
    ring("lead.researched", lead.pk)


def current_findings(lead: Lead) -> list[Finding]:
    """What is known about a lead now, in the order of the topics."""
    order = list(Finding.Topic.values)
    rows = lead.findings.filter(retired_at__isnull=True).select_related("page")
    return sorted(rows, key=lambda row: (order.index(row.topic), -row.confidence, row.pk))
