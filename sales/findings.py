"""Pure. What a text says about a company: size, industry, place, what they do, news, troubles; each with its words."""

import re
from collections.abc import Iterable, Iterator

from agents.skills.languages import fold
from knowledge.passages import sentences
from sales.asking import FoundClaim, Research, Researched, SourceText

MOST_OF_TOPIC, LONGEST_QUOTE, MOST_SENTENCES = 4, 320, 400
RECORD, PLAIN, LIKELY, VAGUE = 0.95, 0.9, 0.75, 0.6

INDUSTRIES = {
    "Hotels": "hotel hotels guesthouse guesthouses resort resorts hostel hostels inn pension hotellerie",
    "Cafés and restaurants": "cafe cafes coffeehouse restaurant restaurants bistro brasserie bar bars canteen catering",
    "Bakeries": "bakery bakeries baker bakers patisserie backerei boulangerie panaderia bakkerij",
    "Coffee roasting": "roastery roasteries roaster roasters rosterei torrefaction",
    "Offices and coworking": "coworking office offices workspace workspaces desks coworkers buro",
    "Retail": "shop shops store stores retailer retailers retail boutique supermarket",
    "Health care": "clinic clinics hospital hospitals patients practice dental care pharmacy",
    "Education": "school schools university college students campus academy",
    "Software": "software app apps saas developers platform cloud",
    "Manufacturing": "factory factories manufacturer manufacturing plant production machinery",
    "Logistics": "logistics freight warehouse warehouses shipping haulage courier",
    "Professional services": "law lawyers consulting consultants accountants agency architects insurance",
    "Leisure": "gym gyms museum museums cinema theatre theatres cruise spa golf",
}
_INDUSTRY_OF = {word: name for name, words in INDUSTRIES.items() for word in words.split()}
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100,
}  # fmt: skip
PEOPLE = r"employees|people|staff|colleagues|team members|mitarbeiter\w*|salariés|collaborateurs|empleados|medewerkers"
_PLACES = (
    r"rooms|hotels|cafés|cafes|shops|stores|locations|sites|seats|houses|branches|offices|restaurants|beds|desks|"
    r"clinics|schools|bakeries|guests|members|students"
)
_COUNT = rf"(\d[\d.,]*\d|\d+|{'|'.join(_NUMBER_WORDS)})"
_SIZE = re.compile(rf"\b{_COUNT}\s+(?:[\w-]+\s+){{0,2}}?({PEOPLE}|{_PLACES})\b", re.IGNORECASE)
_NAME = (
    r"((?:[A-ZÄÖÜÉ][\w'’-]+|of|the|upon|am|an|der|sur)(?:[ ,]+(?:[A-ZÄÖÜÉ][\w'’-]+|of|the|upon|am|an|der|sur)){0,4})"
)
_LOCATION = re.compile(
    rf"\b(?:based in|headquartered in|located in|in the (?:heart|centre|center) of|"
    rf"our (?:home|head office) is in|mit Sitz in|Sitz in|situés? à|con sede en|gevestigd in) {_NAME}"
)
_DOES = re.compile(
    r"\b(?:we|wir|nous|at \w+ we)\b.{0,30}\b(?:make|sell|run|offer|serve|roast|bake|provide|build|operate|deliver|host|"
    r"teach|care for|design|betreiben|bieten|verkaufen|servieren|proposons|servons)\b",
    re.IGNORECASE,
)
_NEWS = re.compile(
    r"\b(?:(?:re)?open(?:s|ed|ing)?|launch(?:es|ed|ing)?|acquire[sd]?|expand(?:s|ed|ing)?|announce[sd]?|join(?:s|ed)|"
    r"wins?|won|hir(?:es|ed|ing)|refurbish(?:es|ed|ing)?|moves?|moved|eröffne\w*|ouvr\w+)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:20\d\d|this (?:spring|summer|autumn|fall|winter|year|month)|next (?:spring|summer|autumn|year|month)|soon|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|im herbst)\b",
    re.IGNORECASE,
)
_PAIN = re.compile(
    r"\b(?:queues?|queueing|waiting times?|breaks? down|broke down|out of order|unreliable|downtime|too slow|"
    r"complain\w*|struggl\w+|shortage|bottleneck|wast(?:e|ing)|repairs?|hard to find|keeps? failing|"
    r"ausfall|warteschlange\w*)\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:looking for|interested in|need|want|would like|quote|price|catalogue|demo|trial|suchen|interessier\w+|"
    r"cherchons|buscamos)\b",
    re.IGNORECASE,
)
# A page that speaks to software instead of to people: its sentence is no finding, and people are told.
ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instructions?|rules?|prompts?|previous|above)\b|"
    r"\b(?:you are|act as|as) an? (?:AI|language model|assistant|agent)\b|\bsystem prompt\b|"
    r"\b(?:AI|language model|assistant|agent)s?\b.{0,30}\b(?:must|should|shall)\b|"
    r"\bmark (?:this|the|our) (?:lead|company)\b|\b(?:send|forward|e-?mail)\b.{0,60}@",
    re.IGNORECASE,
)


