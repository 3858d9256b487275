"""One symbol that a venue refuses, or never speaks of, costs nobody else a message; a snapshot that is of no use costs
nobody else his turn."""

from __future__ import annotations

import json
import random
import time

import pytest

from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import SnapshotBackoff
from tests.streams.engine_support import DEPTH_PATH, World
from tests.support.daemon_process import eventually
from tests.upstreams.streams.dialects import BinanceSpot, Bybit, Dialect, Kraken, Okx

SYMBOLS = ("AUSD", "BUSD", "DUSD", "EUSD")
UNKNOWN = ("CUSD", "FUSD")
NONE = dict.fromkeys(SYMBOLS, 0)
REFUSING: dict[str, tuple[str, Dialect]] = {
    "kraken": ("kraken", Kraken(UNKNOWN)),
    "okx": ("okx", Okx(UNKNOWN)),
    "okx, which gives up half-way": ("okx", Okx(UNKNOWN, gives_up=True)),
    "bybit": ("bybit", Bybit(UNKNOWN)),
    "bybit, which names the symbol alone": ("bybit", Bybit(UNKNOWN, "Invalid symbol :[{symbol}]")),
    "bybit, which names nobody": ("bybit", Bybit(UNKNOWN, "handler not found")),
}


@pytest.mark.parametrize("name", REFUSING)
def test_a_refused_symbol_costs_nobody_else_a_message(name: str) -> None:
    feed, dialect = REFUSING[name]
    with World(feed, SYMBOLS, dialect, refused_again=0.3, refused_rest=0.05, max_symbols_per_connection=10) as world:
        world.carry(*SYMBOLS, *UNKNOWN)
        eventually(lambda: set(world.venue.subscriptions) == set(SYMBOLS), 5, "the others are subscribed")
        before = list(world.venue.subscriptions)
        nameless = "nobody" in name

        def tried_again() -> bool:
            world.walk(8)
            return world.streams.counters.refused >= (3 if nameless else 5)

        eventually(tried_again, 8, "the refused are tried again, and refused again")
        world.settle()
        for symbol in SYMBOLS:
            world.venue.trade(symbol, "100.0")
        eventually(lambda: {trade[0] for trade in world.witness.trades} == set(SYMBOLS), 3, "everybody has its trades")
        assert world.resyncs() == NONE and world.books.counters.gaps == 0
        assert world.streams.counters.disconnects == 0
        left_out = world.do(lambda: world.streams.left_out)
        # They are wanted, and somebody should know that nobody follows them.
        assert left_out.keys() | world.do(lambda: world.streams.targets.keys()) == {*SYMBOLS, *UNKNOWN}
        assert all("refuses" in reason for reason in left_out.values())
        assert world.venue.subscriptions == before
        if not nameless:
            assert world.venue.opened == 1


def test_a_symbol_that_is_never_heard_gets_a_connection_of_its_own_and_then_a_rest() -> None:
    short = {"quiet_symbol": 0.1, "silence_seconds": 0.2, "ping_every_seconds": 0.05, "most_subscriptions": 1}
    with World("bybit", SYMBOLS, Bybit(mute=["CUSD"]), **short, max_symbols_per_connection=10) as world:
        world.carry(*SYMBOLS, "CUSD")
        eventually(lambda: set(world.venue.subscriptions) == set(SYMBOLS), 5, "the others are subscribed")

        def left_out() -> bool:
            world.walk(8)
            return "CUSD" not in world.streams.targets

        eventually(left_out, 8, "the silent one is left out")
        world.settle()
        assert world.venue.opened == 2 and world.streams.counters.disconnects <= 1
        assert world.resyncs() == NONE and world.books.counters.gaps == 0
        assert len(world.venue.subscriptions) == len(SYMBOLS)


PAIRS = ("AUSDT", "BUSDT", "CUSDT", "DUSDT", "EUSDT")


@pytest.mark.long
def test_old_snapshots_for_one_pair_are_asked_for_at_growing_intervals_and_delay_nobody() -> None:
    with World("binance", PAIRS, max_symbols_per_connection=10, silence_seconds=5.0, quiet_symbol=5.0) as world:
        world.begin()
        cached = json.dumps(BinanceSpot.rest(world.venue.markets["BUSDT"]))
        markets = world.venue.markets
        world.server.route(
            DEPTH_PATH,
            lambda request: (
                json.loads(cached)
                if request.query["symbol"] == "BUSDT"
                else BinanceSpot.rest(markets[request.query["symbol"]])
            ),
        )
        world.walk(20, "BUSDT")
        asked = len(world.server.requests_to(DEPTH_PATH))
        began = time.monotonic()
        for symbol in PAIRS:
            world.venue.lose(symbol)
        world.walk(20)
        others = [symbol for symbol in PAIRS if symbol != "BUSDT"]
        eventually(lambda: all(world.resyncs()[symbol] == 1 for symbol in others), 5, "the others are in sync again")
        assert time.monotonic() - began < 5

        def walked() -> bool:
            world.walk(10)
            return time.monotonic() - began >= 2.2

        eventually(walked, 5, "two seconds of updates have gone by")
        requests = world.server.requests_to(DEPTH_PATH)[asked:]
        in_vain = [request for request in requests if request.query["symbol"] == "BUSDT"]
        # At once, after 0.5 to 1 s, after 1 to 2 more: 50 of weight each. It used to be eighty in three seconds.
        assert 2 <= len(in_vain) <= 3 and len(requests) == len(in_vain) + len(others)
        assert world.resyncs()["BUSDT"] == 0


def test_a_minute_of_useless_snapshots_costs_less_than_a_tenth_of_the_weight() -> None:
    for seed in range(20):
        limits = EngineLimits()
        pace = SnapshotBackoff(
            limits.snapshot_pause, limits.snapshot_pause_at_most, limits.calm_after, random.Random(seed).random
        )
        now, spent = 0.0, 0
        now += pace.reserve(now, useless=False)
        while now < 60:
            spent += 50
            # The answer takes no time at all.
            now += pace.reserve(now, useless=True)
        assert spent < 0.1 * limits.rest_share * 6000


def test_a_book_that_is_lost_time_and_again_is_brought_back_at_once_a_few_times_only() -> None:
    pace = SnapshotBackoff(1.0, 60.0, 30.0, lambda: 0.0)
    waits = [pace.reserve(0.0, useless=False) for _ in range(6)]
    assert waits == [0.0, 0.0, 0.0, 1.0, 2.0, 4.0]
    # Half a minute without a request: it counts as good again.
    assert pace.reserve(4.0 + 30.0, useless=False) == 0.0
