"""``python -m bench.quality <folder>``: how good the local engine is, as one Markdown table."""

import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Print a row per measure: of the sample company always, of other data when it lies in the folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench.quality import (
        answers,
        classes,
        discovery,
        fields,
        intents,
        machine,
        newest,
        pairs,
        personal,
        reactions,
        replies,
        retrieval,
        several,
        spans,
        speed,
    )

    folder = Path(arguments[0]) if arguments and arguments[0] else None
    print("| what | measure | result |\n|---|---|---|")
    rows = (
        []
        if folder is None or not folder.is_dir()
        else [
            row
            for skill in (retrieval, classes, spans, intents, several, discovery, personal, newest, machine)
            for row in skill.rows(folder)
        ]
    )
    for what, measure, result in [
        *(rows or [("development data", "", "no data")]),
        *answers.rows(),
        *fields.rows(),
        *reactions.rows(),
        *replies.rows(),
        *pairs.rows(),
        *speed.rows(),
    ]:
        print(f"| {what} | {measure} | {result} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
