"""When somebody wants to be written to again: "in July", "next quarter", "in drei Monaten". Pure."""

import datetime as dt
import re

_MONTHS = (
    "january januar janvier enero", "february februar fevrier febrero", "march marz mars marzo", "april avril abril",
    "may mai mayo", "june juni juin junio", "july juli juillet julio", "august aout agosto",
    "september septembre septiembre", "october oktober octobre octubre", "november novembre noviembre",
    "december dezember decembre diciembre",
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NUMBERS = {
    "one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "six": 6, "ein": 1, "einem": 1, "zwei": 2, "drei": 3,
    "vier": 4, "sechs": 6, "un": 1, "deux": 2, "trois": 3, "quatre": 4, "dos": 2, "tres": 3, "cuatro": 4, "seis": 6,
}  # fmt: skip
_IN = re.compile(
    r"\b(?:in|dans|en|dentro de)\s+(\d{1,2}|[a-z]+)\s+"
    r"(weeks?|months?|wochen?|monate?n?|semaines?|mois|semanas?|mes(?:es)?)\b"
)
_NEXT = re.compile(
    r"\b(?:next|nachste[nrs]?|kommende[nrs]?|prochaine?|proxim[oa])\s+"
    r"(quarter|quartal|trimestre|month|monat|mois|mes|year|jahr|annee|ano|week|woche|semaine|semana)\b"
    r"|\b(mois|mes|annee|ano|trimestre|semaine|semana)\s+(?:prochaine?|proxim[oa])\b"
)
_UNIT = {"w": 7, "s": 7, "m": 30}


def find_resume(plain: str, day: dt.date) -> dt.date | None:
    """The first day of what is named, after ``day``; ``plain`` has neither accents nor capitals."""
    if found := _IN.search(plain):
        many = int(found[1]) if found[1].isdigit() else _NUMBERS.get(found[1])
        if many:
            return day + dt.timedelta(days=many * _UNIT[found[2][0]])
    if found := _NEXT.search(plain):
        return _next(found[1] or found[2], day)
    months = [
        _MONTH[word] for word in re.findall(r"[a-z]+", plain) if word in _MONTH and word not in ("may", "mars", "march")
    ]
    months += [3 for _found in re.findall(r"\b(?:in march|en mars)\b", plain)] + [
        5 for _found in re.findall(r"\bin may\b", plain)
    ]
    return min((_first_of(month, day) for month in months), default=None)


def _next(unit: str, day: dt.date) -> dt.date:
    if unit[0] in "qt":
        return _first_of((day.month - 1) // 3 * 3 + 4 if day.month < 10 else 1, day)
    if unit in ("month", "monat", "mois", "mes"):
        return _first_of(day.month % 12 + 1, day)
    if unit in ("year", "jahr", "annee", "ano"):
        return dt.date(day.year + 1, 1, 1)
    return day + dt.timedelta(days=7 - day.weekday())


def _first_of(month: int, day: dt.date) -> dt.date:
    """The first of that month that lies after ``day``."""
    this = dt.date(day.year, month, 1)
    return this if this > day else dt.date(day.year + 1, month, 1)
