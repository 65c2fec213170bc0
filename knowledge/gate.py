"""What may not stand in an article: personal data, phrases of a letter, promises, orders to whoever reads."""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from agents.pii import KEEP, Found, Known, find
from knowledge.asking import SaidSentence
from knowledge.passages import Span, sentences
from knowledge.transcripts import Turn

# Below this a finding is a guess that would take words from a good article.
SURE = 0.6
# A number of the record says nothing once it is gone; a person's name leaves a hole in the sentence.
_DROPPABLE = re.compile(
    r"[ \t]*[(]?(?:(?:number|no\.?|nr\.?|nummer|numéro|número|n°|#)[ \t:]*)?\[(?:ORDER|NUMBER|SERIAL|URL|IP"
    r"|MAC)_\d+\][)]?",
    re.IGNORECASE,
)
_REMOVED = re.compile(r"\[([A-Z]+)_\d+\]")
PLACEHOLDER = re.compile(r"\[[A-Z]+_\d+\]")
_LETTER = re.compile(
    r"\b(?:(?:your|my|our|the) colleague|as (?:discussed|agreed|promised|i said|mentioned (?:above|before|earlier))"
    r"|(?:i|we) (?:have |just )?(?:spoke|talked) (?:to|with)|(?:per|in) your (?:e-?mail|message|last)|dear "
    r"|kind regards"
    r"|best regards|sincerely|(?:thank you|thanks) for (?:your|getting|reaching|contacting)|sorry (?:to hear"
    r"|for)|apolog"
    r"|(?:ihr|mein|unser) kollege|wie (?:besprochen|vereinbart|zugesagt)|sehr geehrte|mit freundlichen|vielen dank f"
    r"|votre collègue|mon collègue|comme convenu|cordialement|su compañero|mi compañero|como acordamos|saludos)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )?(?:previous|prior|above|earlier|other|former)\b"
    r"|\b(?:system|developer) prompt\b|\byou are (?:now )?(?:an? )?(?:ai|assistant|language model|chatbot|llm)\b"
    r"|\b(?:ai|assistant|language model|llm|agent)s?\b[^.]{0,40}\b(?:must|should|shall|always|have to)\b"
    r"|\b(?:write|add|put|include|publish|store)\b[^.]{0,60}\b(?:knowledge base|the articles?|help cent(?:re|er)|faq)\b"
    r"|\bignorier\w* (?:alle|die|vorherige)|\bignorez? (?:toutes|les)|\bignora (?:todas|las|los)"
    r"|<\s*/?\s*(?:system|script)\b"
    r"|\btell (?:every|all) customers?\b|\[\s*(?:inst|system)\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:(?:full|complete|immediate|double|triple) refund|refund(?:s|ed)? (?:every|all|any|anyone|in full|without|of)"
    r"|free (?:replacement|of charge|machine|for life|order)|(?:lifetime|unlimited) (?:warranty|guarantee|refund)"
    r"|money back|compensat\w+|goodwill|voucher|credit note|discount of|gift card|we (?:will"
    r"|shall) (?:always )?(?:refund|pay|credit)"
    r"|always (?:refund|get a refund|receive a refund)|gutschein|kulanz|rückerstattung|erstatten|kostenlos\w* ersatz"
    r"|remboursement|rembours\w+|bon d'achat|reembols\w+|devolución del dinero)\b",
    re.IGNORECASE,
)


def read_turns(turns: Iterable[Turn], known: Sequence[Known]) -> tuple[list[SaidSentence], Counter[str]]:
    """The sentences of a matter with placeholders for personal data, and how many places of each kind there were."""
    said: list[SaidSentence] = []
    removed: Counter[str] = Counter()
    for turn in turns:
        found = [one for one in find(turn.text, known=known) if not _is_of_a_home(turn, one)]
        removed.update(one.kind for one in found if one.kind != KEEP)
        for span in sentences(turn.text):
            at = turn.offset + span.start
            text = _without(span, [one for one in found if one.kind != KEEP])
            said.append(
                SaidSentence(
                    message=turn.message,
                    author=turn.author,
                    start=at,
                    end=at + len(span.text),
                    text=text,
                    helped=turn.helped,
                )
            )
    return said, removed


def _is_of_a_home(turn: Turn, found: Found) -> bool:
    """Whether we named an address that every home network has, like that of a router: nobody's, and part of a step."""
    if turn.author != "us" or found.kind != "ip":
        return False
    try:
        return ipaddress.ip_address(turn.text[found.start : found.end]).is_private
    except ValueError:
        return False


def clean(text: str, known: Sequence[Known]) -> str:
    """A text without the personal data whose loss leaves it whole; "" when what is left has holes."""
    whole = Span(0, len(text), text)
    left = without_numbers_of_record(_without(whole, [one for one in find(text, known=known) if one.kind != KEEP]))
    return "" if PLACEHOLDER.search(left) else left


def _without(span: Span, found: Sequence[Found]) -> str:
    """The words of a span with placeholders; a finding that reaches over its edge is cut there."""
    pieces, at = [], span.start
    for one in found:
        if one.end > span.start and one.start < span.end:
            pieces += [span.text[at - span.start : max(one.start, span.start) - span.start], f"[{one.kind.upper()}_0]"]
            at = min(one.end, span.end)
    return "".join([*pieces, span.text[at - span.start :]])


def without_numbers_of_record(text: str) -> str:
    """A masked sentence without the placeholders that leave it whole; others stay and condemn it."""
    return re.sub(r"\s{2,}", " ", _DROPPABLE.sub("", text)).strip()


def list_personal(text: str, known: Iterable[Known] = ()) -> list[str]:
    """Kinds of personal data that a finished text still holds, each once; the values are not repeated."""
    found = [one for one in find(text, known=known) if one.kind != KEEP]
    kinds = [one.kind for one in found if one.score >= SURE]
    return list(dict.fromkeys([*kinds, *(["person"] if PLACEHOLDER.search(text) else [])]))


def split_removed(text: str) -> list[str]:
    """A masked text in pieces; every second one is the kind of what was removed there."""
    return [part if at % 2 == 0 else part.lower() for at, part in enumerate(_REMOVED.split(text))]


def gives_orders(text: str) -> bool:
    """Whether a text speaks to whoever reads it as a machine, or asks for its own publication."""
    return bool(_ORDERS.search(text))


def promises(text: str) -> bool:
    """Whether a text promises money or goods, which one case may not make a rule."""
    return bool(_PROMISE.search(text))


def is_letter(text: str) -> bool:
    """Whether a sentence belongs to a letter between people and not into an article."""
    return bool(_LETTER.search(text))


def refuse_words(text: str, *, prohibited: Sequence[str] = (), patterns: Sequence[str] = ()) -> list[str]:
    """Words and patterns that administrators forbid in articles and that stand in this text."""
    low = text.casefold()
    found = [word for word in prohibited if word and word.casefold() in low]
    found += [pattern for pattern in patterns if pattern and re.search(pattern, text, re.IGNORECASE)]
    return [_("It holds what no article may hold: %(word)s") % {"word": word} for word in found]


def doubt(text: str) -> list[str]:
    """What a person must look at before this text is knowledge."""
    said = []
    if gives_orders(text):
        said.append(_("It gives orders to whoever reads it."))
    if promises(text):
        said.append(_("It promises money or goods. One case makes no rule of that."))
    letter = _LETTER.search(text)
    if letter:
        said.append(_("It reads like a letter: “%(words)s”") % {"words": letter[0].strip()})
    return said
