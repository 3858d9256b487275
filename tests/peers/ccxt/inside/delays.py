"""What time does to an order that is asked about: signatures, numbers that must grow, and repetitions."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import parse_qs

import ccxt
import ccxt.async_support
import ccxt.pro
from ews_client.ccxt import OrderVetoed, guard

from tests.peers.ccxt.inside.tricks import BUY, Says, SaysLater, end, exchange_of


async def overtaken(trader: Any) -> dict[str, Any]:
    """Kraken refuses a number that is not greater than the last one; balances are read while we ask about an order."""
    exchange = guard(exchange_of(trader, module=ccxt.async_support, name="kraken"), SaysLater(0.2, (False, True)))
    trader.played.take()
    start = len(trader.played.bodies)
    order = asyncio.ensure_future(exchange.create_order("ETH/USD", "limit", "sell", 1, 100))
    await asyncio.sleep(0.05)
    await exchange.private_post_balance()
    batch = {"pair": "XETHZUSD", "orders": [{"type": "sell", "ordertype": "market", "volume": "1"}]}
    both = asyncio.ensure_future(exchange.private_post_addorderbatch(batch))
    await order
    await exchange.private_post_balance()
    await both
    await end(exchange)
    bodies = trader.played.bodies[start:]
    numbers = [int(json.loads(one)["nonce"]) if one[0] == "{" else int(parse_qs(one)["nonce"][0]) for one in bodies]
    return {"came": trader.played.take(), "numbers grow": numbers == sorted(set(numbers))}


async def late(trader: Any) -> dict[str, Any]:
    """How old the time is that an order was signed with, in seconds, where the answer took half a second."""
    exchange = guard(exchange_of(trader, module=ccxt.async_support), SaysLater(0.5, (True, True)))
    await exchange.private_post_order(dict(BUY))
    age = time.time() - int(parse_qs(trader.played.bodies[-1])["timestamp"][0]) / 1000
    one = {"symbol": "BTC/USDT:USDT", "type": "limit", "side": "buy", "amount": 1.0, "price": 100.0, "params": {}}
    await exchange.create_orders([one, {**one, "side": "sell"}])
    batch = json.loads(parse_qs(trader.played.bodies[-1])["batchOrders"][0])
    await end(exchange)
    return {"age": age, "sides": [order["side"] for order in batch],
            "ids": len({order["newClientOrderId"] for order in batch})}  # fmt: skip


def sent_again(trader: Any) -> dict[str, Any]:
    """The client's id of an order that ccxt sends again, since its answer was lost: the exchange knows it by that."""
    exchange = exchange_of(trader, options={"maxRetriesOnFailure": 2})
    bodies: list[dict[str, list[str]]] = []

    def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        bodies.append(parse_qs(body))
        time.sleep(0.002)
        raise ccxt.NetworkError("reset")

    exchange.fetch = fetch
    guard(exchange, Says((True, True)))
    for call in (
        lambda: exchange.private_post_order(dict(BUY)),
        lambda: exchange.private_delete_order({"symbol": "X"}),
    ):
        try:
            call()
        except ccxt.NetworkError:
            pass
    return {"sent": len(bodies), "ids": len({one["newClientOrderId"][0] for one in bodies if "side" in one}),
            "times": len({one["timestamp"][0] for one in bodies if "side" in one})}  # fmt: skip


def own_headers(trader: Any) -> list[Any]:
    """A request that somebody signed, and gave headers of his own, is sent as he made it."""
    exchange, seen = exchange_of(trader), []
    exchange.fetch = lambda *request: seen.append(request)
    guard(exchange, Says((True, True)))
    signed = exchange.sign("order", ["private"], "POST", dict(BUY))
    mine = {**signed["headers"], "X-Mine": "1"}
    exchange.fetch(signed["url"], "POST", mine, signed["body"])
    return [seen[0][2] == mine, seen[0][3] == signed["body"]]


def mapped(trader: Any) -> list[str]:
    """A bot's own `sign` that makes another request of it than it was called with."""

    class Own(ccxt.binance):
        def sign(self, path: Any, api: Any = "public", method: Any = "GET", params: Any = None) -> Any:
            path = "order" if path in {"order/test", "account"} else path
            return super().sign(path, api, "POST", params or {})

    exchange, found = guard(exchange_of(trader, kind=Own), Says((True, True))), []
    for path, method in (("order/test", "POST"), ("account", "GET"), ("order", "DELETE"), ("order", "POST")):
        try:
            exchange.request(path, ["private"], method, dict(BUY))
            found.append("sent")
        except OrderVetoed as veto:
            found.append(str(veto))
    return found


def named(trader: Any) -> dict[str, str]:
    """A bot may call an exchange as it likes: what it is, its code says."""

    def tried(exchange: Any) -> str:
        try:
            return str(guard(exchange, Says((False, True))).id)
        except (TypeError, ValueError) as error:
            return str(error).partition(",")[0]

    class Mine(ccxt.binance):
        pass

    return {"mine": tried(Mine({"id": "mine"})), "binance": tried(ccxt.bitfinex({"id": "binance"})),
            "us": tried(ccxt.binanceus({"id": "binance"}))}  # fmt: skip


async def limited(trader: Any) -> dict[str, Any]:
    """ccxt's rate limit while nobody answers about an order: others go on, and their turn is not lost."""
    exchange = guard(exchange_of(trader, module=ccxt.async_support, enableRateLimit=True), SaysLater(30, (True, True)),
                     timeout=1.0)  # fmt: skip
    began = time.monotonic()
    orders = [asyncio.ensure_future(exchange.private_post_order(dict(BUY))) for _ in range(4)]
    await asyncio.sleep(0)
    await exchange.private_delete_order({"symbol": "ETHUSDT", "orderId": 1})
    cancelled = time.monotonic() - began
    found = await asyncio.gather(*orders, return_exceptions=True)
    await end(exchange)
    return {"cancelled": cancelled, "took": time.monotonic() - began,
            "vetoed": sum(isinstance(one, OrderVetoed) for one in found)}  # fmt: skip
