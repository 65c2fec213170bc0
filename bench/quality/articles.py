"""``python -m bench.quality.articles``: does the draft of an article beat the last reply pasted?

With ``--pairs FILE`` the pairs are written in Markdown for a reader who does not know which is which, and the key in
a file beside it. Traceability and banned phrases are checked in code, for both.
"""

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Write the pairs when asked for, and print what is checked in code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench.quality import pairs

    parser = argparse.ArgumentParser(prog="python -m bench.quality.articles")
    parser.add_argument("--pairs", type=Path, help="write the pairs for a reader to this file")
    parser.add_argument("--seed", type=int, default=4, help="decides which of each pair comes first")
    chosen = parser.parse_args(arguments)
    if chosen.pairs:
        pairs.write_pairs(chosen.pairs, chosen.seed)
    for what, measure, result in pairs.rows():
        print(f"| {what} | {measure} | {result} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
