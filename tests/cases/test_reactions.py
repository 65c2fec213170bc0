"""How a customer takes an answer is read from the customer's own words, and irony is left to people."""

import pytest

from agents import embeddings, skills
from agents.sections import SECTIONS
from agents.skills import wordings
from agents.skills.learning import digest_of
from bench.quality import reactions as bench
from bench.quality.learn import REACTIONS, REPLIES, read_examples
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
    text = "Hello,\n\nhere is the bill. It works again!\n\nEllen"
    answer = read(text)
    words = answer.evidence[-1]
    assert (words.message, text[words.start : words.end], words.text) == (7, "It works again!", "It works again!")
    assert answer.confidence > 0.7


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


# Written for this test, in words that stand in no example.
UNSEEN = [
    ("en", "accepts", "The dishwasher drains properly since I cleaned the sieve, many thanks."),
    ("en", "rejects", "I cleaned the sieve and the dishwasher is still full of water."),
    ("en", "person", "Could one of your mechanics give me a call about the dishwasher?"),
    ("en", "none", "The dishwasher was built in 2018 and stands in the cellar."),
    ("de", "accepts", "Seit ich das Sieb gereinigt habe, pumpt die Spülmaschine wieder ab."),
    ("de", "rejects", "Das Sieb ist sauber, das Wasser steht aber immer noch in der Maschine."),
    ("de", "person", "Kann mich bitte ein Monteur anrufen?"),
    ("de", "thanks", "Herzlichen Dank für Ihre Geduld und einen schönen Abend."),
    ("fr", "accepts", "Depuis que j'ai nettoyé le filtre, le lave-vaisselle fonctionne à nouveau."),
    ("fr", "rejects", "J'ai nettoyé le filtre, mais l'eau reste toujours dans la machine."),
    ("fr", "question", "Merci. Combien de fois faut-il nettoyer le filtre ?"),
    ("es", "accepts", "Limpié el filtro y el lavavajillas ya funciona bien."),
    ("es", "rejects", "Limpié el filtro y el agua sigue sin salir."),
    ("es", "person", "¿Podría llamarme un técnico, por favor?"),
]


@pytest.mark.row("DESK-490")
def test_words_that_no_example_has_are_read_with_the_encoder_and_without_it(monkeypatch):
    examples = {one.text for one in read_examples(REACTIONS)}
    assert not examples & {text for _language, _reaction, text in UNSEEN}
    heard = [read(text, language=language).output.reaction for language, _reaction, text in UNSEEN]
    wanted = [reaction for _language, reaction, _text in UNSEEN]
    assert sum(a == b for a, b in zip(wanted, heard, strict=True)) >= 13, list(zip(wanted, heard, strict=True))
    monkeypatch.setattr(embeddings, "find_model", lambda: None)
    blunt = [read(text, language=language).output.reaction for language, _reaction, text in UNSEEN]
    assert sum(a == b for a, b in zip(wanted, blunt, strict=True)) >= 12, list(zip(wanted, blunt, strict=True))
    by_words = [bench.match_keywords({"text": text})[0] for _language, _reaction, text in UNSEEN]
    assert sum(bench.NAMES.get(a, a) == b for a, b in zip(wanted, by_words, strict=True)) < 11


def test_the_reader_was_trained_on_the_examples_beside_it():
    for path in (REACTIONS, REPLIES):
        reader = wordings.open_reader(path.with_suffix(".npz"))
        assert reader.examples == digest_of(read_examples(path)), f"{path.name} changed: python -m bench.quality.learn"


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Thanks, it works again.", "but only until noon"),
        ("Thank you, that solved it.", "but only until noon"),
        ("Danke, es geht wieder.", "aber nur bis zum Mittag"),
        ("Merci, ça remarche.", "mais seulement jusqu'à midi"),
        ("Gracias, ya funciona otra vez.", "pero solo hasta el mediodía"),
        ("Great, thanks, all good now.", "but only until noon"),
    ],
)
def test_plain_words_of_thanks_for_a_solution_are_sure_enough_to_close_a_case(text, doubt):
    answer = skills.run("cases.read_reaction", {"text": text})
    assert answer.output.reaction == "accepts"
    assert answer.confidence >= SECTIONS["cases.resolution"].defaults["accept_from"]
    doubted = skills.run("cases.read_reaction", {"text": f"{text[:-1]}, {doubt}."})
    assert doubted.output.reaction == "rejects" or doubted.confidence < 0.85
