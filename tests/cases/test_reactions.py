"""How a customer takes an answer is read from the customer's own words, and irony is left to people."""

import pytest

from agents import skills
from bench.quality import reactions as bench
from cases.asking import ReadReaction

OURS = "Hold the button for ten seconds. If that is not enough, you can speak to a person here."


def read(text, **more):
    return skills.run("cases.read_reaction", ReadReaction(message=7, text=text, **more))


@pytest.mark.row("DESK-261")
@pytest.mark.parametrize(
    ("text", "reaction"),
    [
        ("thanks, works", "accepts"),
        ("Danke, es geht wieder.", "accepts"),
        ("It isn't leaking any more.", "accepts"),
        ("thanks but it still doesn't work", "rejects"),
        ("Ça ne marche plus du tout.", "rejects"),
        ("Ya no funciona.", "rejects"),
        ("Ich möchte mit einem Mitarbeiter sprechen.", "person"),
        ("That worked. Could somebody call me about the bill?", "person"),
        ("Gracias", "thanks"),
        ("That worked, thanks. How often do I descale it?", "question"),
        ("The serial number is D58-11873.", "none"),
        ("I will try it tomorrow and let you know if it works.", "none"),
        ("", "none"),
    ],
)
def test_a_reaction_is_read_in_four_languages_with_denial(text, reaction):
    assert read(text).output.reaction == reaction


def test_the_evidence_is_the_customers_sentence_where_it_stands():
    text = "Hello,\n\nthe clip fits. It works again!\n\nEllen"
    answer = read(text)
    (words,) = answer.evidence
    assert (words.message, text[words.start : words.end], words.text) == (7, "It works again!", "It works again!")
    assert answer.confidence > 0.85


def test_quoted_words_of_ours_are_not_the_customers():
    bare = f"Here is the photo.\n\n{OURS}"
    assert read(bare).output.reaction == "person"
    assert read(bare, ours=[OURS]).output.reaction == "none"
    quoted = "Here is the photo.\n\nOn 3 March Support wrote:\n> It works now, you can close the case.\n"
    assert read(quoted).output.reaction == "none"


@pytest.mark.parametrize(
    "text", ["Oh great, another restart.", "Danke für nichts.", "Works? If you call that working."]
)
def test_irony_is_left_to_people(text):
    answer = read(text)
    assert (answer.output.reaction, answer.output.is_ironic, answer.confidence) == ("none", True, 0.0)


def test_a_verdict_deep_in_a_long_mail_is_less_sure():
    long = "The tank is on the left side of the room beside the table with the old lamp on it. " * 8
    assert read(f"It works now. {long}").confidence < read("It works now.").confidence < 1


def test_on_labelled_messages_it_hears_more_than_keywords_and_never_takes_anger_for_content():
    messages = bench.read_messages()
    held = [row for row in messages if row["set"] == "held back"]
    wanted = [row["reaction"].replace("unsure", "none") for row in held]
    heard = [bench.hear(row) for row in held]
    plain = [bench.match_keywords(row) for row in held]
    assert len(messages) >= 200
    right, by_words = (sum(a == b for a, b in zip(wanted, found, strict=True)) for found in (heard, plain))
    assert right > 0.9 * len(held) > by_words
    closing = {"accepts", "thanks"}
    assert [row["text"] for row in messages if bench.hear(row) in closing
            and row["reaction"] not in closing] == []  # fmt: skip
