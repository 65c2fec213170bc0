"""Texts that say the same are put together, however many kinds there are. Pure.

Vectors are centred and moved towards their nearest neighbours (mean shift on a neighbour graph), so that what is said
in many ways draws together, and merged by Ward's method (Ward 1963). How many groups there are is read from draws of a
thousand rows: the cut of their average-linkage tree with the best silhouette (Rousseeuw 1987), for a silhouette over
more rows sees ever finer groups. The same texts give the same groups in whatever order they come.
"""

import numpy as np

NEIGHBOURS = 15
# The most alike are sought in strips of so many columns: only the strips with the highest summits are looked into.
STRIP = 16
PIECE = 1000
ROUNDS = 2
# To which of so many seeds a row belongs is seen in the directions in which rows differ most.
MOST_SEEDS, DIRECTIONS = 1500, 128
DRAWS, DRAWN, MOST_DRAWN = 16, 1000, 0.8
FEWEST_IN_GROUP = 3
LEFT_OUT = -1
# A summit of the silhouette is so near the best, behind us when so much of it is left, and as flat as that.
NEARLY, FALLEN, FLAT = 0.95, 0.98, 0.997
# A group of less than this share of the mean size, with middles so alike, is a splinter of the other.
SPLINTER, BESIDE = 0.5, 0.6
# Beyond this many rows neighbours are sought only in the cells around a row: for so many cells times the root of the
# number of rows, this share of them holds 97 of 100 true neighbours; fewer, larger cells hold them in more rows.
MOST_COMPARED = 4000
CELLS, AROUND = 4, 0.06
# How many groups for each one that the silhouette sees: fewer and broader ones, or more and finer ones.
SHARE = {"low": 0.4, "medium": 1.0, "high": 2.0}


def cluster(vectors: np.ndarray, *, granularity: str = "medium") -> np.ndarray:
    """A group number for each row (0 is the largest), ``LEFT_OUT`` for rows that are like too few others.

    ``vectors``: (n, d) rows of length one, in an order that does not depend on arrival. Granularity: low, medium, high.
    """
    if len(vectors) < 2 * FEWEST_IN_GROUP:
        return np.full(len(vectors), LEFT_OUT)
    rows = _unit(vectors.astype(np.float32) - vectors.mean(axis=0, dtype=np.float32))
    count = max(2, round(SHARE[granularity] * count_groups(rows)))
    drawn = draw_together(rows)
    seeds, members = _seed(drawn)
    labels = _refine(drawn, cut(merge(seeds, np.bincount(members)), count)[members])
    labels = _dissolve(drawn, labels)
    return number(labels, least=max(FEWEST_IN_GROUP, round(0.002 * len(vectors))))


# ── how many ──────────────────────────────────────────────────────────────────────────────────────────────────────


