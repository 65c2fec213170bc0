"""``python -m bench.quality.learn``: train the readers of wordings that are shipped, from the examples beside them.

To be run after a change to ``reactions.csv``, ``replies.csv`` or ``concepts.txt``; a test says when it was forgotten.
"""

import csv
import os
import sys
from pathlib import Path

from agents.skills.learning import Example, leave_writers_out, train

ROOT = Path(__file__).parents[2]
REACTIONS, REPLIES = ROOT / "cases" / "reactions.csv", ROOT / "sales" / "outreach" / "replies.csv"


def read_examples(path: Path) -> list[Example]:
    """The examples of a reader; what nobody can tell from the words ("unsure": irony) is not trained on."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    says = "reaction" if "reaction" in rows[0] else "reply"
    return [Example(row["text"], row["language"], row[says], row["writer"]) for row in rows if row[says] != "unsure"]


def main() -> int:
    """Write the reader beside each file of examples."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    for path in (REACTIONS, REPLIES):
        examples = read_examples(path)
        left_out = list(leave_writers_out(examples))
        content = train(examples, left_out)
        path.with_suffix(".npz").write_bytes(content)
        right = sum(max(shares, key=lambda name: shares[name]) == one.says for one, shares in left_out)
        print(
            f"{path.name}: {len(examples)} examples, {len(content) // 1024} KB, "
            f"right where the writer was left out {right / len(examples):.1%}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
