"""`manage.py bookreplay FILE… --exchange NAME [--market spot|usdm|coinm] [--tickers] [--json]`: replays a recorded
stream through the live order-book path, without a database.
"""

from __future__ import annotations

import heapq
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crypto_ews.conf import get_config
from orderbooks.books.whale_score import scoring_from
from orderbooks.replay.replay import BookReplay, NothingReadable
from orderbooks.replay.ticker_oracle import TickerOracle
from streams.capture import read_lines
from streams.feeds import feed_for
from streams.feeds.base import UnsupportedFeed


class Command(BaseCommand):
    help = "Replays recorded WebSocket messages through the live order books and reports gaps, resyncs and best prices."
    # The command needs no database, no migrations and no checks of the other apps.
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="one message a line after its receive time, plain, .gz or .zip; several files (messages and REST "
            "answers recorded apart) are merged by receive time",
        )
        parser.add_argument("--exchange", required=True, help="binance, okx, bitfinex, bybit or kraken")
        parser.add_argument("--market", default="spot", help="spot (default), usdm or coinm")
        parser.add_argument(
            "--tickers",
            action="store_true",
            help="compare the book with the venue's own best prices (bookTicker) at every update; standard error says "
            "how often they agree",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            feed = feed_for(options["exchange"], options["market"])
        except UnsupportedFeed as fault:
            raise CommandError(str(fault), returncode=2) from None
        oracle = TickerOracle() if options["tickers"] else None
        replay = BookReplay(feed, scoring_from(get_config()), oracle, oracle.ticker if oracle else None)
        if oracle:
            oracle.watch(replay.session)
        paths = [Path(name) for name in options["files"]]
        lines = (read_lines(path) for path in paths)
        try:
            replay.play(heapq.merge(*lines, key=lambda line: line.received_ns) if len(paths) > 1 else next(lines))
        except OSError as fault:
            reason = fault.strerror or fault
            raise CommandError(f"cannot read {', '.join(options['files'])}: {reason}", returncode=2) from None
        except NothingReadable as fault:
            raise CommandError(f"{', '.join(options['files'])}: {fault}", returncode=2) from None
        self._report_faults(replay)
        if oracle:
            oracle.finish()
            share = f"{oracle.agreed} of {oracle.compared} updates"
            difference = f"; first difference: {oracle.first_difference}" if oracle.first_difference else ""
            self.stderr.write(f"best bid and ask are the ticker's at {share}{difference}")
        report = replay.report()
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))

    def _report_faults(self, replay: BookReplay) -> None:
        if replay.malformed:
            named = "; ".join(replay.faults)
            self.stderr.write(f"{replay.malformed} line(s) could not be read and were skipped: {named}")
        if replay.unplaced_snapshots:
            self.stderr.write(f"{replay.unplaced_snapshots} snapshot(s) without symbol fit more than one symbol")
        if contradictions := replay.session.counters.contradictions:
            self.stderr.write(
                f"{contradictions} of the gaps are contradictions: the numbers were in order, the book was wrong"
            )
        for symbol, channel in replay.session.left.items():
            if symbol not in replay.session.synchronizers:
                self.stderr.write(f"{symbol}: only {channel} was received, which has no changes of the book")
        for symbol, reason in replay.session.needing_snapshot.items():
            self.stderr.write(f"{symbol} waits for a snapshot: {reason}")


def _as_text(report: dict[str, Any]) -> str:
    checksums = report["checksums"]
    lines = [
        f"{report['exchange']} {report['market']}: {report['messages']:,} messages, {report['bytes']:,} bytes in "
        f"{report['seconds']:.3f} s ({report['messages_per_second']:,} messages/s, "
        f"{report['bytes_per_second'] / 1e6:.1f} MB/s)",
        f"gaps {report['gaps']}, resyncs {report['resyncs']}, checksums {checksums['checked']:,} checked and "
        f"{checksums['failed']} failed; {report['orders_scored']:,} orders scored, {report['whales']} whales",
    ]
    for symbol, state in report["symbols"].items():
        if state["in_sync"]:
            sides = [" × ".join(level) if level else "nothing" for level in (state["best_bid"], state["best_ask"])]
            lines.append(f"  {symbol}: {sides[0]} / {sides[1]}")
        else:
            lines.append(f"  {symbol}: not in sync")
    return "\n".join(lines)
