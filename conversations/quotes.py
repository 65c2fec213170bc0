"""Where a mail stops being new: attribution lines, separators and header blocks of many clients and languages."""

import re
from dataclasses import dataclass
from enum import StrEnum

_LONGEST_LINE = 500
CUT = "\ue100"
"""Stands alone on a line where the HTML of a client says that everything below is the earlier mail."""

_VERBS = (
    r"wrote|writes|said|schrieb(?:en)?|geschrieben|a\s+écrit|écrit|a\s+ecrit|escribió|escribio|ha\s+escrit|ha\s+scritto"
    r"|scrive|escreveu|schreef|het\s+volgende\s+geschreven|skrev|skreiv|kirjoitti|napisał\(?a?\)?|napisal\(?a?\)?|pisze"
    r"|napsala?|napsal\(a\)|napísala?|написала?|написал\(а\)|пише|пишет|писал\(?а?\)?|yazdı|şunu\s+yazdı|写道|寫道|のメール"
    r"|さんは書きました|wrote\s+on|írta|a\s+scris|έγραψε|כתב|كتب|작성"
)
_HAS_VERB = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)|写道|寫道|書きました|작성:", re.IGNORECASE)
_ENDS_WITH_VERB = re.compile(
    rf"(?:(?:{_VERBS})(?:\s+the\s+following)?|写道|寫道|書きました)\s*[:：]?\s*$", re.IGNORECASE
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|年")
_MAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_OPENING = re.compile(
    r"[\s*_]*(?:on|at|in|am|le|el|il|em|a|op|den|d\.|på|w\s+dniu|dnia|dne|kl|em|в|от|on\s+|tarihinde|ven|"
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|seg|ter|qua|qui"
    r"|sex|ma|wo|vr|za|zo|ons|tor|tors|fre|lör|sön|tir|lør|søn|ke|to|pe|la|su|pon|wt|śr|czw|pt|sob|niedz|út|st|čt|pá|ne"
    r"|пн|вт|ср|чт|пт|сб|вс)\b[.,]?",
    re.IGNORECASE,
)

_ORIGINAL = (
    r"original\s+message|original\s+e-?mail|ursprüngliche\s+(?:nachricht|e-?mail)|original-?nachricht|message\s+d['’]origine"
    r"|message\s+original|courriel\s+original|mensaje\s+original|messaggio\s+originale|mensagem\s+original"
    r"|oorspronkelijk\s+bericht|originalbericht|ursprungligt\s+meddelande|originalmeddelande|oprindelig\s+meddelelse"
    r"|original\s+meddelelse|opprinnelig\s+melding|alkuperäinen\s+viesti|wiadomość\s+oryginalna|oryginalna\s+wiadomość"
    r"|původní\s+(?:zpráva|e-?mail)|pôvodná\s+správa|исходное\s+сообщение|пересылаемое\s+сообщение|оригинальное\s+сообщение"
    r"|orijinal\s+(?:ileti|mesaj)|özgün\s+ileti|eredeti\s+üzenet|mesaj\s+original|元のメッセージ|original\s+appointment|原始邮件"
    r"|原始郵件|邮件原件|원본\s*메시지|reply\s+message"
)
_FORWARDED = (
    r"forwarded\s+(?:message|by)|forwarded|weitergeleitete\s+(?:nachricht|e-?mail|message)|message\s+transféré|courriel\s+transféré"
    r"|mensaje\s+reenviado|messaggio\s+inoltrato|mensagem\s+encaminhada|doorgestuurd\s+bericht|vidarebefordrat\s+meddelande"
    r"|vidarebefordrade?|videresendt(?:\s+(?:meddelelse|besked|melding))?|välitetty\s+viesti|edelleenlähetetty"
    r"|przekazana\s+wiadomość|wiadomość\s+przekazana|přeposlaná\s+zpráva|пересылаемое\s+сообщение|пересланное\s+сообщение"
    r"|переслане|iletilen\s+(?:ileti|mesaj|posta)|転送されたメッセージ|转发的邮件|轉寄郵件"
)
_FORWARD_OPENING = (
    r"begin\s+forwarded\s+message|anfang\s+der\s+weitergeleiteten\s+(?:nachricht|e-?mail)|début\s+du\s+(?:message|courriel)"
    r"\s+(?:réexpédié|transféré)|inicio\s+del\s+mensaje\s+reenviado|inizio\s+messaggio\s+inoltrato|início\s+da\s+mensagem"
    r"\s+(?:reencaminhada|encaminhada)|begin\s+doorgestuurd\s+bericht|vidarebefordrat\s+brev|start\s+på\s+videresendt"
    r"|päätiedostoon|początek\s+przekazywanej\s+wiadomości|začátek\s+přeposílané\s+zprávy|начало\s+переадресованного"
)
_ORIGINAL_LINE = re.compile(rf"^[\s>*]*[-_=*–—]{{2,}}\s*(?:{_ORIGINAL})\s*[-_=*–—]*\s*:?$", re.IGNORECASE)
_FORWARD_LINE = re.compile(
    rf"^[\s>*]*(?:[-_=*–—]{{2,}}\s*(?:{_FORWARDED})\b.{{0,80}}|(?:{_FORWARD_OPENING})\b.{{0,40}}:?)$", re.IGNORECASE
)
_RULE_LINE = re.compile(r"^\s*(?:[-_=*–—─]\s?){5,}$")
_REPLY_ABOVE = re.compile(
    r"^[\s#*>=_-]*.{0,30}\b(?:reply|type|write|respond|antwort\w*|schreiben|répon\w+|écri\w+|escrib\w+|respond\w+|rispond\w+"
    r"|scriv\w+|typ|skriv|svar\w*)\b.{0,40}\b(?:above|oberhalb|über|au-dessus|ci-dessus|encima|arriba|sopra|boven|ovanför|over)\b"
    r".{0,40}\b(?:line|linie|zeile|ligne|línea|riga|lijn|linjen?)\b.{0,30}$",
    re.IGNORECASE,
)

_FROM = (
    r"from|von|de|da|van|fra|från|lähettäjä|od|odesílatel|от|от\s+кого|отправитель|kimden|gönderen|差出人|送信者|发件人|寄件者"
    r"|寄件人|보낸\s*사람|feladó|expéditeur|remitente|mittente|remetente|afzender|avsändare|nadawca"
)
_OTHER = (
    r"sent|date|to|cc|bcc|subject|reply-to|importance|when|where|attachments|gesendet|datum|an|betreff|kopie|antwort\s+an|"
    r"envoyé|à|a|objet|sujet|copie|pièces\s+jointes|répondre\s+à|enviado(?:\s+el|\s+em)?|fecha|para|asunto|assunto|data|"
    r"inviato|oggetto|verzonden|aan|onderwerp|skickat|datum|till|ämne|kopia|sendt|dato|til|emne|lähetetty|päiväys|"
    r"vastaanottaja|aihe|kopio|wysłano|data|do|temat|dw|odesláno|datum|komu|předmět|kopie|отправлено|дата|кому|тема|копия|"
    r"gönderildi|tarih|kime|konu|bilgi|送信日時|日時|日付|宛先|件名|发送时间|日期|时间|收件人|主题|抄送|日期|收件者|主旨|보낸\s*날짜|받는\s*사람|제목"
)
_FROM_LABEL = re.compile(rf"^[\s>*_|]*(?:{_FROM})[\s*_]*[:：]", re.IGNORECASE)
_OTHER_LABEL = re.compile(rf"^[\s>*_|]*(?:{_OTHER})[\s*_]*[:：]", re.IGNORECASE)
_DATE_LABEL = re.compile(
    r"^[\s>*_|]*(?:sent|date|gesendet|datum|envoyé|enviado(?:\s+e[lm])?|fecha|inviato|data|verzonden|skickat|sendt|dato)"
    r"[\s*_]*[:：]", re.IGNORECASE
)  # fmt: skip


class Mark(StrEnum):
    """What stands between the new words and the earlier mail."""

    ATTRIBUTION = "attribution"
    SEPARATOR = "separator"
    FORWARD = "forward"


@dataclass(frozen=True)
class Boundary:
    """Lines ``start`` up to, not including, ``end`` announce an earlier mail."""

    start: int
    end: int
    mark: Mark


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote sign of a mail client."""
    return line.lstrip(" \t\u00a0").startswith((">", "|>", "&gt;"))


def find_boundaries(lines: list[str]) -> list[Boundary]:
    """All boundaries in order, not overlapping; lines that are quoted already are not looked at."""
    found: list[Boundary] = []
    position = 0
    while position < len(lines):
        boundary = None if is_quoted(lines[position]) else _boundary_at(lines, position)
        if boundary:
            found.append(boundary)
        position = boundary.end if boundary else position + 1
    return found


def _boundary_at(lines: list[str], start: int) -> Boundary | None:
    line = lines[start]
    if not line.strip() or len(line) > _LONGEST_LINE:
        return None
    if line.strip() == CUT:
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    if _FORWARD_LINE.match(line):
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.FORWARD)
    if _ORIGINAL_LINE.match(line) or _REPLY_ABOVE.match(line):
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    if _RULE_LINE.match(line):
        end = _header_end(lines, start + 1)
        return Boundary(start, end, Mark.SEPARATOR) if end else None
    end = _header_end(lines, start, first_blank=False)
    if end:
        return Boundary(start, end, Mark.SEPARATOR)
    end = _attribution_end(lines, start)
    return Boundary(start, end, Mark.ATTRIBUTION) if end else None


def _header_end(lines: list[str], start: int, *, first_blank: bool = True) -> int | None:
    """The line after a block of mail headers that begins at ``start`` (blank lines before it allowed)."""
    while first_blank and start < len(lines) and not lines[start].strip():
        start += 1
    if start >= len(lines) or not _opens_headers(lines, start, announced=first_blank):
        return None
    labels, position, blanks, end = 0, start, 0, start
    while position < len(lines) and position < start + 24:
        line = lines[position]
        if not line.strip():
            blanks += 1
            if (blanks > 1 and labels >= 3) or blanks > 2:
                break
        elif _FROM_LABEL.match(line) or _OTHER_LABEL.match(line):
            labels, blanks, end = labels + 1, 0, position + 1
        elif blanks or not _continues(line):
            break
        else:
            end = position + 1
        position += 1
    return end if labels >= 2 else None


def _opens_headers(lines: list[str], start: int, *, announced: bool) -> bool:
    """From comes first or soon; below a separator (``announced``) any label may come first, else only a date."""
    if _FROM_LABEL.match(lines[start]):
        return True
    if not (_OTHER_LABEL if announced else _DATE_LABEL).match(lines[start]):
        return False
    return any(_FROM_LABEL.match(line) for line in lines[start + 1 : start + 5])


def _continues(line: str) -> bool:
    """A folded header: more addresses or the rest of a subject, directly below its label."""
    return line.startswith((" ", "\t")) or ("@" in line and len(line) < 400) or line.rstrip().endswith((";", ">", ","))


def _attribution_end(lines: list[str], start: int) -> int | None:
    """The line after an attribution ("On … wrote:") that begins at ``start`` and may run over four lines."""
    joined = ""
    for position in range(start, min(start + 4, len(lines))):
        line = lines[position].strip()
        if not line or is_quoted(line):
            return None
        joined = f"{joined} {line}".strip()
        if len(joined) > 400:
            return None
        if position > start and not _opens_attribution(lines[start]):
            return None
        if _is_attribution(joined, followed=_next_is_quoted(lines, position + 1)):
            inner = range(start + 1, position + 1)
            later = any(_names_a_day(lines[i].strip()) and _attribution_end(lines, i) for i in inner)
            return None if later else position + 1
    return None


def _opens_attribution(line: str) -> bool:
    """Whether an attribution of several lines may begin so: with a day, a date, or an address about to be broken."""
    line = line.strip()
    return _names_a_day(line) or line.endswith("<") or bool(_MAIL.search(line))


def _names_a_day(line: str) -> bool:
    return bool(_OPENING.match(line)) or line[:1].isdigit()


def _next_is_quoted(lines: list[str], position: int) -> bool:
    following = next((line for line in lines[position : position + 3] if line.strip()), "")
    return is_quoted(following)


def _is_attribution(text: str, *, followed: bool) -> bool:
    text = text.strip("*_ \t")
    ends_open = text.endswith((":", "："))
    dated, mailed = bool(_TIME.search(text)), bool(_MAIL.search(text))
    if not (ends_open or _ENDS_WITH_VERB.search(text)):
        return False
    if _HAS_VERB.search(text):
        opened = bool(_OPENING.match(text)) or text[:1].isdigit()
        return (dated and (mailed or opened)) or (mailed and _ENDS_WITH_VERB.search(text) is not None) or followed
    return ends_open and (
        (dated and mailed and bool(re.search(r"\d{1,2}[:.]\d{2}", text)))
        or (followed and (mailed or (dated and len(text.split()) >= 3)))
    )
