"""`manage.py tradesbackfill [--venue VENUE…] [--pass N…] [--status] [--json]`: the backfill of minutes and bars."""

from __future__ import annotations

import json
import signal
import threading
from dataclasses import asdict
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from crypto_ews.conf import Config, get_config
from events import clock
from events.daemon.process import EXIT_BAD_REQUEST
from events.daemon.readiness import require_migrated
from events.upstream.client import HttpClient
from streams.engine.host_budget import HOST_BUDGETS
from trades.collector.locks import TradeLocks
from trades.collector.venues import USER_AGENT, chosen_venues, feed_of
from trades.history.backfill import VenueBackfill
from trades.history.passes import PASSES
from trades.history.progress import PassProgress, progress
from trades.klines.client import KlineClient
from trades.klines.venues import KLINE_VENUES
from trades.pairs import traded_pairs
from trades.storage.rows import TradeRows
from trades.storage.tables import milliseconds_of


class Command(BaseCommand):
    help = "Fetches the history of volumes in four passes, each usable when it ends, or says how far that is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--venue", nargs="+", default=[], metavar="VENUE", help="only these of TRADE_VENUES")
        parser.add_argument(
            "--pass", dest="chosen", nargs="+", type=int, default=[], metavar="N",
            choices=[step.number for step in PASSES],
            help="only these: " + ", ".join(f"{step.number} ({step.name})" for step in PASSES),
        )  # fmt: skip
        parser.add_argument("--status", action="store_true", help="fetch nothing; say how far each pass is")
        parser.add_argument("--json", action="store_true", help="with --status: one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        config = get_config()
        try:
            venues = chosen_venues(config, options["venue"])
        except ValueError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_REQUEST) from None
        if options["json"] and not options["status"]:
            raise CommandError("--json is for --status", returncode=EXIT_BAD_REQUEST)
        require_migrated(EXIT_BAD_REQUEST)
        if not options["status"]:
            self._fetch(config, venues, options["chosen"] or [step.number for step in PASSES])
        self._report([row for row in progress() if row.venue in venues], options["json"])

    def _fetch(self, config: Config, venues: list[str], chosen: list[int]) -> None:
        stop = threading.Event()

        def on_signal(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)
        locks = TradeLocks()
        rows = TradeRows()
        try:
            with HttpClient(config.request_deadline_seconds, user_agent=USER_AGENT, now=clock.now) as http:
                client = KlineClient(http, config, HOST_BUDGETS, _now_ms, stop.is_set)
                for venue in venues:
                    if stop.is_set():
                        break
                    if not locks.try_acquire(venue):
                        self.stderr.write(f"{venue}: another process fetches it; see --status")
                        continue
                    pairs = traded_pairs(config, feed_of(venue), clock.now())
                    if not pairs:
                        self.stderr.write(f"{venue}: no pair is known; the daemon reads its list of instruments")
                        continue
                    outcome = VenueBackfill(KLINE_VENUES[venue], client, rows, clock.now).run(pairs, chosen)
                    for symbol, why in sorted(outcome.failed.items()):
                        self.stderr.write(f"{venue} {symbol}: {why}")
        except (DatabaseError, psycopg2.Error) as error:
            raise CommandError(
                f"the database failed: {str(error).strip()}; the next run goes on", returncode=EXIT_BAD_REQUEST
            ) from None
        finally:
            locks.release()
            connections.close_all()

    def _report(self, rows: list[PassProgress], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"passes": [asdict(row) for row in rows]}, default=_plain))
            return
        if not rows:
            self.stdout.write("no backfill has begun")
        for row in rows:
            self.stdout.write(as_text(row))


def as_text(row: PassProgress) -> str:
    """One pass in a line."""
    state = row.state
    if row.state == "running":
        left = f", ends in {row.ends_in}" if row.ends_in is not None else ""
        state = f"{row.done:,} of {row.of:,} requests, {row.pairs_done} of {row.pairs} pairs{left}"
    elif row.state == "done":
        state = f"done {row.finished_at:%Y-%m-%d %H:%M} UTC, {row.pairs_done} of {row.pairs} pairs"
    note = f" ({row.note})" if row.note else ""
    return f"{row.venue:13} pass {row.number}, {row.name} ({row.brings}): {state}{note}"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{value!r} has no form in JSON")


def _now_ms() -> int:
    return milliseconds_of(clock.now())
