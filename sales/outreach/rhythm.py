"""When the mails of a cadence may leave: days between them, hours of the week, a zone. Pure; frozen per lead."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from agents.cadence import Cadence, Step
from agents.cadence.calendars import ALWAYS_OPEN, Hours
from agents.skills.languages import fold

TOO_LATE = dt.timedelta(days=14)
# Countries of one zone (or of one that nearly everybody lives in), by the names people write.
_ZONES = {
    "Europe/Berlin": "germany deutschland allemagne alemania de",
    "Europe/Vienna": "austria osterreich autriche at",
    "Europe/Zurich": "switzerland schweiz suisse suiza ch",
    "Europe/Amsterdam": "netherlands nederland niederlande pays-bas holland nl",
    "Europe/Brussels": "belgium belgien belgique belgie be",
    "Europe/Luxembourg": "luxembourg luxemburg lu",
    "Europe/Paris": "france frankreich francia fr",
    "Europe/Madrid": "spain spanien espagne espana es",
    "Europe/Lisbon": "portugal pt",
    "Europe/Rome": "italy italien italie italia it",
    "Europe/London": "uk gb england scotland wales britain great-britain united-kingdom",
    "Europe/Dublin": "ireland irland irlande ie",
    "Europe/Copenhagen": "denmark danemark danmark dk",
    "Europe/Stockholm": "sweden schweden suede sverige se",
    "Europe/Oslo": "norway norwegen norvege norge no",
    "Europe/Helsinki": "finland finnland finlande suomi fi",
    "Europe/Warsaw": "poland polen pologne polska pl",
    "Europe/Prague": "czechia tschechien tchequie cz",
    "Asia/Tokyo": "japan japon jp",
    "Asia/Singapore": "singapore singapur sg",
    "Asia/Kolkata": "india indien inde in",
    "Pacific/Auckland": "new-zealand neuseeland nz",
    "Africa/Johannesburg": "south-africa sudafrika za",
}
ZONE_OF = {name: zone for zone, names in _ZONES.items() for name in names.split()}


def find_zone(country: str, default: str) -> str:
    """The zone of a country, or ``default`` where it has several or is not known."""
    return ZONE_OF.get("-".join(fold(country).split()), default)


def freeze(
    waits: Sequence[int], *, days: Sequence[int], begins: str, ends: str, zone: str,
    holidays: Sequence[dt.date] = (), end_days: int = 7,
) -> dict[str, Any]:  # fmt: skip
    """The rhythm as an enrolment keeps it, whatever the settings say later."""
    return {
        "waits": [0, *waits],
        "days": list(days),
        "from": begins,
        "to": ends,
        "zone": zone,
        "holidays": [day.isoformat() for day in holidays],
        "end_days": end_days,
    }


def window_of(frozen: Mapping[str, Any]) -> Hours:
    """The hours in which a mail may leave."""
    if not frozen.get("days"):
        return ALWAYS_OPEN
    spans = ((frozen["from"], frozen["to"]),)
    holidays = frozenset(dt.date.fromisoformat(day) for day in frozen.get("holidays", []))
    return Hours(frozen.get("zone") or "UTC", {int(day): spans for day in frozen["days"]}, holidays)


def cadence_of(frozen: Mapping[str, Any]) -> Cadence:
    """The engine's plan: each wait counts from the moment the mail before really left."""
    window = window_of(frozen)
    steps = [Step(dt.timedelta(days=wait), window=window) for wait in frozen["waits"]]
    return Cadence(steps, dt.timedelta(days=frozen.get("end_days") or 7), too_late=TOO_LATE)


def count_mails(frozen: Mapping[str, Any]) -> int:
    """How many mails at most."""
    return len(frozen.get("waits") or [0])


def day_of(at: dt.datetime, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """The local day around a moment, as two moments."""
    local = at.astimezone(ZoneInfo(zone))
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return begins, begins + dt.timedelta(days=1)
