"""Whether a customer's mail promises to come back to us. Pure."""

import re

from pydantic import BaseModel, ConfigDict

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


def read_promise(question: MailToRead) -> tuple[PromiseRead, list[Words], float]:
    """Whether the mail promises, the words it rests on, and how sure; a mail that asks something promises nothing."""
    sentences = [found for found in SENTENCE.finditer(question.text) if found[0].strip()]
    if any(found[0].rstrip().endswith("?") for found in sentences):
        return PromiseRead(), [], 0.0
    for found in sentences:
        match = PROMISE.search(found[0])
        if match is not None:
            start = found.start() + match.start()
            words = Words(message=question.message, start=start, end=start + len(match[0]), text=match[0])
            return PromiseRead(promises=True), [words], 0.85
    return PromiseRead(), [], 0.0
