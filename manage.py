#!/usr/bin/env python
"""The command line of Deskhand."""

import os
import sys

from django.core.management import execute_from_command_line

from config.postgres import provide


def main() -> None:
    """Run one command, with the embedded database around it when the operator named no other."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with provide(sys.argv):
            execute_from_command_line(sys.argv)
    except (Exception, SystemExit) as error:
        # A mail server that pipes a mail in tries again later at 75, and sends it back at anything it does not know.
        if sys.argv[1:2] != ["receive"] or isinstance(getattr(error, "code", None), int):
            raise
        sys.stderr.write(f"The mail could not be stored now: {type(error).__name__}\n")
        sys.exit(os.EX_TEMPFAIL)


if __name__ == "__main__":
    main()
