"""Where a person's words end and the signature begins, in many languages."""

import re

from .mailwords import CLOSINGS, DEVICES, GET, SENT, THANKS

_DELIMITER = re.compile(r"^\s*(?:--|—|––|-- ?\u200b|__|—-)\s*$")
_SENT_FROM = re.compile(
    r"^\W*+(?:sent\s+(?:from|with|via|by)\b|via\s+mobile$|get\s+outlook\s+for|gesendet\s+(?:von|mit|über|aus)\b"
    r"|von\s+mein[\w/]+\s.{1,40}gesendet|diese\s+nachricht\s+wurde\s+von\s+mein|holen\s+sie\s+sich\s+outlook|outlook\s+für\s"
    r"|envoyé\s+(?:de|depuis|à\s+partir)\b|télécharger\s+outlook|obtenez\s+outlook|enviado\s+(?:desde|do|de|a\s+partir|via)\b"
    r"|obtener\s+outlook|obter\s+o\s+outlook|inviato\s+da|scarica\s+outlook|ottieni\s+outlook|(?:verzonden|verstuurd)\s+(?:vanaf|met|via|vanuit)"
    r"|outlook\s+voor|skickat\s+från|hämta\s+outlook|sendt\s+(?:fra|med)\b|hent\s+outlook|lähetetty\s|hanki\s+outlook"
    r"|wysłan[eo]\s+z|pobierz\s+(?:aplikację\s+)?outlook|odesl[aá]no\s+z|získat\s+outlook|отправлено\s+(?:с|из)\b|надіслано\s+з"
    r"|.{1,30}(?:ımdan|imden|umdan|ümden)\s+gönderildi|.{1,20}から送信|发自我的|發自我的|나의\s.{1,20}에서\s+보냄)",
    re.IGNORECASE,
)
_DEVICE = re.compile(rf"(?<!\w)(?:{DEVICES})(?!\w)|(?:iphone|ipad|android|galaxy|outlook)", re.IGNORECASE)
_APP_WORDS = re.compile(
    rf"(?<!\w)(?:{SENT}|{GET})(?!\w)|送信|发送|傳送|发自|發自|보냄|入手|获取|取得|다운로드", re.IGNORECASE
)
_CLOSING = re.compile(
    rf"^[\s*_]*+(?:{CLOSINGS})(?:[\s,.!！。，、*_;–-]+(?:[^\W\d_][\w.'’-]*\s?){{0,4}})?[\s,.!！。，、*_;-]*$",
    re.IGNORECASE,
)
_THANKS = re.compile(rf"^\W*+(?:{THANKS})", re.IGNORECASE)
_LEGAL = re.compile(
    r"^\W*+(?:disclaimer|confidentiality\s+notice|this\s+(?:e-?mail|message|communication)\b.{0,120}\b(?:confidential|privileged|intended|scanned)"
    r"|the\s+information\s+(?:contained\s+)?in\s+this\b|diese\s+(?:e-?mail|nachricht)\s.{0,80}(?:vertraulich|bestimmt)|ce\s+(?:message|courriel)"
    r"\s.{0,80}confidenti|este\s+(?:mensaje|correo|e-?mail)\s.{0,100}confidenci|(?:il\s+presente|questo)\s+messaggio\s.{0,80}riservat|dit\s+(?:bericht"
    r"|e-?mailbericht)\s.{0,80}vertrouwelijk|please\s+consider\s+the\s+environment|(?:aviso\s+(?:legal|de\s+confidencialidad)|avis\s+de\s+confidentialité|vertraulichkeitshinweis|haftungsausschluss|klauzula|tietosuoja)\b|der\s+inhalt\s+dieser\s+e-?mail|esta\s+(?:mensagem|comunicación)\s.{0,100}confidenc|denna\s+e-?post|denne\s+(?:e-?mail|e-?post)|ta\s+wiadomość\s.{0,60}(?:poufn|przeznaczon)|think\s+before\s+you\s+print|before\s+printing|pensez\s+à\s+l['’]environnement|denken\s+sie\s+an\s+die\s+umwelt|bitte\s+prüfen\s+sie,?\s+ob\s+diese\s+(?:e-?)?mail\s+(?:wirklich\s+)?(?:aus)?gedruckt|virus-free\.|virenfrei|sans\s+virus)",
    re.IGNORECASE,
)
_LIST_RULE = re.compile(r"^\s*_{10,}\s*$")
_CONTACT = re.compile(
    r"(?:\+?\d[\d\s()/.-]{6,}\d)|\bwww\.|https?://|[^\s@]+@[^\s@]+\.\w+|\b(?:tel|fax|mob|mobile|phone|skype)\b",
    re.IGNORECASE,
)
_DASHED_NAME = re.compile(r"^\s*(?:[-–—~]{1,2}|/)\s?[^\W\d_][\w.'’]*(?:\s+[^\W\d_][\w.'’]*){0,2}\s*$")
_MAX_LINES = 16
_WINDOW = 120
"""Lines at the end in which a signature is looked for."""


