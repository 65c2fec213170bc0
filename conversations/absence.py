"""Out-of-office notes: their words in many languages, and the day the writer returns."""

import re
from datetime import date, datetime, timedelta

_SUBJECT = re.compile(
    r"^\W*(?:(?:out\s+of\s+(?:the\s+)?office|ooo|(?:i\s+am|i'm)\s+(?:currently\s+)?(?:away|out\s+of)|away\s+from\s+(?:my\s+)?(?:office|desk|mail)"
    r"|on\s+(?:vacation|holiday|leave)|vacation\s+(?:reply|response|message|notice)|abwesen\w*|außer\s+haus|ausser\s+haus|urlaub\w*"
    r"|nicht\s+im\s+büro|absence(?:\s+du\s+bureau)?|absent\w*|en\s+congés?|hors\s+du\s+bureau|fuera\s+de\s+(?:la\s+)?oficina|ausente|de\s+vacaciones"
    r"|fuori\s+(?:sede|ufficio)|assente|in\s+ferie|fora\s+do\s+escritório|ausência|ausencia|de\s+férias|afwezig\w*|niet\s+op\s+kantoor"
    r"|frånvar\w*|ej\s+på\s+kontoret|fravær\w*|ikke\s+på\s+kontoret|ferie|poissa\w*|lomalla|nieobecn\w*|poza\s+biurem|mimo\s+kancelář\w*"
    r"|nepřítomn\w*|вне\s+офиса|отсутств\w*|в\s+отпуске|ofis\s+dışı\w*|不在\w*|外出|休假|休暇|부재)"
    r"(?=\W|$)(?!\s+(?:printer|policy|request|form)).{0,80})$",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:(?:automatic|automated|auto)[\s-]*(?:re[-\s]?(?:ply|sponse)|response|answer|message|responder)|autorespon\w*|autoreply"
    r"|automatische\s+antwort|automatische\s+(?:rück)?meldung|réponse\s+automatique|respuesta\s+autom[aá]tica|risposta\s+automatica"
    r"|resposta\s+autom[aá]tica|automatisch\s+antwoord|automatische\s+reactie|automatiskt\s+svar|autosvar|automatisk\s+svar"
    r"|automaattinen\s+vastaus|automaattivastaus|odpowiedź\s+automatyczna|automatyczna\s+odpowiedź|automatická\s+odpověď|autoodpověď"
    r"|automatikus\s+válasz|răspuns\s+automat|automatická\s+odpoveď|automatski\s+odgovor|samodejni\s+odgovor|resposta\s+automàtica|αυτόματη\s+απάντηση"
    r"|автоматична\s+відповідь|автоматичен\s+отговор|trả\s+lời\s+tự\s+động|automatvastus|תשובה\s+אוטומטית|رد\s+تلقائي"
    r"|автоответ\w*|автоматический\s+ответ|otomatik\s+(?:yanıt|cevap)|自動応答|自動返信|自动回复|自動回覆|자동\s*(?:회신|응답))(?=\W|$)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"out\s+of\s+(?:the\s+)?office|(?:on|away\s+on|annual|parental|maternity|sick)\s+(?:vacation|holiday|leave)\b|away\s+from\s+(?:the\s+|my\s+)?"
    r"(?:office|desk|e-?mail)|not\s+in\s+the\s+office|am\s+(?:currently\s+)?away|nicht\s+im\s+(?:büro|haus|dienst)|(?:nicht|wieder)\s+erreichbar|abwesend"
    r"|außer\s+haus|im\s+urlaub|en\s+congés?|absente?\s+(?:du\s+bureau|jusqu)|hors\s+du\s+bureau|(?:actuellement|suis)\s+absente?"
    r"|fuera\s+de\s+(?:la\s+)?oficina|de\s+vacaciones|(?:estoy|estaré|encuentro)\s+(?:ausente|fuera)|fuori\s+(?:sede|ufficio)|in\s+ferie"
    r"|(?:sono|sarò)\s+assente|fora\s+do\s+escritório|de\s+férias|(?:estou|estarei)\s+ausente|niet\s+op\s+kantoor|(?:ben|afwezig)\s+(?:ik\s+)?(?:afwezig|met)"
    r"|met\s+vakantie|op\s+vakantie|afwezig|inte\s+på\s+(?:kontoret|plats)|på\s+semester|ledig|tjänstledig|ikke\s+på\s+kontoret|på\s+ferie"
    r"|holder\s+ferie|poissa|lomalla|(?:jestem|będę)\s+nieobecn|poza\s+biurem|na\s+urlopie|mimo\s+kancelář|na\s+dovolené|nejsem\s+přítomn"
    r"|(?:в|нахожусь\s+в)\s+отпуск|вне\s+офиса|отсутству|ofis\s+dışında|izinde|不在に|休暇|出張中|休假|不在办公室|外出",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"limited\s+access|no\s+access\s+to|will\s+(?:respond|reply|answer|get\s+back|be\s+back|return)|upon\s+my\s+return|when\s+i\s+return|in\s+my\s+absence"
    r"|(?:urgent|dringend|urgen|brådskande|pilne|haste|kiireelli|срочн|acil|緊急|紧急)|wieder\s+(?:im|erreichbar|da|zurück)|nach\s+meiner\s+rückkehr|wird\s+nicht"
    r"|bin\s+ich\s+(?:ab|wieder)|à\s+mon\s+retour|de\s+retour|en\s+mon\s+absence|a\s+mi\s+(?:regreso|vuelta)|regres|en\s+mi\s+ausencia|al\s+mio\s+(?:rientro|ritorno)"
    r"|rientr|no\s+meu\s+regresso|retorn|volto|bij\s+(?:mijn\s+)?terugkomst|ben\s+(?:ik\s+)?weer|terug|åter|tillbaka|tilbage|tilbake|palaan|wracam|powro|vrátím|zpět"
    r"|вернусь|возвращ|döneceğim|戻り|回来",
    re.IGNORECASE,
)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen "
            "janeiro januari januara januaar tammikuuta tammikuu stycznia ledna января ocak",
            "february feb februar février févr febrero febbraio "
            "fevereiro fev februari helmikuuta lutego února февраля şubat",
            "march mar märz mär mars marzo março maart mrt marts maaliskuuta marca března марта mart",
            "april apr avril avr abril abr aprile huhtikuuta kwietnia dubna апреля nisan",
            "may mai mayo maggio mag maio mei maj toukokuuta maja května мая mayıs",
            "june jun juni juin junio giugno giu junho kesäkuuta czerwca června июня haziran",
            "july jul juli juillet juil julio luglio lug julho heinäkuuta lipca července июля temmuz",
            "august aug août aout agosto ago augustus augusti elokuuta sierpnia srpna августа ağustos",
            "september sep sept septembre septiembre settembre set setembro syyskuuta września září сентября eylül",
            "october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta października října октября ekim",
            "november nov novembre noviembre novembro marraskuuta listopada listopadu ноября kasım",
            "december dec dezember dez décembre déc diciembre dic "
            "dicembre dezembro desember joulukuuta grudnia prosince декабря aralık",
        ),
        start=1,
    )
    for name in names.split()
}
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s+(?:of\s+|de\s+|d['’])?([^\W\d_]{3,14})\.?,?(?:\s+(?:de\s+)?((?:20)\d{2}))?",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(20\d{2}))?", re.IGNORECASE)
_ISO = re.compile(r"\b(20\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})(?:\2(20\d{2}|\d{2})?)?(?!\d)")
_CJK = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})[日号]")
LONGEST = timedelta(days=400)


