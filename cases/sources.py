"""The mails that evidence points into, as the review queue and the record show them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from agents.sources import Source, SourceText, register
from cases.access import visible_messages
from cases.transcripts import GIVER
from knowledge import transcripts


def fetch_messages(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """Messages of cases that ``user`` may see, by id; evidence counts characters of their plain text."""
    found = visible_messages(user).filter(pk__in=ids).select_related("case_link__case")
    return {
        message.pk: SourceText(
            title=_("Mail from %(name)s") % {"name": message.from_name or message.from_address},
            text=message.text,
            at=message.sent_at or message.received_at,
            url=f"{message.case_link.case.get_absolute_url()}?m={message.pk}#m{message.pk}",
        )
        for message in found
    }


register(Source("words", fetch_messages))
transcripts.register(GIVER)
