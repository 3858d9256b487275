"""Repair by kline against an exchange over real sockets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.trades.history.test_backfill import NOON, NOON_MS, SPOT, Bench, no_partitions, pairs_named
from tests.upstreams import UpstreamServer
from tests.upstreams.klines import BinanceCandles, VenueClock
from trades.history.repair import Repairer, requests_for
from trades.models import MinuteBar, RepairMinute
from trades.records import MINUTE_MS, MinuteSource, TradeMinute
from trades.storage.queue import Doubt, queue_doubts
from trades.storage.tables import moment_of

__all__ = ["no_partitions"]

pytestmark = pytest.mark.django_db
MINUTE = NOON_MS // MINUTE_MS * MINUTE_MS


class Repairs(Bench):
    def __init__(self, server: UpstreamServer, clock: VenueClock) -> None:
        super().__init__(server, clock)
        self.changed: list[TradeMinute] = []
        self.repairer = Repairer(SPOT, self.client, self.rows, lambda: moment_of(clock.ms()), self.changed.append)

    def doubt(self, symbol: str, minutes: Sequence[int]) -> None:
        """minutes: before the present one."""
        doubts = [Doubt("BINANCE", symbol, MINUTE - ago * MINUTE_MS, "id gap") for ago in minutes]
        queue_doubts(doubts, self.rows.ids, NOON)


def test_a_request_holds_up_to_its_limit_and_spans_no_more() -> None:
    minutes = [0, 1, 2, 9, 10, 11]
    spans = list(requests_for([minute * MINUTE_MS for minute in minutes], 10))
    assert [(span.start_ms // MINUTE_MS, span.end_ms // MINUTE_MS) for span in spans] == [(0, 10), (10, 12)]
    assert list(requests_for([], 10)) == []


def test_a_thousand_minutes_of_a_pair_are_one_request(server: UpstreamServer) -> None:
    exchange = BinanceCandles(server, VenueClock(NOON_MS))
    repairs = Repairs(server, exchange.clock)
    repairs.doubt("BTCUSDT", range(1, 1001))
    repairs.doubt("ETHUSDT", [5, 7])
    assert repairs.repairer.run(pairs_named("BTCUSDT", "ETHUSDT")) == 1002
    assert len(exchange.requests) == 2
    assert (MinuteBar.objects.count(), RepairMinute.objects.count()) == (1002, 0)
    assert {row.source for row in repairs.changed} == {MinuteSource.KLINE}


def test_a_minute_that_has_not_ended_at_the_venue_waits(server: UpstreamServer) -> None:
    # By our clock it has ended; the venue's is behind.
    exchange = BinanceCandles(server, VenueClock(NOON_MS - 2 * MINUTE_MS))
    repairs = Repairs(server, VenueClock(NOON_MS))
    repairs.doubt("BTCUSDT", [1, 4])
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 1
    waiting = RepairMinute.objects.get()
    assert (waiting.minute, waiting.tries) == (moment_of(MINUTE - MINUTE_MS), 1)
    exchange.clock.begins_ms += 3 * MINUTE_MS
    repairs.clock.begins_ms += MINUTE_MS
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 1
    assert not RepairMinute.objects.exists()


def test_what_the_venue_never_tells_is_given_up_after_a_day(server: UpstreamServer) -> None:
    exchange = BinanceCandles(server, VenueClock(NOON_MS), listed={"BTCUSDT": NOON_MS})
    repairs = Repairs(server, exchange.clock)
    repairs.doubt("BTCUSDT", [3])
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 0
    exchange.clock.begins_ms += 25 * 3_600_000
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 1
    assert (repairs.repairer.lost, RepairMinute.objects.count(), MinuteBar.objects.count()) == (1, 0, 0)


def test_doubts_of_a_pair_that_nobody_tracks_are_forgotten_and_an_outage_costs_none(server: UpstreamServer) -> None:
    repairs = Repairs(server, VenueClock(NOON_MS, speed=100))
    repairs.doubt("BTCUSDT", [3])
    repairs.doubt("OLDUSDT", [3])
    route = server.route("/api/v3/klines", 503)
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 0
    assert RepairMinute.objects.get().tries == 1
    route.retire()
    BinanceCandles(server, repairs.clock)
    repairs.clock.begins_ms += int(timedelta(minutes=5).total_seconds() * 1000)
    assert repairs.repairer.run(pairs_named("BTCUSDT")) == 1


def test_a_row_that_is_equal_becomes_complete_and_another_is_replaced(server: UpstreamServer) -> None:
    repairs = Repairs(server, BinanceCandles(server, VenueClock(NOON_MS)).clock)
    repairs.doubt("BTCUSDT", [2, 3])
    repairs.repairer.run(pairs_named("BTCUSDT"))
    equal, other = sorted(repairs.changed, key=lambda row: -row.minute_ms)
    doubtful = equal._replace(source=MinuteSource.STREAM, complete=False, n_buys=1, revision=5)
    wrong = other._replace(source=MinuteSource.STREAM, complete=False, volume=Decimal(1), revision=5)
    MinuteBar.objects.all().delete()
    repairs.rows.write_minutes([doubtful, wrong])
    repairs.changed.clear()
    repairs.doubt("BTCUSDT", [2, 3])
    repairs.repairer.run(pairs_named("BTCUSDT"))
    assert sorted(repairs.changed, key=lambda row: -row.minute_ms) == [
        doubtful._replace(complete=True, revision=6), other._replace(revision=6),
    ]  # fmt: skip
