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
from trades.klines.base import KlineVenue, TradedPair
from trades.klines.client import KlineClient
from trades.klines.venues import KLINE_VENUES
from trades.models import BackfilledSpan, FiveMinuteBar, HourBar, MinuteBar
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


def pairs_named(*symbols: str, watched: bool = True) -> list[TradedPair]:
    return [TradedPair("BINANCE", symbol, symbol, symbol.removesuffix("USDT"), "USDT", watched) for symbol in symbols]


class Bench:
    """A backfill of Binance spot against the loopback exchange, on the exchange's own clock."""

    def __init__(
        self,
        server: UpstreamServer,
        clock: VenueClock,
        budgets: HostBudgets | None = None,
        venue: KlineVenue = SPOT,
    ) -> None:
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
        self.backfill = VenueBackfill(venue, self.client, self.rows, lambda: moment_of(clock.ms()))

    def run(self, pairs: Sequence[TradedPair], *numbers: int) -> None:
        outcome = self.backfill.run(pairs, numbers or (1, 2, 3, 4))
        assert not outcome.failed


def test_the_four_passes_bring_what_they_promise_for_a_young_and_an_old_pair(server: UpstreamServer) -> None:
    clock = VenueClock(NOON_MS)
    young_ms = NOON_MS - NOON_MS % DAY_MS - 2 * DAY_MS
    exchange = BinanceCandles(server, clock, listed={"NEWUSDT": young_ms})
    bench = Bench(server, clock)
    bench.run(pairs_named("NEWUSDT"))
    number = bench.rows.ids.of("BINANCE", "NEWUSDT")
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


def test_a_restart_goes_on_where_it_ended_and_fetches_only_what_is_new(server: UpstreamServer) -> None:
    clock = VenueClock(NOON_MS)
    exchange = BinanceCandles(server, clock)
    bench = Bench(server, clock)
    bench.run(pairs_named("BTCUSDT"), 1, 2)
    assert len(exchange.requests) == 4
    clock.begins_ms += 3 * 3_600_000
    again = Bench(server, clock)
    again.run(pairs_named("BTCUSDT"), 1, 2)
    # Three hours, and 180 minutes: one request each, of what is missing alone.
    assert [row[3] for row in exchange.requests[4:]] == ["1h", "1m"]
    assert HourBar.objects.count() == 84 * 24 + 3
    assert MinuteBar.objects.count() == 16 * 60 + 180
    span = BackfilledSpan.objects.get(number=2)
    assert span.end - span.start == timedelta(minutes=16 * 60 + 180)


def test_the_desks_coins_come_first_and_passes_wait_for_each_other(server: UpstreamServer) -> None:
    clock = VenueClock(NOON_MS)
    symbols = [f"A{number}USDT" for number in range(20)]
    exchange = BinanceCandles(server, clock, listed=dict.fromkeys([*symbols, "ZUSDT"], NOON_MS - 2 * DAY_MS))
    others = pairs_named(*symbols, watched=False)
    Bench(server, clock).run([*others, *pairs_named("ZUSDT")], 1, 2)
    first = [symbol for _, _, symbol, interval in exchange.requests if interval == "1h"]
    assert "ZUSDT" in first[:8]
    intervals = [interval for _, _, _, interval in exchange.requests]
    assert intervals == sorted(intervals)


def test_a_ban_is_waited_for_and_nothing_is_asked_meanwhile(server: UpstreamServer) -> None:
    """Another program at our address spends the minute: we are refused once, and wait as long as we are told."""
    clock = VenueClock(NOON_MS - 30_000, speed=120)
    exchange = BinanceCandles(server, clock, per_minute=20)
    Bench(server, clock).run(pairs_named("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"), 1)
    assert exchange.refused >= 1
    assert all(spent <= 2 * exchange.per_minute for spent in exchange.spent.values())
    assert HourBar.objects.count() == 4 * 84 * 24
