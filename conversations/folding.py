"""Letters without their accents, so that search finds “Müller” by “muller”."""

import unicodedata

_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "\x00": " "})


def fold(text: str) -> str:
    """Lower case without accents, for the index and for what is searched in it."""
    if text.isascii():
        return text.lower().replace("\x00", " ")
    split = unicodedata.normalize("NFKD", text.lower().translate(_SPECIAL))
    return "".join(letter for letter in split if not unicodedata.combining(letter))
