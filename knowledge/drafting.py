"""An article out of a solved matter: its question, the cause, the steps, each from a sentence that was said. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from agents import embeddings
from agents.skills.languages import fold
from knowledge.asking import ArticleSentence, DraftArticle, DraftedArticle, NearArticle, SaidSentence
from knowledge.gate import PLACEHOLDER, gives_orders, is_letter, promises, without_numbers_of_record
from knowledge.passages import Span
from knowledge.questions import content_words, without_courtesy

MOST_ISSUE, MOST_CAUSE, MOST_STEPS = 2, 2, 12
FEWEST_WORDS_SOLVED, FEWEST_WORDS, MOST_TITLE = 8, 3, 90
# A sentence with fewer words that tell something names no trouble; one this far behind the best is left out.
FEWEST_CONTENT, ISSUE_BEHIND = 2, 1.2
Section = Literal["issue", "cause", "resolution"]
# Two sentences this alike say the same.
SAME = 0.86

_CAUSE = re.compile(
    r"\b(?:because|caused by|the (?:reason|cause)|due to|that is why|this (?:happens|means)|happens when|comes from"
    r"|weil|ursache|liegt (?:an|daran)|deshalb|der grund|parce que|a cause d|la cause|vient d[eu]|en raison|porque"
    r"|debido a|la causa|se debe)\b"
)
# What we did in this one matter: nobody else can do it after us.
_ACT = re.compile(
    r"^(?:and |but |so |also |now |then )?(?:i|we)(?: have|'ve|'ll|'m| am| are| will| had| can| could)?"
    r"(?: now| just| already| also| gladly)* (?:sent|send|refund\w*|booked?|check\w*|look\w*|ask\w*|order\w*|arrang\w*"
    r"|chang\w*|cancel\w*|credit\w*|ship\w*|post\w*|see|hope|found|find|note\w*|forward\w*|updat\w*|add\w*|replac\w*"
    r"|correct\w*|put|mov\w*|paus\w*|reset|call\w*|writ\w*|wrote|understand|appreciate|wish|am|are|have|glad|happy)\b"
    r"|\b(?:is|are) (?:on (?:its|the|their) way|booked|refunded|cancelled)\b"
    r"|^(?:ich|wir) (?:habe[n]?|schicke[n]?|werde[n]?|hoffe[n]?|sehe[n]?)\b|^(?:j'ai|nous avons|je vous envoie"
    r"|j'espere)\b"
    r"|^(?:he|hemos|le he|espero|esperamos)\b"
)
_CHAT = re.compile(
    r"\b(?:let (?:me|us) know|get back to|happy to help|hope (?:this|that|it|you)|anything else|feel free"
    r"|do not hesitate"
    r"|don't hesitate|look(?:ing)? forward|have a (?:nice|good|great)|glad (?:to|that|it)|you(?:'re| are) welcome|enjoy"
    r"|melden sie sich|zogern sie|gern geschehen|n'hesitez|bonne journee|no dude|cualquier duda|quedo a)\b"
)
# Said between two people: me and you, not whoever reads an article.
_BETWEEN_US = re.compile(
    r"\b(?:tell me|send (?:me|us)|write (?:me|us)|show (?:me|us)|i|i've|i'll|i'm|me|my|we've|we'll"
    r"|your (?:file|case|order|mail|message|photo|colleague)|the (?:photo|picture|screenshot) (?:helped|shows)"
    r"|thank\w*|no problem"
    r"|ich|mir|mich|meine?n?|wir haben|danke\w*|vielen dank|schonen|je|j'ai|moi|mon|ma|mes|vous ai|merci|bien a vous"
    r"|le envio|les envio|he |hemos|mi|gracias|un saludo)\b"
    r"|^(?:yes|no|ok|sure|of course|ja|nein|gern|oui|non|bien sur|si|claro)\b[ ,.]"
)
# What follows in a mail is the signature.
_CLOSING = re.compile(
    r"^(?:(?:with )?(?:kind|best|warm)(?:est)? (?:regards|wishes)|regards|yours|sincerely|cheers|best"
    r"|(?:mit )?(?:freundlichen?|viele|beste|liebe) gruss\w*|cordialement|bien a vous|(?:un )?(?:cordial )?saludos?)\b"
    r".{0,40}$",
    re.DOTALL,
)
# A sentence that begins like this says how things are.
_STATES = re.compile(
    r"(?:the|a|an|that|this|these|those|it|they|you|there|if|when|because|as|since|for|in|on|after|with|most|some|every"
    r"|el|la|los|las|un|una|se|es|si|cuando|porque|esto|eso)\b"
    r"|\w+(?: \w+){0,3} (?:is|are|was|were|can|can't|cannot|has|have|will|does|do|must|may|should)\b"
)
_POLITE = re.compile(
    r"^(?:please|kindly|just|could you|can you|would you|bitte|veuillez|merci de|por favor)[ ,]+", re.I
)
_THEN = re.compile(
    r"^(?:and |then |next|now|first(?:ly)?|after that|finally|zuerst|dann|danach|ensuite|puis|primero|luego)[ ,:]+",
    re.I,
)
_LIST = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):])\s+")
_MINE = re.compile(r"\b(my|our)\b", re.IGNORECASE)
_MON_VOWEL = re.compile(r"\b(?:mon|ma|notre) (?=[aeiouyhéèêàâîô])", re.IGNORECASE)
_MON, _MA, _MES = (re.compile(rf"\b{word}\b", re.IGNORECASE) for word in ("mon", "ma", "(?:mes|nos)"))
_DEAR = re.compile(r"^dear [^,.!?]{1,40},\s*", re.IGNORECASE)
_REPLY = re.compile(r"^\s*(?:(?:re|aw|fwd?|wg|tr|rv|sv)\s*:\s*)+", re.IGNORECASE)
_PROBLEM = re.compile(
    r"\?|\b(?:not|n't|no|never|error|broken|wrong|leak\w*|stop\w*|stuck|fail\w*|cannot|problem|how|why|where"
    r"|when|what|can i"
    r"|nicht|kein\w*|fehler|kaputt|wie|warum|wo|wann|pas|jamais|comment|pourquoi|erreur|como|donde|nunca|fuga)\b"
)


def draft_article(question: DraftArticle) -> DraftedArticle:
    """New, a revision of what is near, or nothing; with the reason. Only our own words may be a solution."""
    issue = _find_issue(question)
    cause, steps = _find_solution(question)
    if not steps and not cause:
        return DraftedArticle(why="nothing_general")
    if sum(len(content_words(step.text)) for step in [*cause, *steps]) < FEWEST_WORDS_SOLVED:
        return DraftedArticle(why="too_little")
    title = _make_title(question, issue)
    if not issue and title:
        issue = [ArticleSentence(section="issue", text=_as_sentence(title))]
    if not issue:
        return DraftedArticle(why="no_question")
    made = [*issue, *cause, *steps]
    near = _compare(question, title, made)
    draft = DraftedArticle(
        decision="new", why="gap", title=title, summary=issue[0].text, sentences=made,
        keywords=_keywords(question, made), near=near[:3],
    )  # fmt: skip
    published = [one for one in near if one.article]
    if near and near[0].similarity >= question.covered_from:
        return DraftedArticle(why="covered" if near[0].article else "waiting", near=near[:3], article=near[0].article)
    if published and published[0].similarity >= question.near_from:
        return _revise(draft, published[0])
    return draft


def _find_issue(question: DraftArticle) -> list[ArticleSentence]:
    """What the customer asked, in their own words, from their first message that says something.

    The sentences that tell the trouble go before what only tells something, and both stay in the order they were said.
    """
    first = next((one.message for one in question.said if one.author == "customer"), None)
    spoken = [one for one in question.said if one.author == "customer" and one.message == first]
    usable = [
        (one, text)
        for one in spoken
        if (text := _as_general(one, question.language)) and len(content_words(text)) >= FEWEST_CONTENT
    ]
    solution = {word for one in question.said if one.author == "us" for word in content_words(one.text)}
    about = solution | set(content_words(f"{question.title} {question.product}"))

    def weight(pair: tuple[SaidSentence, str]) -> float:
        words = set(content_words(pair[1]))
        return 2.0 * bool(_PROBLEM.search(fold(pair[1]))) + len(words & about) / max(len(words), 4) + len(words) / 20

    usable = [pair for pair in usable if about & set(content_words(pair[1])) or not about]
    best = sorted(usable, key=lambda pair: -weight(pair))[:MOST_ISSUE]
    best = [pair for pair in best if weight(pair) > weight(best[0]) - ISSUE_BEHIND]
    return [ArticleSentence(section="issue", text=text, source=one) for one, text in usable if (one, text) in best]


def _find_solution(question: DraftArticle) -> tuple[list[ArticleSentence], list[ArticleSentence]]:
    """Why it happens and what to do, from the answers that helped; from all of them when none did."""
    ours = [one for one in question.said if one.author != "customer"]
    helped = [one for one in ours if one.helped] or ours
    messages = list(dict.fromkeys(one.message for one in helped))
    cause: list[ArticleSentence] = []
    steps: list[ArticleSentence] = []
    seen: set[str] = set()
    for message in messages:
        for part in _read_answer([one for one in helped if one.message == message], question.language):
            if fold(part.text) not in seen:
                seen.add(fold(part.text))
                (cause if part.section == "cause" else steps).append(part)
    return cause[:MOST_CAUSE], steps[:MOST_STEPS]


def _read_answer(said: Sequence[SaidSentence], language: str) -> Iterator[ArticleSentence]:
    """One answer in parts: what stands before the first step explains, what stands after the last is a note."""
    has_list = any(_LIST.match(one.text) for one in said)
    began = False
    for one in said:
        if _CLOSING.match(fold(one.text)):
            return
        listed = bool(_LIST.match(one.text))
        text = _as_general(one, language)
        if not text or text.endswith("?") or _is_personal_act(text, listed):
            continue
        is_step = listed or (not has_list and _tells_to(text, language))
        began = began or is_step
        section: Section = "resolution" if began else "cause"
        if not began and not _CAUSE.search(fold(text)) and not _explains(text, has_list):
            section = "resolution"
        yield ArticleSentence(section=section, text=text, is_step=is_step, source=one)


def _explains(text: str, has_list: bool) -> bool:
    """Whether a sentence before the steps says how it is, and is no mere remark."""
    return has_list and len(content_words(text)) >= FEWEST_CONTENT + 1 and not text.endswith("!")


def _tells_to(text: str, language: str) -> bool:
    """Whether a sentence tells its reader to do something."""
    low = fold(text)
    if language == "de":
        return bool(re.match(r"(?:\w+|.{0,30}\bdann) sie\b", low)) and not low.startswith(("wenn ", "falls ", "dass "))
    if language == "fr":
        return bool(re.match(r"(?:ne |n')?\w+ez\b", low))
    return not _STATES.match(low)


def _is_personal_act(text: str, listed: bool) -> bool:
    """What we did or wished in this one matter; in a list only what is plainly that."""
    low = fold(text)
    return bool(
        _ACT.search(low) or _CHAT.search(low) or (not listed and (_BETWEEN_US.search(low) or low.endswith("!")))
    )


def _as_general(one: SaidSentence, language: str) -> str:
    """The sentence as anybody's: without courtesy and numbers of the record; "" when it cannot be."""
    text = without_numbers_of_record(" ".join(_LIST.sub("", one.text).split()))
    if PLACEHOLDER.search(text) or gives_orders(text):
        return ""
    text = without_courtesy(Span(0, len(text), _DEAR.sub("", text))).text
    if is_letter(text):
        return ""
    text = _THEN.sub("", _POLITE.sub("", _THEN.sub("", text)))
    if one.author == "customer" and language in ("", "en"):
        text = _MINE.sub("the", text)
    elif one.author == "customer" and language == "fr":
        text = _MES.sub("les", _MA.sub("la", _MON.sub("le", _MON_VOWEL.sub("l'", text))))
    if len(re.findall(r"\w+", text)) < FEWEST_WORDS:
        return ""
    return _as_sentence(text)


