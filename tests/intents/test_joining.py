"""The same request for different things is one reason; two requests for the same thing stay two."""

import numpy as np

from intents.joining import join_requests

THINGS = ["condo", "cat", "car", "boat"]
FRAMES = [
    "Can I get a quote for my {}", "I would like a quote to insure the {}", "How much is a {} quote",
    "I need an insurance quote for our {}", "Send me a quote for a {} please", "What does a quote for the {} cost",
]  # fmt: skip
DONE = ["add", "remove", "change", "transfer"]
ASKED = [
    "I want to {} a dependent", "Can you {} my dependent", "Please {} the dependent on the plan",
    "How do I {} a dependent", "You should {} one dependent", "I need to {} the dependent today",
]  # fmt: skip


ENDS = ["now", "soon", "today", "thanks"]
OTHERS = [f"Something else entirely, number {at}" for at in range(150)]


def said(frames, words):
    texts = [f"{frame.format(word)} {ENDS[at % 4]}" for word in words for at, frame in enumerate(frames * 2)]
    return texts, np.repeat(np.arange(len(words)), 2 * len(frames))


def rows_of(labels):
    return np.eye(9, dtype=np.float32)[labels] + np.float32(0.2)


def test_one_request_for_different_things_is_joined_and_verbs_are_never_things():
    quotes, first = said(FRAMES, THINGS)
    dependents, second = said(ASKED, DONE)
    texts = [*quotes, *dependents, *OTHERS]
    labels = np.concatenate([first, second + 4, np.full(len(OTHERS), 8)])
    joined = join_requests(texts, rows_of(labels), labels)
    assert len(set(joined[labels < 4])) == 1
    assert len(set(joined[(labels >= 4) & (labels < 8)])) == 4
    assert (joined.max(), joined[-1]) == (5, 0), "the largest first"
    assert (join_requests(texts, rows_of(labels), labels, ["de"] * len(texts)) == labels).all(), "no other language"


def test_two_groups_are_too_few_to_tell_and_what_was_left_out_stays_so():
    for things, groups in ((THINGS[:2], 2), (THINGS, 1)):
        texts, labels = said(FRAMES, things)
        labels = np.concatenate([labels, np.full(len(OTHERS), -1)])
        joined = join_requests([*texts, *OTHERS], rows_of(labels), labels)
        assert joined.max() + 1 == groups
        assert (joined[len(texts) :] == -1).all()
    nobody = np.full(len(OTHERS), -1)
    assert (join_requests(OTHERS, rows_of(nobody), nobody) == nobody).all()
