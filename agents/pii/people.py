"""People nobody told us of: by greeting, signature, title, introduction, first name, form of the family name."""

import re
from collections.abc import Iterator
from functools import cache

from agents.skills.languages import small_words

from .words import Found, first_names, first_part, flatten, tables


def find_people(text: str, given: list[Found]) -> list[Found]:
    """People by cue, first name and form of the family name; then who stands in a row with them or comes again."""
    found = [*_find_cued(text), *_find_named(text), *_find_lower(text)]
    if found or given:
        found += _find_in_row(text, [*given, *found])
        found += _find_again(text, found)
    return found


def _find_lower(text: str) -> Iterator[Found]:
    """Names that somebody in a hurry wrote small: behind a plain cue, or at least two in a list of three."""
    names_known, words = first_names(), _ordinary()
    for match in tables()["lower_cue"].finditer(text):
        if first_part(match["it"].split()[0]) in names_known - words:
            yield Found(match.start("it"), match.end("it"), "person", 0.65)
    for match in tables()["lower_list"].finditer(text):
        names = list(re.finditer(r"[^\W\d_]{3,}", text[match.start() : match.end()]))
        if sum(flatten(name[0]) in names_known - words for name in names) >= 2:
            start = match.start()
            yield from (
                Found(start + name.start(), start + name.end(), "person", 0.55)
                for name in names
                if name[0] not in words or flatten(name[0]) in names_known
            )


def _find_cued(text: str) -> Iterator[Found]:
    """Who stands behind or before a cue. The first cue is a title, behind which any word is a name."""
    for number, cue in enumerate(tables()["cues"]):
        for match in cue.finditer(text):
            words = match["it"].split()
            while number and len(words) > 1 and _is_skipped(words[0]):
                words.pop(0)
            if _may_be_name(words, titled=number == 0):
                yield Found(
                    match.end("it") - len(match["it"]) + match["it"].index(words[0]), match.end("it"), "person", 0.75
                )


def _is_skipped(word: str) -> bool:
    """A title or small word before a name; an initial is part of it."""
    plain = first_part(word.rstrip("."))
    return word[1:2] != "." and (plain in tables()["no_names"] or plain in small_words())


@cache
def _ordinary() -> frozenset[str]:
    """Words that are names only in company."""
    known = tables()
    return known["also_words"] | known["no_names"] | known["no_person"] | small_words()


def _find_named(text: str) -> Iterator[Found]:
    names_known = first_names()
    for match in tables()["name"].finditer(text):
        words = match[0].split()
        # A run of capitals may begin before the name: "Yesterday Anna Berg called".
        at = next((at for at, word in enumerate(words) if first_part(word) in names_known), None)
        if at is None:
            if len(words) > 1 and tables()["surname_ends"].fullmatch(words[-1]) and _may_be_name(words):
                yield Found(match.start(), match.end(), "person", 0.55)
            continue
        is_alone = len(words) == at + 1
        if not (is_alone and first_part(words[at]) in tables()["also_words"]):
            start = match.start() + match[0].index(words[at])
            yield Found(start, match.end(), "person", 0.6 if is_alone else 0.7)


def _may_be_name(words: list[str], *, titled: bool = False) -> bool:
    """Not a greeting to nobody, nor an office, a firm or a thing; but Mr May is a name."""
    parts, known = [first_part(word) for word in words], tables()
    nobody = parts[0] in known["greets_nobody"] or (not titled and parts[0] in small_words())
    return not nobody and not known["no_person"].intersection(parts)


def _find_in_row(text: str, found: list[Found]) -> Iterator[Found]:
    """Who is named in one breath with a person: "Rudi, Jackson and Campos"."""
    starts = {one.start for one in found}
    for match in tables()["list"].finditer(text):
        names = list(tables()["name"].finditer(text, match.start(), match.end()))
        if any(name.start() in starts for name in names):
            yield from (
                Found(name.start(), name.end(), "person", 0.55) for name in names if _may_be_name(name[0].split())
            )


def _find_again(text: str, found: list[Found]) -> Iterator[Found]:
    """Words of a name where they stand alone elsewhere."""
    words = {
        word for one in found if one.score >= 0.7 for word in re.findall(r"[^\W\d_]{3,}", text[one.start : one.end])
    }
    again = {word for word in words if word[0].isupper() and flatten(word) not in _ordinary()}
    if again and len(again) < 200:
        for match in re.finditer(rf"\b(?:{'|'.join(sorted(again))})\b", text):
            yield Found(match.start(), match.end(), "person", 0.6)