def has_absence_subject(subject: str) -> bool:
    """Whether the subject alone is that of an out-of-office note."""
    return bool(_SUBJECT.match(subject))


def has_automatic_subject(subject: str) -> bool:
    """Whether the subject is what mail programs put on automatic replies, in many languages."""
    return bool(_AUTO_SUBJECT.match(subject))


def speaks_of_absence(text: str) -> bool:
    """Whether the words speak of being away; evidence only together with a header or a subject."""
    return bool(_ABSENT.search(text[:3000]))


def reads_like_absence(text: str) -> bool:
    """Whether a short text says both that its writer is away and what happens meanwhile, and asks nothing."""
    text = text[:3000]
    promises = len({match.lower() for match in _PROMISE.findall(text)})
    return len(text.split()) < 120 and "?" not in text and bool(_ABSENT.search(text)) and promises >= 2


def find_return(text: str, sent_at: datetime | None) -> date | None:
    """The last day named in the note that lies between the day it was sent and 400 days later."""
    if sent_at is None:
        return None
    today = sent_at.date()
    days = [day for day in _named_days(text[:3000], today) if today <= day <= today + LONGEST]
    return max(days) if days else None


def _named_days(text: str, today: date) -> list[date]:
    found: list[date | None] = []
    for year, month, day in _ISO.findall(text):
        found.append(_day(int(year), int(month), int(day), today))
    for month, day in _CJK.findall(text):
        found.append(_day(0, int(month), int(day), today))
    for day, word, year in _WORDED.findall(text):
        found.append(_day(int(year or 0), _MONTHS.get(word.lower(), 0), int(day), today))
    for word, day, year in _MONTH_FIRST.findall(text):
        found.append(_day(int(year or 0), _MONTHS.get(word.lower(), 0), int(day), today))
    for first, sign, second, year in _NUMBERS.findall(_ISO.sub(" ", text)):
        found.append(_numeric_day(int(first), int(second), year, today, dotted=sign == "."))
    return [day for day in found if day]


def _numeric_day(first: int, second: int, year: str, today: date, *, dotted: bool) -> date | None:
    """Day before month, unless that is no date; with slashes the reading that lies nearer after today."""
    full = int(year) + (2000 if len(year) == 2 else 0) if year else 0
    readings = [_day(full, second, first, today)]
    if not dotted:
        readings.append(_day(full, first, second, today))
    return min((day for day in readings if day and day >= today), default=None)


def _day(year: int, month: int, day: int, today: date) -> date | None:
    """The date; without a year (0) the next one of that day and month."""
    try:
        if year:
            return date(year, month, day)
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
