"""What the outreach settings say for one lead, in types."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from agents import sections
from agents.cadence.calendars import hours_of
from agents.models import Calendar
from agents.skills.languages import fold
from conversations.models import Mailbox, MessageTemplate
from knowledge.models import Product
from sales.mode import ENGAGE
from sales.models import Lead
from sales.outreach.asking import Offer
from sales.outreach.rhythm import find_zone, freeze

SECTION, GENERAL = "sales.outreach", "sales.general"
AGENT = "sales"
WEEKDAYS = (0, 1, 2, 3, 4)


def read_lines(text: str) -> list[str]:
    """The lines of a setting that hold something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def read_waits(text: str) -> list[int]:
    """Days between mails: "3, 5". Raises ValueError."""
    waits = [int(word) for word in re.split(r"[\s,;]+", (text or "").strip("[] ")) if word]
    if any(not 1 <= wait <= 90 for wait in waits) or len(waits) > 9:
        raise ValueError(text)
    return waits


def read_offers(text: str) -> list[Offer]:
    """One offer a line: "Product: sentence", or a sentence that holds for everything."""
    offers = []
    for line in read_lines(text):
        product, colon, sentence = line.partition(": ")
        is_named = bool(colon) and len(product) <= 60 and len(sentence.split()) > 2
        offers.append(Offer(product=product, sentence=sentence) if is_named else Offer(sentence=line))
    return offers


@dataclass(frozen=True)
class Plan:
    """The settings of outreach that hold for a lead."""

    loaded: sections.Loaded
    general: dict[str, Any]
    mailbox: Mailbox | None
    offers: list[Offer]
    prohibited: list[str]
    disclosures: list[str]
    template: MessageTemplate | None

    @property
    def values(self) -> dict[str, Any]:
        """The settings as they are kept."""
        return self.loaded.values

    @property
    def cap(self) -> int:
        """Mails a day."""
        return int(self.values.get("daily_cap") or 0)

    @property
    def our_name(self) -> str:
        """How we call ourselves."""
        return self.general.get("company_name") or settings.COMPANY_NAME

    @property
    def sender(self) -> str:
        """Who signs, in one or more lines."""
        named = self.general.get("signature") or self.general.get("agent_name")
        return self.values.get("sender") or named or self.our_name

    @property
    def only_drafts(self) -> bool:
        """Whether the agent researches and drafts, and people send."""
        return self.general.get("mode") != ENGAGE

    def rhythm(self, lead: Lead) -> dict[str, Any]:
        """The rhythm for this lead, to be frozen."""
        calendar = Calendar.objects.filter(pk=self.values.get("calendar") or 0).first()
        hours = hours_of(calendar) if calendar else None
        zone = calendar.zone if calendar else "UTC"
        if self.values.get("lead_zone"):
            zone = find_zone(lead.country, zone)
        return freeze(
            read_waits(self.values.get("waits", "")),
            days=[int(day) for day in self.values.get("days", WEEKDAYS)],
            begins=self.values.get("begins") or "08:00",
            ends=self.values.get("ends") or "18:00",
            zone=zone,
            holidays=sorted(hours.holidays) if hours else (),
            end_days=int(self.values.get("end_days") or 7),
        )


def plan_of(lead: Lead, loaded: sections.Loaded | None = None) -> Plan:
    """What holds for this lead now; ``loaded`` are settings in hand, as Try it has them."""
    loaded = loaded or sections.load(SECTION, lead.line_of_business)
    values, general = loaded.values, sections.load(GENERAL, lead.line_of_business).values
    texts = [values.get("disclosures", ""), general.get("disclaimer", ""), general.get("terms", "")]
    return Plan(
        loaded=loaded,
        general=general,
        mailbox=Mailbox.objects.filter(pk=values.get("mailbox") or 0, is_active=True).first(),
        offers=[*read_offers(values.get("offers", "")), *_general_offers(general)],
        prohibited=read_lines(values.get("prohibited", "")),
        disclosures=list(dict.fromkeys(line for text in texts for line in read_lines(text))),
        template=MessageTemplate.objects.filter(pk=values.get("template") or 0, is_active=True).first(),
    )


def _general_offers(general: dict[str, Any]) -> list[Offer]:
    """What stands about us and our products on the General page."""
    products = general.get("products") or {}
    names = dict(Product.objects.filter(pk__in=products).values_list("pk", "name")) if products else {}
    own = [Offer(product=names[int(key)], sentence=text) for key, text in products.items() if int(key) in names]
    return own + [Offer(sentence=line) for line in read_lines(general.get("pitch", ""))]


def prices_of(plan: Plan) -> list[Offer]:
    """What may be said about prices, to whom asks."""
    return read_offers(plan.general.get("prices", ""))


WOVEN = ("industry", "title", "country", "employees", "source", "language")
_ODD = re.compile(r"[@/\\<>{}\[\]|\n]|https?:|www\.", re.IGNORECASE)


def read_woven(text: str) -> list[tuple[str, str]]:
    """What is said by a field of the lead: "industry: sentence with {value}" a line. Raises ValueError."""
    found = []
    for line in read_lines(text):
        name, _colon, sentence = line.partition(":")
        name, sentence = name.strip().lower(), sentence.strip()
        known = name in WOVEN or name.startswith("custom ")
        if not known or sentence.count("{value}") != 1 or sentence.count("{") != 1 or sentence.count("}") != 1:
            raise ValueError(line)
        found.append((name, sentence))
    return found


def weave(lead: Lead, plan: Plan) -> list[str]:
    """The sentences about this lead's own fields; a field that is empty, or looks like a trick, says nothing."""
    said = []
    for name, sentence in read_woven(plan.values.get("woven", "")):
        custom = {key.lower(): value for key, value in lead.custom.items()}
        value = custom.get(name.removeprefix("custom ")) if name.startswith("custom ") else getattr(lead, name)
        shown = " ".join(str(value or "").split())
        if shown and len(shown) <= 80 and not _ODD.search(shown):
            said.append(sentence.replace("{value}", shown))
    return said


def _plain(text: str) -> str:
    return " ".join(fold(text).split())


def find_prohibited(text: str, words: list[str]) -> list[str]:
    """The prohibited words or phrases that stand in a text, whatever their capitals and accents."""
    plain = _plain(text)
    return [word for word in words if re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", plain)]


def find_missing(text: str, disclosures: list[str]) -> list[str]:
    """The mandatory lines that a text does not say."""
    plain = _plain(text)
    return [line for line in disclosures if _plain(line) not in plain]