def _as_sentence(text: str) -> str:
    text = text.strip(" ,;-–")
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text.rstrip(':')}."


def _make_title(question: DraftArticle, issue: Sequence[ArticleSentence]) -> str:
    """The matter's title without reply marks and personal data; else the first sentence of the issue, shortened."""
    title = without_numbers_of_record(" ".join(_REPLY.sub("", question.title).split()))
    if PLACEHOLDER.search(title) or len(content_words(title)) < 2 or gives_orders(title) or is_letter(title):
        title = issue[0].text.rstrip(".") if issue else ""
    if len(title) > MOST_TITLE:
        title = title[:MOST_TITLE].rsplit(" ", 1)[0]
    title = title.strip(" .,;:-–")
    named = set(content_words(question.product)) & set(content_words(title))
    if title and question.product and not named and len(title) < 50:
        title = f"{question.product}: {title}"
    return title[:1].upper() + title[1:]


def _compare(question: DraftArticle, title: str, made: Sequence[ArticleSentence]) -> list[NearArticle]:
    """What is known already, nearest first, by the meaning of title, issue and solution."""
    if not question.near:
        return []
    text = f"{title}. {' '.join(one.text for one in made)}"
    engine = embeddings.engine_for(text, question.language)
    rows = embeddings.embed([text, *(f"{one.title}. {one.text}" for one in question.near)], engine)
    scores = rows[1:] @ rows[0]
    scored = [
        one.model_copy(update={"similarity": round(float(score), 4)})
        for one, score in zip(question.near, scores, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.similarity, one.title))


