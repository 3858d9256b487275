"""Ways around the gate, and ways to break it, each with the real ccxt. They return what the test looks at."""

from __future__ import annotations

import asyncio
import copy
import pickle
import threading
import time
from types import SimpleNamespace
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
from ews_client import AsyncClient
from ews_client.ccxt import OrderVetoed, guard

BUY = {"symbol": "ETHUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}
NO_RISK: dict[str, Any] = {"base_action": "exit", "quote_action": "none", "instrument_action": "none", "rows": ()}


def _outcome(trader: Any, action: Any) -> dict[str, Any]:
    trader.played.take()
    try:
        action()
        error = None
    except Exception as failed:  # noqa: BLE001
        error = failed
    return _said(trader, error)


async def _outcome_of(trader: Any, work: Any) -> dict[str, Any]:
    trader.played.take()
    try:
        await work
        error = None
    except Exception as failed:  # noqa: BLE001
        error = failed
    return _said(trader, error)


def _said(trader: Any, error: Exception | None) -> dict[str, Any]:
    return {"error": type(error).__name__, "detail": str(error), "vetoed": isinstance(error, OrderVetoed),
            "came": trader.played.take()}  # fmt: skip


class Says:
    """A client that answers as it is told: (may_open, may_close), or an error, one by one, the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def can_trade_many(self, pairs: Any) -> Any:
        self.asked += 1
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Exception):
            raise said
        if not isinstance(said, tuple):
            return said
        return [
            SimpleNamespace(may_open=said[0], may_close=said[1], action="none", status="fresh", fault=None,
                            problem=None, venue="BINANCE", **NO_RISK)
            for _ in pairs
        ]  # fmt: skip


class SaysLater(Says):
    """The same to await, after so many seconds."""

    def __init__(self, seconds: float, *answers: Any) -> None:
        super().__init__(*answers)
        self.seconds = seconds

    async def can_trade_many(self, pairs: Any) -> Any:
        await asyncio.sleep(self.seconds)
        return super().can_trade_many(pairs)


def exchange_of(trader: Any, kind: Any = None, module: Any = ccxt, name: str = "binance", **config: Any) -> Any:
    made = (kind or getattr(module, name))(
        {"apiKey": "k", "secret": "c2VjcmV0", "enableRateLimit": False, "timeout": 3000, **config}
    )
    made.urls["api"] = trader.at_home(made.urls["api"])
    made.set_markets(trader.markets_of(name))
    return made


async def end(exchange: Any) -> None:
    """Closes an exchange of `async_support` or `pro` without a wait."""
    exchange.timeout_on_exit = 0
    await exchange.close()


def around(trader: Any, key: str) -> dict[str, Any]:
    """Orders on a denied pair by all doors of one guarded exchange."""
    exchange = trader.exchanges[key]
    signed = exchange.sign("order", ["private"], "POST", dict(BUY))
    found = {
        "signed by hand": _outcome(
            trader, lambda: exchange.fetch(signed["url"], "POST", signed["headers"], signed["body"])
        ),
        "signed elsewhere": _outcome(
            trader, lambda: exchange.fetch(signed["url"], "POST", {}, str(signed["body"]) + "&x=1")
        ),
        "small method": _outcome(trader, lambda: exchange.fetch(signed["url"], "post", {}, "symbol=ETHUSDT")),
        "implicit": _outcome(trader, lambda: exchange.private_post_order(dict(BUY))),
        "implicit of the class": _outcome(trader, lambda: ccxt.binance.privatePostOrder(exchange, dict(BUY))),
        "camel case": _outcome(trader, lambda: exchange.createOrder("ETH/USDT", "market", "buy", 1)),
        "unbound": _outcome(trader, lambda: ccxt.binance.create_order(exchange, "ETH/USDT", "market", "buy", 1)),
        "unbound fetch2": _outcome(
            trader, lambda: ccxt.binance.fetch2(exchange, "order", ["private"], "POST", dict(BUY))
        ),
        "deep copy": _outcome(trader, lambda: _fresh(exchange, copy.deepcopy(exchange)).private_post_order(dict(BUY))),
        "copy": _outcome(trader, lambda: copy.copy(exchange).private_post_order(dict(BUY))),
        "cancelled by hand": _outcome(trader, lambda: _cancelled_by_hand(exchange)),
    }
    exchange.request = lambda path, api, method="GET", params=None, config=None: exchange.fetch2(
        path, api, method, params
    )
    found["request replaced"] = _outcome(trader, lambda: exchange.private_post_order(dict(BUY)))
    made = type(exchange)({"apiKey": "k", "secret": "s"})
    made.urls = exchange.urls
    found["made from its class"] = _outcome(trader, lambda: made.private_post_order(dict(BUY)))
    return found


def _fresh(exchange: Any, made: Any) -> Any:
    made.session = exchange.session
    return made


def _cancelled_by_hand(exchange: Any) -> None:
    signed = exchange.sign("order", ["private"], "DELETE", {"symbol": "ETHUSDT", "orderId": 1})
    exchange.fetch(signed["url"], "DELETE", signed["headers"], signed["body"])


def refusals(trader: Any) -> dict[str, str]:
    """What `guard` and a guarded exchange do not take."""
    no, sync, asynchronous = Says((False, True)), exchange_of(trader), exchange_of(trader, module=ccxt.async_support)
    guarded = guard(exchange_of(trader), no)

    def tried(action: Any) -> str:
        try:
            action()
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"
        return "taken"

    async_client = AsyncClient("http://127.0.0.1:1", "ews_" + "x" * 43, fail="closed")
    return {
        "twice": tried(lambda: guard(guard(guarded, no), no)) if guard(guarded, no) is guarded else "another",
        "another client": tried(lambda: guard(guarded, Says((True, True)))),
        "another venue": tried(lambda: guard(guarded, no, venue="OKX")),
        "unknown exchange": tried(lambda: guard(ccxt.bitfinex(), no)),
        "no exchange": tried(lambda: guard(object(), no)),
        "sync with AsyncClient": tried(lambda: guard(sync, async_client)),
        "async with Client": tried(lambda: guard(asynchronous, no)),
        "no client": tried(lambda: guard(sync, None)),
        "allowed order": tried(lambda: guard(sync, no, allow=["private POST order"])),
        "allowed nonsense": tried(lambda: guard(sync, no, allow=["order"])),
        "venue small": tried(lambda: guard(sync, no, venue="binance")),
        "fetch set": tried(lambda: setattr(guarded, "fetch", print)),
        "sign set": tried(lambda: setattr(guarded, "sign", print)),
        "fetch deleted": tried(lambda: delattr(guarded, "fetch")),
        "fetch in __dict__": tried(
            lambda: (guarded.__dict__.update(fetch=print), guarded.private_post_order(dict(BUY)))
        ),
        "pickled": tried(lambda: pickle.dumps(guarded)),
    }  # fmt: skip


def subclass(trader: Any) -> dict[str, Any]:
    """A bot's own exchange, with its own request, sign and fetch, one of them on the instance."""
    seen: list[str] = []

    class Own(ccxt.binance):
        def request(
            self, path: Any, api: Any = "public", method: Any = "GET", params: Any = None, config: Any = None
        ) -> Any:
            seen.append("request")
            return self.fetch2(path, api, method, params or {}, config or {})

        def fetch2(
            self, path: Any, api: Any = "public", method: Any = "GET", params: Any = None, config: Any = None
        ) -> Any:
            signed = self.sign(path, api, method, params)
            return self.fetch(signed["url"], signed["method"], signed["headers"], signed["body"])

    exchange = exchange_of(trader, Own)
    inner = exchange.fetch

    def logging_fetch(*args: Any, **named: Any) -> Any:
        seen.append("fetch")
        return inner(*args, **named)

    exchange.fetch = logging_fetch
    guard(exchange, Says((False, True)))
    denied = _outcome(trader, lambda: exchange.private_post_order(dict(BUY)))
    closed = _outcome(trader, lambda: exchange.private_post_order(BUY | {"side": "SELL"}))
    return {"denied": denied, "closed": closed, "seen": seen}


def answers(trader: Any) -> dict[str, Any]:
    """What a client may answer, and what becomes of an opening and of a closing order."""
    no = SimpleNamespace(
        may_open=False, may_close=True, action="exit", status="fresh", fault=None, problem=None, **NO_RISK
    )
    cases = {
        "yes": (True, True), "closing only": (False, True), "nothing": (False, False),
        "an error": RuntimeError("broken"),
        "None": None, "empty": [], "too many": [no, no], "no answer at all": [None], "not quite true": (1, "yes"),
        "without its fields": [object()],
    }  # fmt: skip
    found = {}
    for name, said in cases.items():
        exchange = guard(exchange_of(trader), Says(said))
        found[name] = _three(trader, exchange)
    return found


def _three(trader: Any, exchange: Any) -> list[dict[str, Any]]:
    """An opening order, a closing one, a cancellation."""
    return [
        _outcome(trader, lambda: exchange.private_post_order(dict(BUY))),
        _outcome(trader, lambda: exchange.private_post_order(BUY | {"side": "SELL"})),
        _outcome(trader, lambda: exchange.private_delete_order({"symbol": "X", "orderId": 1})),
    ]


def repeated(trader: Any) -> dict[str, Any]:
    """ccxt repeats a request whose network failed; by then the pair is denied."""
    says = Says((True, True), (False, True))
    exchange = exchange_of(trader, options={"maxRetriesOnFailure": 3})
    calls = []

    def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        calls.append(method)
        raise ccxt.NetworkError("reset")

    exchange.fetch = fetch
    guard(exchange, says)
    return _outcome(trader, lambda: exchange.private_post_order(dict(BUY))) | {"calls": calls, "asked": says.asked}


def threads(trader: Any, key: str) -> dict[str, Any]:
    """Eight threads with one exchange: each order has its own answer."""
    exchange, results = trader.exchanges[key], []
    trader.played.take()

    def trade(coin: str) -> None:
        for _ in range(10):
            try:
                exchange.private_post_order(
                    BUY | {"symbol": f"{coin}USDT", "newClientOrderId": f"{coin}{time.time_ns()}"}
                )
                results.append((coin, "sent"))
            except OrderVetoed:
                results.append((coin, "vetoed"))

    running = [threading.Thread(target=trade, args=(coin,)) for coin in ("BTC", "ETH") * 4]
    for one in running:
        one.start()
    for one in running:
        one.join()
    return {"results": sorted(set(results)), "count": len(results), "came": len(trader.played.take()),
            "denied came": any("ETHUSDT" in body for body in trader.played.bodies[-80:])}  # fmt: skip


def errors(trader: Any) -> dict[str, Any]:
    """What a bot's handlers see."""
    exchange = guard(exchange_of(trader), Says((False, True)))
    try:
        exchange.create_order("ETH/USDT", "market", "buy", 1)
    except ccxt.BaseError as error:
        again = pickle.loads(pickle.dumps(error))
        return {"kinds": [kind.__name__ for kind in type(error).__mro__], "pair": error.pair, "venue": error.venue,
                "action": error.action, "again": [type(again).__name__, str(again) == str(error), again.pair],
                "detail": str(error)}  # fmt: skip
    return {}


async def slow(trader: Any) -> dict[str, Any]:
    """A client that never ends, one that is cancelled, and the loop meanwhile."""
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.ensure_future(tick())
    silent = guard(exchange_of(trader, module=ccxt.async_support), SaysLater(60, (True, True)), timeout=0.3)
    began = time.monotonic()
    timed_out = await _outcome_of(trader, silent.private_post_order(dict(BUY)))
    took = time.monotonic() - began
    yes = guard(exchange_of(trader, module=ccxt.async_support), SaysLater(0.05, (True, True)))
    lost = []
    for wait in (0.0, 0.02, 0.049, 0.05, 0.0501, 0.051):
        order = asyncio.ensure_future(yes.private_post_order(dict(BUY)))
        await asyncio.sleep(wait)
        cancelled_in_time = order.cancel()
        await asyncio.wait({order}, timeout=2)
        lost.append(cancelled_in_time and not order.cancelled())
    ticking.cancel()
    for one in (silent, yes):
        await end(one)
    return {"timed out": timed_out, "took": took, "ticks": ticks, "lost": lost}


async def cancelled_socket(trader: Any) -> dict[str, Any]:
    """An order over a WebSocket whose caller gave up while it was asked about; and one that waits to the end."""
    exchange = guard(exchange_of(trader, module=ccxt.pro), SaysLater(0.2, (True, True)))
    trader.played.take()
    given_up = asyncio.ensure_future(exchange.create_order_ws("ETH/USDT", "limit", "buy", 1, 100))
    await asyncio.sleep(0.1)
    given_up.cancel()
    await asyncio.sleep(0.4)
    came = trader.played.take()
    await exchange.create_order_ws("ETH/USDT", "limit", "buy", 1, 100)
    denied = guard(exchange_of(trader, module=ccxt.pro), SaysLater(0.0, (False, True)))
    rest = await _outcome_of(trader, denied.create_order("ETH/USDT", "limit", "buy", 1, 100))
    denied.urls["api"]["ws"]["ws-api"] = dict.fromkeys(
        ("spot", "linear", "inverse"), exchange.urls["api"]["ws"]["ws-api"]["spot"]
    )
    same = await _outcome_of(trader, denied.create_order_ws("ETH/USDT", "limit", "sell", 1, 100))
    for one in (exchange, denied):
        await end(one)
    return {"came": came, "cancelled": given_up.cancelled(), "rest": rest, "same address": same}


async def socket(trader: Any, key: str) -> dict[str, Any]:
    """A veto on a WebSocket is for the one order; a message by hand is judged too."""
    exchange = trader.exchanges[key]
    exchange.newUpdates = True
    first = await _outcome_of(trader, exchange.create_order_ws("BTC/USDT", "limit", "buy", 1, 100))
    (url,) = exchange.clients
    connection = exchange.clients[url]
    both = await asyncio.gather(
        exchange.create_order_ws("ETH/USDT", "limit", "buy", 1, 100),
        exchange.create_order_ws("BTC/USDT", "limit", "buy", 1, 100),
        return_exceptions=True,
    )
    by_hand = {"id": "77", "method": "order.place", "params": {"symbol": "ETHUSDT", "side": "BUY"}}
    hand = await _outcome_of(trader, connection.send(by_hand))
    text = await _outcome_of(
        trader, connection.send('{"id": "78", "method": "order.place", "params": {"symbol": "ETHUSDT"}}')
    )
    new = await _outcome_of(
        trader, connection.send({"id": "79", "method": "order.newest", "params": {"symbol": "BTCUSDT"}})
    )
    stray = await _outcome_of(
        trader, connection.send({"id": "80", "method": "ticker.price", "params": {"symbol": "BTCUSDT"}})
    )
    try:
        connection.send = print
        replaced = "taken"
    except AttributeError as error:
        replaced = str(error)
    return {"first": first, "both": [type(one).__name__ for one in both],
            "same": exchange.clients.get(url) is connection, "by hand": hand,
            "as text": text, "unknown": new, "harmless": stray, "replaced": replaced}  # fmt: skip


async def vetoes_on_sockets(trader: Any, exchange: str, key: str) -> dict[str, Any]:
    """An order of one coin that is vetoed beside one that is not, on one connection of an exchange."""
    made = trader.exchanges[key]
    quote = "USD" if exchange == "kraken" else "USDT"
    first = await _outcome_of(trader, made.create_order_ws(f"BTC/{quote}", "limit", "buy", 1, 100))
    before = dict(made.clients)
    both = await asyncio.gather(
        *(made.create_order_ws(f"{coin}/{quote}", "limit", "buy", 1, 100) for coin in ("ETH", "BTC", "ETH", "BTC")),
        return_exceptions=True,
    )
    left = [name for client in made.clients.values() for name in client.futures if name != "authenticated"]
    return {"first": first, "both": [type(one).__name__ for one in both], "left": left,
            "same": all(made.clients.get(url) is client for url, client in before.items())}  # fmt: skip
