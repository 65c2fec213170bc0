"""Texts that say the same are put together, however many kinds there are. Pure.

Vectors are centred and moved towards their nearest neighbours (mean shift on a neighbour graph), so that what is said
in many ways draws together, and merged by Ward's method (Ward 1963). The tree is cut where the modularity of the
neighbour graph is highest (Newman 2004); its resolution (Reichardt and Bornholdt 2006) is the granularity. The same
texts give the same groups in whatever order they come.
"""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

NEIGHBOURS = 15
ROUNDS = 2
MOST_SEEDS = 1500
MOST_GROUPS = 400
GRAPH_NEIGHBOURS = 20
# How much two groups must be linked to count as one: less for fewer and broader ones.
RESOLUTION = {"low": 0.35, "medium": 1.0, "high": 3.0}
FEWEST_IN_GROUP = 3
LEFT_OUT = -1


def cluster(vectors: np.ndarray, *, granularity: str = "medium") -> np.ndarray:
    """A group number for each row (0 is the largest), ``LEFT_OUT`` for rows that are like too few others.

    ``vectors``: (n, d) rows of length one, in an order that does not depend on arrival. Granularity: low, medium, high.
    """
    if len(vectors) < 2 * FEWEST_IN_GROUP:
        return np.full(len(vectors), LEFT_OUT)
    rows = draw_together(_unit(vectors.astype(np.float32) - vectors.mean(axis=0, dtype=np.float32)))
    seeds, members = _seed(rows)
    labels = _refine(rows, _cut(seeds, members, rows, RESOLUTION[granularity]))
    return _number(labels, least=max(FEWEST_IN_GROUP, round(0.002 * len(vectors))))


def draw_together(rows: np.ndarray) -> np.ndarray:
    """Each row moved towards its nearest neighbours, twice; rows of length one."""
    for _round in range(ROUNDS):
        rows = _shift(rows, *_nearest(rows, min(NEIGHBOURS, len(rows) - 1)))
    return rows


def _shift(rows: np.ndarray, near: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """One move, in pieces, for what would not fit into memory at once."""
    pieces = [
        rows[at : at + 1000] + np.einsum("nk,nkd->nd", weights[at : at + 1000], rows[near[at : at + 1000]])
        for at in range(0, len(rows), 1000)
    ]
    return _unit(np.vstack(pieces))


def _nearest(rows: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest other rows of each, and the shares by which they draw."""
    near = np.empty((len(rows), count), np.int64)
    weights = np.empty((len(rows), count), np.float32)
    for at in range(0, len(rows), 2000):
        alike = rows[at : at + 2000] @ rows.T
        alike[np.arange(len(alike)), np.arange(at, at + len(alike))] = -1
        found = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        near[at : at + 2000] = found
        weights[at : at + 2000] = np.clip(np.take_along_axis(alike, found, 1), 0, None) ** 2
    return near, weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)


def _seed(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most ``MOST_SEEDS`` rows that stand for all, and which of them each row belongs to."""
    if len(rows) <= MOST_SEEDS:
        return rows, np.arange(len(rows))
    centres = rows[np.linspace(0, len(rows) - 1, MOST_SEEDS).astype(int)]
    for _turn in range(6):
        centres, members = _step(rows, centres)
    return centres, members


def _step(rows: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One turn of spherical k-means: the new centres, those without rows gone, and each row's centre."""
    members = np.unique((rows @ centres.T).argmax(axis=1), return_inverse=True)[1]
    return _centres(rows, members), members


def _centres(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    sums = np.zeros((labels.max() + 1, rows.shape[1]), np.float32)
    np.add.at(sums, labels, rows)
    return _unit(sums)


def _cut(seeds: np.ndarray, members: np.ndarray, rows: np.ndarray, resolution: float) -> np.ndarray:
    """Labels of the rows at the cut of highest modularity; of equal ones the coarser."""
    tree = linkage(seeds.astype(np.float64), "ward")
    graph = _nearest(rows, min(GRAPH_NEIGHBOURS, len(rows) - 1))
    most = int(min(MOST_GROUPS, max(3, len(rows) // 6), len(seeds) - 1))
    counts = sorted({round(count) for count in np.geomspace(2, most, 40)})
    cuts = [np.unique(fcluster(tree, count, "maxclust"), return_inverse=True)[1][members] for count in counts]
    scores = [round(_modularity(*graph, cut, resolution), 6) for cut in cuts]
    return cuts[int(np.argmax(scores))]


def _modularity(near: np.ndarray, weights: np.ndarray, labels: np.ndarray, resolution: float) -> float:
    """The share of links inside groups above what chance gives groups of their size."""
    inside = float((weights * (labels[near] == labels[:, None])).sum())
    own, count = weights.sum(axis=1), int(labels.max()) + 1
    links = np.bincount(labels, own) + np.bincount(labels[near].ravel(), weights.ravel(), minlength=count)
    whole = float(weights.sum())
    return inside / whole - resolution * float(((links / (2 * whole)) ** 2).sum())


def _refine(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each row to the nearest centre, until little moves."""
    centres = _centres(rows, labels)
    for _turn in range(5):
        centres, labels = _step(rows, centres)
    return labels


def _number(labels: np.ndarray, *, least: int) -> np.ndarray:
    """The groups numbered from the largest on; those with fewer than ``least`` rows are left out."""
    found, sizes = np.unique(labels, return_counts=True)
    order = sorted(range(len(found)), key=lambda at: (-sizes[at], np.flatnonzero(labels == found[at])[0]))
    numbers = {int(found[at]): place if sizes[at] >= least else LEFT_OUT for place, at in enumerate(order)}
    return np.array([numbers[int(label)] for label in labels])


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
