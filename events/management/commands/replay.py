"""Replays recorded payloads through the production path in a separate database; sends nothing."""

from __future__ import annotations

import gc
import json
import logging
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crypto_ews.conf import get_config
from crypto_ews.conf.values import optional_postgres_url
from events.replay.database import ReplayDatabaseError, replay_database
from events.replay.engine import Replay, Replayed
from events.replay.report import report_of
from events.upstream.archive_file import ArchiveFileError, parse_iso, read_archives

EXIT_BAD_REQUEST = 2


def moment_of(option: str, text: str | None) -> datetime | None:
    """The time of an option, None where it is absent. Raises CommandError for an invalid time."""
    try:
        return parse_iso(text) if text else None
    except ValueError:
        message = f"{option} was {text!r}, expected a time such as 2026-10-01T12:00:00Z"
        raise CommandError(message, returncode=EXIT_BAD_REQUEST) from None


class Command(BaseCommand):
    help = "Replays recorded payloads with a virtual clock and reports what the daemon would have done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="JSON lines, optionally .gz")
        parser.add_argument("--from", dest="start", metavar="TIME", help="leave out what was received before")
        parser.add_argument("--to", dest="end", metavar="TIME", help="leave out what was received after")
        parser.add_argument("--report", type=Path, metavar="OUT.json", help="where the report goes; else printed")
        parser.add_argument("--database-url", metavar="URL", help="an empty database; else a throw-away one")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = moment_of("--from", options["start"]), moment_of("--to", options["end"])
        try:
            url = optional_postgres_url(options["database_url"] or "")
        except ValueError as error:
            raise CommandError(f"--database-url: expected {error}", returncode=EXIT_BAD_REQUEST) from None
        absent = [str(file) for file in options["files"] if not file.is_file()]
        if absent:
            raise CommandError(f"{', '.join(absent)}: no such file", returncode=EXIT_BAD_REQUEST)
        report_file: Path | None = options["report"]
        if report_file is not None and not report_file.absolute().parent.is_dir():
            message = f"--report was {str(report_file)!r}, expected a file in a folder that exists"
            raise CommandError(message, returncode=EXIT_BAD_REQUEST)
        if options["verbosity"] < 2:
            # The report has what the daemon would log; a line per unrecorded request would bury it.
            logging.disable(logging.WARNING)
        # Each payload is parsed into thousands of short-lived objects without reference cycles.
        gc.freeze()
        gc.set_threshold(100_000, 20, 100)
        started = time.monotonic()
        try:
            with replay_database(get_config(), url):
                result = Replay(get_config(), read_archives(options["files"], start, end)).run(end)
                report = report_of(result)
        except (ArchiveFileError, ReplayDatabaseError) as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        finally:
            logging.disable(logging.NOTSET)
        text = json.dumps(report, indent=2) + "\n"
        if report_file is None:
            self.stdout.write(text, ending="")
        else:
            report_file.write_text(text, encoding="utf-8")
        self._summarize(report, result, time.monotonic() - started)

    def _summarize(self, report: dict[str, Any], result: Replayed, seconds: float) -> None:
        """A summary for people, on stderr: the report may go through a pipe."""
        alerts = sum(len(event["alerts"]) for event in report["events"])
        line = (
            f"{result.payloads} payloads, {len(result.failures)} unreadable, {len(report['events'])} events, "
            f"{alerts} alerts in {seconds:.1f} s"
        )
        if result.first_at and result.last_at and seconds:
            span = (result.last_at - result.first_at).total_seconds()
            line += f" ({span / seconds:,.0f} × real time)"
        self.stderr.write(line, self.style.SUCCESS)
        for source, count in sorted(result.unread.items()):
            self.stderr.write(f"no source reads {source}: {count} payloads were skipped")
        if result.unanswered:
            self.stderr.write(f"nothing recorded for {', '.join(result.unanswered)}")
