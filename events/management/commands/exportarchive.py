"""Exports the daemon's archive to a file that `replay` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from events.management.commands.replay import EXIT_BAD_REQUEST, moment_of
from events.upstream.archive import recorded_payloads
from events.upstream.archive_file import ArchiveFileError, write_archive


class Command(BaseCommand):
    help = "Writes archived payloads to a file of JSON lines (gzipped where its name ends in .gz)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--from", dest="start", metavar="TIME", help="only what was received at this time or later")
        parser.add_argument("--to", dest="end", metavar="TIME", help="only what was received until this time")
        parser.add_argument("--source", nargs="+", default=[], metavar="NAME", help="only these, e.g. binance.article")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = moment_of("--from", options["start"]), moment_of("--to", options["end"])
        file: Path = options["file"]
        try:
            count = write_archive(file, recorded_payloads(start, end, options["source"]))
        except ArchiveFileError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        except OperationalError as error:
            message = f"the database cannot be reached: {str(error).strip()}"
            raise CommandError(message, returncode=EXIT_BAD_REQUEST) from None
        self.stdout.write(f"{count} payloads written to {file}")
