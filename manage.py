#!/usr/bin/env python
"""Django's command line."""

import os
import sys

_VENV = ".venv/bin/python"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "django":
            raise
        sys.stderr.write(
            f"{sys.executable} has no Django: run {_VENV} manage.py (`make run` makes it), or `make shell`\n"
        )
        sys.exit(2)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
