"""Section 16, (f): 400 pairs within a quarter of Binance's weight, beside the snapshots of 400 order books."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from streams.engine.host_budget import HostBudgets
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.feeds.binance import BinanceSpot
from tests.support.loopback import loopback_config
from tests.trades.history.test_backfill import NOON_MS, Bench, no_partitions, pairs_named
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import BinanceCandles, VenueClock
from trades.history.progress import progress
from trades.models import HourBar, MinuteBar

__all__ = ["no_partitions"]

pytestmark = [pytest.mark.django_db, pytest.mark.long]

PAIRS = 400
BOOKS = 100
SPEED = 3.0


def test_passes_one_and_two_of_400_pairs_take_under_three_minutes_and_delay_no_snapshot(server: UpstreamServer) -> None:
    clock = VenueClock(NOON_MS - 30_000, speed=SPEED)
    exchange = BinanceCandles(server, clock)
    budgets = HostBudgets()
    bench = Bench(server, clock, budgets)
    waits: list[float] = []

    async def snapshots() -> None:
        # Sixty a minute of the exchange, at 50 weight.
        config = replace(loopback_config(server), binance_depth_url=server.url("/api/v3/depth"))
        fetcher = SnapshotFetcher(bench.http, config, EngineLimits(), clock.seconds, budgets)

        async def one(number: int) -> None:
            # Within the budget of snapshots at that moment, so that what it waits for is somebody else.
            await asyncio.sleep(number / SPEED)
            began = clock.seconds()
            await fetcher.fetch(BinanceSpot(), f"S{number}USDT", "streams.binance")
            waits.append(clock.seconds() - began)

        await asyncio.gather(*(one(number) for number in range(BOOKS)))
        fetcher.close()

    collecting = threading.Thread(target=lambda: asyncio.run(snapshots()))
    collecting.start()
    began = clock.seconds()
    bench.run(pairs_named(*[f"P{number}USDT" for number in range(PAIRS)]), 1, 2)
    took = clock.seconds() - began
    collecting.join()
    print(f"took {took:.0f} s of the exchange, longest snapshot {max(waits):.2f} s, spent {dict(exchange.spent)}")
    assert exchange.refused == 0
    assert took < 180
    assert max(waits) < 5
    assert max(exchange.spent.values()) <= 6000
    assert HourBar.objects.count() == PAIRS * 84 * 24
    assert MinuteBar.objects.count() == PAIRS * 16 * 60
    first, second = progress()[:2]
    assert first.finished_at and second.finished_at and first.finished_at < second.finished_at
