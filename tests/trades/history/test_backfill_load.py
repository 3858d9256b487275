"""Section 16, (f): many pairs within a quarter of a host's weight, beside the snapshots of order books."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from streams.engine.host_budget import HostBudgets
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.feeds.binance import BinanceSpot
from tests.support.loopback import loopback_config
from tests.trades.history.test_backfill import DAY_MS, NOON_MS, SPOT, Bench, no_partitions, pairs_named
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import BinanceCandles, VenueClock
from trades.history.progress import progress
from trades.models import HourBar, MinuteBar

__all__ = ["no_partitions"]

pytestmark = pytest.mark.django_db


class Beside:
    """Passes 1 and 2 of so many pairs, while a collector of order books asks for its snapshots."""

    def __init__(self, server: UpstreamServer, speed: float, pairs: int, per_minute: int, days: int) -> None:
        clock = VenueClock(NOON_MS - 30_000, speed=speed)
        symbols = [f"P{number}USDT" for number in range(pairs)]
        self.exchange = BinanceCandles(
            server, clock, per_minute, listed=dict.fromkeys(symbols, NOON_MS // DAY_MS * DAY_MS - days * DAY_MS)
        )
        # Snapshots are as many as their share of the weight allows in two minutes, evenly spaced.
        books = int(2 * 0.7 * per_minute / 50)
        # Not one of them waits for the others' weight, so what it waits for is somebody else.
        gap = 120 / books
        budgets = HostBudgets()
        # The budget is the host's, whoever asks first.
        venue = replace(SPOT, per_minute=per_minute)
        feed = BinanceSpot()
        feed.rest_weight_per_minute = per_minute  # type: ignore[misc]
        bench = Bench(server, clock, budgets, venue)
        config = replace(loopback_config(server), binance_depth_url=server.url("/api/v3/depth"))
        waits: list[float] = []

        async def snapshots() -> None:
            fetcher = SnapshotFetcher(bench.http, config, EngineLimits(), clock.seconds, budgets)

            async def one(number: int) -> None:
                await asyncio.sleep(number * gap / speed)
                began = clock.seconds()
                await fetcher.fetch(feed, f"S{number}USDT", "streams.binance")
                waits.append(clock.seconds() - began)

            await asyncio.gather(*(one(number) for number in range(books)))
            fetcher.close()

        collecting = threading.Thread(target=lambda: asyncio.run(snapshots()))
        collecting.start()
        began = clock.seconds()
        bench.run(pairs_named(*symbols), 1, 2)
        self.took = clock.seconds() - began
        collecting.join()
        assert len(waits) == books
        self.books, self.longest = books, max(waits)

    def __str__(self) -> str:
        spent = dict(self.exchange.spent)
        return f"{self.took:.0f} s of the exchange, longest snapshot {self.longest:.2f} s, weight {spent}"


def test_a_twentieth_of_it_in_a_fiftieth_of_the_time(server: UpstreamServer) -> None:
    """20 pairs of an exchange that bans at 301: the same shares as 400 at 6,001."""
    beside = Beside(server, speed=50, pairs=20, per_minute=300, days=20)
    assert beside.exchange.refused == 0
    # Three requests a pair are 120 weight at 75 a minute; a second of a busy machine is a minute of this exchange.
    assert 60 <= beside.took < 900
    assert sum(beside.exchange.spent.values()) == 20 * 3 * 2 + beside.books * 50


@pytest.mark.long
def test_passes_one_and_two_of_400_pairs_take_under_three_minutes_and_delay_no_snapshot(server: UpstreamServer) -> None:
    beside = Beside(server, speed=3, pairs=400, per_minute=6000, days=100)
    print(beside)
    assert beside.exchange.refused == 0
    assert beside.took < 180
    assert beside.longest < 5
    assert HourBar.objects.count() == 400 * 84 * 24
    assert MinuteBar.objects.count() == 400 * 16 * 60
    first, second = progress()[:2]
    assert first.finished_at and second.finished_at and first.finished_at < second.finished_at


def test_the_command_names_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="unknown venue\\(s\\) MTGOX; TRADE_VENUES has BINANCE,"):
        call_command("tradesbackfill", "--venue", "mtgox")
    with pytest.raises(CommandError, match="--json is for --status"):
        call_command("tradesbackfill", "--json")
    call_command("tradesbackfill", "--status")
    assert capsys.readouterr().out == "no backfill has begun\n"
