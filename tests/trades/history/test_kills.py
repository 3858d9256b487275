"""Killed with -9: no minute twice, none lost that the venue can still tell, nothing marked that is not stored."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from tests.support.daemon_process import ROOT, clean_environment, eventually, manage
from tests.support.loopback import loopback_environment
from tests.support.postgres_cluster import ThrowawayCluster
from tests.trades.tape import MINUTE_MS, SYMBOLS, Tape
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import INTERVALS, BinanceCandles, VenueClock, candles, variant_of

pytestmark = pytest.mark.long
DAY_MS = 86_400_000
TABLES = {1: ("trades_hourbar", "open_at", "1h"), 2: ("trades_minutebar", "minute", "1m"),
          3: ("trades_fiveminutebar", "open_at", "5m"), 4: ("trades_minutebar", "minute", "1m")}  # fmt: skip


@pytest.fixture
def environment(server: UpstreamServer) -> Iterator[dict[str, str]]:
    with ThrowawayCluster() as url:
        found = loopback_environment(server, DATABASE_URL=url, SPOT_CURRENCIES="AAA", TRADE_VENUES="BINANCE")
        found |= {"TRADE_PAIRS": "all", "DJANGO_SETTINGS_MODULE": "crypto_ews.settings"}
        manage("migrate", "--verbosity", "0", environment=found)
        yield found


def selected(environment: dict[str, str], statement: str, *values: object) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(environment["DATABASE_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=clean_environment(environment), stdin=subprocess.DEVNULL
    )


def test_minutes_that_were_counted_through_kills_are_the_venues(
    environment: dict[str, str], server: UpstreamServer, tmp_path: Path
) -> None:
    begins_ms = int(time.time() * 1000) // MINUTE_MS * MINUTE_MS - 5 * 3_600_000
    tape, source = Tape(begins_ms, 120), random.Random(9)
    tape.serve(server)
    position, first, kills = tmp_path / "position", 0, 0
    while not (tmp_path / "done").exists():
        position.unlink(missing_ok=True)
        child = started(
            environment, "-m", "tests.trades.history.counting_child", str(tmp_path), str(first), str(begins_ms)
        )
        until = first + source.randint(100, len(tape.trades) // 5)
        if kills < 6 and until < len(tape.trades):
            eventually(lambda: position.exists() and int(position.read_text() or 0) >= until, 60, "it counts")  # noqa: B023
            child.kill()
            kills += 1
            # What is traded meanwhile, nobody sees. The last trades somebody does: where none follows a start, the
            # backfill's second pass asks, and not the repair.
            first = min(int(position.read_text() or until) + source.randint(0, 300), len(tape.trades) - 100)
        child.wait(60)
    assert kills >= 2
    rows = selected(
        environment,
        "SELECT symbol, minute, open, high, low, close, n_trades, volume, buy_volume, complete, source"
        " FROM trades_minutebar JOIN trades_tradedinstrument instrument ON instrument.id = instrument_id",
    )
    found = {(symbol, int(minute.timestamp() * 1000)): values for symbol, minute, *values in rows}
    assert len(found) == len(rows)
    for symbol in SYMBOLS:
        for minute_ms, figures in tape.minutes(symbol).items():
            *values, complete, _ = found.pop((symbol, minute_ms))
            assert (tuple(values), complete) == (tuple(figures), True), (symbol, minute_ms)
    # The others are minutes without trades; after a pair's last trade nothing shows yet that there was none.
    last = {symbol: max(tape.minutes(symbol)) for symbol in SYMBOLS}
    for (symbol, minute_ms), values in found.items():
        assert (values[4], values[5]) == (0, 0)
        assert values[7] or minute_ms > last[symbol], (symbol, minute_ms)
    sources = {row[-1] for row in rows}
    assert sources == {"stream", "kline"}


def test_a_backfill_that_is_killed_marks_nothing_that_it_has_not_stored(
    environment: dict[str, str], server: UpstreamServer
) -> None:
    now_ms, source = int(time.time() * 1000), random.Random(7)
    symbols = [f"P{number}USDT" for number in range(8)]
    listed = dict.fromkeys(symbols, now_ms // DAY_MS * DAY_MS - 4 * DAY_MS)
    exchange = BinanceCandles(server, VenueClock(now_ms), per_minute=6000, listed=listed)
    exchange.slowness = 0.1
    now = datetime.now(UTC)
    for symbol in symbols:
        selected(
            environment,
            "INSERT INTO markets_instrument (venue, symbol, base, quote, token, multiplier, contract_type, status,"
            " live, since, first_seen_at, last_seen_at)"
            " VALUES ('BINANCE', %s, %s, 'USDT', %s, 1, '', 'TRADING', true, %s, %s, %s)",
            symbol, symbol[:-4], symbol[:-4], now, now, now,
        )  # fmt: skip
    for _ in range(8):
        asked = len(exchange.requests)
        child = started(environment, "manage.py", "tradesbackfill")
        eventually(lambda: len(exchange.requests) > asked, 60, "it asks")  # noqa: B023
        time.sleep(source.uniform(0.05, 0.5))
        child.kill()
        child.wait()
        assert_marked_is_stored(environment, exchange)
    before = len(exchange.requests)
    manage("tradesbackfill", environment=environment)
    spans = assert_marked_is_stored(environment, exchange)
    assert len(spans) == 4 * len(symbols)
    assert exchange.refused == 0
    # Far less than all of it was asked again.
    assert len(exchange.requests) - before < 8 * 14
    status = manage("tradesbackfill", "--status", "--json", environment=environment, capture_output=True)
    passes = json.loads(status.stdout)["passes"]
    states = [(row["number"], row["state"], row["pairs_done"]) for row in passes]
    assert states == [(number, "done", 8) for number in (1, 2, 3, 4)]


def assert_marked_is_stored(environment: dict[str, str], exchange: BinanceCandles) -> list[tuple[Any, ...]]:
    """Of every span each interval since the listing is there once, with the exchange's values."""
    spans = selected(
        environment,
        'SELECT instrument_id, symbol, number, start, "end" FROM trades_backfilledspan'
        " JOIN trades_tradedinstrument instrument ON instrument.id = instrument_id",
    )
    for instrument, symbol, number, start, end in spans:
        table, column, interval = TABLES[number]
        rows = selected(
            environment,
            f"SELECT (extract(epoch FROM {column}) * 1000)::bigint, close, volume FROM {table}"
            f" WHERE instrument_id = %s AND {column} >= %s AND {column} < %s ORDER BY 1",
            instrument, start, end,
        )  # fmt: skip
        length = INTERVALS[interval]
        first = max(int(start.timestamp() * 1000), exchange.listed[symbol])
        count = (int(end.timestamp() * 1000) - first) // length
        expected = json.loads(candles(variant_of(symbol), first, length, count))
        assert [(at, f"{close:.8f}", f"{volume:.8f}") for at, close, volume in rows] == [
            (row[0], row[4], row[7]) for row in expected
        ], (symbol, number)
    return spans