def count_groups(rows: np.ndarray) -> int:
    """How many groups rows of length one fall into, as far as a thousand of them show it."""
    size = max(2 * FEWEST_IN_GROUP, min(DRAWN, round(MOST_DRAWN * len(rows))))
    counts = sorted({round(count) for count in np.geomspace(2, max(3, size // 3), 64)})
    random = np.random.default_rng(0)
    scores = [_score(rows[np.sort(random.permutation(len(rows))[:size])], counts) for _draw in range(DRAWS)]
    return counts[_first_summit(np.mean(scores, axis=0))]


def _first_summit(scores: np.ndarray) -> int:
    """Where the silhouette is first nearly best and then falls: among many repeated texts it climbs again without end.

    On a flat summit the fewest groups are taken.
    """
    padded = np.pad(scores, 1, mode="edge")
    smooth = np.round((padded[:-2] + padded[1:-1] + padded[2:]) / 3, 6)
    start = best = int(np.flatnonzero(smooth >= min(NEARLY * smooth.max(), smooth.max()))[0])
    for at in range(start, len(smooth)):
        if smooth[at] > smooth[best]:
            best = at
        elif smooth[at] < FALLEN * smooth[best]:
            break
    return start + int(np.flatnonzero(smooth[start : best + 1] >= min(FLAT * smooth[best], smooth[best]))[0])


def _score(rows: np.ndarray, counts: list[int]) -> list[float]:
    """The silhouette of each cut; judged before the second move, which draws chance groups together as well."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    near = _toward(rows, rows, _others(rows))
    alike = _others(near)
    drawn = _toward(near, near, alike)
    apart = np.sqrt(np.maximum(2 - 2 * drawn @ drawn.T, 0))
    return silhouettes(alike, linkage(squareform(apart, checks=False), "average"), counts)


def silhouettes(alike: np.ndarray, tree: np.ndarray, counts: list[int]) -> list[float]:
    """How much nearer rows are to their own group than to the next, by mean likeness, for each cut of a tree of them.

    Rows on their own count nought. Groups of any cut lie side by side in the order of the tree's leaves, so that their
    sums are differences of one running sum.
    """
    from scipy.cluster.hierarchy import leaves_list

    order = leaves_list(tree)
    alike, heights = alike[np.ix_(order, order)], _heights(tree, order)
    np.fill_diagonal(alike, 0)
    running = np.zeros((len(alike) + 1, len(alike)))
    np.cumsum(alike, axis=0, out=running[1:])
    return [_silhouette(running, heights > tree[len(alike) - count - 1, 2]) for count in counts]


def _heights(tree: np.ndarray, order: np.ndarray) -> np.ndarray:
    """For each leaf of a tree, in its order, the height at which it comes together with the leaf before."""
    first = np.empty(2 * len(order) - 1, int)
    first[order] = np.arange(len(order))
    heights = np.full(len(order), np.inf)
    for at, (one, other, height, _size) in enumerate(tree.tolist(), len(order)):
        starts = first[int(one)], first[int(other)]
        first[at] = min(starts)
        heights[max(starts)] = height
    return heights


def _silhouette(running: np.ndarray, begins: np.ndarray) -> float:
    bounds, labels, at = np.flatnonzero([*begins, True]), np.cumsum(begins) - 1, np.arange(len(begins))
    sizes = np.diff(bounds)
    if len(sizes) < 2:
        return 0.0
    alike = np.diff(running[bounds], axis=0)
    own = 1 - alike[labels, at] / np.maximum(sizes[labels] - 1, 1)
    alike /= sizes[:, None]
    alike[labels, at] = -np.inf
    other = 1 - alike.max(axis=0)
    found = (other - own) / np.maximum(np.maximum(own, other), 1e-9)
    return float(np.where(sizes[labels] > 1, found, 0).mean())


# ── drawing together ──────────────────────────────────────────────────────────────────────────────────────────────


def draw_together(rows: np.ndarray, *, rounds: int = ROUNDS) -> np.ndarray:
    """Each row moved towards its nearest neighbours, as often as is said; rows of length one."""
    cells = _cells(rows) if len(rows) > MOST_COMPARED else [(np.arange(len(rows)),) * 2]
    for _round in range(rounds):
        moved = np.empty_like(rows)
        for members, around in cells:
            moved[members] = _move(rows, members, around)
        rows = moved
    return rows


def _move(rows: np.ndarray, members: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Members moved towards the nearest of the rows around them (themselves among these)."""
    pieces, others = [], rows[around]
    for at in range(0, len(members), PIECE):
        chosen = members[at : at + PIECE]
        alike = rows[chosen] @ others.T
        alike[np.arange(len(chosen)), np.searchsorted(around, chosen)] = -1
        pieces.append(_toward(rows[chosen], others, alike))
    return np.vstack(pieces)


def _others(rows: np.ndarray) -> np.ndarray:
    """How alike rows of length one are, none to itself."""
    alike = rows @ rows.T
    np.fill_diagonal(alike, -1)
    return alike


def _toward(rows: np.ndarray, others: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Rows moved towards the nearest of the others, by the square of likeness."""
    near = most_alike(alike, min(NEIGHBOURS, len(others) - 1))
    weights = np.clip(np.take_along_axis(alike, near, 1), 0, None) ** 2
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return _unit(rows + np.einsum("nk,nkd->nd", weights, others[near]))


def most_alike(alike: np.ndarray, count: int) -> np.ndarray:
    """The columns of the ``count`` greatest of each row, in any order."""
    strips = alike.shape[1] // STRIP
    if strips <= 2 * count:
        return np.argpartition(alike, -count, axis=1)[:, -count:]
    whole = strips * STRIP
    summits = alike[:, :whole].reshape(len(alike), STRIP, strips).max(axis=1)
    high = np.argpartition(summits, -count, axis=1)[:, -count:]
    columns = (high[:, :, None] + np.arange(0, whole, strips)).reshape(len(alike), -1)
    rest = np.broadcast_to(np.arange(whole, alike.shape[1]), (len(alike), alike.shape[1] - whole))
    columns = np.hstack([columns, rest])
    best = np.argpartition(np.take_along_axis(alike, columns, 1), -count, axis=1)[:, -count:]
    return np.take_along_axis(columns, best, 1)


def _cells(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The rows in cells, each with the rows of the cells nearest to it, its own among them."""
    centres, members = _seed(rows, most=round(CELLS * len(rows) ** 0.5), turns=3)
    where = [np.flatnonzero(members == cell) for cell in range(len(centres))]
    taken = max(2, round(AROUND * len(centres)))
    near = np.argsort(-np.round(centres @ centres.T, 5), axis=1, kind="stable")[:, :taken]
    return [(where[cell], np.sort(np.concatenate([where[other] for other in near[cell]]))) for cell in range(len(near))]


# ── merging ───────────────────────────────────────────────────────────────────────────────────────────────────────


def merge(middles: np.ndarray, sizes: np.ndarray) -> list[tuple[int, int]]:
    """Ward's merges in their order for groups of unlike size: the second goes into the first."""
    weights = sizes.astype(np.float64)
    costs = _ward_costs(middles.astype(np.float64), weights)
    nearest = costs.argmin(axis=1)
    least = costs[np.arange(len(costs)), nearest]
    merges = []
    for _turn in range(len(costs) - 1):
        one = int(least.argmin())
        first, second = sorted((one, int(nearest[one])))
        merges.append((first, second))
        row = _joined(costs, weights, first, second)
        weights[first] += weights[second]
        costs[second] = costs[:, second] = least[second] = np.inf
        costs[first] = costs[:, first] = row
        stale = np.isfinite(least) & ((nearest == first) | (nearest == second))
        stale[first] = True
        nearest[stale] = costs[stale].argmin(axis=1)
        closer = ~stale & (row < least)
        nearest[closer] = first
        changed = stale | closer
        least[changed] = costs[changed, nearest[changed]]
    return merges


def _ward_costs(middles: np.ndarray, weights: np.ndarray) -> np.ndarray:
    lengths = (middles**2).sum(axis=1)
    apart = np.maximum(lengths[:, None] + lengths - 2 * middles @ middles.T, 0)
    costs: np.ndarray = np.round(apart * weights[:, None] * weights / (weights[:, None] + weights), 9)
    np.fill_diagonal(costs, np.inf)
    return costs


def _joined(costs: np.ndarray, weights: np.ndarray, first: int, second: int) -> np.ndarray:
    """What it costs to merge with the two together (Lance and Williams 1967)."""
    one, other = weights[first], weights[second]
    row = (one + weights) * costs[first] + (other + weights) * costs[second] - weights * costs[first, second]
    row = np.round(row / (one + other + weights), 9)
    row[[first, second]] = np.inf
    return row


def cut(merges: list[tuple[int, int]], count: int) -> np.ndarray:
    """The group of each leaf when ``count`` groups are left."""
    parent = np.arange(len(merges) + 1)
    for first, second in reversed(merges[: max(0, len(merges) + 1 - count)]):
        parent[second] = parent[first]
    return np.unique(parent, return_inverse=True)[1]


# ── groups and their middles ──────────────────────────────────────────────────────────────────────────────────────


def _seed(rows: np.ndarray, *, most: int = MOST_SEEDS, turns: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """At most ``most`` rows that stand for all, and which of them each row belongs to."""
    if len(rows) <= most:
        return rows, np.arange(len(rows))
    flat = _project(rows)
    centres = flat[np.linspace(0, len(rows) - 1, most).astype(int)]
    for _turn in range(turns):
        centres, members = _step(flat, centres)
    return _unit(_sums(rows, members)), members


def _step(rows: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One turn of spherical k-means: the new centres, those without rows gone, and each row's centre."""
    nearest = [(rows[at : at + PIECE] @ centres.T).argmax(axis=1) for at in range(0, len(rows), PIECE)]
    members = np.unique(np.concatenate(nearest), return_inverse=True)[1]
    return _unit(_sums(rows, members)), members


def _sums(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums: np.ndarray = np.add.reduceat(rows[order], starts, axis=0)
    return sums


def _refine(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each row to the nearest centre, until little moves."""
    centres = _unit(_sums(rows, labels))
    for _turn in range(5):
        centres, labels = _step(rows, centres)
    return labels


def _dissolve(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Splinters into the group beside them, the smallest first; what is rare but unlike the others stays."""
    while True:
        sums, sizes = _sums(rows, labels), np.bincount(labels)
        middles = _unit(sums)
        alike = np.round(middles @ middles.T, 5)
        np.fill_diagonal(alike, -1)
        small = np.flatnonzero((sizes < SPLINTER * len(rows) / len(sizes)) & (alike.max(axis=1) >= BESIDE))
        if not len(small):
            return labels
        least = small[np.argmin(sizes[small])]
        labels = np.unique(np.where(labels == least, alike[least].argmax(), labels), return_inverse=True)[1]


def number(labels: np.ndarray, *, least: int) -> np.ndarray:
    """The groups numbered from the largest on; those with fewer than ``least`` rows are left out."""
    found, first, places, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    numbers = np.empty(len(found), int)
    numbers[order] = np.arange(len(found))
    numbers[(sizes < least) | (found == LEFT_OUT)] = LEFT_OUT
    numbers[numbers >= 0] = np.argsort(np.argsort(numbers[numbers >= 0]))
    result: np.ndarray = numbers[places]
    return result


def _project(rows: np.ndarray) -> np.ndarray:
    """Centred rows in the directions in which they differ most."""
    if rows.shape[1] <= DIRECTIONS:
        return rows
    _spread, directions = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    return rows @ directions[:, -DIRECTIONS:].astype(np.float32)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
