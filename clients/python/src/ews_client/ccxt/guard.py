"""Puts a gate into a ccxt exchange, where every request and every message leaves it.

Not at `create_order`: 10 of the 23 ways to place an order do not come by there. `request` and `fetch2` call `sign` and
`fetch`, and so does whoever signs by hand: `sign` is read there, `fetch` asks, at the last moment before it is sent,
after ccxt's own rate limit and at each of its repetitions. Messages of a WebSocket are read and asked about in `send`.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MethodType
from typing import Any, Final, TypeVar

from ews_client.ccxt.endpoints import TABLES, Table
from ews_client.ccxt.gate import Gate, edited_pair
from ews_client.ccxt.veto import OrderVetoed, veto_class

E = TypeVar("E")

_EDITS: Final = ("edit_order", "editOrder", "edit_order_ws", "editOrderWs")


def guard(
    exchange: E,
    client: Any,
    *,
    venue: str | Iterable[str] | None = None,
    allow: Iterable[str] = (),
    timeout: float = 10.0,
) -> E:
    """The exchange itself, which from now on sends no order that `client` does not allow.

    - `exchange`: of `ccxt` with a `Client`, of `ccxt.async_support` or `ccxt.pro` with an `AsyncClient`.
    - `venue`: opens on these venues alone (`"BINANCE"`, `("OKX", "OKX_USDM")`); None: wherever the answer allows it.
    - `allow`: endpoints that pass unjudged although they acquire or lend something, as ccxt calls them:
      `"sapi POST asset/dust"`. Never one that places orders for a pair.
    - `timeout`: seconds after which an `AsyncClient` that does not end by itself is taken as silent.

    An order that may not be placed ends with `OrderVetoed`, and nothing was sent. Raises TypeError for what is no
    exchange of ccxt or the wrong client, ValueError for an exchange whose endpoints are not known.
    """
    error, name = veto_class(exchange)
    if name not in TABLES:
        raise ValueError(f"exchange was {name!r}, expected one of {', '.join(TABLES)}: its endpoints are not known")
    asynchronous = inspect.iscoroutinefunction(getattr(type(exchange), "fetch", None))
    asks = getattr(client, "can_trade_many", None)
    if not callable(asks) or inspect.iscoroutinefunction(asks) is not asynchronous:
        expected = "AsyncClient" if asynchronous else "Client"
        raise TypeError(f"client was {type(client).__name__}, expected {expected}: it goes with this exchange")
    if not 0 < timeout <= 60:
        raise ValueError(f"timeout was {timeout!r}, expected seconds between 0 and 60")
    gate = Gate(client, TABLES[name], error, _venues(venue), _allowed(allow, TABLES[name]), timeout)
    present: Gate | None = getattr(exchange, "_ews_gate", None)
    if present is not None:
        if present.same_as(gate):
            return exchange
        raise ValueError(
            "exchange is guarded already, by another client or for other venues; a guard is not taken away"
        )
    _put_in_front(exchange, gate, asynchronous)
    return exchange


def _venues(venue: str | Iterable[str] | None) -> frozenset[str] | None:
    if venue is None:
        return None
    named = frozenset((venue,) if isinstance(venue, str) else venue)
    if not named or not all(isinstance(one, str) and one == one.upper() and one.strip() for one in named):
        raise ValueError(f"venue was {venue!r}, expected such as BINANCE, BINANCE_USDM, OKX or KRAKEN")
    return named


def _allowed(allow: Iterable[str], table: Table) -> frozenset[str]:
    named = frozenset((allow,) if isinstance(allow, str) else allow)
    for one in named:
        if len(one.split()) != 3:
            raise ValueError(f'allow named {one!r}, expected section, method and path: "sapi POST asset/dust"')
        if one in table.orders:
            raise ValueError(f"allow named {one!r}, which places orders for a pair: they are judged")
    return named


def _waiting(socket: Any, message: Any) -> tuple[str, Any] | None:
    """Who waits for the answer to a message: its key and its future. None: nobody, or the message says no number."""
    number = message.get("id", message.get("req_id")) if isinstance(message, dict) else None
    future = None if number is None else socket.futures.get(str(number))
    return None if future is None else (str(number), future)


# ---------------------------------------------------------------------------------------------------------- the surgery


class _Front:
    """A method that stands in front of the one of the same name, also where an instance has one of its own."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name, self._function = name, function

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self._function if instance is None else MethodType(self._function, instance)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"{self._name} is guarded: replace it before guard(), which then stands in front of it")

    def __delete__(self, instance: Any) -> None:
        raise AttributeError(f"{self._name} is guarded: a guard is not taken away")


