"""``python -m bench [names] [--quick]``: take the figures, print them and write them into docs/benchmarks.md."""

import argparse
import importlib
import os
import time
from pathlib import Path

from bench import report
from bench.ground import Ground

FIGURES = (
    "intake",
    "sends",
    "suppress",
    "crash",
    "inbox",
    "start",
    "tricks",
    "followups",
    "races",
    "model",
    "canaries",
)


def main() -> int:
    """Take the named figures, all of them without a name."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*FIGURES, []], metavar="name", help=", ".join(FIGURES))
    parser.add_argument("--quick", action="store_true", help="small sizes, a look in under five minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-write", action="store_true", help="print only; docs/benchmarks.md stays as it is")
    chosen = parser.parse_args()
    var = Path(os.environ.get("DESKHAND_VAR") or "var").resolve() / "bench"
    ground = Ground(var, quick=chosen.quick, seed=chosen.seed)
    ground.start()
    try:
        for name in chosen.names or FIGURES:
            _take(name, ground, chosen)
    finally:
        ground.stop()
    return 0


def _take(name: str, ground: Ground, chosen: argparse.Namespace) -> None:
    before, begun = report.load(), time.monotonic()
    tables: list[report.Table] = importlib.import_module(f"bench.{name}").measure(ground)
    command = f"python -m bench {name}{' --quick' if chosen.quick else ''} --seed {chosen.seed}"
    text = "\n\n".join(
        [report.heading(command, before, time.monotonic() - begun), *(table.as_markdown() for table in tables)]
    )
    print(f"\n{text}", flush=True)
    if not chosen.no_write:
        report.write(name, text)


if __name__ == "__main__":
    raise SystemExit(main())
