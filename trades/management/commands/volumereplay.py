"""`manage.py volumereplay FILE… [--interval 1m|5m|1h] [--exchange NAME --trades] [--keys FILE] [--desk SYMBOLS]
[--from TIME] [--json]`: replays recorded bars or trades through the volume tracker, without a database.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from streams.feeds.base import UnsupportedFeed
from trades.replay.bar_files import INTERVALS, UnreadableBars, milliseconds, read_bars
from trades.replay.captures import NothingReadable, bars_of, minutes_of
from trades.replay.rows import row_as_json
from trades.replay.volume import UnknownSymbol, run
from trades.volume.keys import EventKey, KeyFault, parse_keys


class Command(BaseCommand):
    help = "Replays recorded bars (CSV) or trades (stream captures) through the volume tracker and reports alerts."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="bars: CSV or .csv.gz with the columns symbol, open_time, open, high, low, close, quote_volume (or "
            "volume); with --trades: recorded stream messages",
        )
        parser.add_argument("--interval", choices=list(INTERVALS), help="of the bars; found out where not given")
        parser.add_argument("--exchange", help="with --trades: binance, okx, bybit, kraken or bitfinex")
        parser.add_argument("--trades", action="store_true", help="the files are stream captures: print minute rows")
        parser.add_argument("--keys", metavar="FILE", help="event keys, one a line; default: the ladder by rank")
        parser.add_argument("--desk", metavar="SYMBOLS", help="instruments to alert on, with commas; default: all")
        parser.add_argument("--from", dest="since", metavar="TIME", help="what counts before is only learnt from")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        keys, faults = _keys(options["keys"])
        for fault in faults:
            self.stderr.write(str(fault))
        report, unjudged = self._report(options, keys)
        for key in unjudged:
            self.stderr.write(f"{key}: bars are longer than its windows, expected shorter ones: it fires nothing")
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))
        if faults:
            # The report is whole for the keys that can be read: it is printed, and the fault is still one.
            sys.exit(2)

    def _report(self, options: dict[str, Any], keys: list[EventKey] | None) -> tuple[dict[str, Any], list[EventKey]]:
        paths = [Path(name) for name in options["files"]]
        if options["trades"] != bool(options["exchange"]):
            raise CommandError(
                "--trades and --exchange NAME were not given together, expected both or neither", returncode=2
            )
        try:
            since = milliseconds(options["since"]) if options["since"] else None
        except (ValueError, OverflowError):
            raise CommandError(
                f"--from was {options['since']!r}, expected ISO 8601 or milliseconds", returncode=2
            ) from None
        interval = INTERVALS[options["interval"]] if options["interval"] else None
        watched = [name.strip() for name in options["desk"].split(",") if name.strip()] if options["desk"] else None
        try:
            if not options["trades"]:
                return run(read_bars(paths, interval), keys, watched, since)
            rows = minutes_of(paths, options["exchange"])
            if not rows:
                names = ", ".join(options["files"])
                raise UnreadableBars(f"{names}: no trades of {options['exchange']}, expected at least one")
            report, unjudged = run(bars_of(rows), keys, watched, since)
            return {**report, "minutes": [row_as_json(row) for row in rows]}, unjudged
        except OSError as fault:
            raise CommandError(f"cannot read {fault.filename}: {fault.strerror or fault}", returncode=2) from None
        except (UnreadableBars, UnknownSymbol, NothingReadable, UnsupportedFeed) as fault:
            raise CommandError(str(fault), returncode=2) from None


def _keys(name: str | None) -> tuple[list[EventKey] | None, list[KeyFault]]:
    """The keys of a file; None for the default ladder."""
    if name is None:
        return None, []
    try:
        lines = Path(name).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"cannot read {name}: {fault}", returncode=2) from None
    return parse_keys(
        (f"{name} line {number}", line) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"
    )


def _as_text(report: dict[str, Any]) -> str:
    lines = [
        f"{report['instruments']} instruments, {report['bars']:,} bars, {report['from']} to {report['to']}",
        f"{len(report['alerts'])} alerts, {report['over_budget']} over the budget, "
        f"{len(report['market_cards'])} market cards",
    ]
    for alert in report["alerts"]:
        move = "" if alert["move"] is None else f", price {alert['move']:+.1%} in the hour"
        lines.append(
            f"  {alert['at']} {alert['symbol']}: surprise {alert['surprise']:.2f}, threshold "
            f"{alert['threshold']:.2f}{move}"
        )
    lines += [f"  {card['at']} whole market: median surprise {card['median']:.2f}" for card in report["market_cards"]]
    lines += [
        f"  {row['instrument']} {row['minute']}: {row['n_trades']} trades, volume {row['volume']}, "
        f"bought {row['buy_volume']}{'' if row['complete'] else ', not complete'}"
        for row in report.get("minutes", ())
    ]
    lines += [f"  {key}: {found['opened']} observations" for key, found in report["keys"].items() if found["opened"]]
    return "\n".join(lines)