def find_claims(question: Research) -> Researched:
    """Every claim with its words, at most a few for a topic, the surest first; the same value only once."""
    found: list[FoundClaim] = []
    ordering: list[str] = []
    for source in question.texts:
        claims, orders = _read(source, question)
        found += claims
        if orders:
            ordering.append(source.key)
    return Researched(findings=_best(found), ordering=ordering)


def _best(found: Iterable[FoundClaim]) -> list[FoundClaim]:
    kept: list[FoundClaim] = []
    ranked = sorted(enumerate(found), key=lambda pair: (-pair[1].confidence, pair[0]))
    for _place, claim in ranked:
        same = [other for other in kept if other.topic == claim.topic]
        known = {fold(other.value or other.quote) for other in same}
        if len(same) < MOST_OF_TOPIC and fold(claim.value or claim.quote) not in known:
            kept.append(claim)
    order = ("interest", "size", "industry", "location", "role", "product", "news", "pain", "competitor")
    return sorted(kept, key=lambda claim: (order.index(claim.topic), -claim.confidence))


def _read(source: SourceText, question: Research) -> tuple[list[FoundClaim], bool]:
    if source.is_record and source.key != "field:note":
        return list(_read_field(source)), False
    claims: list[FoundClaim] = []
    orders = False
    for span in sentences(source.text)[:MOST_SENTENCES]:
        if ORDERS.search(span.text):
            orders = True
            continue
        text = span.text[:LONGEST_QUOTE]
        for topic, claim, value, sure in _claims(text, question, is_note=source.is_record):
            claims.append(_claim(source, topic, claim, value, span.start, text, sure))
    claims += _industry(source)
    return claims, orders


def _claim(source: SourceText, topic: str, claim: str, value: str, start: int, quote: str, sure: float) -> FoundClaim:
    return FoundClaim(
        topic=topic, claim=claim[:300], value=value[:120], source=source.key, start=start, end=start + len(quote),
        quote=quote, confidence=sure,
    )  # fmt: skip


def _read_field(source: SourceText) -> Iterator[FoundClaim]:
    """A field of the record says its topic itself."""
    name, text = source.key.removeprefix("field:"), source.text
    topic = {"industry": "industry", "employees": "size", "country": "location", "title": "role"}.get(name)
    if topic and text:
        shown = f"{text} employees" if name == "employees" else text
        yield _claim(source, topic, shown, shown, 0, text[:LONGEST_QUOTE], RECORD)


def _claims(text: str, question: Research, *, is_note: bool) -> Iterator[tuple[str, str, str, float]]:
    """Topic, claim, value and how sure, for everything one sentence says."""
    if is_note and _WISH.search(text):
        yield "interest", text, "", PLAIN
    for match in _SIZE.finditer(text):
        count, unit = _number(match[1]), match[2].lower()
        yield "size", f"{count:,} {unit}", f"{count} {unit}", PLAIN if match[1][0].isdigit() else LIKELY
    if located := _LOCATION.search(text):
        place = re.sub(r"(?:[ ,]+(?:of|the|an|am|der|sur))+$", "", located[1]).strip(" ,")
        if place[:1].isupper():
            yield "location", place, place, PLAIN
    if _PAIN.search(text):
        yield "pain", text, "", VAGUE
    elif _NEWS.search(text) and _WHEN.search(text):
        yield "news", text, "", LIKELY
    elif _DOES.search(text):
        yield "product", text, "", LIKELY
    for name in question.competitors:
        if name and re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            yield "competitor", name, name, LIKELY
    for name in question.products:
        if is_note and name and re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            yield "interest", name, name, PLAIN


def _number(text: str) -> int:
    word = text.lower()
    return _NUMBER_WORDS[word] if word in _NUMBER_WORDS else int(re.sub(r"\D", "", word)[:9])


def _industry(source: SourceText) -> Iterator[FoundClaim]:
    """The industry whose words stand in the text most often, shown by the sentence that says most of them."""
    counts: dict[str, int] = {}
    best: dict[str, tuple[int, int, str]] = {}
    for span in sentences(source.text)[:MOST_SENTENCES]:
        if ORDERS.search(span.text):
            continue
        words = [_INDUSTRY_OF[word] for word in re.findall(r"\w+", fold(span.text)) if word in _INDUSTRY_OF]
        for name in set(words):
            times = words.count(name)
            counts[name] = counts.get(name, 0) + times
            if times > best.get(name, (0, 0, ""))[0]:
                best[name] = (times, span.start, span.text[:LONGEST_QUOTE])
    if not counts:
        return
    name = max(sorted(counts), key=lambda each: counts[each])
    if counts[name] >= (1 if source.is_record else 2):
        _times, start, quote = best[name]
        yield _claim(source, "industry", name, name, start, quote, LIKELY if counts[name] > 2 else VAGUE)
