"""What was found before stands: its messages stay together, new ones join, only strangers make new groups. Pure.

Found anew, a tenth more messages would move a quarter of them on to other groups, and nobody could follow a reason from
one day to the next.
"""

from collections.abc import Callable

import numpy as np

from intents.clustering import LEFT_OUT, number

# Found anew when less than this share of the rows stands.
ENOUGH_STANDS = 0.5
# A new row is a stranger when it is farther from the middle of each group than this share of the group's own rows.
FARTHEST = 0.05
# A group found anew is a new reason when at least so many of its rows, and this share of them, are strangers.
FEWEST_STRANGERS, MOSTLY = 4, 0.5


def keep_standing(
    vectors: np.ndarray, standing: np.ndarray, find: Callable[[], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """A group number for each row, and for each group the standing one that it goes on (``LEFT_OUT`` for a new one).

    ``standing``: the group that each row was in, ``LEFT_OUT`` for new rows. ``find``: groups all rows anew.
    """
    if (standing >= 0).mean() < ENOUGH_STANDS:
        labels = find()
        return labels, np.full(int(labels.max(initial=-1)) + 1, LEFT_OUT)
    nearest, is_far = _nearest(vectors, standing)
    labels, is_stranger = np.where(standing >= 0, standing, nearest), is_far & (standing < 0)
    if is_stranger.sum() >= FEWEST_STRANGERS:
        found = find()
        for group in np.unique(found[is_stranger & (found >= 0)]):
            new = is_stranger & (found == group)
            if new.sum() >= max(FEWEST_STRANGERS, MOSTLY * (found == group).sum()):
                labels[new] = labels.max() + 1
    numbered = number(labels, least=1)
    goes_on = np.full(int(numbered.max()) + 1, LEFT_OUT)
    goes_on[numbered[standing >= 0]] = standing[standing >= 0]
    return numbered, goes_on


def _nearest(vectors: np.ndarray, standing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The group whose middle is nearest to each row, and whether the row lies farther out than the group's own do."""
    rows = vectors - vectors.mean(axis=0)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    groups = np.unique(standing[standing >= 0])
    members = [rows[standing == group] for group in groups]
    middles = np.array([each.mean(axis=0) for each in members])
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
    bounds = np.array([np.quantile(each @ middle, FARTHEST) for each, middle in zip(members, middles, strict=True)])
    alike = np.round(rows @ middles.T, 5)
    return groups[alike.argmax(axis=1)], (alike < bounds).all(axis=1)