class _Behind:
    """The methods behind the fronts of one class: an instance's own ones from before, or those of its class."""

    def __init__(self) -> None:
        self.kind: type = object

    def __call__(self, instance: Any, name: str) -> Any:
        own: dict[str, Any] = instance.__dict__.get("_ews_before", {})
        return own[name] if name in own else getattr(super(self.kind, instance), name)

    def made(self, kind: type, members: Mapping[str, Callable[..., Any]], gate: Gate) -> type:
        """A class of `kind` with the fronts. What is copied or made from a thing of it has them as well."""
        body: dict[str, Any] = {name: _Front(name, function) for name, function in members.items()}
        body |= {"_ews_gate": gate, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
        self.kind = type(kind.__name__, (kind,), body)
        return self.kind


def _become(thing: Any, kind: type, names: Iterable[str]) -> None:
    before = {name: thing.__dict__.pop(name) for name in names if name in thing.__dict__}
    if before:
        thing.__dict__["_ews_before"] = before
    thing.__class__ = kind


def _put_in_front(exchange: Any, gate: Gate, asynchronous: bool) -> None:
    kind, behind = type(exchange), _Behind()

    def sign(
        self: Any, path: Any, api: Any = "public", method: Any = "GET", params: Any = None, *rest: Any, **more: Any
    ) -> Any:
        # Older releases of ccxt pass headers and body as well.
        call = (path, api, method, {} if params is None else params)
        return gate.signed(self, call, lambda *what: behind(self, "sign")(*what, *rest, **more))

    def fetch(self: Any, url: Any, method: Any = "GET", headers: Any = None, body: Any = None) -> Any:
        signed = gate.about_to_leave(method, url, body)
        gate.ask(signed.orders)
        request = gate.signed_again(signed, (url, method, headers, body), behind(self, "sign"))
        return behind(self, "fetch")(*request)

    async def fetch_async(self: Any, url: Any, method: Any = "GET", headers: Any = None, body: Any = None) -> Any:
        signed = gate.about_to_leave(method, url, body)
        await gate.ask_async(signed.orders)
        request = gate.signed_again(signed, (url, method, headers, body), behind(self, "sign"))
        return await behind(self, "fetch")(*request)

    def client(self: Any, url: Any) -> Any:
        return sockets(self, behind(self, "client")(url))

    members: dict[str, Callable[..., Any]] = {"sign": sign, "fetch": fetch_async if asynchronous else fetch}
    for name in _EDITS:
        if hasattr(kind, name):
            members[name] = _naming_the_pair(name, behind, asynchronous)
    sockets = _sockets(gate)
    if asynchronous and hasattr(kind, "client"):
        members["client"] = client
    for name, member in members.items():
        # Bots look at signatures.
        functools.update_wrapper(member, getattr(kind, name))
    made = behind.made(kind, members, gate)
    _become(exchange, made, members)
    for socket in (getattr(exchange, "clients", None) or {}).values():
        sockets(exchange, socket)


def _naming_the_pair(name: str, behind: _Behind, asynchronous: bool) -> Callable[..., Any]:
    """`edit_order` and its like: the pair is known while they run, for requests that name the order alone."""

    @contextlib.contextmanager
    def named(args: tuple[Any, ...], given: Mapping[str, Any]) -> Iterator[None]:
        pair = given.get("symbol", args[1] if len(args) > 1 else None)
        before = edited_pair.get()
        edited_pair.set(pair if isinstance(pair, str) else None)
        try:
            yield
        finally:
            edited_pair.set(before)

    def edit(self: Any, *args: Any, **given: Any) -> Any:
        with named(args, given):
            return behind(self, name)(*args, **given)

    async def edit_async(self: Any, *args: Any, **given: Any) -> Any:
        with named(args, given):
            return await behind(self, name)(*args, **given)

    return edit_async if asynchronous else edit


def _sockets(gate: Gate) -> Callable[[Any, Any], Any]:
    """Makes a WebSocket of an exchange ask before it sends."""
    kinds: dict[type, type] = {}

    def guarded(exchange: Any, socket: Any) -> Any:
        kind = type(socket)
        if getattr(kind, "_ews_gate", None) is gate:
            return socket
        if kind not in kinds:
            behind = _Behind()

            async def send(self: Any, message: Any) -> Any:
                # What is sent is what was asked about, whoever writes into it meanwhile.
                message = copy.deepcopy(message)
                waiting = _waiting(self, message)
                try:
                    orders = gate.orders_of_message(self._ews_exchange, self.url, message)
                    await gate.ask_async(orders)
                except OrderVetoed as veto:
                    if waiting is None:
                        raise
                    # Only the one who waits for this order hears of it: others keep their connection.
                    self.subscriptions.pop(waiting[0], None)
                    self.reject(veto, waiting[0])
                    return None
                if orders and waiting is not None and waiting[1].done():
                    # Who waited was cancelled meanwhile: ccxt sends in a task of its own, which is not.
                    self.subscriptions.pop(waiting[0], None)
                    return None
                return await behind(self, "send")(message)

            kinds[kind] = behind.made(kind, {"send": send}, gate)
        socket._ews_exchange = exchange
        _become(socket, kinds[kind], ["send"])
        return socket

    return guarded
