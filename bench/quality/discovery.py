"""Finding reasons without labels, beside BERTopic and k-means by silhouette on the same vectors.

``python -m bench.quality.discovery <folder>`` prints these rows alone.
"""

import csv
import json
import multiprocessing
import os
import resource
import sys
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
from intents.joining import join_requests
from intents.naming import name_groups
from intents.standing import keep_standing

PIECE, JUDGED = 500, 2000
COUNTS = (10, 15, 20, 30, 40, 60, 80, 120, 160, 240)
MANY, NAMES, GROWTH = 20_000, 20, 1.1


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Number of groups, accuracy of the best matching, normalised mutual information and time, a row each."""
    many: list[tuple[list[str], np.ndarray]] = []
    for name, texts, labels in _sets(folder):
        what = f"discovery, {name}: {len(texts)} texts, {len(set(labels))} intents"
        places = np.unique(labels, return_inverse=True)[1]
        vectors = np.vstack([embeddings.embed(texts[at : at + PIECE]) for at in range(0, len(texts), PIECE)])
        for way, found, said in _ways(texts, vectors):
            groups = len(set(found.tolist()) - {-1})
            shared = normalized_mutual_info_score(places, found)
            yield what, way, f"{groups} groups, accuracy {_accuracy(places, found):.1%}, NMI {shared:.1%}, {said}"
        yield from ((what, way, said) for way, said in _names_and_stability(texts, labels, vectors))
        if len(texts) > MANY // 4:
            many.append((texts, vectors))
    if len(many) > 1:
        yield from _many([text for texts, _rows in many for text in texts], np.vstack([each for _texts, each in many]))


def _many(texts: list[str], vectors: np.ndarray) -> Iterator[tuple[str, str, str]]:
    """Time and memory for as many messages as a run of the product takes, from the same stored vectors."""
    chosen = np.random.default_rng(0).permutation(len(texts))[:MANY]
    texts, vectors = [texts[at] for at in chosen], vectors[chosen]
    what = f"discovery, {len(texts)} texts of both"
    seconds, megabytes = _alone(texts, vectors)
    yield what, "ours", f"{seconds:.1f} s of processor time with names, {megabytes} MB"
    theirs = _bertopic(texts, vectors)
    yield what, "BERTopic, defaults", f"{theirs['processor']:.1f} s, {theirs['megabytes']} MB"


def _alone(texts: list[str], vectors: np.ndarray) -> tuple[float, int]:
    """Seconds and peak memory of a process that has nothing else to do."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_time, (texts, vectors))


def _time(texts: list[str], vectors: np.ndarray) -> tuple[float, int]:
    spent = time.process_time()
    name_groups(texts, _find(texts, vectors))
    return time.process_time() - spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _find(texts: list[str], vectors: np.ndarray) -> np.ndarray:
    """As a first run of the product does."""
    return join_requests(texts, vectors, cluster(vectors))


def _names_and_stability(texts: list[str], labels: list[str], vectors: np.ndarray) -> Iterator[tuple[str, str]]:
    found = _find(texts, vectors)
    again = _find(texts, vectors)
    yield "a second run on the same texts", f"{(found == again).mean():.1%} of the assignments stay"
    few = np.sort(np.random.default_rng(1).permutation(len(texts))[: round(len(texts) / GROWTH)])
    before = _find([texts[at] for at in few], vectors[few])
    yield "10 % more texts, found anew", f"{_accuracy(before, found[few]):.1%} of the assignments stay"
    standing = np.full(len(texts), -1)
    standing[few] = before
    after, _goes_on = keep_standing(vectors, standing, lambda: found)
    places = np.unique(labels, return_inverse=True)[1]
    kept = f"{_accuracy(before, after[few]):.1%} of the assignments stay, {after.max() + 1} groups, "
    yield "10 % more texts, going on as scheduled runs do", kept + f"accuracy {_accuracy(places, after):.1%}"
    said = []
    for at, name in enumerate(name_groups(texts, found)[:NAMES]):
        members = [labels[row] for row in np.flatnonzero(found == at)]
        said.append(f"{name} ({max(sorted(set(members)), key=members.count)})")
    yield "names of the largest, beside their most frequent label", ", ".join(said)


def _sets(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """In an order that says nothing of the labels, as the product has it."""
    for name, texts, labels in _read(folder):
        order = np.random.default_rng(7).permutation(len(texts))
        yield name, [texts[at] for at in order], [labels[at] for at in order]


def _read(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
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
    found = _find(texts, vectors)
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


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for row in rows(Path(sys.argv[1])):
        print("| " + " | ".join(row) + " |", flush=True)
