"""The fixed words of outreach in four languages; what is not known in a language is written in English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """The pieces of a mail. ``quoting`` names a page and quotes it, ``asked`` quotes the lead's own request."""

    formal: str
    friendly: str
    nobody: str
    quoting: str
    asked: str
    ours: str
    again: str
    last: str
    call: str
    closing: str
    subject: str
    subject_asked: str
    unsubscribe: str
    answer: str


LANGUAGES: dict[str, Phrases] = {
    "en": Phrases(
        formal="Dear {name},",
        friendly="Hello {name},",
        nobody="Hello,",
        quoting="On {where} I read: “{quote}”.",
        asked="You wrote to us: “{quote}”.",
        ours="That is why I write to you from {us}.",
        again="I come back to my mail of the other day.",
        last="This is my last mail about it; if the moment is wrong, no answer is needed.",
        call="Would a call of 15 minutes next week suit you?",
        closing="Kind regards,",
        subject="{product} for {company}",
        subject_asked="Your request: {product}",
        unsubscribe="To get no more of these mails:",
        answer="Thank you for your question.",
    ),
    "de": Phrases(
        formal="Guten Tag {name},",
        friendly="Hallo {name},",
        nobody="Guten Tag,",
        quoting="Auf {where} lese ich: „{quote}“.",
        asked="Sie schrieben uns: „{quote}“.",
        ours="Deshalb schreibe ich Ihnen von {us}.",
        again="Ich komme auf meine Mail von neulich zurück.",
        last="Dies ist meine letzte Mail dazu; wenn es gerade nicht passt, brauchen Sie nicht zu antworten.",
        call="Passt Ihnen nächste Woche ein Gespräch von 15 Minuten?",
        closing="Mit freundlichen Grüßen",
        subject="{product} für {company}",
        subject_asked="Ihre Anfrage: {product}",
        unsubscribe="Keine weiteren Mails dieser Art:",
        answer="Vielen Dank für Ihre Frage.",
    ),
    "fr": Phrases(
        formal="Bonjour {name},",
        friendly="Bonjour {name},",
        nobody="Bonjour,",
        quoting="Je lis sur {where} : « {quote} ».",
        asked="Vous nous avez écrit : « {quote} ».",
        ours="C’est pourquoi je vous écris de la part de {us}.",
        again="Je reviens vers vous après mon dernier message.",
        last="C’est mon dernier message à ce sujet ; si le moment est mal choisi, inutile de répondre.",
        call="Un échange de 15 minutes la semaine prochaine vous conviendrait-il ?",
        closing="Cordialement,",
        subject="{product} pour {company}",
        subject_asked="Votre demande : {product}",
        unsubscribe="Pour ne plus recevoir ces messages :",
        answer="Merci pour votre question.",
    ),
    "es": Phrases(
        formal="Buenos días, {name}:",
        friendly="Hola, {name}:",
        nobody="Buenos días:",
        quoting="En {where} leo: «{quote}».",
        asked="Usted nos escribió: «{quote}».",
        ours="Por eso le escribo de parte de {us}.",
        again="Vuelvo a mi correo de hace unos días.",
        last="Este es mi último correo sobre el tema; si no es el momento, no hace falta que responda.",
        call="¿Le vendría bien una llamada de 15 minutos la próxima semana?",
        closing="Un saludo,",
        subject="{product} para {company}",
        subject_asked="Su consulta: {product}",
        unsubscribe="Para no recibir más correos como este:",
        answer="Gracias por su pregunta.",
    ),
}


def phrases(language: str) -> Phrases:
    """The pieces in a language, English when it is none of ours."""
    return LANGUAGES.get(language[:2].lower(), LANGUAGES["en"])


def known_language(language: str) -> str:
    """The language a mail is written in for a reader of ``language``."""
    code = language[:2].lower()
    return code if code in LANGUAGES else "en"
