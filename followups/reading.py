"""Whether a customer's mail promises to come back to us. Pure."""

import re

from pydantic import BaseModel, ConfigDict, Field

from agents.evidence import Words

# Words that begin a promise to come back, or that ask for time.
PROMISE = re.compile(
    r"\bi(?:'| wi|’)ll (?:try|check|test|look|see|send|get back|let you know|come back"
    r"|report(?: back)?|do (?:that|so)|have a look|be back|write (?:again|back|you))\b"
    r"|\b(?:will|shall|going to) (?:(?:get|come) back to you|let you know|try (?:it|that|this)|check (?:it|that))\b"
    r"|\b(?:need|give me|takes me) (?:a bit (?:of|more)|some(?: more)?|more|a few days|until) ?(?:time|to)?\b"
    r"|\bich (?:melde mich|gebe ihnen bescheid|probiere|versuche es|teste|schaue (?:nach|mir)|prüfe|schicke|sende)\b"
    r"|\bich (?:werde|will) (?:es |das )?(?:probieren|versuchen|testen|prüfen|nachsehen|schicken)\b"
    r"|\bje (?:vais (?:essayer|vérifier|tester|regarder|vous)|reviens vers vous|vous (?:tiens|tiendrai) au courant)\b"
    r"|\b(?:voy a (?:probar|intentar|comprobar|mirar)|le(?:s)? (?:aviso|avisaré|mantendré)|lo (?:probaré|intentaré))\b",
    re.IGNORECASE,
)
# What only a language model takes for a promise.
UNSURE = 0.6
MOST_SENTENCES = 60
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


class MailToRead(BaseModel):
    """The newest words of one mail."""

    model_config = ConfigDict(extra="forbid")

    message: int
    text: str


class PromiseRead(BaseModel):
    """Whether the customer promises to come back."""

    model_config = ConfigDict(extra="forbid")

    promises: bool = False


class WrittenPromise(BaseModel):
    """What a language model fills: whether it promises, and the number of the sentence, 0 for none."""

    model_config = ConfigDict(extra="forbid")

    promises: bool
    sentence: int = Field(default=0, ge=0)


def list_sentences(question: MailToRead) -> list[re.Match[str]]:
    """The sentences of a mail, as a language model sees them numbered from 1."""
    return [found for found in SENTENCE.finditer(question.text) if found[0].strip()][:MOST_SENTENCES]


def asks(question: MailToRead) -> bool:
    """Whether the mail asks something: then it is our turn, and nobody is chased."""
    return any(found[0].rstrip().endswith("?") for found in SENTENCE.finditer(question.text))


def combine(question: MailToRead, written: WrittenPromise) -> tuple[PromiseRead, list[Words], float]:
    """What a language model read, with the sentence as evidence; not over a question, and unsure where we differ."""
    if asks(question) or not written.promises:
        return PromiseRead(), [], 0.0
    ours, words, sure = read_promise(question)
    if ours.promises:
        return ours, words, sure
    found = list_sentences(question)[written.sentence - 1]
    text = found[0].strip()
    start = found.start() + found[0].index(text)
    return (
        PromiseRead(promises=True),
        [Words(message=question.message, start=start, end=start + len(text), text=text)],
        UNSURE,
    )


def read_promise(question: MailToRead) -> tuple[PromiseRead, list[Words], float]:
    """Whether the mail promises, the words it rests on, and how sure; a mail that asks something promises nothing."""
    sentences = [found for found in SENTENCE.finditer(question.text) if found[0].strip()]
    if asks(question):
        return PromiseRead(), [], 0.0
    for found in sentences:
        match = PROMISE.search(found[0])
        if match is not None:
            start = found.start() + match.start()
            words = Words(message=question.message, start=start, end=start + len(match[0]), text=match[0])
            return PromiseRead(promises=True), [words], 0.85
    return PromiseRead(), [], 0.0
