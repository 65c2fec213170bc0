"""Finding reasons without labels, beside BERTopic and k-means by silhouette on the same vectors.

``python -m bench.quality.discovery <folder>`` prints these rows alone.
"""

import csv
import json
import multiprocessing
import os
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
ORDERS, PARTS = 6, 4


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Number of groups, accuracy of the best matching, normalised mutual information and time, a row each."""
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that are timed: ours alone and BERTopic
    many: list[tuple[list[str], list[str], np.ndarray]] = []
    for name, texts, labels in _sets(folder):
        what = f"discovery, {name}: {len(texts)} texts, {len(set(labels))} intents"
        vectors = _embed(texts)
        for way, found, said in _ways(texts, vectors):
            yield what, way, f"{_scored(labels, found)}, {said}"
        yield what, f"ours, in {ORDERS} orders of the rows", _in_orders(texts, labels, vectors)
        yield from ((what, way, said) for way, said in _names_and_stability(texts, labels, vectors))
        if len(texts) > MANY // 4:
            many.append((texts, labels, vectors))
            yield what, f"ours, {PARTS} uneven parts", _in_parts(texts, labels, vectors)
    for name, texts, labels in _repeated(folder):
        found = _find(texts, _embed(texts))
        yield f"discovery, {name}: {len(texts)} texts, {len(set(labels))} intents", "ours", _scored(labels, found)
    if len(many) > 1:
        yield from _many(many)


def _embed(texts: list[str]) -> np.ndarray:
    return np.vstack([embeddings.embed(texts[at : at + PIECE]) for at in range(0, len(texts), PIECE)])


def _scored(labels: list[str], found: np.ndarray) -> str:
    places = np.unique(labels, return_inverse=True)[1]
    shared = normalized_mutual_info_score(places, found)
    return f"{_groups(found)} groups, accuracy {_accuracy(places, found):.1%}, NMI {shared:.1%}"


def _groups(found: np.ndarray) -> int:
    return len(set(found.tolist()) - {-1})


def _in_orders(texts: list[str], labels: list[str], vectors: np.ndarray) -> str:
    """The mean and the range over orders, which decide which rows are drawn."""
    scores, places = [], np.unique(labels, return_inverse=True)[1]
    for seed in range(ORDERS):
        order = np.random.default_rng(100 + seed).permutation(len(texts))
        found = _find([texts[at] for at in order], vectors[order])
        shared = normalized_mutual_info_score(places[order], found)
        scores.append((_groups(found), 100 * _accuracy(places[order], found), 100 * shared))
    pairs = zip(("groups", "accuracy", "NMI"), np.transpose(scores), strict=True)
    return ", ".join(f"{name} {each.mean():.1f} ({each.min():.1f} to {each.max():.1f})" for name, each in pairs)


def _in_parts(texts: list[str], labels: list[str], vectors: np.ndarray) -> str:
    """Some of the intents, each with as many texts as chance wants: how many groups for each intent."""
    said, every = [], np.array(labels)
    for seed in range(PARTS):
        random = np.random.default_rng(seed)
        names = random.permutation(np.unique(every))[: random.integers(12, 70)]
        sizes = np.maximum(8, np.exp(random.normal(3.6, 0.7, len(names)))).astype(int)
        chosen = [
            random.permutation(np.flatnonzero(every == name))[:size] for name, size in zip(names, sizes, strict=True)
        ]
        order = random.permutation(np.concatenate(chosen))
        found = _find([texts[at] for at in order], vectors[order])
        said.append(f"{_groups(found)} of {len(names)}")
    return "groups of intents: " + ", ".join(said)


def _many(sets: list[tuple[list[str], list[str], np.ndarray]]) -> Iterator[tuple[str, str, str]]:
    """Time and memory for as many messages as a run of the product takes, from the same stored vectors."""
    said = [pair for texts, labels, _rows in sets for pair in zip(texts, labels, strict=True)]
    chosen = np.random.default_rng(0).permutation(len(said))[:MANY]
    texts, labels = (list(column) for column in zip(*(said[at] for at in chosen), strict=True))
    vectors = np.vstack([rows for _texts, _labels, rows in sets])[chosen]
    what = f"discovery, {len(texts)} texts of both, {len(set(labels))} intents"
    found, seconds, megabytes = _alone(texts, vectors)
    yield what, "ours", f"{_scored(labels, found)}, {seconds:.1f} s of processor time with names, {megabytes} MB"
    theirs = _bertopic(texts, vectors)
    spent = f"{theirs['processor']:.1f} s, {theirs['megabytes']} MB"
    yield what, "BERTopic, defaults", f"{_scored(labels, np.array(theirs['topics']))}, {spent}"
    yield what, "ours beside BERTopic", f"{seconds / theirs['processor']:.2f} times the processor time"


def _alone(texts: list[str], vectors: np.ndarray) -> tuple[np.ndarray, float, int]:
    """Groups, seconds and peak memory of a process that has nothing else to do."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_time, (texts, vectors))


def _time(texts: list[str], vectors: np.ndarray) -> tuple[np.ndarray, float, int]:
    spent = time.process_time()
    found = _find(texts, vectors)
    name_groups(texts, found)
    seconds = time.process_time() - spent
    # What getrusage says is the parent's peak where that was higher.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return found, seconds, int(peak.split()[1]) // 1024


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
        yield name, *_shuffle(list(zip(texts, labels, strict=True)))


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


def _repeated(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Questions in several wordings, which are no floor."""
    stack, covid = folder / "duplicates/stackfaq.json", folder / "retrieval/covidfaq.json"
    if stack.is_file():
        pairs = json.loads(stack.read_text())["root"]["qapair"]
        said = [(text, str(at)) for at, pair in enumerate(pairs) for text in pair["rephr"] if text and len(text) > 3]
        yield "StackFAQ", *_shuffle(said)
    if covid.is_file():
        asked = json.loads(covid.read_text())
        yield "CovidFAQ", *_shuffle([(one["question"], one["answer"]) for one in asked if one["query_type"] != "faq"])


def _shuffle(said: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    order = np.random.default_rng(7).permutation(len(said))
    return [said[at][0] for at in order], [said[at][1] for at in order]


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
