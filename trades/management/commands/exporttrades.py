"""`manage.py exporttrades FILE`: minutes of trades, or bars, as a Parquet or Feather file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from events import clock
from events.database.export import FORMATS, ExportError
from events.management.commands.replay import EXIT_BAD_REQUEST, moment_of
from trades.storage.export import MODELS, TradeSelection, export_trades


class Command(BaseCommand):
    help = "Writes minutes of trades (or five-minute or hourly bars) to a file that pandas and polars read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=f"its name ends in {', '.join(FORMATS)}")
        parser.add_argument("--what", choices=sorted(MODELS), default="minutes")
        parser.add_argument("--from", dest="start", metavar="TIME", help="ISO 8601, UTC; default: the first stored row")
        parser.add_argument("--to", dest="end", metavar="TIME", help="not included; default: now")
        parser.add_argument("--venue", nargs="+", default=[], metavar="VENUE", help="only these, e.g. BINANCE OKX")
        parser.add_argument("--symbol", nargs="+", default=[], metavar="SYMBOL", help="only these, as in the table")
        parser.add_argument("--complete", action="store_true", help="leave out minutes that may lack a trade")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["complete"] and options["what"] != "minutes":
            raise CommandError("--complete is for minutes; bars are complete", returncode=EXIT_BAD_REQUEST)
        selection = TradeSelection(
            options["what"],
            moment_of("--from", options["start"]) or datetime(1970, 1, 1, tzinfo=UTC),
            moment_of("--to", options["end"]) or clock.now(),
            options["venue"],
            options["symbol"],
            options["complete"],
        )
        try:
            count = export_trades(selection, options["file"])
        except ExportError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        except DatabaseError as error:
            raise CommandError(f"the database failed: {str(error).strip()}", returncode=EXIT_BAD_REQUEST) from None
        self.stdout.write(f"{count} rows written to {options['file']}")
