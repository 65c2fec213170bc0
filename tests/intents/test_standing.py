"""Groups go on from one run to the next; too little that stands is found anew."""

import numpy as np

from intents.standing import keep_standing


def rows(*kinds):
    noise = np.random.default_rng(0).normal(0, 0.05, (len(kinds), 12))
    found = np.eye(12)[list(kinds)] + noise
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_new_rows_join_or_make_a_group_and_no_row_that_stands_moves():
    kinds = [*[0] * 20, *[1] * 12, *[2] * 8]
    standing = np.array([0] * 19 + [1] * 11 + [-1] * 10)
    labels, goes_on = keep_standing(rows(*kinds), standing, lambda: np.array(kinds))
    assert labels[19] == labels[20], "a row that stands stays, even where it does not belong"
    assert set(labels[30:32]) == {labels[20]}
    assert len(set(labels[32:])) == 1
    assert sorted(goes_on.tolist()) == [-1, 0, 1]
    assert goes_on[labels[0]] == 0


def test_few_strangers_join_the_nearest_and_what_hardly_stands_is_found_anew():
    kinds = [*[0] * 20, *[1] * 20, *[2] * 3]
    labels, goes_on = keep_standing(rows(*kinds), np.array([0] * 20 + [1] * 20 + [-1] * 3), lambda: np.array(kinds))
    assert sorted(goes_on.tolist()) == [0, 1]
    assert (labels >= 0).all()
    labels, goes_on = keep_standing(rows(*kinds), np.array([0] * 20 + [-1] * 23), lambda: np.array(kinds))
    assert (labels.tolist(), goes_on.tolist()) == (kinds, [-1, -1, -1])
