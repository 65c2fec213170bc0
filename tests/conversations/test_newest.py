"""The newest words, whatever stands below, above and between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.newest import newest_reply

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
