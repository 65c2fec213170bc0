"""A draft quotes the section that answers, whole and about the right product, in order."""

import os
import subprocess
import sys
from pathlib import Path

from agents import embeddings, skills
from cases.answering import Matter, find_answer, models_in, names_another, reply_confidence
from cases.asking import DraftReply, SourcePassage
from cases.drafting import first_name, split_asks
from knowledge.questions import read_matter

ROOT = Path(__file__).resolve().parents[2]


def passage(number, article, title, heading, text):
    return SourcePassage(passage=number, article=article, title=title, heading=heading, text=text, language="en")


BOXES = [
    passage(1, 1, "Charged twice", "Is it a reservation?", "If one payment is pending, it vanishes within 5 days. If "
            "both are booked, we have charged you twice, and it is our mistake."),
    passage(2, 1, "Charged twice", "What a box costs", "A box costs €24.90. A large box costs €42.50."),
    passage(3, 2, "The steam wand drips", "What is not normal", "A wand that drips when off has a worn seal."),
    passage(4, 2, "The steam wand drips", "Clean the seal", "1. Switch the machine off.\n2. Open and close the knob."),
    passage(5, 3, "Where the serial number stands", "Place", "- Duo 58: under the tray.\n- Duo 54: on the back.\n"
            "- Solo: beside the cable."),
    passage(6, 4, "Descale the Duo 54", "Steps", "1. Empty the tank.\n2. Hold the Cup button."),
]  # fmt: skip


def draft(text, subject=""):
    question = DraftReply(text=text, subject=subject, passages=BOXES, contact_name="Noor Haddad")
    return skills.run("cases.draft_reply", question).output


def test_a_section_is_quoted_whole_with_its_conditions_and_nothing_of_its_neighbour():
    made = draft("You charged me twice for one box, both payments are booked.", "Charged twice for May")
    assert "If one payment is pending, it vanishes within 5 days. If both are booked" in made.body
    assert "€42.50" not in made.body
    assert made.body.startswith("Hello Noor,")


def test_of_a_list_only_what_the_mail_names_is_quoted_and_sister_products_are_left_out():
    made = draft("Where is the serial number of my Duo 58?")
    assert "Duo 58: under the tray." in made.body
    assert "Duo 54" not in made.body
    assert "Solo" not in made.body
    assert "Cup button" not in draft("How do I descale the Duo 58?").body
    assert "Cup button" in draft("How do I descale the Duo 54?").body


def test_a_title_answers_nothing_when_its_passage_says_something_else():
    ask = "How do I send the kettle back?"
    vinegar = "Fill in a litre of vinegar, heat it and leave it for an hour. Then rinse twice."
    titled = passage(1, 1, "Send the kettle back", "Send the kettle back", vinegar)
    told = passage(2, 2, "Thirty days", "Thirty days", "Send the kettle back within 30 days, we pay the way.")
    by_title, by_text = (find_answer(ask, Matter.of(ask, "en", 1), [one]) for one in (titled, told))
    assert by_title.score > by_text.score
    assert reply_confidence(by_title) < reply_confidence(by_text)


def test_a_sister_is_another_number_of_the_same_name():
    meant = models_in("my Duo 58 and the G2")
    assert names_another("The Duo 54 is smaller.", meant)
    assert not names_another("The Duo 58 and the Duo 54 have one tray.", meant)
    assert not names_another("It takes 18 minutes.", meant)


def test_without_an_encoder_the_order_of_the_search_tells_what_lies_close_together(monkeypatch):
    monkeypatch.setattr(embeddings, "find_model", lambda: None)
    ask = "How do I clean the kettle?"
    near = passage(1, 1, "Clean the kettle", "", "Clean the kettle with one sachet of descaler.")
    like = passage(2, 2, "Clean the kettle", "", "Clean the kettle and its lid with one sachet of descaler.")
    far = passage(3, 3, "Delivery", "", "A parcel to Madrid takes four days.")
    quoted = [
        find_answer(ask, Matter.of(ask, "en", 1), found).found[0].passage.passage
        for found in ([near, like], [like, near], [far, near])
    ]
    assert quoted == [1, 2, 1], "but what lies far is not quoted because it stands first"


def test_thanks_and_nothing_more_ask_for_no_answer():
    assert split_asks("Parfait, merci beaucoup et bonnes vacances !") == []
    assert split_asks("It is dry. Problem solved, thank you Amara!") == []
    assert split_asks("Thanks, but where is my parcel?") == ["but where is my parcel?"]


def test_a_person_is_greeted_by_the_first_name_or_with_a_title():
    names = ["Noor Haddad", "Haddad, Noor", "Frau Weiß", "Dr. Ada Lund", "shop@cafe.example", "Team 7", ""]
    assert [first_name(name) for name in names] == ["Noor", "Noor", "Frau Weiß", "Dr. Ada Lund", "", "", ""]


def test_the_matter_of_a_mail_is_without_courtesy_and_numbers_but_never_empty():
    assert read_matter("Hello Jo,\n\nmy Duo 58 (D58-11873) drips since 3 May.") == "my Duo ( ) drips since May."
    assert read_matter("E41") == "E41"


def test_a_greeting_without_a_comma_takes_the_matter_not_with_it():
    told = "Hello the carton was crushed on one side, it does not stand."
    assert read_matter(told) == "the carton was crushed on one side, it does not stand."
    assert read_matter("Hi! got a moka pot now.") == "got a moka pot now."
    assert read_matter("Good morning dear team of Halden & Roe, the jug broke.") == "the jug broke."
    assert read_matter("Hello to all of you.\n\nThe jug broke today.") == "The jug broke today."


SCRIPT = """
import django; django.setup()
from tests.cases.test_answering import draft
print(draft("You charged me twice for a box. Where is the serial number of my Duo 58?").model_dump_json())
"""


def test_a_draft_is_the_same_whatever_the_hash_seed():
    made = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=ROOT, check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(made) == 1
    assert "under the tray" in made.pop()
