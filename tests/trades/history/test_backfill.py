"""The backfill against an exchange over real sockets that counts weight and bans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from events.database.partitions import drop_partitions
from events.upstream.client import HttpClient
from streams.engine.host_budget import HostBudgets
from tests.support.loopback import loopback_config
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import BinanceCandles, VenueClock
from trades.history.backfill import VenueBackfill
from trades.history.progress import progress
from trades.klines.base import TradedPair
from trades.klines.client import KlineClient
from trades.klines.venues import KLINE_VENUES
from trades.models import FiveMinuteBar, HourBar, MinuteBar
from trades.storage.rows import TradeRows
from trades.storage.tables import milliseconds_of, moment_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 1, 12, 0, 30, tzinfo=UTC)
NOON_MS = milliseconds_of(NOON)
DAY_MS = 86_400_000
SPOT = KLINE_VENUES["BINANCE"]


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> Iterator[None]:
    """Those that another test has left."""
    for table in ("trades_minutebar", "trades_fiveminutebar"):
        drop_partitions(table, date(9999, 1, 1))
    yield


def pairs_named(*symbols: str, desk: bool = True) -> list[TradedPair]:
    return [TradedPair("BINANCE", symbol, symbol, symbol.removesuffix("USDT"), "USDT", desk) for symbol in symbols]


class Bench:
    """A backfill of Binance spot against the loopback exchange, on the exchange's own clock."""

    def __init__(self, server: UpstreamServer, clock: VenueClock, budgets: HostBudgets | None = None) -> None:
        self.clock = clock
        self.http = HttpClient(5, user_agent="tests")
        self.client = KlineClient(
            self.http,
            loopback_config(server),
            budgets or HostBudgets(),
            clock.ms,
            clock=clock.seconds,
            pause=clock.pause,
        )
        self.rows = TradeRows()
        self.backfill = VenueBackfill(SPOT, self.client, self.rows, lambda: moment_of(clock.ms()))

    def run(self, pairs: Sequence[TradedPair], *numbers: int) -> None:
        outcome = self.backfill.run(pairs, numbers or (1, 2, 3, 4))
        assert not outcome.failed


def test_the_four_passes_bring_what_they_promise_for_a_young_and_an_old_pair(server: UpstreamServer) -> None:
    clock = VenueClock(NOON_MS)
    young_ms = NOON_MS - NOON_MS % DAY_MS - 2 * DAY_MS
    exchange = BinanceCandles(server, clock, listed={"NEWUSDT": young_ms})
    bench = Bench(server, clock)
    bench.run(pairs_named("NEWUSDT"))
    number = bench.rows.numbers.of("BINANCE", "NEWUSDT")
    assert HourBar.objects.filter(instrument_id=number).count() == 2 * 24 + 12
    assert FiveMinuteBar.objects.count() == (2 * 24 + 12) * 12
    minutes = MinuteBar.objects.filter(instrument_id=number)
    assert minutes.count() == (2 * 24 + 12) * 60
    last = minutes.order_by("-minute")[0]
    assert (last.minute, last.complete, last.source, last.revision) == (NOON - timedelta(seconds=90), True, "kline", 0)
    assert last.buy_volume is not None and last.buy_volume * 2 == pytest.approx(last.volume)
    assert [(row.number, row.state) for row in progress()] == [(n, "done") for n in (1, 2, 3, 4)]
    # Young: no request reaches back before its first hour, but for the first pass, which finds it.
    assert len(exchange.requests) == 2 + 1 + 1 + 4
    assert exchange.refused == 0
