"""A reply put together from sentences of articles, or none when nothing answers. Pure."""

import re
from dataclasses import replace

from agents.evidence import PassageQuote
from agents.skills.figures import figures_without_source
from agents.skills.languages import detect_language, fold
from cases.answering import Matter, Reply, Sentence, find_answer, reply_confidence
from cases.asking import DraftedReply, DraftReply, MessageText, ReplyPart
from cases.wording import ASKS, SECOND_QUESTION, SOLVED, THANKS, TITLES, Pieces, pieces
from intents.reading import Source, clean_subject, own_text
from knowledge.passages import Span
from knowledge.questions import telling_sentences

MOST_ASKS, PASSAGES_READ = 4, 12
# A mail of thanks has at most so many words beside them.
FEW_WORDS = 12

_STEP = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s")


def draft_reply(question: DraftReply) -> DraftedReply:
    """A draft that quotes external passages alone; without parts when nothing found answers any question."""
    language = (question.language or detect_language(question.text) or "en")[:2].lower()
    words = pieces(language)
    asks = split_asks(question.text, clean_subject(question.subject))
    passages = [one for one in question.passages if one.audience == "external"][:PASSAGES_READ]
    mail = f"{clean_subject(question.subject)}. {' '.join(span.text for span in _telling(question))}".strip(" .")
    matter = Matter.of(mail, words.language, len(asks))
    replies = _without_repeats([find_answer(ask, matter, passages) for ask in asks])
    open_questions = [reply.ask for reply in replies if not reply.found]
    answered = [reply for reply in replies if reply.found]
    draft = DraftedReply(language=words.language, open_questions=open_questions)
    if not answered and not question.missing and not question.clarify:
        return draft
    parts = arrange(question, words, [[_quoted(one) for one in reply.found] for reply in answered])
    sure = min((reply_confidence(reply) for reply in answered), default=0.3)
    confidence = sure * (0.5 if open_questions else 1.0) * (0.7 if question.missing else 1.0)
    body = as_body(parts)
    return draft.model_copy(
        update={
            "parts": parts,
            "body": body,
            "answered": [reply.ask for reply in answered],
            "unsourced_figures": unsourced_figures(parts, question.text, question.signature),
            "confidence": round(confidence, 4),
        }
    )


# ── what is asked ─────────────────────────────────────────────────────────────────────────────────────────────────


def split_asks(text: str, subject: str = "") -> list[str]:
    """The questions and requests of a mail; a mail without any is one ask, all its telling sentences.

    A mail that says that all is well asks nothing.
    """
    spans = _telling(DraftReply(text=text, subject=subject))
    asks = [ask for span in spans if _asks(span.text) for ask in _questions(span.text)]
    if not asks:
        if SOLVED.search(fold(text)) or _only_thanks(text, spans):
            return []
        whole = " ".join(span.text for span in spans)[:600]
        return [f"{subject}. {whole}".strip(" .")] if (whole or subject).strip() else []
    return [" ".join(ask.split()) for ask in asks][:MOST_ASKS]


def _only_thanks(text: str, spans: list[Span]) -> bool:
    """A short mail that thanks and asks nothing."""
    return bool(THANKS.search(fold(text))) and sum(len(span.text.split()) for span in spans) <= FEW_WORDS


def _telling(question: DraftReply) -> list[Span]:
    message = MessageText(id=0, text=question.text, subject=question.subject)
    return telling_sentences(Source(message, own_text(message)).sentences)


def _questions(sentence: str) -> list[str]:
    """The questions in one sentence, when each is long enough to be looked for alone."""
    pieces_of = SECOND_QUESTION.split(sentence) if "?" in sentence else [sentence]
    return pieces_of if all(len(piece.split()) > 3 for piece in pieces_of) else [sentence]


def _asks(sentence: str) -> bool:
    return "?" in sentence or bool(ASKS.search(fold(sentence)))


def _without_repeats(replies: list[Reply]) -> list[Reply]:
    """A sentence is quoted once; a question whose sentences were all quoted before counts as answered."""
    seen: set[tuple[int, int]] = set()
    kept = []
    for reply in replies:
        fresh = [one for one in reply.found if (one.passage.passage, one.span.start) not in seen]
        seen |= {(one.passage.passage, one.span.start) for one in fresh}
        if fresh or not reply.found:
            kept.append(replace(reply, found=fresh))
    return kept


# ── how it reads ──────────────────────────────────────────────────────────────────────────────────────────────────


def arrange(question: DraftReply, words: Pieces, answers: list[list[ReplyPart]]) -> list[ReplyPart]:
    """Greeting, the answers in the order asked, what is missing, closing; each with its paragraph."""
    greeting = greet(words, question.contact_name, question.greeting)
    parts = [ReplyPart(text=greeting, source="template")]
    paragraph = 1
    if answers or question.clarify:
        parts.append(ReplyPart(text=words.thanks, source="template", paragraph=paragraph))
    for answer in answers:
        paragraph += 1
        parts += [part.model_copy(update={"paragraph": paragraph}) for part in answer]
    if question.missing:
        paragraph += 1
        asked = words.missing.format(names=words.join(question.missing))
        parts.append(ReplyPart(text=asked, source="question", paragraph=paragraph))
    if question.clarify:
        paragraph += 1
        parts.append(ReplyPart(text=words.unclear, source="question", paragraph=paragraph))
    closing = (question.closing or words.closing).strip()
    parts.append(ReplyPart(text=closing, source="template", paragraph=paragraph + 1))
    if question.signature.strip():
        parts.append(ReplyPart(text=question.signature.strip(), source="template", paragraph=paragraph + 2))
    return parts


def greet(words: Pieces, contact_name: str, greeting: str = "") -> str:
    """The first line: the template's, else the one of the language, by name where it is one."""
    name = first_name(contact_name)
    return (greeting or (words.greeting if name else words.greeting_without_name)).replace("{name}", name).strip()


def first_name(name: str) -> str:
    """How a person is greeted: by the first name, or by title and name; empty for what is no name."""
    name = " ".join(name.split())
    _last, comma, first = name.partition(", ")
    words = (first if comma and first else name).split()
    if not words or any(sign.isdigit() or sign == "@" for sign in name):
        return ""
    is_titled = fold(words[0]).rstrip(".") in TITLES or len(words[0].rstrip(".")) == 1
    return " ".join(words) if is_titled else words[0]


def _quoted(one: Sentence) -> ReplyPart:
    source, span = one.passage, one.span
    quote = PassageQuote(
        article=source.article, version=source.version, passage=source.passage, title=source.title,
        start=span.start, end=span.end, text=span.text,
    )  # fmt: skip
    return ReplyPart(text=" ".join(span.text.split()), source="passage", quote=quote)


def as_body(parts: list[ReplyPart]) -> str:
    """The draft as plain text: a blank line between paragraphs, each step on its own line."""
    text = ""
    for before, part in zip([None, *parts], parts, strict=False):
        if before is None:
            text = part.text
        elif before.paragraph != part.paragraph:
            text += f"\n\n{part.text}"
        else:
            text += ("\n" if _STEP.match(part.text) or _STEP.match(before.text) else " ") + part.text
    return text


def unsourced_figures(parts: list[ReplyPart], mail: str, signature: str = "") -> list[str]:
    """Figures, dates, amounts and links that no cited sentence, nor the customer, nor the signature says."""
    return figures_without_source(
        "\n".join(_STEP.sub("", part.text) for part in parts),
        [mail, signature, *(part.quote.text for part in parts if part.quote)],
    )
