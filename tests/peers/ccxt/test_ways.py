"""Every way in which ccxt places or changes an order, with the real ccxt: on a denied pair nothing arrives."""

from __future__ import annotations

from typing import Any

from tests.api.support import all_is_fresh
from tests.peers.ccxt.desk import PRODUCTS, Bot, pair_of


def placing(found: dict[str, Any]) -> list[str]:
    """What came to the exchange and is no cancellation and no login."""
    harmless = ("login", "GetWebSocketsToken", "DELETE")
    return [one for one in found["came"] if not any(word in one for word in harmless)]


WAYS_IN_CCXT = 39
"""Methods of ccxt 4.5.90 by which an order of these exchanges is placed or changed."""
MARGIN = {"marginMode", "portfolioMargin", "tdMode", "leverage"}
WALKS: list[tuple[str, str, str, dict[str, Any]]] = [
    (exchange, mode, product, {}) for exchange, products in PRODUCTS.items()
    for mode, some in (("sync", products), ("async", products[:1]), ("pro", products)) for product in some
] + [
    ("binance", "sync", "{}/USDT", {"marginMode": "cross"}), ("binance", "sync", "{}/USDT", {"portfolioMargin": True}),
    ("binance", "sync", "{}/USDT:USDT", {"portfolioMargin": True}),
    ("binance", "sync", "{}/USD:{}", {"portfolioMargin": True}), ("binance", "sync", "{}/USDT", {"sor": True}),
    ("okx", "sync", "{}/USDT", {"tdMode": "cross"}), ("kraken", "sync", "{}/USD", {"leverage": 2}),
]  # fmt: skip


def closes(exchange: str, name: str, product: str, params: dict[str, Any]) -> bool:
    """Whether a method places an order that can open nothing, on a pair at `exit`."""
    contract = ":" in product
    if "reduce_only" in name:
        return contract or "leverage" in params
    sells = "sell" in name and not contract
    if name.startswith("edit"):
        # A new sale in place of the old one, on the spot account whatever margin is named.
        return sells and exchange == "binance"
    return name == "close_position" or (sells and not MARGIN & params.keys())


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
            if closes(exchange, name, product, params):
                assert placing(vetoed) == arrives and not vetoed["vetoed"], (case, vetoed)
                continue
            assert placing(vetoed) == [] and vetoed["vetoed"], (case, vetoed)
    assert len(ways) == WAYS_IN_CCXT, sorted(ways)
