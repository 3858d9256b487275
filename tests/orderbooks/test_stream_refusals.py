"""One symbol that a venue refuses, or never speaks of, costs nobody else a message; and a snapshot that is of no use costs
nobody else his turn."""

from __future__ import annotations

import json

import pytest

from tests.daemon_process import eventually
from tests.orderbooks.engine_support import DEPTH_PATH, World
from tests.upstreams.stream_dialects import BinanceSpot, Bybit, Dialect, Kraken, Okx

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
    with World(feed, SYMBOLS, dialect, refused_again=0.5, refused_rest=0.1, max_symbols_per_connection=10) as world:
        world.carry(*SYMBOLS, *UNKNOWN)
        eventually(lambda: set(world.venue.subscriptions) == set(SYMBOLS), 5, "the others are subscribed")
        before = list(world.venue.subscriptions)
        nameless = "nobody" in name

        def tried_again() -> bool:
            world.walk(8)
            return world.streams.numbers.refused >= (4 if nameless else 6)

        eventually(tried_again, 8, "the refused are tried again, and refused again")
        world.settle()
        for symbol in SYMBOLS:
            world.venue.trade(symbol, "100.0")
        eventually(lambda: {trade[0] for trade in world.witness.trades} == set(SYMBOLS), 3, "everybody has its trades")
        assert world.resyncs() == NONE and world.books.counters.gaps == 0
        assert world.streams.numbers.disconnects == 0
        assert world.venue.subscriptions == before
        if not nameless:
            assert world.venue.opened == 1
