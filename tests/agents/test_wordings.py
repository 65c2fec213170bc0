"""A reader of wordings is trained the same way each time, and reads without scikit-learn and without the encoder."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agents import embeddings
from agents.skills import wordings
from agents.skills.learning import Example, train

ROOT = Path(__file__).resolve().parents[2]
GOOD = ["es geht wieder", "läuft wieder", "hat geklappt", "alles geht jetzt", "Drucker geht wieder", "es läuft"]
BAD = [
    "es geht nicht",
    "läuft nicht",
    "hat nicht geklappt",
    "nichts geht",
    "Drucker geht nicht",
    "läuft immer noch nicht",
]
EXAMPLES = [
    Example(text, "de", says, f"writer {at % 2}")
    for says, texts in (("good", GOOD), ("bad", BAD))
    for at, text in enumerate(texts)
]


@pytest.fixture(scope="module")
def content():
    return train(EXAMPLES)


@pytest.mark.row("DESK-491")
def test_the_same_examples_give_the_same_file_and_the_same_numbers_in_another_process(content, tmp_path):
    assert train(EXAMPLES) == content
    path = tmp_path / "reader.npz"
    path.write_bytes(content)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from agents.skills import wordings\n"
        f"print(wordings.open_reader(Path({str(path)!r})).weigh('der Toaster geht wieder', 'de'))\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True,
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin"},
    )  # fmt: skip
    here = wordings.Reader(content).weigh("der Toaster geht wieder", "de")
    assert run.stdout.strip() == str(here)
    assert here["good"] > 0.5 > here["bad"]
    assert sum(here.values()) == pytest.approx(1, abs=0.01)


def test_what_words_mean_is_shared_between_the_languages(content):
    reader = wordings.Reader(content)
    assert reader.weigh("ça ne marche toujours pas", "fr")["bad"] > 0.5
    assert "NEG" in wordings.meanings_of("Nein, das geht nicht!", "de")
    assert {"gelos", "wied gelo"} <= set(wordings.stems_of("wieder gelöst")) & set(wordings.stems_of("wieder gelöste"))
    assert "NEG&WORK" in wordings.meanings_of("no funciona", "es")


def test_odd_texts_and_an_encoder_that_is_not_here_break_nothing(content, monkeypatch):
    reader = wordings.Reader(content)
    for text in ("", "?", "\ud800 \x00 🙂", "x" * 50_000, "1234 5678"):
        assert set(reader.weigh(text, "en")) == {"bad", "good"}
    assert wordings.spoken("", "it") == "en"
    monkeypatch.setattr(embeddings, "find_model", lambda: None)
    assert all(np.isfinite(list(reader.weigh("wieder", "en").values())))
