"""The gate of ccxt without ccxt: what requests are read as, and that an exchange is gated."""

from __future__ import annotations

import asyncio
import copy
import sys
from types import ModuleType
from typing import Any

import pytest

from ews_client.ccxt import OrderVetoed, guard
from ews_client.ccxt.endpoints import TABLES
from ews_client.ccxt.orders import (
    BUYS,
    OPENS,
    REDUCES,
    SELLS,
    Order,
    Place,
    UnreadableError,
    orders_of_message,
    orders_of_request,
)

BINANCE, OKX, KRAKEN = (TABLES[name] for name in ("binance", "okx", "kraken"))
BUY = {"symbol": "LUNAUSDT", "side": "BUY"}


def test_an_order_is_asked_about_on_the_venue_of_its_section() -> None:
    def read(section: str, path: str, params: Any, method: str = "POST") -> tuple[Order, ...]:
        return orders_of_request(BINANCE, section, method, path, params, Place())

    assert read("private", "order", BUY) == (Order("BINANCE", "LUNAUSDT", BUYS),)
    assert read("fapiPrivate", "order", BUY | {"reduceOnly": "true"}) == (Order("BINANCE_USDM", "LUNAUSDT", REDUCES),)
    assert read("dapiPrivate", "order", {"symbol": "LUNAUSD_PERP", "side": "SELL"})[0].exchange == "BINANCE_COINM"
    assert read("sapi", "margin/order", BUY | {"side": "SELL"}) == (Order("BINANCE_MARGIN", "LUNAUSDT", OPENS),)
    assert read("papi", "um/order", BUY | {"positionSide": "SHORT"}) == (Order("BINANCE_USDM", "LUNAUSDT", REDUCES),)
    assert read("private", "order", {}, "DELETE") == read("private", "account", {}, "GET") == ()
    batch = {"batchOrders": '[{"symbol": "A"}, {"symbol": "B", "reduceOnly": true}]'}
    assert [(one.symbol, one.way) for one in read("fapiPrivate", "batchOrders", batch)] == [
        ("A", OPENS),
        ("B", REDUCES),
    ]


@pytest.mark.parametrize(
    ("section", "method", "path", "params"),
    [
        ("private", "POST", "order/newest", BUY),
        ("private", "PATCH", "order", BUY),
        ("sapi", "POST", "convert/acceptQuote", {"quoteId": "1"}),
        ("sapi", "POST", "margin/borrow-repay", {"type": "BORROW", "asset": "LUNA"}),
        ("private", "POST", "order", {"side": "BUY"}),
        ("private", "POST", "order", ["LUNAUSDT"]),
        ("fapiPrivate", "POST", "batchOrders", {"batchOrders": []}),
        ("", "POST", "order", BUY),
    ],
)
def test_what_cannot_be_judged_is_not_sent(section: str, method: str, path: str, params: Any) -> None:
    with pytest.raises(UnreadableError):
        orders_of_request(BINANCE, section, method, path, params, Place())


def test_messages_of_a_websocket_are_read() -> None:
    place = Place(url="wss://fapi", socket_venues={"wss://fapi": "BINANCE_USDM", "wss://spot": "BINANCE"})
    message = {"id": "1", "method": "order.place", "params": BUY | {"side": "SELL"}}
    assert orders_of_message(BINANCE, message, place) == (Order("BINANCE_USDM", "LUNAUSDT", OPENS),)
    spot = Place(url="wss://spot", socket_venues=place.socket_venues)
    assert orders_of_message(BINANCE, message, spot) == (Order("BINANCE", "LUNAUSDT", SELLS),)
    assert orders_of_message(OKX, "ping", Place()) == orders_of_message(OKX, {"op": "login", "args": []}, Place()) == ()
    codes = Place(ids_of_code=lambda code: ["LUNA-USDT-SWAP"] if code == 7 else [])
    order = {"op": "order", "id": "1", "args": [{"instIdCode": 7, "side": "sell", "posSide": "long"}]}
    assert orders_of_message(OKX, order, codes) == (Order("okx", "LUNA-USDT-SWAP", REDUCES),)
    amend = {"method": "amend_order", "params": {"order_id": "O"}, "req_id": 1}
    assert orders_of_message(KRAKEN, amend, Place(pair="LUNA/USD")) == (Order("KRAKEN", "LUNA/USD", OPENS),)
    for table, said, where in [
        (BINANCE, message, Place(url="wss://elsewhere")), (OKX, order, Place()), (KRAKEN, amend, Place()),
        (BINANCE, {"method": "order.newest"}, place), (BINANCE, "{broken", place), (OKX, "[1]", Place()),
        (BINANCE, {"params": BUY}, place),
    ]:  # fmt: skip
        with pytest.raises(UnreadableError):
            orders_of_message(table, said, where)


