"""Fixed words of drafted articles by language. Pure."""

_HEADINGS = {
    "en": ("Issue", "Cause", "Resolution"),
    "de": ("Problem", "Ursache", "Lösung"),
    "fr": ("Problème", "Cause", "Solution"),
    "es": ("Problema", "Causa", "Solución"),
    "it": ("Problema", "Causa", "Soluzione"),
    "nl": ("Probleem", "Oorzaak", "Oplossing"),
    "pt": ("Problema", "Causa", "Solução"),
}


def headings(language: str) -> dict[str, str]:
    """The headings of the three sections in a language; English where we have none."""
    words = _HEADINGS.get(language[:2].lower(), _HEADINGS["en"])
    return dict(zip(("issue", "cause", "resolution"), words, strict=True))


def read_heading(text: str) -> str:
    """The section that a heading stands for in any of our languages; "" for another."""
    said = text.strip().casefold()
    names = ("issue", "cause", "resolution")
    words = (zip(names, row, strict=True) for row in _HEADINGS.values())
    return next((name for row in words for name, word in row if word.casefold() == said), "")
