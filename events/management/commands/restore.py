"""Restores a backup."""

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
        "Restores the database from a file of `manage.py backup`: tables, view, the bots' role with its rights and "
        "password. A backup of an older release is migrated to this one. The daemon must be stopped."
    )
    # The tables of this release may not exist yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="delete the present contents of the database")

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
        self.stdout.write(f"restored from {file}; start the daemon: alerts queued at the backup are sent again")