def split_signature(lines: list[str], *, sender: str = "", follows: bool = False) -> int:
    """The index at which the signature starts; ``len(lines)`` when there is none.

    ``sender`` is the writer's name as the From header gives it: a line with nothing else ends the letter.
    ``follows`` says that words of the sender stand above, so that these lines may be signature from the first on.
    """
    if len(lines) > _WINDOW:
        start = len(lines) - _WINDOW
        return start + split_signature(lines[start:], sender=sender, follows=True)
    least = 0 if follows else 1
    footer = _footer_start(lines, least)
    end = min(footer, _find_closing(lines, least, footer), _find_name(lines, sender, least, footer))
    return _with_trailing(lines, end, least)


def farewell_of(signature: str) -> str:
    """What of a signature belongs to the letter: the farewell and the name below it."""
    lines = signature.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip() and not _DELIMITER.match(line)), 0)
    if _CLOSING.match(lines[first]):  # some programs mark the farewell itself as signature
        lines = lines[first:]
    end, named = _footer_start(lines, 0), False
    for position, line in enumerate(lines[:end]):
        if not line.strip() or (not named and _CLOSING.match(line)):
            continue
        if named or _CONTACT.search(line):
            end = position
            break
        named = True
    return "\n".join(lines[:end]).strip("\n")


def _footer_start(lines: list[str], least: int) -> int:
    """Where nobody writes any more: the delimiter of programs, what a device, a list or lawyers add."""
    return min(_find_delimiter(lines), _find_footer(lines, least))


def _with_trailing(lines: list[str], end: int, least: int) -> int:
    """A dashed name directly above the cut belongs to the signature."""
    above = _last_words(lines, end)
    if above >= least and _DASHED_NAME.match(lines[above]) and not _is_list_item(lines, above):
        return above
    return end


def _is_list_item(lines: list[str], position: int) -> bool:
    line = lines[position].strip()
    if re.match(r"^(?:-\S|/|—|–|~|--)", line):
        previous = lines[_last_words(lines, position)].strip() if _last_words(lines, position) >= 0 else ""
        return previous.startswith(("-", "–", "—", "/"))
    return True


def _last_words(lines: list[str], end: int) -> int:
    return next((i for i in range(end - 1, -1, -1) if lines[i].strip()), -1)


def _words_after(lines: list[str], start: int, stop: int | None = None) -> list[str]:
    return [line for line in lines[start + 1 : stop] if line.strip()]


def _find_delimiter(lines: list[str]) -> int:
    for position, line in enumerate(lines):
        if _DELIMITER.match(line) and len(_words_after(lines, position)) <= 30:
            return position
    return len(lines)


def _find_footer(lines: list[str], least: int) -> int:
    """Lines a device, a list or a legal department adds."""
    for position, line in enumerate(lines):
        after = len(_words_after(lines, position))
        if _is_sent_from(line) and after <= 6:
            return position
        if _LIST_RULE.match(line) and 0 < after <= 8 and position >= least:
            return position
        if position >= least and after <= 30 and _LEGAL.match(line):
            return position
    return len(lines)


def _is_sent_from(line: str) -> bool:
    """What a device or its mail program adds: "Sent from my …" and "Get Outlook for …", in whatever order of words."""
    line = line.strip()
    if not line or len(line) > 110:
        return False
    words = len(line.split())
    begins = _SENT_FROM.match(line) is not None
    named = (begins or words <= 8) and _DEVICE.search(line) is not None and _APP_WORDS.search(line) is not None
    if line.endswith((".", "!", "?")):
        return (begins and words <= 6) or (begins and named and words <= 14 and not line.endswith("?"))
    return begins or named


def _find_closing(lines: list[str], least: int, footer: int) -> int:
    """The closing phrase that only short lines follow, down to what a device or lawyers add."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    for position in range(first + least, footer):
        if len(lines[position]) > 70 or not _CLOSING.match(lines[position]) or not lines[position].strip():
            continue
        after = _words_after(lines, position, footer)
        if len(after) > _MAX_LINES or any(_is_sentence(line) for line in after):
            continue
        if after or footer < len(lines) or not _THANKS.match(lines[position]):
            return position
    return len(lines)


def _is_sentence(line: str) -> bool:
    """Words that say something, as against a name, a role, an address or a legal note."""
    line = line.strip()
    if _CONTACT.search(line) or _LEGAL.match(line) or _is_sent_from(line):
        return False
    if line.endswith("?"):
        return True
    return len(line.split()) > 9 or (len(line.split()) > 4 and line.endswith((".", "!")))


def _find_name(lines: list[str], sender: str, least: int, footer: int) -> int:
    """A line that is the sender's name, near the end, with nothing but contact lines below."""
    name = re.sub(r"[^\w\s]", " ", sender).lower().split()
    if not name or len(" ".join(name)) < 3:
        return len(lines)
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    for position in range(max(first + least, footer - 2 * _MAX_LINES), footer):
        line = lines[position].strip()
        if not line or len(line) > len(sender) + 12:
            continue
        words = re.sub(r"[^\w\s]", " ", line).lower().split()
        if words and words in (name, name[:1], [name[0], name[-1]], name[::-1]):
            after = _words_after(lines, position, footer)
            if len(after) <= _MAX_LINES and not any(_is_sentence(line) for line in after):
                return position
    return len(lines)
