"""A group is called by what its customers say and others do not, in any language; the same words, the same name."""

import os
import subprocess
import sys

import numpy as np

from intents.naming import name_groups

SAID = {
    "Card not working": ["My card isn't working", "The card does not work, my card is not working", "card not working"],
    "Reset password": ["I need to reset my password", "Hi, please reset the password", "How do I reset my password?"],
    "Rechnung falsch": ["Die Rechnung ist falsch", "Meine Rechnung falsch", "Hallo, die Rechnung falsch berechnet"],
    "Changer mot de passe": [
        "Je voudrais changer mon mot de passe", "Comment changer le mot de passe ?", "changer mot de passe svp",
    ],
    "Cancelar pedido": ["Quiero cancelar mi pedido", "Necesito cancelar el pedido", "¿Puedo cancelar un pedido?"],
}  # fmt: skip
ALONE = """
import numpy as np
from intents.clustering import cluster
from intents.joining import join_requests
from intents.naming import name_groups
words = ["refund", "parcel", "password", "invoice", "leak", "quote"]
texts = [f"{verb} {article} {word} {end}" for word in words for verb in ("where is", "I need", "lost", "when comes")
         for article in ("the", "my", "a") for end in ("", "today", "please")]
known = list(dict.fromkeys(word for text in texts for word in text.split()))
vectors = np.array([[text.split().count(word) for word in known] for text in texts], float)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
labels = join_requests(texts, vectors, cluster(vectors))
print(labels.tolist(), name_groups(texts, labels))
"""


def test_names_are_what_is_said_in_each_language_without_articles_and_no_two_are_alike():
    texts = [text for group in SAID.values() for text in group]
    labels = np.repeat(np.arange(len(SAID)), 3)
    assert name_groups(texts, labels) == list(SAID)
    again = name_groups([*texts, *SAID["Reset password"]], np.concatenate([labels, [5, 5, 5]]))
    assert len({name.casefold() for name in again}) == 6
    assert name_groups(["?", "12", "!"], np.array([0, 1, -1])) == ["1", "2"]
    assert name_groups([], np.array([], int)) == []


def test_groups_and_names_do_not_change_with_the_hash_seed_of_the_process():
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
        )
        for seed in ("1", "2")
    ]  # fmt: skip
    first, second = (run.communicate(timeout=60)[0] for run in runs)
    assert "invoice" in first.lower()
    assert first == second
