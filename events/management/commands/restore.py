"""A backup's way back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from crypto_ews.conf import get_config
from events import clock
from events.database.backup import restore
from events.database.postgres_programs import ProgramError


class Command(BaseCommand):
    help = (
        "Makes the database what a file of `manage.py backup` holds: tables, view, the bots' role with its rights and "
        "password. An older release's backup is brought to this one's migrations. The daemon must be stopped."
    )
    # Tables of this code may not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="drop what the database holds now")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            problems = restore(file, clock.now(), get_config().bot_connection_limit, replace=replace)
        except OperationalError as error:
            raise CommandError(f"the database cannot be reached: {str(error).strip()}", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}", returncode=2) from None
        except ProgramError as error:
            raise CommandError(str(error), returncode=1) from None
        for problem in problems:
            self.stderr.write(problem)
        self.stdout.write(f"restored from {file}; start the daemon: alerts that waited when it was made go out again")
