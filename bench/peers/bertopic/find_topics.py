"""Let BERTopic with its defaults find topics in texts from vectors it is given; prints topics, seconds and memory."""

import json
import sys
import time
from pathlib import Path

import numpy as np
from bertopic import BERTopic


def main(texts: Path, vectors: Path) -> None:
    """One run, after a smaller one, so that compiling is not counted: beyond 4,096 rows other code is compiled."""
    said, rows = json.loads(texts.read_text()), np.load(vectors)
    BERTopic().fit_transform(said[:4500], rows[:4500])
    wall, spent = time.perf_counter(), time.process_time()
    topics, _shares = BERTopic().fit_transform(said, rows)
    # What getrusage says is the parent's peak where that was higher.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    found = {
        "topics": [int(topic) for topic in topics],
        "seconds": time.perf_counter() - wall,
        "processor": time.process_time() - spent,
        "megabytes": int(peak.split()[1]) // 1024,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