def _revise(draft: DraftedArticle, near: NearArticle) -> DraftedArticle:
    """Only what the article does not say yet; nothing new means that it is answered already."""
    known = _sentences_of(near.text)
    added = [one for one in draft.sentences if one.section != "issue" and not _is_said(one.text, known)]
    if not added:
        return DraftedArticle(why="covered", near=draft.near, article=near.article)
    return draft.model_copy(
        update={"decision": "update", "why": "near", "article": near.article, "title": near.title, "sentences": added}
    )


def _sentences_of(text: str) -> list[set[str]]:
    return [set(content_words(line)) for line in re.split(r"(?<=[.!?])\s+|\n+", text) if line.strip()]


def _is_said(text: str, known: Iterable[set[str]]) -> bool:
    wanted = set(content_words(text))
    return bool(wanted) and any(len(wanted & words) / len(wanted) >= SAME for words in known)


def _keywords(question: DraftArticle, made: Sequence[ArticleSentence]) -> list[str]:
    """The words that say what it is about, as often as they are said."""
    counts: dict[str, int] = {}
    for one in made:
        for word in re.findall(r"[^\W\d_]{4,}", one.text.casefold()):
            if content_words(word):
                counts[word] = counts.get(word, 0) + 1
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return ([question.product] if question.product else []) + ordered[:6]


def is_promise(draft: DraftedArticle) -> bool:
    """Whether a sentence of it promises money or goods."""
    return any(promises(one.text) for one in draft.sentences)
