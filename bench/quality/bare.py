"""The engine as it is where no encoder is installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from agents import embeddings


@contextmanager
def without_encoder() -> Iterator[None]:
    """Inside it hashed n-grams take over, as they do without the weights."""
    find = embeddings.find_model
    embeddings.find_model = lambda: None
    try:
        yield
    finally:
        embeddings.find_model = find
