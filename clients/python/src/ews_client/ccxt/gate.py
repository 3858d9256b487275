"""What asks before an order of ccxt leaves: reads what is signed, asks about it, and signs anew what waited.

A request is signed with the time, or with a number that must grow. While we ask, other requests overtake it: Kraken
would refuse an order whose number is the smaller one, and the way out with it. So what was asked about is signed again.
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ews_client.answers import Answer
from ews_client.ccxt.endpoints import Table
from ews_client.ccxt.orders import (
    Order,
    Place,
    UnreadableError,
    check_bare_request,
    orders_of_message,
    orders_of_request,
)
from ews_client.ccxt.veto import OrderVetoed, refusal

_SIGNED_AT_ONCE: Final = 1024
_SOCKETS: Final = {"spot": "BINANCE", "linear": "BINANCE_USDM", "inverse": "BINANCE_COINM"}

edited_pair: contextvars.ContextVar[str | None] = contextvars.ContextVar("ews_edited_pair", default=None)

Call = tuple[Any, Any, Any, Any]
"""What `sign` is called with: path, section, method, params."""


@dataclass(frozen=True)
class Signed:
    """A request that was signed: what it places, or why that cannot be known.

    `call`: what to sign once more; None: it places nothing. `headers`: as it was signed.
    """

    found: tuple[Order, ...] | str
    call: Call | None = None
    headers: Any = None

    @property
    def orders(self) -> tuple[Order, ...]:
        return () if isinstance(self.found, str) else self.found


_NOTHING: Final = Signed(())


class Gate:
    """What all copies of a guarded exchange have in common."""

    def __init__(
        self, client: Any, table: Table, error: type[OrderVetoed], venues: frozenset[str] | None,
        allowed: frozenset[str], timeout: float,
    ) -> None:  # fmt: skip
        self._client, self._table, self._error = client, table, error
        self._venues, self._allowed, self._timeout = venues, allowed, timeout
        self._lock = threading.Lock()
        # What was signed, so that `fetch` knows it again; requests that only read are not kept.
        self._signed: OrderedDict[tuple[str, str, str], Signed] = OrderedDict()

    def same_as(self, other: Gate) -> bool:
        return (self._client, self._venues, self._allowed) == (other._client, other._venues, other._allowed)

    # ------------------------------------------------------------------------------------------------------------ read

    def signed(self, exchange: Any, call: Call, sign: Callable[..., Any]) -> Any:
        """What `sign` gives. What it places is read before, and kept for `fetch`."""
        path, api, method, params = call
        found = self._read(exchange, call)
        before = copy.copy(params)
        request = sign(*call)
        said = str(request["method"]).upper()
        if not found and said in self._table.free_methods:
            return request
        again: Call | None = None
        if said != str(method).upper() or (not found and str(path) not in str(request["url"])):
            found = f"{path} was signed as another request"
        elif found and not isinstance(found, str):
            try:
                again = (path, api, method, _unwritten(before, params))
            except Exception as error:  # noqa: BLE001
                found = f"{path} could not be copied: {type(error).__name__}"
            if again is not None and self._read(exchange, again) != found:
                found = f"{path} was changed while it was signed"
        with self._lock:
            key = _key(request["method"], request["url"], request.get("body"))
            self._signed[key] = Signed(found, again, copy.copy(request.get("headers")))
            self._signed.move_to_end(key)
            while len(self._signed) > _SIGNED_AT_ONCE:
                self._signed.popitem(last=False)
        return request

    def _read(self, exchange: Any, call: Call) -> tuple[Order, ...] | str:
        path, api, method, params = call
        try:
            section = api if isinstance(api, str) else (str(api[0]) if isinstance(api, Sequence) and api else "")
            return orders_of_request(
                self._table, section, str(method).upper(), str(path), params, _place(exchange), self._allowed
            )
        except UnreadableError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001
            return f"{path} could not be read: {type(error).__name__}"

    def about_to_leave(self, method: Any, url: Any, body: Any) -> Signed:
        """What a request places that is about to be sent. Raises OrderVetoed where that cannot be known."""
        with self._lock:
            signed = self._signed.get(_key(method, url, body))
        if signed is None:
            try:
                check_bare_request(self._table, str(method).upper(), str(url))
            except UnreadableError as error:
                raise self._error(f"not sent: {error}") from None
            return _NOTHING
        if isinstance(signed.found, str):
            raise self._error(f"not sent: {signed.found}")
        return signed

    def signed_again(self, signed: Signed, request: tuple[Any, Any, Any, Any], sign: Callable[..., Any]) -> Any:
        """(url, method, headers, body) as of now, of a request that was asked about; as it is where it had headers of
        its own."""
        if signed.call is None or request[2] != signed.headers:
            return request
        fresh = sign(*copy.deepcopy(signed.call))
        return fresh["url"], fresh["method"], fresh["headers"], fresh["body"]

    def orders_of_message(self, exchange: Any, url: str, message: Any) -> tuple[Order, ...]:
        """What a message of a WebSocket places. Raises OrderVetoed where that cannot be known."""
        try:
            return orders_of_message(self._table, message, _place(exchange, url))
        except UnreadableError as error:
            raise self._error(f"not sent: {error}") from None
        except Exception as error:
            raise self._error(f"not sent: a message could not be read: {type(error).__name__}") from error

    # ------------------------------------------------------------------------------------------------------------- ask

    def ask(self, orders: Sequence[Order]) -> None:
        """Raises OrderVetoed unless all of them may be placed."""
        if not orders:
            return
        pairs = _pairs(orders)
        try:
            answers = self._client.can_trade_many(pairs)
        except Exception as error:
            raise self._failed(pairs, error) from error
        self._judge(orders, pairs, answers)

    async def ask_async(self, orders: Sequence[Order]) -> None:
        """As `ask`. Cancelled, it raises that, also where the answer came in the same moment: nothing is sent then."""
        if not orders:
            return
        pairs = _pairs(orders)
        try:
            asking = asyncio.ensure_future(self._client.can_trade_many(pairs))
            try:
                # asyncio.wait_for loses a cancellation that comes together with the result, before Python 3.12.
                await asyncio.wait({asking}, timeout=self._timeout)
            finally:
                if not asking.done():
                    asking.cancel()
            if not asking.done() or asking.cancelled():
                raise TimeoutError(f"no answer within {self._timeout:g} s")
            answers = asking.result()
        except Exception as error:
            raise self._failed(pairs, error) from error
        self._judge(orders, pairs, answers)

    def _failed(self, pairs: list[tuple[str, str]], error: Exception) -> OrderVetoed:
        venue, pair = pairs[0]
        return self._error(f"not sent: {pair} on {venue}: {type(error).__name__}: {error}", venue=venue, pair=pair)

    def _judge(self, orders: Sequence[Order], pairs: list[tuple[str, str]], answers: Any) -> None:
        try:
            known: dict[tuple[str, str], Answer] = dict(zip(pairs, answers, strict=True))
            refused = [(order, no) for order in orders if (no := refusal(order, known[_pair(order)], self._venues))]
        except Exception as error:
            raise self._failed(pairs, error) from error
        for order, why in refused:
            raise self._error(f"not sent: {why}", venue=order.exchange, pair=order.symbol, answer=known[_pair(order)])


def _unwritten(before: Any, after: Any) -> Any:
    """The params of a request after it was signed, with the client's ids that ccxt put in, to be signed once more.

    A list that ccxt has written as JSON is a list again.
    """
    found = copy.deepcopy(after)
    if isinstance(before, Mapping) and isinstance(found, dict):
        for key, value in before.items():
            if isinstance(value, list | tuple) and isinstance(found.get(key), str):
                found[key] = json.loads(found[key])
    return found


def _key(method: Any, url: Any, body: Any) -> tuple[str, str, str]:
    return str(method).upper(), str(url), body if isinstance(body, str) else repr(body)


def _pair(order: Order) -> tuple[str, str]:
    return order.exchange, order.symbol


def _pairs(orders: Sequence[Order]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(_pair(order) for order in orders))


def _place(exchange: Any, url: str = "") -> Place:
    def ids_of_code(code: Any) -> list[str]:
        markets = (getattr(exchange, "markets", None) or {}).values()
        return [
            str(one["id"]) for one in markets
            if str((one.get("info") or {}).get("instIdCode", one.get("instIdCode"))) == str(code)
        ]  # fmt: skip

    venues: dict[str, str] = {}
    if url:
        sockets = ((getattr(exchange, "urls", None) or {}).get("api") or {}).get("ws")
        doors = (sockets.get("ws-api") if isinstance(sockets, dict) else None) or {}
        addresses = [str(doors[kind]) for kind in _SOCKETS if kind in doors]
        # An address of two markets says of neither that an order is for it.
        venues = {str(doors[kind]): name for kind, name in _SOCKETS.items()
                  if kind in doors and addresses.count(str(doors[kind])) == 1}  # fmt: skip
    return Place(url, edited_pair.get(), venues, ids_of_code)
