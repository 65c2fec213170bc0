"""What is loaded once is loaded once, by however many threads."""

import threading

from agents.skills.loading import load_once


def test_twenty_threads_that_ask_at_once_wait_for_the_one_that_loads():
    loaded, everybody = [], threading.Barrier(20, timeout=10)

    @load_once(2)
    def load(name):
        loaded.append(name)
        threading.Event().wait(0.01)
        return object()

    found = []

    def ask():
        everybody.wait()
        found.append(load("one"))

    threads = [threading.Thread(target=ask) for _each in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert loaded == ["one"]
    assert len(found) == 20
    assert len(set(map(id, found))) == 1
    for name in ("two", "three", "one"):
        load(name)
    assert loaded == ["one", "two", "three", "one"], "the two used last are kept"
