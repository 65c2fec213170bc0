"""What is loaded once in a process, however many threads ask for it at the same moment."""

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def load_once(most: int | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep what a loader returned, of many arguments the ``most`` used last, and let nobody load beside another.

    With ``functools.cache`` alone twenty threads that begin together read the same file twenty times.
    """

    def keep(loader: Callable[P, R]) -> Callable[P, R]:
        kept: Callable[..., Any] = lru_cache(maxsize=most)(loader)
        loading = threading.RLock()

        @wraps(loader)
        def load(*args: P.args, **kwargs: P.kwargs) -> R:
            with loading:
                return kept(*args, **kwargs)  # type: ignore[no-any-return]

        load.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
        return load

    return keep
