"""``python -m bench.quality [--full] <folder> [part …]``: how good the local engine is, as one Markdown table.

Each row is printed when it is known; what a part took stands on the error stream. ``--full`` draws as often where that
takes long as elsewhere.
"""

import importlib
import os
import resource
import sys
import time
from pathlib import Path

# Each in its module; the first need the folder with public sets, the others measure the sample and sets of our own.
OF_FOLDER = ("retrieval", "classes", "spans", "intents", "several", "discovery", "personal", "newest", "machine")
OF_OURS = ("answers", "fields", "reactions", "replies", "pairs", "speed")

# These draw less often unless asked for the full measure.
LONG = ("classes",)


def main(arguments: list[str]) -> int:
    """Print a row per measure: of the sample company always, of other data when it lies in the folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    is_full, arguments = "--full" in arguments, [one for one in arguments if one != "--full"]
    folder = Path(arguments[0]) if arguments and arguments[0] else None
    has_data = folder is not None and folder.is_dir()
    wanted = arguments[1:] or [*OF_FOLDER, *OF_OURS]
    if unknown := set(wanted) - {*OF_FOLDER, *OF_OURS}:
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join([*OF_FOLDER, *OF_OURS])}")
        return 2
    print("| what | measure | result |\n|---|---|---|", flush=True)
    if not has_data:
        print("| development data |  | no data |", flush=True)
    for name in wanted:
        if name in OF_OURS or has_data:
            _print(name, [folder] if name in OF_FOLDER else [], {"is_full": True} if is_full and name in LONG else {})
    return 0


def _print(name: str, arguments: list[Path | None], options: dict[str, bool]) -> None:
    started, worked = time.monotonic(), time.process_time()
    for what, measure, result in importlib.import_module(f"bench.quality.{name}").rows(*arguments, **options):
        print(f"| {what} | {measure} | {result} |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    took, own = time.monotonic() - started, time.process_time() - worked
    print(f"{name}: {took:,.0f} s, processor {own:,.0f} s; peak memory so far {peak:,} MB", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
