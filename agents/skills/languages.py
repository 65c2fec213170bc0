"""Which language a text is in, and the small words of the languages we answer in."""

import unicodedata
from functools import cache
from typing import Any

from agents.skills.loading import load_once

# Letters that do not fall apart into a base letter and an accent.
SINGLE_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "\x00": " "}
)

# Enough for the mail of a European support desk; a smaller choice guesses short texts better than all 97.
KNOWN = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pt",
    "pl",
    "sv",
    "da",
    "cs",
    "fi",
    "hu",
    "ro",
    "tr",
    "el",
    "ru",
    "uk",
    "ja",
    "zh",
)
MIN_LETTERS = 12

SMALL_WORDS = {
    "en": """a about all also am an and any are as at be been but by can could did do does for from get got had has
        have he her here him his how i if in is it its just me my no not of on or our out please she so some than
        that the their them then there they this to up us was we were what when where which who why will with would
        you your""",
    "de": """aber als am an auch auf aus bei bin bis bitte da das dass dem den der des die doch dort du durch ein eine
        einem einen einer eines er es für haben hat hatte ich ihm ihn ihr ihre ihren im in ist ja kann kein keine mein
        meine mich mir mit nach nicht noch nur oder sehr sein sich sie sind so um und uns unser von vor war warum was
        wenn wer wie wir wird wo zu zum zur""",
    "fr": """à ai au aux avec avez ce ces cette comme dans de des du elle en est et eu il ils j je l la le les leur lui
        ma mais me mes mon n ne nous on ou où par pas plus pour qu que qui s sa se ses si son sont sur ta te un une
        vos votre vous y""",
    "es": """a al algo con como de del desde donde el ella en era es esta este esto fue ha han hay he la las le les lo
        los me mi mis muy más no nos o para pero por porque que qué se si sin sobre son su sus te tengo un una y ya
        yo""",
}


def fold(text: str) -> str:
    """``text`` as words are searched and counted: lower case, no accents, ß as ss; words stay words.

    Conditions compare by ``agents.conditions.folding``, which the database can repeat letter by letter.
    """
    text = text.casefold()
    if text.isascii():
        return text.replace("\x00", " ")
    apart = unicodedata.normalize("NFKD", text.translate(SINGLE_LETTERS))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@cache
def small_words(language: str = "") -> frozenset[str]:
    """Words that say nothing about the matter; of all four languages when none is named."""
    texts = [SMALL_WORDS[language]] if language in SMALL_WORDS else SMALL_WORDS.values()
    return frozenset(" ".join(texts).split())


@load_once()
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(KNOWN))
    return identifier


def detect_language(text: str) -> str:
    """The two-letter language of a text; "" when it is too short to tell."""
    words = [word for word in text[:2000].split() if not any(sign.isdigit() or sign in "@/" for sign in word)]
    line = " ".join(words)
    if sum(map(str.isalpha, line)) < MIN_LETTERS:
        return ""
    return str(_identifier().classify(line)[0])
