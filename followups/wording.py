"""What our mails about a silence say where no template was chosen, in the languages we answer in. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letters:
    """The sentences of a reminder, of the last one, and of the closing mail (with the link)."""

    reminder: str
    last: str
    closing: str


LETTERS = {
    "en": Letters(
        "we have not heard from you since our last mail. Has it been solved, or do you still need us? "
        "A short answer to this mail is enough.",
        "we have not heard from you. If we do not, we will close this matter. "
        "A short answer to this mail keeps it open.",
        "we have not heard from you and have closed this matter.\n\nStill not solved? Open it again here:\n{link}",
    ),
    "de": Letters(
        "wir haben seit unserer letzten Mail nichts von Ihnen gehört. "
        "Hat es sich erledigt, oder brauchen Sie uns noch? Eine kurze Antwort auf diese Mail genügt.",
        "wir haben nichts von Ihnen gehört. Wenn das so bleibt, schließen wir den Vorgang. "
        "Eine kurze Antwort auf diese Mail hält ihn offen.",
        "wir haben nichts von Ihnen gehört und den Vorgang geschlossen.\n\n"
        "Noch nicht gelöst? Hier öffnen Sie ihn wieder:\n{link}",
    ),
    "fr": Letters(
        "nous sommes sans nouvelles de votre part depuis notre dernier message. Le problème est-il résolu ? "
        "Une courte réponse suffit.",
        "nous sommes sans nouvelles de votre part. Sans réponse, nous clôturerons ce dossier. "
        "Une courte réponse le laisse ouvert.",
        "sans nouvelles de votre part, nous avons clôturé ce dossier.\n\n"
        "Toujours pas résolu ? Vous pouvez le rouvrir ici :\n{link}",
    ),
    "es": Letters(
        "no hemos tenido noticias suyas desde nuestro último mensaje. ¿Está resuelto o todavía nos necesita? "
        "Basta una breve respuesta.",
        "no hemos tenido noticias suyas. Si no las recibimos, cerraremos este asunto. "
        "Una breve respuesta lo mantiene abierto.",
        "no hemos tenido noticias suyas y hemos cerrado este asunto.\n\n"
        "¿Aún no está resuelto? Puede abrirlo de nuevo aquí:\n{link}",
    ),
}


def letters(language: str) -> Letters:
    """The letters of a language; English for one that we do not answer in."""
    return LETTERS.get(language, LETTERS["en"])
