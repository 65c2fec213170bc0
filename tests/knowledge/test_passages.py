"""Articles fall into passages and texts into sentences, whatever they hold."""

from hypothesis import given
from hypothesis import strategies as st

from agents.skills.languages import fold
from knowledge.passages import sentences, split_passages, text_without_title

ARTICLE = """# Descale the Aroma 3

Limescale makes the machine slow. Descale it **every three months**.

## Steps

1. Empty the tank.
2. Pour in 100 ml of [descaler](https://shop.example/descaler).
3. Press *Start* for 5 seconds.

## Costs

| Pack | Price |
|------|-------|
| small | 4.90 € |
"""


def test_what_a_passage_says_itself_is_without_the_title_that_its_headings_repeat():
    assert text_without_title("Clean it", "Clean it › Daily", "Rinse.") == "Daily\nRinse."
    assert text_without_title("Clean it", "Every day", "Rinse.") == "Every day\nRinse."
    assert text_without_title("Clean it", "", "Rinse.") == "\nRinse."


def test_passages_keep_headings_numbers_of_steps_links_and_rows():
    first, steps, costs = split_passages(ARTICLE)
    assert first.heading == ["Descale the Aroma 3"]
    assert first.text == "Limescale makes the machine slow. Descale it every three months."
    assert ARTICLE[first.start :].startswith("Limescale")
    assert steps.heading == ["Descale the Aroma 3", "Steps"]
    assert steps.text.split("\n")[1] == "2. Pour in 100 ml of descaler (https://shop.example/descaler)."
    assert costs.text == "small | 4.90 €"
    assert [passage.order for passage in (first, steps, costs)] == [0, 1, 2]


def test_long_text_is_cut_between_sentences_into_pieces_of_like_size():
    text = " ".join(f"Sentence number {number} tells a little about the pump and its seal." for number in range(40))
    passages = split_passages(text)
    assert len(passages) > 3
    assert all(40 <= len(passage.text.split()) <= 130 and passage.text.endswith(".") for passage in passages)
    assert " ".join(passage.text for passage in passages) == text


def test_sentences_end_where_people_end_them():
    def cut(text):
        return [span.text for span in sentences(text)]

    assert cut("I paid 12.50 EUR. Where is it? Thanks!") == ["I paid 12.50 EUR.", "Where is it?", "Thanks!"]
    assert cut("Am 3. Mai kam z. B. der Filter. Er passt nicht.") == [
        "Am 3. Mai kam z. B. der Filter.",
        "Er passt nicht.",
    ]
    assert cut("Mr. Brown wrote to support@acme.example yesterday. No reply.") == [
        "Mr. Brown wrote to support@acme.example yesterday.",
        "No reply.",
    ]
    assert cut("¿Dónde está? ¡Gracias!") == ["¿Dónde está?", "¡Gracias!"]
    assert cut("Hello team,\nthe order has not arrived\nyet. Two things:\n- refund\n- invoice") == [
        "Hello team,",
        "the order has not arrived\nyet.",
        "Two things:",
        "- refund",
        "- invoice",
    ]


@given(st.text(alphabet=st.sampled_from("Aab .!?\n-1:é,"), max_size=200))
def test_sentences_are_in_order_and_stand_in_the_text(text):
    at = 0
    for span in sentences(text):
        assert span.start >= at
        assert text[span.start : span.end] == span.text != ""
        at = span.end


@given(st.text(max_size=300))
def test_every_text_splits_into_passages(markdown):
    for passage in split_passages(markdown):
        assert passage.text
        assert 0 <= passage.start <= len(markdown)


def test_folding_takes_accents_and_case():
    assert fold("CAFETIÈRE Größe Ærø") == "cafetiere grosse aero"
