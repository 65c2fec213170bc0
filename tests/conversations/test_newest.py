"""The newest words, whatever stands below, above and between them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.newest import newest_reply

LANGUAGES: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "quoting.toml").read_text("utf-8"))
WHO = "Tom Berg <tom@firm.example>"
EARLIER = "Hello Ines,\n\nwe have received your mail. Which lamp is it?\n\nTom"
QUOTED = "\n".join(f"> {line}" for line in EARLIER.split("\n"))
QUOTE = "\n\nOn Mon, 4 May 2026 at 09:00, Tom <tom@x.example> wrote:\n> Hello\n> there\n"


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you, and nobody answered.",
        "I have 3 questions:\n\n1. Where is it?\n2. When does it come?",
        "From my point of view: it is broken.\nTo be clear: I want a refund.",
        "Here is what the label says:\n\n- Model: X200\n- Serial: 4711",
        "Thanks for the quick answer! But the lamp is still broken, and I would like to have my money back.",
        "Sent from my desk, is much easier than my mobile phone.",
        "He said:\n\nit never worked.",
        "Best would be Monday.\nCan you do that?",
        "---\nOrder 4711\n---\nis missing.",
        "I wrote at 10:00 to sales@x.example: no answer.",
        "Tel. 030 123456 is what I tried; nobody picked up. What now?",
    ],
)
def test_ordinary_words_are_all_new(text: str) -> None:
    found = newest_reply(text)
    assert found.newest == text
    assert found.quoted == ""
    assert found.signature == ""
    assert newest_reply(text + QUOTE).newest == text


@pytest.mark.parametrize(
    "closing",
    [
        "Best regards,\nInes",
        "Mit freundlichen Grüßen\nInes Moreau",
        "Cordialement,\nInes",
        "Un saludo,\nInes",
        "Mvh\nInes",
        "Cordiali saluti\nInes",
        "Met vriendelijke groet,\nInes",
        "Pozdrawiam,\nInes",
        "С уважением,\nInes",
        "-- \nInes Moreau",
        "Sent from my iPhone",
        "Envoyé de mon iPhone",
        "Gesendet mit der GMX Mail App",
        "Get Outlook for Android",
        "/Ines",
    ],
)
def test_a_signature_is_told_from_the_words(closing: str) -> None:
    found = newest_reply(f"The lamp is broken.\n\n{closing}{QUOTE}")
    assert (found.newest, found.signature) == ("The lamp is broken.", closing.replace("-- \n", "--\n"))
    assert "> Hello" in found.quoted


def test_the_senders_name_ends_a_letter_only_when_it_stands_alone() -> None:
    text = "The lamp is broken.\n\nInes Moreau\nRoom 12"
    assert newest_reply(text, sender="Ines Moreau").newest == "The lamp is broken."
    assert newest_reply(text).newest == text
    assert newest_reply("Hello\nInes told me to write to you about it.", sender="Ines Moreau").signature == ""


def replies(words: dict[str, Any]) -> Iterator[str]:
    """The reply of a language above, below and between what clients put beside it."""
    reply = words["reply"]
    for line in words["on"]:
        on = line.replace("WHO", WHO)
        yield from (f"{reply}\n\n{on}\n\n{QUOTED}", f"{reply}\n\n{on}\n\n{EARLIER}", f"{on}\n{QUOTED}\n\n{reply}")
        if " <tom@" in on:
            yield f"{reply}\n\n{on.replace(' <tom@', chr(10) + '<tom@')}\n\n{QUOTED}"
    for block in blocks(words):
        yield from (f"{reply}\n\n{block}\n\n{EARLIER}", f"{reply}\n\n" + f"{block}\n\n{EARLIER}".replace("\n", "\n> "))
        yield from (f"{reply}\n\n{title}\n{block}\n\n{EARLIER}" for title in words["original"])
    on = words["on"][0].replace("WHO", WHO)
    for ending in [*words["closing"], *words["device"]]:
        yield from (f"{reply}\n\n{ending}\n", f"{reply}\n\n{ending}\n\n{on}\n> Hello\n")


def blocks(words: dict[str, Any]) -> Iterator[str]:
    """Header blocks of the language, plain and with bold labels."""
    for labels in words["labels"]:
        values = [WHO, "Monday, 4 May 2026 09:00", "Ines Moreau <ines@home.example>", "Re: Lamp"]
        if labels[0] in ("Sent", "Gesendet", "Envoyé"):
            values[:2] = values[1::-1]
        for form in ("{}: {}", "*{}:* {}"):
            yield "\n".join(form.format(*pair) for pair in zip(labels, values, strict=True))


@pytest.mark.row("DESK-480")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clients_of_a_language_are_understood(language: str) -> None:
    words = LANGUAGES[language]
    wrong = [text for text in replies(words) if newest_reply(text, subject="Re: Lamp").newest != words["reply"]]
    assert wrong == []
    for title in words["forwarded"]:
        for block in blocks(words):
            found = newest_reply(f"{words['reply']}\n\n{title}\n{block}\n\n{EARLIER}", subject="Fwd: Lamp")
            assert (found.newest, found.forwarded) == (f"{words['reply']}\n\n{EARLIER}", True), title


def test_a_letter_ends_with_its_farewell_and_name() -> None:
    card = "Head of Purchasing\nMoreau Ltd\nTel. +44 20 7946 0000"
    for farewell in ("Kind regards,\nInes Moreau", "Viele Grüße\n\nInes", "Cordialement\nInes"):
        for below in ("", f"\n{card}", f"\n\n-- \n{card}", "\n\nSent from my iPhone", f"\n{card}{QUOTE}"):
            assert newest_reply(f"The lamp is dark.\n\n{farewell}{below}").letter == f"The lamp is dark.\n\n{farewell}"
    lawyers = (
        "This e-mail is confidential.\nIf you are not the addressee, please delete it and tell us at once, thank you."
    )
    signed = newest_reply(f"The lamp is dark.\n\nKind regards,\nInes Moreau\n{card}\n\n{lawyers}")
    assert signed.letter == "The lamp is dark.\n\nKind regards,\nInes Moreau"
    banner = "You don't often get email from ines@home.example. Learn why this is important"
    assert newest_reply(f"{banner}\n\nThe lamp is dark.").newest == "The lamp is dark."
    passed_on = f"FYI\n\nInes\n\n---------- Forwarded message ---------\nFrom: {WHO}\nSubject: Lamp\n\n{EARLIER}"
    assert newest_reply(passed_on, sender="Ines Moreau").letter == "FYI\n\nInes"
    assert newest_reply("Sent from my iPhone").letter == "Sent from my iPhone"


@pytest.mark.parametrize("line", [
    "##- Please type your reply above this line -##", "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##",
    "--- Bitte antworten Sie oberhalb dieser Linie ---", "##- Veuillez répondre au-dessus de cette ligne -##",
    "##- Escriba su respuesta por encima de esta línea -##", "##- Digite sua resposta acima desta linha -##",
    "##- Digita la risposta sopra questa riga -##", "##- Typ uw antwoord boven deze regel -##",
    "##- Skriv ditt svar ovanför denna rad -##", "##- Wpisz odpowiedź powyżej tej linii -##",
    "-----Tom Berg/HQ/Firm wrote: -----", "-----\"Tom Berg\" <tom@firm.example> schrieb: -----",
    "Tom Berg ---04.05.2026 09:00:12---Hello Ines", "Tom Berg/HQ/Firm wrote on 04.05.2026 09:00:12:",
    f"{WHO}\n04.05.2026 09:00\n\nAn\nines@home.example\nKopie\n\nThema\nRe: Lampe\n",
    f"{WHO}\n04/05/2026 09:00 AM\n\nTo\tines@home.example\ncc\nSubject\tRe: Lamp\n",
    "Von:\tTom Berg/HQ/Firm\nAn:\tInes Moreau/Home\nKopie:\t\nDatum:\t04.05.2026 09:00\nBetreff:\tRe: Lampe",
])  # fmt: skip
def test_desks_and_notes_have_lines_of_their_own(line: str) -> None:
    reply = "The lamp is still dark.\n\nPlease do not type above the line on the box. I wrote it down: 4711."
    assert newest_reply(f"{reply}\n\n{line}\n\n{EARLIER}").newest == reply


def test_a_header_block_in_a_language_without_words_here_is_known_by_its_form() -> None:
    block = f"Saatja X: {WHO}\nAeg: 4 May 2026 09:00\nKellele: ines@home.example\nPealkiri: Re: Lamp"
    assert newest_reply(f"Still dark.\n\n{block}\n\n{EARLIER}").newest == "Still dark."
    form = "My details:\n\nName: Ines\nMail: ines@home.example\nBought: 4 May 2026 09:00\n\nCan you help?"
    assert newest_reply(form).newest == form


def test_what_the_writer_says_of_own_letters_is_no_quote() -> None:
    for text in (
        "On 4 May 2026 at 09:00 I wrote:\n\nThe lamp is dark.\n\nNobody answered.",
        "Am 4. Mai 2026 um 09:00 schrieb ich Ihnen:\n\nDie Lampe ist dunkel.",
        "Windows update was sent from Outlook to my Android phone, and then the lamp went dark. Why?",
        "I sent the lamp back on Monday.\nGet me a new one.",
    ):
        assert newest_reply(text).newest == text


def test_inline_answers_are_kept_and_questions_are_not() -> None:
    text = "On 4 May 2026, Tom wrote:\n> One?\nYes.\n> Two?\n\nNo.\n> Three?\n"
    assert newest_reply(text).newest == "Yes.\n\nNo."


def test_a_long_forward_keeps_the_senders_own_words_apart() -> None:
    own = "word " * 60
    below = "---------- Forwarded message ---------\nFrom: Paul <p@x.example>\nSubject: S\nTo: <i@x.example>\n\nBody."
    text = f"{own}\n\n{below}"
    found = newest_reply(text, subject="Fwd: S")
    assert (found.newest, found.forwarded, "Body." in found.quoted) == (own.strip(), True, True)


def test_a_mail_that_is_all_quote_or_all_signature_still_says_something() -> None:
    for text in (
        "> only this",
        QUOTE.strip(),
        "Sent from my iPhone",
        "-- \nInes",
        "-----Original Message-----\nFrom: a\nTo: b\n\nx",
    ):
        assert newest_reply(text).newest


LINES = [
    "hello",
    "> q",
    "",
    "-- ",
    "Thanks,",
    "Ines",
    "From: a@x.example",
    "Sent: b",
    "To: c",
    "On 4 May 2026 a@x.example wrote:",
    "____________",
    "Sent from my iPhone",
    "--- Forwarded message ---",
]


@given(st.lists(st.sampled_from(LINES), max_size=20))
def test_it_is_never_empty_when_the_mail_has_words(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = newest_reply(text)
    assert bool(found.newest.strip()) == bool(text.strip())
    kept = "".join((found.newest + found.quoted + found.signature).split())
    assert all("".join(line.split()) in kept for line in lines if line == "hello")
