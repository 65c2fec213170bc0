"""What we say about ourselves, held against our own website: what stands there, what does not, what could be said."""

import datetime as dt
import re
from typing import Any

from django.utils.translation import gettext as _

from agents.sections import Claim, Trial
from agents.skills.languages import fold
from knowledge.passages import sentences
from sales.asking import Research, SourceText
from sales.findings import ORDERS, find_claims
from sales.outreach.plan import read_offers
from sales.research import read_page

MOST = 6
# As much of a sentence's words as this have to stand on the page, and each of its figures.
SHARE = 0.6
_WORD, _FIGURE = re.compile(r"[^\W\d_]{3,}"), re.compile(r"\d+(?:[.,]\d+)*")


def stands_on(sentence: str, page: str) -> bool:
    """Whether a page says what a sentence says: most of its words in one sentence there, and every figure. Pure."""
    words, figures = set(_WORD.findall(fold(sentence))), set(_FIGURE.findall(sentence))
    if not words or not figures <= set(_FIGURE.findall(page)):
        return False
    return any(len(words & set(_WORD.findall(fold(span.text)))) / len(words) >= SHARE for span in sentences(page))


def suggest_sentences(page: str, company: str, told: list[str]) -> list[str]:
    """What a page says that its company does, besides what is told already. Pure."""
    text = SourceText(key="page:0", text=page)
    claims = find_claims(Research(company=company, texts=[text])).findings
    found = [claim.quote for claim in claims if claim.topic == "product" and not ORDERS.search(claim.quote)]
    return [each for each in found if not any(stands_on(each, one) for one in told)][:MOST]


def try_website(values: dict[str, Any], *, now: dt.datetime) -> Trial:
    """Read our website and compare; nothing is kept."""
    website = values.get("company_website") or ""
    if not website:
        return Trial(error=_("Enter the address of your website first."))
    page = read_page(website, now=now)
    if not page.text:
        return Trial(error=_("%(website)s could not be read: %(why)s") % {"website": website, "why": page.why})
    told = [offer.sentence for offer in read_offers(values.get("pitch", ""))]
    told += [text for text in (values.get("products") or {}).values() if text]
    claims = [
        Claim(_("We say"), sentence, _("Stands on the website"), "good")
        if stands_on(sentence, page.text)
        else Claim(_("We say"), sentence, _("Does not stand on the website"), "ask")
        for sentence in told
    ]
    claims += [
        Claim(_("The website says"), sentence, _("Could be offered too"), "plain")
        for sentence in suggest_sentences(page.text, values.get("company_name") or "", told)
    ]
    return Trial(claims) if claims else Trial(error=_("Nothing to compare: say what you offer."))
