"""A draft revised by an instruction in fixed words, in four languages; what is not understood is left. Pure."""

import re
from collections.abc import Callable

from knowledge.asking import ReviseArticle, RevisedArticle
from knowledge.passages import sentences
from knowledge.wording import read_heading

_OPEN, _CLOSE = '“"„«', '”"“»'
_Q = rf"[{_OPEN}]\s*(?P<%s>[^{_OPEN}{_CLOSE}]+?)\s*[{_CLOSE}]"
_A, _B = _Q % "a", _Q % "b"
_PLEASE = re.compile(
    r"^(?:please|bitte|s'il vous plaît|por favor)[, ]+|[, ]+(?:please|bitte|s'il vous plaît|por favor)$", re.IGNORECASE
)
_IT = (
    r"(?:it|this|them|the (?:text|article|draft)|es|ihn|den (?:text|artikel|entwurf)|le|le texte|l['’]article"
    r"|lo|el texto|el art[ií]culo)"
)
_STEPS = r"(?:the |die |les |los )?(?:steps|schritte|[ée]tapes|pasos)"
_REPLACE = re.compile(
    rf"(?:replace|change|exchange|ersetzen?(?: sie)?|tauschen?(?: sie)?|ändere?n?(?: sie)?|remplace[rz]?"
    rf"|reempla(?:za|ce)r?|sustitu(?:ye|ir|ya)|cambi(?:ar?|e))\s+{_A}\s+(?:with|by|to|into|durch|mit|gegen|in|zu|par|por|con|a)\s+{_B}",
    re.IGNORECASE,
)
_REMOVE = re.compile(
    rf"(?:remove|delete|drop|take out|leave out|cut|entfernen?(?: sie)?|löschen?(?: sie)?|streichen?(?: sie)?|lass"
    rf"|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|elimin[ae]r?|quit[ae]r?|borr?[ae]r?|suprim[ae])"
    rf"(?:\s+(?:the|a|any|den|die|das|la|le|les|l['’]|el|los|une?|sentences?|steps?|satz|sätze|schritte?|phrases?"
    rf"|[ée]tapes?|frases?|pasos?|with|about|that says|mit|über|avec|con))*\s+{_A}(?:\s+(?:weg|aus))?",
    re.IGNORECASE,
)
_TITLE = re.compile(
    rf"(?:(?:change|set|replace|make|ändere?n?(?: sie)?|setzen?(?: sie)?|ersetzen?(?: sie)?|changez?|mett?e?[sz]"
    rf"|remplacez?|cambi[ae]r?|pon|poner)\s+)?(?:the |den |le |el )?(?:title|titel|titre|t[ií]tulo)\s*"
    rf"(?:to|as|with|into|in|auf|zu|durch|en|par|por|a|:)?\s*{_A}",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    rf"(?:make|machen?(?: sie)?|rends|rendez|haz|hazlo|hacer)?[ -]?{_IT}?\s*"
    rf"(?:shorter|more concise|briefer|kürzer|knapper|plus courte?|más (?:corto|breve))"
    rf"|(?:shorten|kürzen?(?: sie)?|raccourci[rstz]*|ac[oó]rta(?:r|lo)?)(?: {_IT})?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"(?:(?:write|make|put|show|format|turn|schreiben?(?: sie)?|mache?n?(?: sie)?|zeigen?(?: sie)?|[ée]cri[srvezt]*"
    rf"|met[stez]*|pon|escrib[ae]r?)\s+)?{_STEPS}\s+"
    rf"(?:as|into|in|als|en|sous forme de|como)\s+(?:a |eine |une |una )?"
    rf"(?:numbered list|nummerierte liste|liste num[ée]rot[ée]e|lista numerada)"
    rf"|(?:number|nummerieren?(?: sie)?|num[ée]rote[rz]?|num[ée]r[ae]r?)\s+{_STEPS}",
    re.IGNORECASE,
)
_STEP = re.compile(r"^(\s*)(\d{1,2})([.)])\s+")
_POINT = re.compile(r"^\s*[-*•]\s+")
_HEADING = re.compile(r"^#{1,6} ")
# A line that begins something of its own: heading, step, point, table, quote, code.
_BEGINS = re.compile(r"^\s*(?:#{1,6} |\d{1,2}[.)]\s|[-*•]\s|\||>|```)")

Text = tuple[str, str]
Act = Callable[[str, str, re.Match[str]], Text]


class _NothingDone(Exception):  # noqa: N818
    """It was understood, and there is nothing to do it to."""


def revise_locally(question: ReviseArticle) -> RevisedArticle:
    """The title and text after each line of the instruction; all lines are understood, or nothing is changed."""
    title, body = question.title, question.body
    lines = [line.strip(" \t.!-•") for line in question.instruction.splitlines()]
    for line in filter(None, lines):
        found = _read(_PLEASE.sub("", line))
        if found is None:
            return RevisedArticle(why="not_understood")
        act, match = found
        try:
            title, body = act(title, body, match)
        except _NothingDone as reason:
            return RevisedArticle(why=str(reason))
    if (title, body) == (question.title, question.body):
        return RevisedArticle(why="unchanged")
    return RevisedArticle(title=title, body=body)


def _read(line: str) -> tuple[Act, re.Match[str]] | None:
    return next(((act, match) for pattern, act in _ACTS if (match := pattern.fullmatch(line))), None)


def _replace(title: str, body: str, match: re.Match[str]) -> Text:
    old, new = match["a"], match["b"]
    left, right = r"\b" if old[0].isalnum() else "", r"\b" if old[-1].isalnum() else ""
    words = re.compile(f"{left}{re.escape(old)}{right}", 0 if old in title + body else re.IGNORECASE)
    if not words.search(f"{title}\n{body}"):
        raise _NothingDone("not_found")
    return words.sub(lambda _found: new, title), words.sub(lambda _found: new, body)


def _remove(title: str, body: str, match: re.Match[str]) -> Text:
    words = match["a"].casefold()
    left = _without(body, lambda sentence: words in sentence.casefold())
    if left == body:
        raise _NothingDone("not_found")
    return title, left


def _set_title(title: str, body: str, match: re.Match[str]) -> Text:
    return match["a"][:200], body


def _shorten(title: str, body: str, match: re.Match[str]) -> Text:
    """Without the cause, and without what stands beside the steps."""
    kept, section, units = [], "", _units(body)
    has_steps = any(map(_is_step, units))
    for unit in units:
        if _HEADING.match(unit):
            section = read_heading(unit.lstrip("# "))
        is_text = bool(unit) and not _HEADING.match(unit) and not _is_step(unit)
        if section != "cause" and not (section == "resolution" and has_steps and is_text):
            kept.append(unit)
    left = _tidy(kept)
    if left == body.strip() or not _has_text(kept):
        raise _NothingDone("nothing_to_shorten")
    return title, left


def _number(title: str, body: str, match: re.Match[str]) -> Text:
    """Points, or else the sentences, under the resolution as a numbered list; of a text without headings, all."""
    units, at = _units(body), 0
    heads = [number for number, unit in enumerate(units) if read_heading(unit.lstrip("# ")) == "resolution"]
    if heads:
        at = heads[0] + 1
    end = next((number for number in range(at, len(units)) if _HEADING.match(units[number])), len(units))
    part = [unit for unit in units[at:end] if unit]
    if any(map(_STEP.match, part)):
        raise _NothingDone("unchanged")
    if any(map(_POINT.match, part)):
        made = [_POINT.sub("1. ", unit) for unit in part]
    else:
        made = [f"1. {' '.join(span.text.split())}" for span in sentences("\n\n".join(part))]
    if not made:
        raise _NothingDone("not_found")
    return title, _tidy([*units[:at], "", *made, "", *units[end:]])


_ACTS: list[tuple[re.Pattern[str], Act]] = [
    (_TITLE, _set_title), (_REPLACE, _replace), (_REMOVE, _remove), (_SHORTER, _shorten), (_NUMBERED, _number),
]  # fmt: skip


def _is_step(line: str) -> bool:
    return bool(_STEP.match(line) or _POINT.match(line))


def _has_text(units: list[str]) -> bool:
    return any(unit and not _HEADING.match(unit) for unit in units)


def _units(body: str) -> list[str]:
    """Headings, steps and paragraphs, each with the lines it was broken into; "" for an empty line."""
    found: list[str] = []
    for line in body.splitlines():
        if line.strip() and found and found[-1] and not _BEGINS.match(line) and not _HEADING.match(found[-1]):
            found[-1] += f"\n{line}"
        else:
            found.append(line if line.strip() else "")
    return found


def _without(body: str, is_out: Callable[[str], bool]) -> str:
    """The text without sentences; a step or section that held nothing else goes with them."""
    kept, units = [], _units(body)
    for unit in units:
        step = _STEP.match(unit) or _POINT.match(unit)
        mark = step[0] if step else ""
        said = [span.text for span in sentences(unit[len(mark) :])]
        left = [one for one in said if not is_out(one)]
        if _HEADING.match(unit) or left == said:
            kept.append(unit)
        elif left:
            kept.append(mark + " ".join(left))
    if not _has_text(kept):
        raise _NothingDone("nothing_left")
    return body if kept == units else _tidy(kept)


def _tidy(units: list[str]) -> str:
    """No heading over nothing, no two empty lines, steps counted from one."""
    kept: list[str] = []
    count = 0
    for at, unit in enumerate(units):
        after = next((one for one in units[at + 1 :] if one), "# ")
        if _is_over_nothing(unit, after):
            continue
        step = _STEP.match(unit)
        if step and not step[1]:
            count += 1
            unit = f"{count}{step[3]} {unit[step.end() :]}"
        elif unit and not unit[0].isspace():
            count = 0
        kept.append(unit)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _is_over_nothing(unit: str, after: str) -> bool:
    """Whether a heading is followed by another of its rank or above, or by the end."""
    mine, next_one = _HEADING.match(unit), _HEADING.match(after)
    return bool(mine and next_one and len(next_one[0]) <= len(mine[0]))
