"""The texts that evidence about leads points into: pages that were read, what they asked for, mails of theirs."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from agents.sources import Source, SourceText, register
from conversations.models import Message
from sales.access import hidden_lead_fields, visible_leads
from sales.models import Finding


def fetch_findings(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """The page or field behind each finding of the leads that ``user`` may see, without fields hidden from them."""
    seen = Finding.objects.filter(pk__in=ids, lead__in=visible_leads(user))
    rows = seen.exclude(field__in=hidden_lead_fields(user)).select_related("page", "lead")
    return {
        row.pk: SourceText(
            title=(row.page.title or row.page.url) if row.page else _("What is noted about the lead"),
            text=row.page.text if row.page else str(getattr(row.lead, row.field, "") or ""),
            at=row.fetched_at or row.created_at,
            url=row.url or row.lead.get_absolute_url(),
            icon="globe" if row.page else "file-text",
        )
        for row in rows
    }


def fetch_replies(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """Mails of leads that ``user`` may see; evidence counts characters of what they wrote newly."""
    rows = Message.objects.filter(pk__in=ids, touch__lead__in=visible_leads(user)).select_related("touch__lead")
    return {
        row.pk: SourceText(
            title=_("Mail from %(name)s") % {"name": row.from_name or row.from_address},
            text=row.newest_text,
            at=row.sent_at or row.received_at,
            url=row.touch.lead.get_absolute_url(),
        )
        for row in rows
    }


register(Source("quoted", fetch_findings), Source("words", fetch_replies))
