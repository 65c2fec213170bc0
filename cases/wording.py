"""The fixed pieces of a reply and the marks of a request, in the languages we answer in."""

import re
from dataclasses import dataclass

ASKS = re.compile(
    r"\b(?:please|can you|could you|would you|i need|i want|i would like|i'd like|how do i|how can i|let me know"
    r"|tell me|bitte|konnen sie|konnten sie|ich brauche|ich mochte|ich benotige|wie kann ich|teilen sie"
    r"|pouvez-vous|pourriez-vous|j'ai besoin|je voudrais|je souhaite|merci de|veuillez|comment puis-je"
    r"|pueden|podrian|podria|puede|necesito|quiero|quisiera|me gustaria|por favor|como puedo)\b"
)
# The matter is settled; there is nothing to answer.
SOLVED = re.compile(
    r"\b(?:that did it|that worked|works (?:again|now|fine|perfectly)|is (?:solved|fixed|working again)|problem solved"
    r"|you can close"
    r"|funktioniert (?:wieder|jetzt)|hat geklappt|hat sich erledigt|ist gelost|problem gelost|geht wieder"
    r"|ca marche|c'est regle|probleme (?:est )?resolu|fonctionne (?:de nouveau|maintenant)"
    r"|ya funciona|esta (?:resuelto|solucionado)|problema resuelto)\b"
)
THANKS = re.compile(r"\b(?:thanks?|thx|danke|dank|merci|gracias)\b")
# A name that begins so is said whole.
_TITLES = "mr mrs ms miss dr prof herr frau monsieur madame m mme sr sra senor senora don dona"
TITLES = frozenset(_TITLES.split(" "))
# Where a second question begins in the same sentence.
SECOND_QUESTION = re.compile(
    r"[,;]?\s+(?:and|und|et|y)\s+(?=(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will"
    r"|wie|was|wann|wo|warum|wer|welche\w*|k[oö]nnen|kann|gibt|comment|quand|quel\w*|où|pourquoi|combien|puis-je"
    r"|c[oó]mo|cu[aá]ndo|d[oó]nde|qu[eé]|cu[aá]nto|puedo)\b)",
    re.IGNORECASE,
)
# Sentences of an article that make no sense in a letter.
DROPPED = re.compile(r"^(?:see also|read more|siehe auch|weiterlesen|voir aussi|lire la suite|ver tambien|leer mas)\b")

# A sentence that says what to do, or what we do or allow.
_VERBS = """
    answer ask bring brush call change charge check choose clean close connect dry empty enter fill give hold keep leave
    let lift lock look measure open press pull pump push put read repeat report rinse say send start stick switch take
    tell test try turn use wait weigh write
"""
_WE_DO = """
    charge collect come cost costs cover covers credit deduct get have keep mend need pay refund replace send treat
    write
"""
ACTION = re.compile(
    rf"(?:^|(?<=[:;,.] ))(?:do not|{'|'.join(_VERBS.split())})\b"
    rf"|\b(?:we|you|it|they) (?:can |may |will |also |only |simply |have to )*(?:{'|'.join(_WE_DO.split())})\b"
    r"|\b(?:is|are) (?:free|replaced|collected|refunded|included|covered|sent|charged|released)\b|\bholds\b|\bhas\b"
    r"|^\w+en Sie\b|\bwir\b|^\w+ez\b|\bnous \w+ons\b|\bvous pouvez\b"
    r"|^\w+[ae]n?\b(?= (?:el|la|los|las|a|en|con)\b)|\b\w+[ae]mos\b|\bpuede\b",
    re.IGNORECASE,
)
# A sentence that cannot stand without the one before it.
LEANS_ON_ITS_NEIGHBOUR = re.compile(
    r"^(?:it|this|that|they|these|then|otherwise|afterwards|if not|so|but|and|or|es|dies\w*|das|dann|danach|sonst"
    r"|ensuite|sinon|cela|il|elle|ils|luego|entonces|despues|después|eso|esto)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pieces:
    """What stands around the quoted sentences. Nothing here promises anything."""

    language: str
    greeting: str
    greeting_without_name: str
    thanks: str
    missing: str
    unclear: str
    by_software: str
    closing: str
    conjunction: str

    def join(self, names: list[str]) -> str:
        """ "a, b and c" in this language."""
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {self.conjunction} {names[-1]}"


PIECES = {
    "en": Pieces(
        "en", "Hello {name},", "Hello,", "Thank you for your message.",
        "To look into this we need the following from you: {names}.",
        "Could you tell us in a sentence or two what happened, and what you would like us to do?",
        "This mail was written by software. "
        "Answer that you want to hear from a person, and a person will write to you.",
        "Kind regards", "and",
    ),
    "de": Pieces(
        "de", "Guten Tag {name},", "Guten Tag,", "vielen Dank für Ihre Nachricht.",
        "Damit wir das prüfen können, fehlt uns noch: {names}.",
        "Beschreiben Sie uns bitte in ein, zwei Sätzen, was passiert ist und was wir für Sie tun sollen.",
        "Diese Mail hat ein Programm geschrieben. "
        "Antworten Sie, dass Sie lieber von einem Menschen hören, dann schreibt Ihnen einer.",
        "Mit freundlichen Grüßen", "und",
    ),
    "fr": Pieces(
        "fr", "Bonjour {name},", "Bonjour,", "Merci pour votre message.",
        "Pour examiner votre demande, il nous manque encore : {names}.",
        "Pourriez-vous nous dire en une ou deux phrases ce qui s’est passé et ce que vous souhaitez ?",
        "Ce message a été écrit par un programme. "
        "Répondez que vous préférez une personne, et une personne vous écrira.",
        "Cordialement", "et",
    ),
    "es": Pieces(
        "es", "Hola {name}:", "Hola:", "Gracias por su mensaje.",
        "Para revisarlo nos falta todavía: {names}.",
        "¿Podría decirnos en una o dos frases qué ha ocurrido y qué desea que hagamos?",
        "Este mensaje lo ha escrito un programa. Responda que prefiere a una persona, y una persona le escribirá.",
        "Un cordial saludo", "y",
    ),
}  # fmt: skip


def pieces(language: str) -> Pieces:
    """The pieces of a language; English for one that we do not answer in."""
    return PIECES.get(language, PIECES["en"])
