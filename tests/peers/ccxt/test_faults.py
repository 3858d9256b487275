"""The twelve faults between the guard and our API, for sync, async and pro: nothing opens, closing goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from api.botcheck.adapters.ccxt import AFTER_A_JUMP, AFTER_THE_LIMIT, AS_EVER, NOTHING, WORDS
from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.ccxt.desk import Bot, desk_market

LIMIT = 0.3
MODES = ("sync", "async", "pro")


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market("ETH")
    with FaultProxy(api_url, drip_seconds=0.1) as proxy:
        yield proxy


def orders(bot: Bot, mode: str) -> tuple[str, bool]:
    """What the bot does now, in words, and whether BTC was opened."""
    name = "create_order_ws" if mode == "pro" else "create_order"
    calls = [
        [name, ["BTC/USDT", "limit", "buy", 1.0, 100.0]],
        [name, ["ETH/USDT", "limit", "buy", 1.0, 100.0]],
        [name, ["ETH/USDT", "limit", "sell", 1.0, 100.0]],
        ["cancel_order", ["1", "ETH/USDT"]],
    ]
    btc, eth, sale, cancel = bot.ask("calls", key="a", calls=calls)
    assert eth["came"] == [] and eth["vetoed"], eth
    assert btc["vetoed"] is not bool(btc["came"]), btc
    assert sale["came"] and cancel["came"], (sale, cancel)
    waited = all(one["took"] >= LIMIT for one in (btc, eth, sale))
    assert cancel["took"] < LIMIT
    opened = bool(btc["came"])
    return (AS_EVER if opened else AFTER_THE_LIMIT if waited else NOTHING), opened


def test_at_every_fault_nothing_opens_and_what_closes_passes(
    bot: Bot, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    ews = {"url": proxy.url, "token": token_of(), "timeout": LIMIT}
    said: dict[tuple[str, str], set[str]] = {}
    for mode in MODES:
        for fault in FAULTS:
            for ahead in (timedelta(hours=1), timedelta(hours=-1))[: 1 + (fault == "clock_skew")]:
                proxy.skew = ahead
                for when in ("at start", "while running"):
                    all_is_fresh()
                    proxy.fault = fault if when == "at start" else None
                    bot.open("binance", mode, ews)
                    if when == "while running":
                        assert orders(bot, mode) == (AS_EVER, True), (mode, fault)
                        proxy.fault = fault
                    words, _ = orders(bot, mode)
                    if (fault, when) == ("clock_skew", "while running"):
                        assert words == (AS_EVER if ahead > timedelta(0) else NOTHING)
                        words = AFTER_A_JUMP
                    said.setdefault((fault, when), set()).add(words)
                    bot.close()
    measured = {fault: (*said[fault, "at start"], *said[fault, "while running"]) for fault in FAULTS}
    assert measured == dict(WORDS)


def test_what_becomes_denied_during_a_fault_is_denied_after_it(
    bot: Bot, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    all_is_fresh()
    bot.open("binance", "sync", {"url": proxy.url, "token": token_of(), "timeout": LIMIT})
    assert orders(bot, "sync")[1]
    proxy.fault = "500_json"
    manual_event("BTC", action="exit")
    assert not orders(bot, "sync")[1]
    proxy.fault = None
    all_is_fresh()
    assert not orders(bot, "sync")[1]
    bot.close()


def test_a_server_that_is_gone_opens_nothing(bot: Bot, proxy: FaultProxy, token_of: Callable[..., str]) -> None:
    all_is_fresh()
    for mode in MODES:
        bot.open("binance", mode, {"url": proxy.url, "token": token_of(name=mode), "timeout": LIMIT})
        assert orders(bot, mode)[1]
        proxy.refuse()
        assert not orders(bot, mode)[1]
        proxy.accept()
        bot.close()
