"""Train a reader of wordings on written examples; the same examples give the same file. Needs scikit-learn.

How sure a reader is comes from messages of writers that it was not trained on: for each writer one training leaves
them out, and the heat by which scores are divided makes those guesses as sure as they are right.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from agents import embeddings
from agents.skills import wordings

# Terms of fewer messages than these are left out.
FEWEST = {"words": 2, "pieces": 2, "meanings": 2}
STRENGTH = 10.0
KINDS = ("words alone", "with vector")
HEATS = tuple(one / 10 for one in range(8, 41))


@dataclass(frozen=True)
class Example:
    """A message somebody wrote down, its language, what it says, and whose way of writing it is."""

    text: str
    language: str
    says: str
    writer: str


def digest_of(examples: list[Example]) -> str:
    """Changes with the examples and with the list of meanings."""
    rows = [[one.text, one.language, one.says, one.writer] for one in examples]
    found = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode())
    found.update(wordings.CONCEPTS.read_bytes())
    return found.hexdigest()


def train(examples: list[Example], left_out: Iterable[tuple[Example, dict[str, float]]] | None = None) -> bytes:
    """The file of a reader: one set of weights with vectors (none where there is no encoder) and one by words alone.

    ``left_out`` is what ``leave_writers_out`` gives, where the caller has it already.
    """
    guesses = [(shares, one.says) for one, shares in left_out or leave_writers_out(examples)]
    return _pack(_fit(examples), examples, _find_heat(guesses))


def leave_writers_out(examples: list[Example]) -> Iterator[tuple[Example, dict[str, float]]]:
    """Every example with what a reader makes of it that was trained without its writer, as sure as the scores say."""
    for writer in sorted({one.writer for one in examples}):
        rest = [one for one in examples if one.writer != writer]
        reader = wordings.Reader(_pack(_fit(rest), rest, 1.0))
        for one in examples:
            if one.writer == writer:
                yield one, reader.weigh(one.text, one.language)


def _fit(examples: list[Example]) -> dict[str, np.ndarray]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    labels = [one.says for one in examples]
    rows = [wordings.features_of(one.text, wordings.spoken(one.text, one.language)) for one in examples]
    parts: dict[str, np.ndarray] = {"labels": np.array(json.dumps(sorted(set(labels))))}
    columns, sizes = [], []
    for at, block in enumerate(wordings.BLOCKS):
        found = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=FEWEST[block])
        columns.append(found.fit_transform([row[at] for row in rows]))
        ordered = sorted(found.vocabulary_, key=found.vocabulary_.get)
        parts[f"{block} terms"] = np.array(json.dumps(ordered, ensure_ascii=False))
        parts[f"{block} rarity"] = found.idf_.astype(np.float16)
        sizes.append(len(ordered))
    for kind in KINDS:
        blocks = columns if kind == "words alone" else [*columns, csr_matrix(_vectors(examples))]
        model = LogisticRegression(C=STRENGTH, max_iter=500).fit(hstack(blocks).tocsr(), labels)
        weights, bias = model.coef_, model.intercept_
        if len(model.classes_) == 2:
            weights, bias = np.vstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
        start = 0
        for block, size in zip(wordings.BLOCKS, sizes, strict=True):
            parts.update(_small(f"{kind} {block}", weights[:, start : start + size]))
            start += size
        parts[f"{kind} bias"] = bias.astype(np.float32)
        if kind == "with vector":
            parts["vector weights"] = weights[:, start:].astype(np.float16)
    return parts


def _small(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Weights as whole numbers from -127 to 127 with one scale: a quarter of the file."""
    scale = float(np.abs(weights).max()) / 127
    return {name: np.rint(weights / scale).astype(np.int8), f"{name} scale": np.array(scale, np.float32)}


def _vectors(examples: list[Example]) -> np.ndarray:
    """Vectors of what is English; zeros for the rest."""
    rows = np.zeros((len(examples), embeddings.dimension(embeddings.engine())), np.float32)
    english = [at for at, one in enumerate(examples) if wordings.spoken(one.text, one.language) == "en"]
    rows[english] = wordings.VECTOR_WEIGHT * embeddings.embed([examples[at].text for at in english])
    return rows


def _find_heat(guesses: list[tuple[dict[str, float], str]]) -> float:
    """The number to divide scores by under which what was said was most probable."""
    shares = np.array([list(found.values()) for found, _says in guesses])
    scores = np.log(np.maximum(shares, 1e-4))
    said = np.array([list(found).index(says) for found, says in guesses])

    def loss(heat: float) -> float:
        hot = scores / heat
        hot = hot - np.log(np.exp(hot).sum(axis=1, keepdims=True))
        return -float(hot[np.arange(len(said)), said].mean())

    return min(HEATS, key=loss)


def _pack(parts: dict[str, np.ndarray], examples: list[Example], heat: float) -> bytes:
    about = {
        "labels": json.loads(str(parts["labels"])),
        "engine": embeddings.engine(),
        "examples": digest_of(examples),
        "heat": heat,
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **(parts | {"about": np.array(json.dumps(about))}))  # type: ignore[arg-type]
    return buffer.getvalue()
