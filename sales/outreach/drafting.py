"""A mail to a lead, put together from what was found about them and what the settings offer. Pure.

Nothing personal is said in words of our own: a finding is quoted where it was read, an offer stands as an
administrator wrote it, the rest is courtesy.
"""

import re

from conversations.addresses import clean_header
from sales.outreach.asking import DraftedOutreach, DraftOutreach, KnownFact, MailPart, Offer
from sales.outreach.wording import Phrases, known_language, phrases

# What is worth naming first; competitors and roles are for our own eyes.
TOPICS = ("interest", "pain", "news", "product", "industry", "location", "size")
LONGEST_QUOTE, SHORTEST_QUOTE = 180, 8
# A follow-up rests on what the mails before it said about the reader.
FOLLOWS = 0.88
FIGURE = re.compile(r"https?://[^\s)>\]]+|www\.[^\s)>\]]+|[\w.+-]+@[\w-]+\.[\w.-]+|\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NO_NAME = re.compile(r"[\d@/\\<>{}\[\]|]|https?:|www\.|\.\w{2,}$", re.IGNORECASE)


def draft_mail(question: DraftOutreach) -> tuple[DraftedOutreach, float]:
    """The mail and how sure we are of it; no parts and 0 when there is nothing to say."""
    language = known_language(question.language)
    words = phrases(language)
    facts = choose_facts(question)
    offer = choose_offer(question, facts)
    if not facts and offer is None:
        return DraftedOutreach(language=language), 0.0
    parts = [*_opening(question, words, facts), *_value(question, words, offer), *_end(question, words)]
    drafted = DraftedOutreach(
        subject=write_subject(question, words, facts, offer),
        body=join_parts(parts),
        parts=parts,
        language=language,
        unsourced=find_unsourced(question, "\n".join(part.text for part in parts)),
    )
    return drafted, _confidence(question, facts, offer)


def _confidence(question: DraftOutreach, facts: list[KnownFact], offer: Offer | None) -> float:
    """A mail that names something true about its reader and something we sell is the whole of it."""
    if offer is not None and question.step > 1 and question.told:
        return FOLLOWS
    if not facts or offer is None:
        return 0.4
    weakest = min((fact.confidence for fact in facts), default=0.0) or 0.6
    return min(0.95, 0.55 + 0.4 * weakest)


def choose_facts(question: DraftOutreach) -> list[KnownFact]:
    """What this mail says about them: the most telling that earlier mails did not say; two at first, then one."""
    told, most = set(question.told), 2 if question.step == 1 else 1
    if question.step > 1 and question.step == question.steps:
        most = 0
    fresh = [fact for fact in question.facts if fact.id not in told and fact.topic in TOPICS and _quote_of(fact)]
    ranked = sorted(fresh, key=lambda fact: (TOPICS.index(fact.topic), -fact.confidence, fact.id))
    chosen: list[KnownFact] = []
    for fact in ranked:
        if len(chosen) < most and all(fact.quote != other.quote for other in chosen):
            chosen.append(fact)
    return chosen


def choose_offer(question: DraftOutreach, facts: list[KnownFact]) -> Offer | None:
    """The offer that fits best: of the lead's product, else with most words in common with what is said about them."""
    fresh = [offer for offer in question.offers if offer.sentence not in question.told_offers] or question.offers
    if not fresh:
        return None
    said = set(_WORD.findall(" ".join(fact.quote for fact in facts or question.facts).casefold()))

    def rank(offer: Offer) -> tuple[bool, int, int]:
        ours = set(_WORD.findall(f"{offer.sentence} {offer.product}".casefold()))
        fits = bool(offer.product) and offer.product.casefold() == question.product.casefold()
        return fits, len(said & ours), -question.offers.index(offer)

    return max(fresh, key=rank)


def _quote_of(fact: KnownFact) -> str:
    """The words to quote: a whole sentence, or its first clause when it is long; none when it cannot be quoted well."""
    quote = " ".join(fact.quote.split())
    if len(quote) > LONGEST_QUOTE:
        cut = max(quote.rfind(mark, 0, LONGEST_QUOTE) for mark in (". ", "; ", ", ", "! ", "? "))
        quote = quote[:cut] if cut > SHORTEST_QUOTE else ""
    quote = quote.rstrip(" .,;:").strip("“”„«»\"'")
    return quote if len(quote) >= SHORTEST_QUOTE else ""


def _opening(question: DraftOutreach, words: Phrases, facts: list[KnownFact]) -> list[MailPart]:
    name = greet_name(question)
    greeting = getattr(words, question.tone).format(name=name) if name else words.nobody
    parts = [MailPart(text=greeting, source="courtesy", paragraph=0)]
    if question.step > 1:
        text = words.last if question.step == question.steps else words.again
        parts.append(MailPart(text=text, source="courtesy", paragraph=1))
    for fact in facts:
        form = words.quoting if fact.where else words.asked
        text = form.format(where=fact.where, quote=_quote_of(fact))
        parts.append(MailPart(text=text, source="finding", fact=fact.id, paragraph=1))
    if question.step == 1:
        parts += [MailPart(text=text, source="field", paragraph=1) for text in question.woven]
    if facts and question.step == 1 and question.our_name and facts[0].where:
        parts.append(MailPart(text=words.ours.format(us=question.our_name), source="courtesy", paragraph=1))
    return parts


def _value(question: DraftOutreach, words: Phrases, offer: Offer | None) -> list[MailPart]:
    parts = [MailPart(text=offer.sentence, source="offer", paragraph=2)] if offer else []
    if question.step == 1 or question.step < question.steps:
        parts.append(MailPart(text=question.call_to_action or words.call, source="courtesy", paragraph=3))
    return parts


def _end(question: DraftOutreach, words: Phrases) -> list[MailPart]:
    closing = "\n".join([words.closing, *(clean_header(line, limit=120) for line in question.sender.splitlines())])
    parts = [MailPart(text=closing, source="courtesy", paragraph=4)]
    return parts + [
        MailPart(text=line, source="disclosure", paragraph=5 + at) for at, line in enumerate(question.disclosures)
    ]


def greet_name(question: DraftOutreach) -> str:
    """The name as a greeting may carry it; empty for what is no name of a person."""
    name = " ".join(clean_header(question.lead_name, limit=120).split())
    plausible = name and len(name) <= 60 and len(name.split()) <= 5 and not _NO_NAME.search(name)
    if not plausible:
        return ""
    return name if question.tone == "formal" else name.split(" ")[0]


def write_subject(question: DraftOutreach, words: Phrases, facts: list[KnownFact], offer: Offer | None) -> str:
    """One line: the product and their company; follow-ups answer the first mail."""
    product = question.product or (offer.product if offer else "") or question.our_name
    company = " ".join(clean_header(question.company, limit=60).split())
    if _NO_NAME.search(company):
        company = ""
    asked = any(fact.topic == "interest" for fact in facts)
    form = words.subject_asked if asked or not company else words.subject
    return clean_header(form.format(product=product, company=company), limit=110)


def join_parts(parts: list[MailPart]) -> str:
    """The text of the mail: sentences of a paragraph side by side, paragraphs apart."""
    paragraphs: dict[int, list[str]] = {}
    for part in parts:
        paragraphs.setdefault(part.paragraph, []).append(part.text)
    return "\n\n".join(" ".join(texts) for texts in paragraphs.values())


def sources_of(question: DraftOutreach) -> list[str]:
    """Every text a figure, date or link of the mail may come from."""
    return [
        *(fact.quote for fact in question.facts),
        *(fact.where for fact in question.facts),
        *(offer.sentence for offer in question.offers),
        *(f"{offer.product}" for offer in question.offers),
        question.product,
        question.call_to_action,
        *question.disclosures,
        question.sender,
        question.our_name,
        question.our_website,
        *question.woven,
        *(form for form in vars(phrases(question.language)).values()),
    ]


def find_unsourced(question: DraftOutreach, text: str) -> list[str]:
    """Figures, dates, amounts and links of a text that nothing we know says."""
    known = {found.group().rstrip(".,:/") for each in sources_of(question) for found in FIGURE.finditer(each)}
    return list(
        dict.fromkeys(each for found in FIGURE.finditer(text) if (each := found.group().rstrip(".,:/")) not in known)
    )


def check_written(question: DraftOutreach, subject: str, sentences: list[tuple[str, int]]) -> list[str]:
    """Why what a language model wrote is not taken: it names a number we did not give, or says what nothing says."""
    most, wrong = len(question.facts) + len(question.offers), []
    for text, number in sentences:
        if not 0 <= number <= most:
            wrong.append(f"There is no source {number}.")
        elif number == 0 and question.company and question.company.casefold() in text.casefold():
            wrong.append(f"This names the company and rests on nothing: {text[:80]}")
    text = "\n".join([subject, *(text for text, _number in sentences)])
    return wrong + [f"No source says “{figure}”." for figure in find_unsourced(question, text)]
