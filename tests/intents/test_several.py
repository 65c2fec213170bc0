"""Where examples stand under several intents, each intent has a bar of its own."""

import numpy as np

from intents.regression import Rows, count_letters
from intents.several import ask_each, learn_several

TEXTS = [f"{wish} {what}" for wish in ("open", "cancel") for what in ("card", "loan")] * 5
OWNERS = {"open": 0, "cancel": 1, "card": 2, "loan": 3}


def _shared() -> tuple[Rows, list[str], np.ndarray]:
    """Each text twice, once for each of its intents."""
    texts = [f"{text} {at}" for at, text in enumerate(TEXTS) for _word in range(2)]
    owner = np.array([OWNERS[word] for text in TEXTS for word in text.split()])
    return _rows(texts), texts, owner


def _rows(texts: list[str]) -> Rows:
    return Rows(np.zeros((len(texts), 0), np.float32), count_letters(texts))


def test_every_intent_of_a_text_is_over_its_bar_and_no_other():
    rows, texts, owner = _shared()
    learned = learn_several(rows, texts, owner, np.ones(len(texts), bool), 4)
    parts = (learned[f"each_{name}"] for name in ("weights", "offsets", "bars", "sharpness"))
    weights, *rest = parts
    sure = ask_each(_rows(["please cancel the card", "open a loan"]), weights.T.astype(np.float32), *rest)
    assert (sure >= 0.5).tolist() == [[False, True, True, False], [True, False, False, True]]


def test_examples_that_stand_under_one_intent_each_have_no_bars_of_their_own():
    rows, texts, owner = _shared()
    apart = [f"{text} for intent {one}" for text, one in zip(texts, owner, strict=True)]
    assert learn_several(rows, apart, owner, np.ones(len(texts), bool), 4) == {}
    # Names alone are no examples: two intents of one name exclude each other still.
    assert learn_several(rows, texts, owner, np.zeros(len(texts), bool), 4) == {}
