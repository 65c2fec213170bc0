"""What a customer's mail says about a matter we wait on: solved, coming back, or something else. Pure."""

import re

from pydantic import BaseModel, ConfigDict

from agents.evidence import Words
from cases.wording import SOLVED

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
WORKS = re.compile(
    r"\b(?:(?:it|that|this|everything|all) (?:is )?(?:works?|worked|working|solved|fixed|fine now|good now)"
    r"|works(?: (?:now|again|fine|perfectly|great))?|problem solved|all good|solved it|fixed it|you (?:can|may) close"
    r"|funktioniert|hat geklappt|klappt|erledigt|gelöst|läuft wieder"
    r"|ça marche|ca marche|c'est réglé|résolu|fonctionne|ya funciona|funciona|resuelto|solucionado)\b",
    re.IGNORECASE,
)
DENIAL = re.compile(
    r"\b(?:not|no|never|nothing|still|but|unless|isn'?t|doesn'?t|didn'?t|won'?t|can'?t|nicht|nie|kein\w*"
    r"|immer noch|aber|pas|jamais|toujours|mais|sigue|todavía|pero|nunca)\b|n['’]t\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


class MailToRead(BaseModel):
    """The newest words of one mail."""

    model_config = ConfigDict(extra="forbid")

    message: int
    text: str


class MailRead(BaseModel):
    """What it says: "solved", "promise", or "" for anything else."""

    model_config = ConfigDict(extra="forbid")

    says: str = ""


def read_mail(question: MailToRead) -> tuple[MailRead, list[Words], float]:
    """What the mail says, the words it rests on, and how sure that is; nothing where a question or a denial stands."""
    sentences = [found for found in SENTENCE.finditer(question.text) if found[0].strip()]
    if any(found[0].rstrip().endswith("?") for found in sentences):
        return MailRead(), [], 0.0
    denied = any(DENIAL.search(found[0]) for found in sentences)
    for says, patterns, sure in (("solved", (WORKS, SOLVED), 0.9), ("promise", (PROMISE,), 0.85)):
        if says == "solved" and denied:
            continue
        for found in sentences:
            match = next((hit for one in patterns if (hit := one.search(found[0]))), None)
            if match is not None:
                start = found.start() + match.start()
                words = Words(message=question.message, start=start, end=start + len(match[0]), text=match[0])
                return MailRead(says=says), [words], sure
    return MailRead(), [], 0.0
