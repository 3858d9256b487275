"""The twelve faults between the guard and our API, for sync, async and pro: nothing opens, closing goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from api.botcheck.adapters.ccxt import AFTER_A_JUMP, AFTER_THE_LIMIT, AS_EVER, NOTHING, WORDS
from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event
from tests.peers.ccxt.desk import Bot, desk_market

LIMIT = 0.3
SLOW = ("slow_drip", "dead")
MODES = ("sync", "async", "pro")
# async has the client and the question of pro, and the request of sync.
OF_ASYNC = ("html_200", "dead")


@pytest.fixture
def proxy(api_url: str) -> Iterator[FaultProxy]:
    desk_market("ETH")
    with FaultProxy(api_url, drip_seconds=0.1) as proxy:
        yield proxy


def orders(bot: Bot, mode: str, slow: bool = False) -> tuple[str, bool]:
    """What the bot does now, in words, and whether BTC was opened. ETH is denied all the time, and sold."""
    name = "create_order_ws" if mode == "pro" else "create_order"
    pairs = [("BTC/USDT", "buy"), ("ETH/USDT", "sell")] + [("ETH/USDT", "buy")] * (not slow)
    calls: list[list[Any]] = [[name, [pair, "limit", side, 1.0, 100.0]] for pair, side in pairs]
    btc, sale, *eth, cancel = bot.ask("calls", key="a", calls=[*calls, ["cancel_order", ["1", "ETH/USDT"]]])
    assert all(one["vetoed"] and one["came"] == [] for one in eth), eth
    assert btc["vetoed"] is not bool(btc["came"]), btc
    assert sale["came"] and cancel["came"], (sale, cancel)
    waited = all(one["took"] >= LIMIT for one in (btc, sale))
    assert cancel["took"] < sale["took"] or not waited
    opened = bool(btc["came"])
    return (AS_EVER if opened else AFTER_THE_LIMIT if waited else NOTHING), opened


def healthy(bot: Bot, mode: str) -> bool:
    """Whether BTC is opened without a fault: a busy machine may miss a short time limit."""
    return any(orders(bot, mode)[1] for _ in range(10))


def test_at_every_fault_nothing_opens_and_what_closes_passes(
    bot: Bot, proxy: FaultProxy, token_of: Callable[..., str]
) -> None:
    ews = {"url": proxy.url, "token": token_of()}
    said: dict[tuple[str, str], set[str]] = {}
    for mode in MODES:
        for fault in OF_ASYNC if mode == "async" else FAULTS:
            slow = fault in SLOW
            for ahead in (timedelta(hours=1), timedelta(hours=-1))[: 1 + (fault == "clock_skew")]:
                proxy.skew = ahead
                for when in ("at start", "while running"):
                    all_is_fresh()
                    proxy.fault = fault if when == "at start" else None
                    bot.open("binance", mode, ews | {"timeout": LIMIT if slow else 10.0})
                    if when == "while running":
                        assert healthy(bot, mode), (mode, fault)
                        proxy.fault = fault
                    words, _ = orders(bot, mode, slow)
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
    bot.open("binance", "sync", {"url": proxy.url, "token": token_of(), "timeout": 10.0})
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
        bot.open("binance", mode, {"url": proxy.url, "token": token_of(name=mode), "timeout": 10.0})
        assert orders(bot, mode)[1]
        proxy.refuse()
        assert not orders(bot, mode)[1]
        proxy.accept()
        bot.close()
