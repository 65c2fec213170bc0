"""Vectors are normalised, repeatable, and made without weights where there are none."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agents import embeddings

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "How do I reset my password?",
    "I forgot my login credentials",
    "The espresso machine leaks",
    "",
    "\ud800 \x00 🙂",
]


@pytest.fixture
def without_weights(settings, tmp_path):
    """No encoder can be found."""
    settings.EMBEDDINGS_DIR = str(tmp_path)
    embeddings.find_model.cache_clear()
    yield
    embeddings.find_model.cache_clear()


needs_weights = pytest.mark.skipif("embeddings.find_model() is None", reason="the encoder's weights are not installed")


@pytest.mark.row("DESK-41")
def test_without_weights_the_ngrams_take_over_and_say_so(without_weights):
    rows = embeddings.embed(TEXTS)
    assert embeddings.engine() == embeddings.NGRAMS
    assert rows.shape == (5, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    with pytest.raises(ValueError, match="not installed"):
        embeddings.embed(["x"], "minilm-l6.00000000")


def test_ngrams_find_the_same_words_in_other_forms():
    one, other, far = embeddings.embed(
        ["Der Filter passt nicht in die Maschine", "Die Maschinen haben falsche Filter", "Rechnung nochmals senden"],
        embeddings.NGRAMS,
    )
    assert one @ other > 0.3 > one @ far


@needs_weights
def test_the_encoder_knows_paraphrases_and_its_rows_do_not_depend_on_neighbours():
    rows = embeddings.embed(TEXTS)
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    encoder = embeddings._encoder(embeddings.engine())
    assert (encoder.rows(TEXTS[2:3])[0] == encoder.rows(list(reversed(TEXTS)))[2]).all()


@needs_weights
def test_english_goes_to_the_encoder_and_other_languages_to_ngrams():
    assert embeddings.engine_for("Where is my order, it should have arrived on Monday") == embeddings.engine()
    assert embeddings.engine_for("Wo bleibt meine Bestellung, sie sollte am Montag kommen") == embeddings.NGRAMS
    assert embeddings.engine_for("HR-204119") == embeddings.engine()


@needs_weights
def test_two_processes_at_once_build_the_same_graph(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    model, target = embeddings.find_model(), tmp_path / "graph.onnx"
    command = [sys.executable, "-m", "agents.embeddings", str(model.directory), str(target)]
    both = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [child.wait(120) for child in both] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["graph.onnx"]


def test_a_directory_that_holds_no_encoder_is_refused_by_name(tmp_path):
    with pytest.raises(embeddings.UnusableModelError, match=r"no model\.safetensors"):
        embeddings.read_model(tmp_path)


def test_the_runtime_is_not_loaded_before_it_is_needed():
    code = "import sys, agents.embeddings; print({'onnxruntime', 'onnx', 'tokenizers', 'py3langid'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout.strip() == "set()", done.stderr
