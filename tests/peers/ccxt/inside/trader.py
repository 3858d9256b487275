"""A bot of ccxt: makes exchanges that trade with a played one, and does what it is told, line by line."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
from ews_client import AsyncClient, Client
from ews_client.ccxt import OrderVetoed, guard

from tests.peers.ccxt.inside import delays, tricks
from tests.peers.ccxt.inside.markets import markets_of
from tests.peers.ccxt.inside.played import Played

MODULES = {"sync": ccxt, "async": ccxt.async_support, "pro": ccxt.pro}
WAYS = re.compile(r"(create|edit)_\w*orders?(_\w+)?|close_\w*positions?\w*|create_convert_trade|borrow_\w+")
SECONDS = 10.0


def at_home(urls: Any, port: int) -> Any:
    """The addresses of an exchange with their paths, on loopback."""
    if isinstance(urls, dict):
        return {key: at_home(value, port) for key, value in urls.items()}
    if isinstance(urls, str) and "://" in urls:
        scheme, _, rest = urls.partition("://")
        path = rest.partition("/")[2]
        return f"{'ws' if scheme.startswith('ws') else 'http'}://127.0.0.1:{port}" + (f"/{path}" if path else "")
    return urls


class Trader:
    """Exchanges by key."""

    def __init__(self) -> None:
        self.played = Played()
        self.exchanges: dict[str, Any] = {}
        self.clients: dict[str, Any] = {}
        self.markets_of = markets_of

    def at_home(self, urls: Any) -> Any:
        return at_home(urls, self.played.port)

    def open(self, key: str, exchange: str, mode: str, ews: dict[str, Any] | None, options: dict[str, Any]) -> str:
        made = getattr(MODULES[mode], exchange)({
            "apiKey": "k", "secret": "c2VjcmV0", "password": "p", "enableRateLimit": False, "timeout": 5000,
            "options": {"warnOnFetchOpenOrdersWithoutSymbol": False, "fetchMarkets": ["spot"], **options},
        })  # fmt: skip
        made.urls["api"] = self.at_home(made.urls["api"])
        made.has["fetchCurrencies"] = False
        made.set_markets(markets_of(exchange))
        if ews is not None:
            kind = Client if mode == "sync" else AsyncClient
            self.clients[key] = kind(
                ews["url"], ews["token"], fail="closed", timeout=ews.get("timeout", 2.0), **ews.get("client", {})
            )
            guard(made, self.clients[key], **ews.get("guard", {}))
        self.exchanges[key] = made
        return "open"

    async def call(self, key: str, name: str, args: list[Any], named: dict[str, Any] | None = None) -> dict[str, Any]:
        """What a call did: "done" or the name of the error, whether it was vetoed, and what came to the exchange."""
        self.played.take()
        outcome, vetoed, detail = "done", False, ""
        began = time.monotonic()
        try:
            found = getattr(self.exchanges[key], name)(*args, **(named or {}))
            if inspect.isawaitable(found):
                await asyncio.wait_for(found, SECONDS)
        except Exception as error:  # noqa: BLE001
            outcome, vetoed, detail = type(error).__name__, isinstance(error, OrderVetoed), str(error)[:300]
        return {"name": name, "outcome": outcome, "vetoed": vetoed, "detail": detail, "came": self.played.take(),
                "took": time.monotonic() - began}  # fmt: skip

    async def calls(self, key: str, calls: list[list[Any]]) -> list[dict[str, Any]]:
        return [await self.call(key, *one) for one in calls]

    async def walk(
        self, key: str, symbol: str, side: str, params: dict[str, Any], sockets: bool
    ) -> list[dict[str, Any]]:
        """Every method of the exchange that may place or change an order, with the arguments that it asks for."""
        exchange = self.exchanges[key]
        found = []
        for name in sorted(dir(type(exchange))):
            if not WAYS.fullmatch(name) or name.endswith(("_request", "request_ws")) or name.endswith("_ws") != sockets:
                continue
            # ccxt writes into what it is given.
            given = self._arguments(getattr(exchange, name), symbol, side, copy.deepcopy(params))
            if given is not None:
                found.append(await self.call(key, name, [], given))
        return found

    @staticmethod
    def _arguments(method: Any, symbol: str, side: str, params: dict[str, Any]) -> dict[str, Any] | None:
        one = {
            "symbol": symbol,
            "type": "limit",
            "side": side,
            "amount": 1.0,
            "price": 100.0,
            "id": "1",
            "params": params,
        }
        known: dict[str, Any] = {
            **one, "cost": 50.0, "clientOrderId": "c1", "orders": [one], "triggerPrice": 90.0, "stopLossPrice": 90.0,
            "takeProfitPrice": 110.0, "takeProfit": 110.0, "stopLoss": 90.0, "trailingAmount": 5.0, "duration": 3600,
            "trailingPercent": 1.0, "trailingTriggerPrice": 100.0, "fromCode": "USDT", "toCode": "ETH", "code": "ETH",
        }  # fmt: skip
        wanted = inspect.signature(method).parameters
        if any(one.default is one.empty and name not in known for name, one in wanted.items()):
            return None
        return {name: known[name] for name in wanted if name in known}

    def endpoints(self, key: str) -> list[list[str]]:
        """[section, method, path] of all that ccxt knows of an exchange, but for GET."""

        def walk(node: dict[str, Any], above: str) -> list[list[str]]:
            found = []
            for name, below in node.items():
                if name.upper() in {"GET", "POST", "PUT", "DELETE", "PATCH"}:
                    found += [[above, name.upper(), path] for path in below if name.upper() != "GET"]
                elif isinstance(below, dict):
                    found += walk(below, name)
            return found

        return walk(self.exchanges[key].describe()["api"], "")

    def words(self, exchange: str) -> list[str]:
        """What the WebSocket code of an exchange sends as `method` or `op`, where it stands as a literal."""
        source = Path(inspect.getfile(getattr(ccxt.pro, exchange))).read_text(encoding="utf-8")
        found = re.findall(r"(?:'(?:method|op)':|\['(?:method|op)'\] =|method =|op =) '([\w.-]+)'", source)
        found += re.findall(r"'method': '[\w.]+' if .* else '([\w.]+)'", source)
        return sorted(set(found))

    async def run(self, text: str) -> dict[str, Any]:
        """A block of the documentation. Every exchange that it makes trades with the played one."""
        plain = ccxt.Exchange.after_construct

        def after_construct(exchange: Any, config: Any) -> None:
            plain(exchange, config)
            exchange.urls["api"] = self.at_home(exchange.urls["api"])
            exchange.set_markets(self.markets_of(exchange.id))

        self.played.take()
        printed = io.StringIO()
        ccxt.binance.after_construct = ccxt.async_support.binance.after_construct = after_construct
        try:
            with contextlib.redirect_stdout(printed):
                await asyncio.to_thread(exec, compile(text, "docs/bots/ccxt.md", "exec"), {"__name__": "__main__"})
        finally:
            del ccxt.binance.after_construct, ccxt.async_support.binance.after_construct
        return {"came": self.played.take(), "printed": printed.getvalue()}

    async def trick(self, name: str, **given: Any) -> Any:
        found = getattr(tricks if hasattr(tricks, name) else delays, name)(self, **given)
        return await found if inspect.isawaitable(found) else found

    async def close(self, key: str) -> str:
        exchange, client = self.exchanges.pop(key), self.clients.pop(key, None)
        if hasattr(exchange, "close") and inspect.iscoroutinefunction(exchange.close):
            await tricks.end(exchange)
        if client is not None:
            found = client.close()
            if inspect.isawaitable(found):
                await found
        return "closed"


async def main() -> None:
    trader = Trader()
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        try:
            found = getattr(trader, told.pop("do"))(**told)
            if inspect.isawaitable(found):
                found = await found
            answer = {"found": found}
        except Exception as error:  # noqa: BLE001
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


asyncio.run(main())
