"""A draft quotes what articles say, in the customer's language, or is not made."""

import pytest

from agents import skills
from agents.skills.figures import figures_without_source
from cases.asking import DraftReply, SourcePassage
from cases.drafting import split_asks

RETURNS = SourcePassage(
    passage=1, article=11, version=3, title="Send something back", language="en",
    text="You can return any product within 30 days. Print the label at https://shop.example/returns and put it on "
    "the parcel. The money is back on your account 5 days after the parcel arrives.",
)  # fmt: skip
STEPS = SourcePassage(
    passage=2, article=12, title="Descale the Aroma 3", language="en",
    text="Do this every three months:\n1. Empty the tank.\n2. Pour in one sachet of descaler.\n3. Press Start.",
)  # fmt: skip
SECRET = SourcePassage(
    passage=3, article=13, title="Return a product: goodwill", language="en", audience="internal",
    text="Return any product after 30 days as goodwill up to 80 EUR without asking.",
)  # fmt: skip
GERMAN = SourcePassage(
    passage=4, article=14, title="Rücksendung", language="de",
    text="Sie können jedes Produkt innerhalb von 30 Tagen zurücksenden. Das Geld für die Rücksendung kommt nach "
    "5 Tagen auf Ihr Konto zurück.",
)  # fmt: skip
ALL = [RETURNS, STEPS, SECRET, GERMAN]


def draft(text, passages=ALL, **more):
    answer = skills.run("cases.draft_reply", DraftReply(text=text, passages=passages, **more))
    for part in answer.output.parts:
        if part.quote:
            source = next(one for one in passages if one.passage == part.quote.passage)
            assert source.audience == "external"
            assert source.text[part.quote.start : part.quote.end] == part.quote.text
    return answer.output


@pytest.mark.row("DESK-30")
def test_each_question_is_answered_with_cited_sentences_in_the_order_asked():
    made = draft(
        "Hi,\nhow do I descale my Aroma 3? And how can I return a product, and when is the money back?\nThanks",
        contact_name="Jo", signature="Acme",
    )  # fmt: skip
    assert made.body.startswith("Hello Jo,\n\nThank you for your message.\n\n")
    assert made.body.endswith("Kind regards\n\nAcme")
    assert "1. Empty the tank.\n2. Pour in one sachet of descaler.\n3. Press Start." in made.body
    assert made.body.index("Press Start") < made.body.index("on your account")
    assert (made.open_questions, made.unsourced_figures) == ([], [])
    assert made.confidence > 0.5


def test_internal_articles_are_never_quoted_and_nothing_is_drafted_when_nothing_answers():
    assert draft("Can I return a product as goodwill?", [SECRET]).parts == []
    nothing = draft("Do you have a job for a student in summer?")
    assert (nothing.parts, nothing.body, nothing.confidence) == ([], "", 0)
    assert nothing.open_questions == ["Do you have a job for a student in summer?"]


def test_an_open_question_is_named_and_halves_the_confidence():
    whole = draft("How can I return a product?")
    partly = draft("How can I return a product? Do you have a job for a student in summer?")
    assert partly.open_questions == ["Do you have a job for a student in summer?"]
    assert partly.confidence < whole.confidence


def test_the_answer_is_in_the_language_of_the_customer():
    made = draft("Guten Tag, wann kommt das Geld für meine Rücksendung zurück? Danke", contact_name="Frau Weiß")
    assert made.language == "de"
    assert made.body.startswith("Guten Tag Frau Weiß,")
    assert "kommt nach 5 Tagen auf Ihr Konto zurück." in made.body


def test_what_is_missing_is_asked_for_even_when_nothing_answers():
    made = draft("It is broken.", [], missing=["order number", "serial number"])
    assert "we need the following from you: order number and serial number." in made.body
    assert [part.source for part in made.parts] == ["template", "question", "template"]


def test_a_mail_that_says_all_is_well_is_not_answered_and_a_bare_question_is_read_with_its_mail():
    assert draft("That did it, the lamp is off after descaling the Aroma 3. Thank you").parts == []
    assert "Empty the tank." in draft("My Aroma 3 has to be descaled and the lamp is on. What do I do?").body


def test_figures_that_no_source_says_are_named():
    sources = ["You get 12.50 EUR within 30 days, see https://shop.example/a."]
    assert figures_without_source("12.50 EUR in 30 days at https://shop.example/a", sources) == []
    assert figures_without_source("13 EUR until 2026-05-01 at https://evil.example/", sources) == [
        "13", "2026-05-01", "https://evil.example",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "\x00", "?", "\ud800 ?", "a " * 5000, "> quoted only?"])
def test_odd_mails_do_no_harm(text):
    assert split_asks(text) is not None
    draft(text)
