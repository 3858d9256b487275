"""Every way in which ccxt places or changes an order, with the real ccxt: on a denied pair nothing arrives."""

from __future__ import annotations

from typing import Any

from tests.api.support import all_is_fresh
from tests.peers.ccxt.desk import PRODUCTS, Bot, pair_of


def placing(found: dict[str, Any]) -> list[str]:
    """What came to the exchange and is no cancellation and no login."""
    harmless = ("login", "GetWebSocketsToken", "DELETE")
    return [one for one in found["came"] if not any(word in one for word in harmless)]


WALKS: list[tuple[str, str, str, dict[str, Any]]] = [
    (exchange, mode, product, {}) for exchange, products in PRODUCTS.items() for mode in ("sync", "async", "pro")
    for product in products
] + [
    ("binance", "sync", "{}/USDT", {"marginMode": "cross"}), ("binance", "sync", "{}/USDT", {"portfolioMargin": True}),
    ("binance", "sync", "{}/USDT:USDT", {"portfolioMargin": True}),
    ("binance", "sync", "{}/USD:{}", {"portfolioMargin": True}), ("binance", "sync", "{}/USDT", {"sor": True}),
    ("okx", "sync", "{}/USDT", {"tdMode": "cross"}), ("kraken", "sync", "{}/USD", {"leverage": 2}),
]  # fmt: skip


def test_all_ways_are_vetoed_on_a_denied_pair_and_arrive_on_an_allowed_one(bot: Bot, ews: dict[str, Any]) -> None:
    ways: dict[str, set[str]] = {}
    for exchange, mode, product, params in WALKS:
        all_is_fresh()
        case = (exchange, mode, product, params)
        asked: dict[str, Any] = {"side": "buy", "params": params, "sockets": mode == "pro"}
        bot.open(exchange, mode, None, "free")
        bot.open(exchange, mode, ews)
        free = bot.ask("walk", key="free", symbol=pair_of(product, "BTC"), **asked)
        allowed = bot.ask("walk", key="a", symbol=pair_of(product, "BTC"), **asked)
        denied = bot.ask("walk", key="a", symbol=pair_of(product, "ETH"), **asked)
        bot.close("free")
        bot.close()
        for without, guarded, vetoed in zip(free, allowed, denied, strict=True):
            name, arrives = without["name"], placing(without)
            if not arrives:
                assert placing(guarded) == placing(vetoed) == [], (case, vetoed)
                continue
            if name.startswith(("borrow", "create_convert")):
                # Loans and conversions name no pair, or one that is on no list.
                assert placing(guarded) == placing(vetoed) == [] and vetoed["vetoed"], (case, vetoed)
                continue
            assert placing(guarded) == arrives, (case, guarded)
            ways.setdefault(name, set()).add(exchange)
            closing = name == "close_position" or (name.endswith(CLOSING) and "spot" not in name)
            if closing and placing(vetoed):
                continue
            assert placing(vetoed) == [] and vetoed["vetoed"], (case, vetoed)
    print(len(ways), sorted(ways))
    assert len(ways) >= 23


CLOSING = ("sell_order", "sell_order_with_cost", "sell_order_ws", "reduce_only_order")
