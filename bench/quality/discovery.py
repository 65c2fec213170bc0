"""Finding reasons without labels, beside BERTopic and k-means by silhouette on the same vectors."""

import csv
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score, silhouette_score

from agents import embeddings
from bench.peer import run_peer
from intents.clustering import cluster

PIECE, JUDGED = 500, 2000
COUNTS = (10, 15, 20, 30, 40, 60, 80, 120, 160, 240)


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Number of groups, accuracy of the best matching, normalised mutual information and time, a row each."""
    for name, texts, labels in _sets(folder):
        places = np.unique(labels, return_inverse=True)[1]
        pieces = [embeddings.embed(texts[at : at + PIECE]) for at in range(0, len(texts), PIECE)]
        vectors = np.vstack(pieces)
        for way, found, said in _ways(texts, vectors):
            groups = len(set(found.tolist()) - {-1})
            shared = normalized_mutual_info_score(places, found)
            result = f"{groups} groups, accuracy {_accuracy(places, found):.1%}, NMI {shared:.1%}, {said}"
            yield f"discovery, {name}: {len(texts)} texts, {places.max() + 1} intents", way, result


def _sets(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    insurance = folder / "discovery/insurance/utterances.jsonl"
    bank, clinc = folder / "intents/banking77/train.csv", folder / "intents/clinc150/data.json"
    if insurance.is_file():
        said = [json.loads(line) for line in insurance.read_text().splitlines()]
        yield "insurance", [one["utterance"] for one in said], [one["intent"] for one in said]
    if bank.is_file():
        with bank.open(newline="") as lines:
            known = list(csv.DictReader(lines))
        yield "bank", [row["text"] for row in known], [row["category"] for row in known]
    if clinc.is_file():
        train = json.loads(clinc.read_text())["train"]
        yield "assistants", [text for text, _label in train], [label for _text, label in train]


def _ways(texts: list[str], vectors: np.ndarray) -> Iterator[tuple[str, np.ndarray, str]]:
    spent = time.process_time()
    found = cluster(vectors)
    yield "ours", found, f"{time.process_time() - spent:.1f} s of processor time"
    spent = time.process_time()
    found = _by_silhouette(vectors)
    yield "k-means by silhouette", found, f"{time.process_time() - spent:.1f} s"
    theirs = _bertopic(texts, vectors)
    said = f"{theirs['processor']:.1f} s, {theirs['megabytes']} MB"
    yield "BERTopic, defaults", np.array(theirs["topics"]), said


def _by_silhouette(vectors: np.ndarray) -> np.ndarray:
    """K-means with the count whose silhouette, on at most 2,000 rows, is best."""
    best, found = -2.0, np.zeros(len(vectors), int)
    for count in [one for one in COUNTS if one < len(vectors) // 3]:
        labels = KMeans(count, n_init=1, random_state=0).fit_predict(vectors)
        score = silhouette_score(vectors, labels, sample_size=min(JUDGED, len(vectors)), random_state=0)
        if score > best:
            best, found = score, labels
    return found


def _bertopic(texts: list[str], vectors: np.ndarray) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        said, rows = Path(name) / "texts.json", Path(name) / "vectors.npy"
        said.write_text(json.dumps(texts))
        np.save(rows, vectors)
        return run_peer(Path(settings.VAR_DIR), "bertopic", "find_topics.py", said, rows)


def _accuracy(places: np.ndarray, found: np.ndarray) -> float:
    """The share that is right under the best one-to-one matching; what was left out counts as one group more."""
    groups = np.unique(found, return_inverse=True)[1]
    counts = np.zeros((groups.max() + 1, places.max() + 1), int)
    np.add.at(counts, (groups, places), 1)
    return float(counts[linear_sum_assignment(-counts)].sum() / len(places))