class InvalidOrder(Exception):
    """As ccxt's."""


class Binance:
    """What the gate needs of ccxt: sign, then fetch, by which everything leaves."""

    id = "binance"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def sign(self, path: str, api: Any = "public", method: str = "GET", params: Any = None) -> dict[str, Any]:
        return {"url": f"https://x/{path}", "method": method, "headers": {}, "body": repr(params)}

    def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> str:
        self.sent.append(f"{method} {url}")
        return "sent"

    def request(self, path: str, api: Any = "public", method: str = "GET", params: Any = None) -> Any:
        signed = self.sign(path, api, method, params)
        return self.fetch(signed["url"], signed["method"], signed["headers"], signed["body"])


class Later(Binance):
    """The same to await."""

    async def fetch(self, *args: Any, **named: Any) -> str:  # type: ignore[override]
        return Binance.fetch(self, *args, **named)

    async def request(self, *args: Any) -> Any:
        signed = self.sign(*args)
        return await self.fetch(signed["url"], signed["method"], signed["headers"], signed["body"])


class Broken:
    def can_trade_many(self, pairs: Any) -> Any:
        raise RuntimeError("broken")


class BrokenLater:
    async def can_trade_many(self, pairs: Any) -> Any:
        raise RuntimeError("broken")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """ccxt's modules, where it is not installed."""
    errors = ModuleType("ccxt.base.errors")
    errors.InvalidOrder = InvalidOrder  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ccxt.base.errors", errors)
    for kind in (Binance, Later):
        monkeypatch.setattr(kind, "__module__", "ccxt.binance")


@pytest.mark.usefixtures("played")
def test_a_broken_client_is_a_no_for_every_order_and_cancels_nobody() -> None:
    exchange = guard(Binance(), Broken())
    with pytest.raises(InvalidOrder, match="LUNAUSDT on BINANCE: RuntimeError: broken") as caught:
        exchange.request("order", ["private"], "POST", BUY)
    assert isinstance(caught.value, OrderVetoed) and caught.value.pair == "LUNAUSDT"
    with pytest.raises(OrderVetoed):
        copy.deepcopy(exchange).request("order", "private", "POST", BUY | {"side": "SELL"})
    assert exchange.request("order", ["private"], "DELETE", BUY) == "sent"
    assert exchange.request("ticker/price") == "sent"
    with pytest.raises(OrderVetoed, match="signed by hand"):
        exchange.fetch("https://x/order", "POST")
    assert exchange.sent == ["DELETE https://x/order", "GET https://x/ticker/price"]


@pytest.mark.usefixtures("played")
def test_a_broken_client_is_a_no_for_what_is_awaited() -> None:
    async def run() -> list[str]:
        exchange = guard(Later(), BrokenLater())
        with pytest.raises(OrderVetoed):
            await exchange.request("order", ["private"], "POST", BUY)
        await exchange.request("order", ["private"], "DELETE", BUY)
        return exchange.sent

    assert asyncio.run(run()) == ["DELETE https://x/order"]


@pytest.mark.usefixtures("played")
def test_exchange_and_client_must_fit() -> None:
    with pytest.raises(TypeError, match="client was BrokenLater, expected Client"):
        guard(Binance(), BrokenLater())
    with pytest.raises(TypeError, match="exchange was object, expected one of ccxt"):
        guard(object(), Broken())
    guarded = guard(Binance(), client := Broken())
    assert guard(guarded, client) is guarded
    with pytest.raises(AttributeError, match="fetch is guarded"):
        guarded.fetch = print  # type: ignore[assignment,method-assign]
