"""Figures, dates, amounts, addresses and links: what a text may only say when a source says it. Pure."""

import re
from collections.abc import Iterable

_FIGURE = re.compile(r"https?://[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.-]+|\d+(?:[.,:/-]\d+)*")
_SITE = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,24}\b(?:/\S*)?", re.IGNORECASE)


def figures_without_source(text: str, sources: Iterable[str]) -> list[str]:
    """Figures, dates, amounts and links of ``text`` that stand in none of ``sources``; for edited drafts too."""
    known = {match.group().rstrip(".,:/") for source in sources for match in _FIGURE.finditer(source)}
    found = (match.group().rstrip(".,:/") for match in _FIGURE.finditer(text))
    return list(dict.fromkeys(figure for figure in found if figure not in known))


def claims_without_source(text: str, source: str) -> list[str]:
    """The same, and names of sites without https://, for text that a model wrote."""
    sites = [site for site in _SITE.findall(text) if site.lower() not in source.lower()]
    return list(dict.fromkeys([*figures_without_source(text, [source]), *sites]))
