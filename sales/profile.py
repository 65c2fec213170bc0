"""Which customer to look for: proposed from what our products are good for and from the leads that went well.

Pure but for ``propose_customer`` and ``take_over``. Each proposal says the words or the leads it rests on.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import sections
from agents.models import Version
from agents.sections import SECTIONS, configuring
from agents.skills.languages import fold
from sales.findings import INDUSTRIES
from sales.models import Lead
from sales.outreach.asking import Offer
from sales.outreach.plan import plan_of

QUALIFICATION = "sales.qualification"
# So many leads that went well say the same before it is proposed; so many are looked at.
LEAST, MOST_LEADS = 3, 500
_INDUSTRY_OF = {word: name for name, words in INDUSTRIES.items() for word in words.split()}
_SPAN = re.compile(
    r"\b(\d{1,6})\s*(?:to|-|–|bis|à|a)\s*(\d{1,6})\s+(?:\w+\s+)?(?:people|employees|staff|mitarbeiter\w*|personas|salariés)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class GoodLead:
    """A lead that went well, as far as it says who the customer is."""

    industry: str = ""
    employees: int | None = None
    country: str = ""
    title: str = ""


@dataclass
class Proposed:
    """A criterion, and why it is proposed: sentences of ours, or how many leads say so."""

    row: dict[str, Any]
    why: list[str] = field(default_factory=list)


def propose_criteria(offers: list[Offer], leads: list[GoodLead]) -> list[Proposed]:
    """Criteria with their reasons, in the order of the page; none without a reason. Pure."""
    found = [_industries(offers, leads), _size(offers, leads)]
    found += [_usual("location", _("Location"), [lead.country for lead in leads])]
    found += [_usual("role", _("Role"), [lead.title for lead in leads])]
    return [one for one in found if one is not None]


def _industries(offers: list[Offer], leads: list[GoodLead]) -> Proposed | None:
    """Industries that our own sentences name, and those of leads that went well."""
    said: dict[str, str] = {}
    for offer in offers:
        for word in re.findall(r"\w+", fold(offer.sentence)):
            if word in _INDUSTRY_OF:
                said.setdefault(_INDUSTRY_OF[word], f"{offer.product}: {offer.sentence}".strip(": "))
    usual = _usual("industry", _("Industry"), [lead.industry for lead in leads])
    wanted = list(dict.fromkeys([*said, *(usual.row["wanted"] if usual else [])]))
    if not wanted:
        return None
    row = {"name": "industry", "label": _("Industry"), "kind": "industry", "wanted": wanted}
    return Proposed(row, [*dict.fromkeys(said.values()), *(usual.why if usual else [])])


def _size(offers: list[Offer], leads: list[GoodLead]) -> Proposed | None:
    """The span our sentences name, else from the smallest to the largest of the middle half of leads."""
    row = {"name": "size", "label": _("Size"), "kind": "size"}
    for offer in offers:
        if match := _SPAN.search(offer.sentence):
            least, most = sorted((int(match[1]), int(match[2])))
            return Proposed({**row, "least": least, "most": most}, [offer.sentence])
    sizes = sorted(lead.employees for lead in leads if lead.employees)
    if len(sizes) < LEAST:
        return None
    least, most = sizes[len(sizes) // 4], sizes[-1 - len(sizes) // 4]
    return Proposed({**row, "least": least, "most": most}, [_count(len(sizes))])


def _usual(name: str, label: str, values: list[str]) -> Proposed | None:
    """What several leads that went well have in common."""
    counts = Counter(" ".join(value.split()) for value in values if value.strip())
    usual = [(value, many) for value, many in counts.most_common(5) if many >= LEAST]
    if not usual:
        return None
    row = {"name": name, "label": label, "kind": name, "wanted": [value for value, _many in usual]}
    return Proposed(row, [f"{value}: {_count(many)}" for value, many in usual])


def _count(many: int) -> str:
    return ngettext("%(count)d lead that went well", "%(count)d leads that went well", many) % {"count": many}


def propose_customer() -> list[Proposed]:
    """From the General page and the newest leads that were handed over or closed as interested; writes nothing."""
    rows = Lead.objects.filter(status__in=[Lead.Status.HANDED_OVER, Lead.Status.REPLIED]).order_by("-id")[:MOST_LEADS]
    leads = [GoodLead(row.industry, row.employees, row.country, row.title) for row in rows]
    return propose_criteria(plan_of(Lead()).offers, leads)


def take_over(names: list[str], *, by: Any) -> Version | None:
    """Put the proposed criteria of these names in place of those of the same name; None when there is none."""
    chosen = {one.row["name"]: one.row for one in propose_customer() if one.row["name"] in names}
    if not chosen:
        return None
    kept = sections.load(QUALIFICATION).values.get("criteria") or []
    weights = {row["name"]: row.get("weight", 1) for row in kept}
    rows = [{**row, "weight": weights.get(name, 1)} for name, row in chosen.items()]
    criteria = rows + [row for row in kept if row["name"] not in chosen]
    return configuring.change_settings(SECTIONS[QUALIFICATION], by=by, values={"criteria": criteria})
