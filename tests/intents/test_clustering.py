"""Texts are put together fast: what is sought in few rows, or summed once for all cuts, is what all rows would give."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import silhouette_score

from intents import clustering


def blobs(kinds, each, spread=0.15, width=48):
    random = np.random.default_rng(3)
    rows = np.repeat(random.normal(size=(kinds, width)) / width**0.5, each, axis=0)
    rows += random.normal(0, spread, rows.shape) / width**0.5 * 4
    rows = rows[random.permutation(len(rows))].astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_silhouettes_of_all_cuts_are_those_of_each_and_repeated_texts_are_never_parted():
    rows = blobs(6, 20)
    rows = np.vstack([rows, rows[:7], rows[:7]])
    tree = linkage(rows.astype(float), "average", "cosine")
    counts = [2, 5, 6, 9, 30, 60]
    found = clustering.silhouettes(rows @ rows.T, tree, counts)
    for count, score in zip(counts, found, strict=True):
        labels = fcluster(tree, count, "maxclust")
        assert score == pytest.approx(silhouette_score(rows, labels, metric="cosine"), abs=1e-4), count
    assert counts[int(np.argmax(found))] == 6


def test_the_most_alike_are_found_in_strips_with_a_rest_and_in_rows_too_few_for_strips():
    random = np.random.default_rng(0)
    for width in (40, 16 * 31, 16 * 40 + 7, 1000):
        alike = random.normal(size=(30, width)).astype(np.float32)
        found = np.sort(clustering.most_alike(alike, 15), axis=1)
        assert (found == np.sort(np.argsort(-alike, axis=1)[:, :15], axis=1)).all(), width


def test_many_rows_are_drawn_together_as_if_each_were_compared_with_all(monkeypatch):
    rows = blobs(20, 35)
    exact = clustering.draw_together(rows)
    monkeypatch.setattr(clustering, "MOST_COMPARED", 500)
    monkeypatch.setattr(clustering, "MOST_SEEDS", 200)
    monkeypatch.setattr(clustering, "DIRECTIONS", 32)
    few = clustering.draw_together(rows)
    assert not np.array_equal(few, exact), "not all were compared"
    assert (few * exact).sum(axis=1).mean() > 0.98
    labels = clustering.cluster(rows)
    groups = [set(np.flatnonzero(labels == at)) for at in range(labels.max() + 1)]
    assert len(groups) == 20
    assert {len(group) for group in groups} == {35}
