"""What a request of ccxt would place, read from the exchange's own words. Pure.

An order is closing only where the exchange itself keeps it from opening anything: a sale on the spot account, an order
that it takes as reduce-only, the way out of a side in hedge mode. Changing an order is placing one. What is not
provably closing is opening, and what cannot be read is vetoed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from ews_client.ccxt.endpoints import Table


@dataclass(frozen=True)
class Order:
    """One order as `can_trade` is asked about it: (exchange, symbol). `closing`: it can open nothing."""

    exchange: str
    symbol: str
    closing: bool


@dataclass(frozen=True)
class Place:
    """Where a request was made.

    `url`: of the WebSocket, `socket_venues`: the venue behind each. `pair`: what `edit_order` was called with, where a
    request names none. `ids_of_code`: the instruments behind an OKX instIdCode.
    """

    url: str = ""
    pair: str | None = None
    socket_venues: Mapping[str, str] = field(default_factory=dict)
    ids_of_code: Callable[[Any], Sequence[str]] = lambda code: ()


class UnreadableError(Exception):
    """The request cannot be judged, so it is not sent."""


def orders_of_request(
    table: Table, section: str, method: str, path: str, params: Any, place: Place, allowed: frozenset[str] = frozenset()
) -> tuple[Order, ...]:
    """What a REST request would place; empty: nothing. Raises UnreadableError."""
    if method in table.free_methods:
        return ()
    name = f"{section} {method} {path}"
    if name in table.harmless or name in allowed:
        return ()
    if name in table.repays:
        key, word = table.repays[name]
        if str(_mapping(params).get(key, "")).upper() == word.upper():
            return ()
        raise UnreadableError(f"{name} takes a loan, which names no pair")
    if name in table.orders:
        return _read(*table.orders[name], params, place)
    if name in table.unjudged:
        raise UnreadableError(f"{name} acquires or lends something without naming a pair")
    raise UnreadableError(f"{name} is an endpoint that is not known")


def check_bare_request(table: Table, method: str, url: str) -> None:
    """A request that ccxt did not sign: it passes where its address alone says that it places nothing. Raises
    UnreadableError."""
    if method in table.free_methods:
        return
    path = urlsplit(url).path
    if table.one_section:
        known = [name.split(" ", 2)[2] for name in table.harmless if name.split(" ", 2)[1] == method]
        if any(path.endswith(f"/private/{one}") or path.endswith(f"/api/v5/{one}") for one in known):
            return
    raise UnreadableError(f"{method} {path} was signed by hand, so that nobody can read what it places")


def orders_of_message(table: Table, message: Any, place: Place) -> tuple[Order, ...]:
    """What a message of a WebSocket would place; empty: nothing. Raises UnreadableError."""
    if isinstance(message, str):
        if not message.lstrip().startswith(("{", "[")):
            return ()
        try:
            message = json.loads(message)
        except ValueError:
            raise UnreadableError("a message of the WebSocket was no JSON") from None
    if not isinstance(message, Mapping):
        raise UnreadableError("a message of the WebSocket was no object")
    words = [message[key] for key in ("method", "op", "event") if isinstance(message.get(key), str)]
    if len(words) != 1:
        if set(message) <= {"ping", "pong", "id"}:
            return ()
        raise UnreadableError("a message of the WebSocket did not say what it does")
    (word,) = words
    kind = _socket_kind(table, word)
    if kind is None:
        return ()
    if kind.startswith("okx"):
        return _read(kind, "OKX", message.get("args"), place)
    if kind.startswith("kraken"):
        # ccxt puts what a bot adds beside `params`: read as if the exchange looked there.
        inside = message.get("params")
        return _read(kind, "KRAKEN", {**message, **inside} if isinstance(inside, Mapping) else message, place)
    venue = place.socket_venues.get(place.url)
    if venue is None:
        raise UnreadableError(f"{word} went to {urlsplit(place.url).netloc}, which is no known market")
    market = "spot" if venue == "BINANCE" else "contract"
    return _read(kind.replace("order", market), venue, message.get("params"), place)


def _socket_kind(table: Table, word: str) -> str | None:
    """The kind of order that a word places, or None. Raises UnreadableError for a word that is not known."""
    if word in table.sockets:
        return table.sockets[word]
    if any(known.endswith(".") and word.startswith(known) for known in table.sockets):
        return None
    raise UnreadableError(f"{word} is a message that is not known")


# ------------------------------------------------------------------------------------------------------------- reading


def _read(kind: str, venue: str, params: Any, place: Place) -> tuple[Order, ...]:
    """A change is never closing: the exchange looks at no side, and at no reduceOnly, that is sent with it."""
    plain = kind.removesuffix("_change")
    found = _READERS[plain](params, venue, place)
    return found if plain == kind else tuple(replace(order, closing=False) for order in found)


def _mapping(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise UnreadableError(f"an order was {type(found).__name__}, expected an object")
    return found


def _many(found: Any) -> list[Mapping[str, Any]]:
    """The orders of a batch, also where it was written as JSON already."""
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            raise UnreadableError("a batch of orders was no JSON") from None
    if not isinstance(found, list | tuple) or not found:
        raise UnreadableError("a batch of orders was no list, or empty")
    return [_mapping(one) for one in found]


def _name(found: Any) -> str:
    if not isinstance(found, str) or not found.strip():
        raise UnreadableError("an order named no pair")
    return found


def _true(found: Any) -> bool:
    return found is True or (isinstance(found, str) and found.lower() == "true")


def _word(order: Mapping[str, Any], key: str) -> str:
    return str(order.get(key) or "").upper()


def _sides(order: Mapping[str, Any]) -> set[str]:
    """The sides of an order, or of all orders of a list: side, workingSide, pendingSide."""
    return {str(value).upper() for key, value in order.items() if key.lower().endswith("side")}


# ------------------------------------------------------------------------------------------------------------- Binance


def _spot(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    """A sale on the spot account can only give away what is there."""
    order = _mapping(params)
    return (Order(venue, _name(order.get("symbol")), _sides(order) == {"SELL"}),)


def _margin(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    """A sale that borrows nothing and pays back. A purchase to pay back may buy more than is owed: it is opening."""
    order = _mapping(params)
    closing = _sides(order) == {"SELL"} and _word(order, "sideEffectType") == "AUTO_REPAY"
    return (Order(venue, _name(order.get("symbol")), closing),)


def _contract(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    order = _mapping(params)
    return (Order(venue, _name(order.get("symbol")), _closes_contract(order)),)


def _closes_contract(order: Mapping[str, Any]) -> bool:
    way = (_word(order, "positionSide"), _word(order, "side"))
    if way[0] in {"LONG", "SHORT"}:
        # Hedge mode knows no reduceOnly: the side says it.
        return way in {("LONG", "SELL"), ("SHORT", "BUY")}
    whole = _true(order.get("closePosition")) and _word(order, "type") in {"STOP_MARKET", "TAKE_PROFIT_MARKET"}
    return _true(order.get("reduceOnly")) or whole


def _contracts(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    given = _mapping(params)
    batches = [given[key] for key in ("batchOrders", "orders") if key in given]
    if not batches:
        raise UnreadableError("a batch of orders was empty")
    return tuple(order for batch in batches for one in _many(batch) for order in _contract(one, venue, place))


# ----------------------------------------------------------------------------------------------------------------- OKX


def _okx(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    given = params if isinstance(params, list | tuple) else [params]
    return tuple(order for one in _many(given) for order in _okx_one(one, place))


def _okx_one(order: Mapping[str, Any], place: Place) -> list[Order]:
    names = [order["instId"]] if order.get("instId") else []
    if (code := order.get("instIdCode")) is not None:
        found = list(place.ids_of_code(code))
        if not found:
            raise UnreadableError(f"instIdCode {code} is the code of no market that is loaded")
        names += found
    if not names:
        raise UnreadableError("an order named no pair")
    return [Order(_okx_venue(name), name, _closes_on_okx(order, name)) for name in map(_name, names)]


def _okx_venue(name: str) -> str:
    """BTC-USDT is a spot pair. Names of contracts are unique on OKX, so that the exchange is asked, not one market."""
    return "OKX" if name.count("-") == 1 else "okx"


def _closes_on_okx(order: Mapping[str, Any], name: str) -> bool:
    if order.get("attachAlgoOrds"):
        return False
    parts, side = name.count("-") + 1, _word(order, "side")
    if parts == 2:
        # reduceOnly is not looked at on the spot account, and not in every mode of margin.
        return side == "SELL" and _word(order, "tdMode") == "CASH"
    if parts != 3:
        return False
    if (held := _word(order, "posSide")) in {"LONG", "SHORT"}:
        return (held, side) in {("LONG", "SELL"), ("SHORT", "BUY")}
    return _true(order.get("reduceOnly"))


def _okx_close(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    name = _name(_mapping(params).get("instId"))
    return (Order(_okx_venue(name), name, True),)


# -------------------------------------------------------------------------------------------------------------- Kraken


def _kraken(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    given = _mapping(params)
    pair = given.get("pair") or given.get("symbol")
    if "orders" in given:
        return tuple(Order(venue, _name(one.get("pair") or one.get("symbol") or pair), _closes_on_kraken(one))
                     for one in _many(given["orders"]))  # fmt: skip
    if not pair and {"txid", "cl_ord_id", "order_id"} & given.keys():
        # AmendOrder names the order alone; the bot named the pair.
        if place.pair is None:
            raise UnreadableError("an order is changed by its number alone; edit_order names the pair")
        return (Order(venue, _name(place.pair), False),)
    return (Order(venue, _name(pair), _closes_on_kraken(given)),)


def _closes_on_kraken(order: Mapping[str, Any]) -> bool:
    if order.get("close") or order.get("conditional") or any(str(key).startswith("close[") for key in order):
        # What is attached trades back when this is filled.
        return False
    borrowed = _true(order.get("margin")) or str(order.get("leverage") or "none").lower() != "none"
    if borrowed:
        kind = str(order.get("ordertype") or order.get("order_type") or "").lower()
        return _true(order.get("reduce_only")) or kind == "settle-position"
    return (_word(order, "side") or _word(order, "type")) == "SELL"


_READERS: Final[Mapping[str, Callable[[Any, str, Place], tuple[Order, ...]]]] = {
    "spot": _spot,
    "margin": _margin,
    "contract": _contract,
    "contracts": _contracts,
    "okx": _okx,
    "okx_close": _okx_close,
    "kraken": _kraken,
}
