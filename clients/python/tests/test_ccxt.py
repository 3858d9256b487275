"""The gate of ccxt without ccxt: what requests are read as, and that an exchange is gated."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import itertools
import sys
from types import ModuleType
from typing import Any

import pytest

from ews_client.answers import ACTIONS, Answer, no_answer, strictest
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
from ews_client.ccxt.veto import refusal

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


def answer_with(base: str, instrument: str, quote: str) -> Answer:
    """As the server gives it: opening up to `watch`, closing up to `exit`."""
    action = strictest([base, instrument, quote])
    may_open, may_close = ACTIONS.index(action) <= 1, action != "halt"
    found = dataclasses.replace(
        no_answer("BINANCE", "LUNAUSDT", "timeout", ""), base_action=base, instrument_action=instrument,
        quote_action=quote, action=action, may_open=may_open, may_close=may_close, fault=None, status="fresh",
    )  # fmt: skip
    return dataclasses.replace(found, rows=(found,))


# base, pair, quote → what passes of: opens, sells, buys, reduces.
SIDES = [
    ("none", "none", "none", "1111"),
    ("watch", "watch", "watch", "1111"),
    ("none", "none", "watch", "1111"),
    ("exit", "none", "none", "0101"),
    ("none", "reduce_only", "none", "0101"),
    ("avoid_new", "none", "avoid_new", "0101"),
    ("exit", "none", "reduce_only", "0101"),
    ("none", "none", "avoid_new", "0011"),
    ("none", "watch", "exit", "0011"),
    ("watch", "none", "exit", "0011"),
    # Both are at risk, the quote more: neither side leads out.
    ("avoid_new", "none", "exit", "0001"),
    ("none", "reduce_only", "exit", "0001"),
    ("exit", "none", "exit", "0101"),
    ("none", "none", "halt", "0000"),
    ("halt", "none", "none", "0000"),
]


@pytest.mark.parametrize(("base", "instrument", "quote", "passes"), SIDES)
def test_which_side_of_a_spot_order_closes(base: str, instrument: str, quote: str, passes: str) -> None:
    answer = answer_with(base, instrument, quote)
    orders = [Order("BINANCE", "LUNAUSDT", way) for way in (OPENS, SELLS, BUYS, REDUCES)]
    assert "".join(str(int(refusal(order, answer, None) is None)) for order in orders) == passes


def test_no_side_closes_more_than_the_rule_says() -> None:
    """All 216 answers: what opens is never braver than `may_open`, what closes than `may_close`, and one side at most
    leads out of what may not be opened."""
    for base, instrument, quote in itertools.product(ACTIONS, repeat=3):
        answer = answer_with(base, instrument, quote)
        sells, buys = (refusal(Order("BINANCE", "X", way), answer, None) is None for way in (SELLS, BUYS))
        assert (sells or buys) <= answer.may_close
        if not answer.may_open:
            worst = max(ACTIONS.index(base), ACTIONS.index(instrument))
            assert sells == (answer.may_close and ACTIONS.index(quote) <= max(worst, 1))
            assert buys == (answer.may_close and ACTIONS.index(quote) > 1 and worst <= 1)


def test_of_several_rows_each_must_say_that_a_side_closes() -> None:
    quote, base, silent = (
        answer_with(*one) for one in [("none", "none", "exit"), ("exit", "none", "none"), ["none"] * 3]
    )
    for rows, sells, buys in [
        ((quote, base), False, False),
        ((quote, quote), False, True),
        ((quote, silent), False, False),
    ]:
        both = dataclasses.replace(quote, rows=rows)
        assert (refusal(Order("X", "Y", SELLS), both, None) is None) is sells
        assert (refusal(Order("X", "Y", BUYS), both, None) is None) is buys
    nobody = no_answer("BINANCE", "LUNAUSDT", "timeout", "no answer within 2 s")
    assert refusal(Order("BINANCE", "LUNAUSDT", SELLS), nobody, None) is None
    assert "may not be opened: timeout" in str(refusal(Order("BINANCE", "LUNAUSDT", BUYS), nobody, None))
    # What is stale forbids no way out: a quote at `watch` forbids nothing.
    stale = dataclasses.replace(answer_with("none", "none", "watch"), may_open=False, status="stale")
    assert refusal(Order("BINANCE", "LUNAUSDT", SELLS), stale, None) is None
    # Who buys gets the base, of which nothing must be in doubt.
    for doubt in ({"status": "stale"}, {"status": "unknown"}, {"fault": "timeout"}):
        unsure = dataclasses.replace(answer_with("none", "none", "exit"), **doubt)
        assert refusal(Order("BINANCE", "LUNAUSDT", BUYS), unsure, None) is not None
        assert refusal(Order("BINANCE", "LUNAUSDT", REDUCES), unsure, None) is None


def kraken(path: str, params: Any, place: Place = Place()) -> set[tuple[str, str]]:  # noqa: B008
    found = orders_of_request(KRAKEN, "private", "POST", path, params, place)
    return {(order.symbol, order.way) for order in found}


def test_two_pairs_or_sides_in_one_order_of_kraken_are_both_judged() -> None:
    buy = {"pair": "ETHUSD", "type": "buy", "ordertype": "market", "volume": "1"}
    assert kraken("AddOrder", buy) == {("ETHUSD", BUYS)}
    assert kraken("AddOrder", buy | {"side": "sell"}) == {("ETHUSD", OPENS)}
    assert kraken("AddOrder", buy | {"symbol": "BTC/USD"}) == {("ETHUSD", BUYS), ("BTC/USD", BUYS)}
    other = [{"pair": "BTC/USD", "type": "sell"}]
    assert ("ETHUSD", BUYS) in kraken("AddOrder", buy | {"orders": other})
    assert kraken("AddOrderBatch", {"pair": "ETHUSD", "orders": other}) == {("ETHUSD", SELLS), ("BTC/USD", SELLS)}
    assert kraken("AddOrderBatch", {"pair": "ETHUSD", "orders": other, "leverage": "2"}) == {
        ("ETHUSD", OPENS), ("BTC/USD", OPENS)
    }  # fmt: skip
    amend = {"txid": "O1", "pair": "BTC/USD"}
    assert kraken("AmendOrder", amend, Place(pair="ETH/USD")) == {("BTC/USD", OPENS), ("ETH/USD", OPENS)}
    settled = {"pair": "ETHUSD", "type": "buy", "ordertype": "settle-position", "leverage": "2"}
    assert kraken("AddOrder", settled) == {("ETHUSD", REDUCES)}
    with pytest.raises(UnreadableError):
        kraken("AddOrderBatch", {"orders": [{"type": "buy"}]})


def test_what_stands_beside_the_params_of_a_message_of_kraken_makes_nobody_braver() -> None:
    def read(inside: Any, **beside: Any) -> set[tuple[str, str]]:
        message = {"method": "add_order", "params": inside, "req_id": 1, **beside}
        return {(order.symbol, order.way) for order in orders_of_message(KRAKEN, message, Place())}

    buy = {"symbol": "ETH/USD", "side": "buy", "order_qty": 1}
    assert read(buy) == {("ETH/USD", BUYS)}
    assert read(buy, margin=True, reduce_only=True) == {("ETH/USD", OPENS)}
    assert read(buy | {"reduce_only": True}, margin=True) == {("ETH/USD", OPENS)}
    assert read(buy | {"margin": True}, reduce_only=True) == {("ETH/USD", OPENS)}
    assert read(buy | {"margin": True, "reduce_only": True}) == {("ETH/USD", REDUCES)}
    assert read(buy, pair="BTC/USD") == {("ETH/USD", BUYS), ("BTC/USD", BUYS)}
    assert read(buy, side="sell") == {("ETH/USD", OPENS)}
    assert read(buy | {"margin": 1}) == {("ETH/USD", OPENS)}
    sale = {"symbol": "ETH/USD", "side": "sell"}
    assert read(sale | {"conditional": {"order_type": "limit"}}) == {("ETH/USD", OPENS)}


@pytest.mark.parametrize(
    "given",
    [
        {"symbol": "BTCUSDT", b"symbol": "ETHUSDT", "side": "BUY"},
        {"symbol": ["BTCUSDT", "ETHUSDT"], "side": "BUY"},
        "symbol=BTCUSDT&symbol=ETHUSDT",
    ],
)
def test_a_pair_that_could_be_read_twice_is_not_sent(given: Any) -> None:
    with pytest.raises(UnreadableError):
        orders_of_request(BINANCE, "private", "POST", "order", given, Place())


@pytest.mark.parametrize(
    "given",
    [
        {"batchOrders": [BUY], "x": "1&batchOrders=[]"},
        {"batchOrders": [BUY | {"newClientOrderId": "a%22,%22symbol%22:%22ETHUSDT"}]},
        {"batchOrders": '[{"symbol": "BTCUSDT", "symbol": "ETHUSDT"}]'},
    ],
)
def test_a_batch_that_the_exchange_could_read_otherwise_is_not_sent(given: Any) -> None:
    with pytest.raises(UnreadableError):
        orders_of_request(BINANCE, "fapiPrivate", "POST", "batchOrders", given, Place())


def test_a_text_on_a_websocket_passes_only_as_a_sign_of_life() -> None:
    place = Place(url="wss://spot", socket_venues={"wss://spot": "BINANCE"})
    order = '{"method": "order.place", "params": {"symbol": "ETHUSDT"}}'
    for text in ("\ufeff" + order, "\x00" + order, '{"method": "ping", ' + order[1:], "PING " + order):
        with pytest.raises(UnreadableError):
            orders_of_message(BINANCE, text, place)
    assert orders_of_message(OKX, "ping", Place()) == ()
