#!/usr/bin/env python
"""The command line of Deskhand."""

import os
import sys

from django.core.management import execute_from_command_line

from config.postgres import provide


def main() -> None:
    """Run one command, with the embedded database around it when the operator named no other."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with provide(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
