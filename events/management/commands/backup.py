"""Writes a backup of the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from events.database.backup import backup
from events.database.postgres_programs import ProgramError


class Command(BaseCommand):
    help = "Writes the full database to a file while the daemon runs. `manage.py restore` reads it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="an existing file is replaced once the new one is complete")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            size = backup(file)
        except OperationalError as error:
            raise CommandError(f"the database cannot be reached: {str(error).strip()}", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}", returncode=2) from None
        except ProgramError as error:
            raise CommandError(str(error), returncode=1) from None
        self.stdout.write(f"{file}: {size / 1e6:.1f} MB")
