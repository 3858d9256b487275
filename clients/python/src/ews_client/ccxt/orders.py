"""What a request of ccxt would place, read from the exchange's own words. Pure.

An order is closing only where the exchange itself keeps it from opening anything: one that it takes as reduce-only, the
way out of a side in hedge mode, and on the spot account the side that gives away what is at risk, which the answer
says. Changing an order is placing one. What is not provably closing is opening, and what cannot be read is vetoed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from ews_client.ccxt.endpoints import Table

OPENS: Final = "opens"
SELLS: Final = "sells"
BUYS: Final = "buys"
REDUCES: Final = "reduces"


@dataclass(frozen=True)
class Order:
    """One order as `can_trade` is asked about it: (exchange, symbol), and what it does.

    `way`: `reduces`: the exchange itself keeps it from opening anything. `sells`, `buys`: on a spot account, with what
    is there; whether that closes depends on which of the two assets is at risk. `opens`: all else, and every doubt.
    """

    exchange: str
    symbol: str
    way: str = OPENS


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


# What exchanges take as a sign of life: bare texts.
_BEATS: Final = frozenset({"ping", "pong"})


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
        if message in _BEATS:
            return ()
        try:
            message = _json(message)
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
        # ccxt puts what a bot adds beside `params`, where Kraken does not look, or might.
        inside = message.get("params")
        return _read(kind, "KRAKEN", [message, inside] if isinstance(inside, Mapping) else [message], place)
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
    return found if plain == kind else tuple(replace(order, way=OPENS) for order in found)


def _mapping(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise UnreadableError(f"an order was {type(found).__name__}, expected an object")
    if not all(isinstance(key, str) for key in found):
        # b"symbol" beside "symbol" would be written as the same word, twice.
        raise UnreadableError("an order had a key that is no text")
    return found


def _many(found: Any) -> list[Mapping[str, Any]]:
    """The orders of a batch, also where it was written as JSON already."""
    if isinstance(found, str):
        try:
            found = _json(found)
        except ValueError:
            raise UnreadableError("a batch of orders was no JSON") from None
    if not isinstance(found, list | tuple) or not found:
        raise UnreadableError("a batch of orders was no list, or empty")
    return [_mapping(one) for one in found]


def _json(text: str) -> Any:
    """What a text says in JSON. Raises ValueError, also where an object has one key twice: readers differ there."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stood twice in an object")
        return found

    return json.loads(text, object_pairs_hook=once)


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


def _spot_way(sides: set[str]) -> str:
    return SELLS if sides == {"SELL"} else BUYS if sides == {"BUY"} else OPENS


# ------------------------------------------------------------------------------------------------------------- Binance


def _spot(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    """An order on the spot account can only give away what is there."""
    order = _mapping(params)
    return (Order(venue, _name(order.get("symbol")), _spot_way(_sides(order))),)


def _margin(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    """A sale that borrows nothing and pays back. A purchase to pay back may buy more than is owed: it is opening."""
    order = _mapping(params)
    closing = _sides(order) == {"SELL"} and _word(order, "sideEffectType") == "AUTO_REPAY"
    return (Order(venue, _name(order.get("symbol")), SELLS if closing else OPENS),)


def _contract(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    order = _mapping(params)
    return (Order(venue, _name(order.get("symbol")), REDUCES if _closes_contract(order) else OPENS),)


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
    if any(sign in text for text in _texts(given) for sign in "%&"):
        # ccxt writes batches as they are: what is in a name would be read as the next parameter, or another text.
        raise UnreadableError("a batch of orders had % or & in a text")
    return tuple(order for batch in batches for one in _many(batch) for order in _contract(one, venue, place))


def _texts(found: Any) -> list[str]:
    """All texts in something, keys as well."""
    if isinstance(found, Mapping):
        return [text for pair in found.items() for one in pair for text in _texts(one)]
    if isinstance(found, list | tuple):
        return [text for one in found for text in _texts(one)]
    return [str(found)]


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
    return [Order(_okx_venue(name), name, _way_on_okx(order, name)) for name in map(_name, names)]


def _okx_venue(name: str) -> str:
    """BTC-USDT is a spot pair. Names of contracts are unique on OKX, so that the exchange is asked, not one market."""
    return "OKX" if name.count("-") == 1 else "okx"


def _way_on_okx(order: Mapping[str, Any], name: str) -> str:
    if order.get("attachAlgoOrds"):
        return OPENS
    parts, side = name.count("-") + 1, _word(order, "side")
    if parts == 2:
        # reduceOnly is not looked at on the spot account, and not in every mode of margin. With tradeQuoteCcy the quote
        # is another one than the name says.
        plain = _word(order, "tdMode") == "CASH" and not order.get("tradeQuoteCcy")
        return _spot_way({side}) if plain else OPENS
    if parts != 3:
        return OPENS
    if (held := _word(order, "posSide")) in {"LONG", "SHORT"}:
        return REDUCES if (held, side) in {("LONG", "SELL"), ("SHORT", "BUY")} else OPENS
    return REDUCES if _true(order.get("reduceOnly")) else OPENS


def _okx_close(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    name = _name(_mapping(params).get("instId"))
    return (Order(_okx_venue(name), name, REDUCES),)


# -------------------------------------------------------------------------------------------------------------- Kraken


_ONE_ORDER: Final = frozenset({"side", "type", "ordertype", "order_type", "volume", "order_qty"})


def _kraken(params: Any, venue: str, place: Place) -> tuple[Order, ...]:
    """All places where a pair, a side or a leverage may be looked for count: `params` of a message, and beside them."""
    views = [_mapping(view) for view in (params if isinstance(params, list) else [params])]
    names = list(dict.fromkeys(name for view in views for name in _named(view)))
    if any({"txid", "cl_ord_id", "order_id"} & view.keys() for view in views):
        # AmendOrder names the order alone; the bot named the pair.
        if not names and place.pair is None:
            raise UnreadableError("an order is changed by its number alone; edit_order names the pair")
        names += [place.pair] if place.pair is not None and place.pair not in names else []
    batches = [one for view in views if "orders" in view for one in _many(view["orders"])]
    # Of a batch the pair on top counts, and one that stands in an order might.
    found = [Order(venue, name, _way_on_kraken([*views, one])) for one in batches for name in (*names, *_named(one))]
    if not batches or any(_ONE_ORDER & view.keys() for view in views):
        found += [Order(venue, name, _way_on_kraken(views)) for name in names]
    if not found:
        raise UnreadableError("an order named no pair")
    return tuple(dict.fromkeys(found))


def _named(view: Mapping[str, Any]) -> list[str]:
    return [_name(view[key]) for key in ("pair", "symbol") if view.get(key)]


def _way_on_kraken(views: Sequence[Mapping[str, Any]]) -> str:
    """What is said in two places must not differ; what is said beside the order is none of its own brakes."""
    order = views[-1]
    if any(view.get("close") or view.get("conditional") or any(key.startswith("close[") for key in view)
           for view in views):  # fmt: skip
        # What is attached trades back when this is filled.
        return OPENS
    sides = {word for view in views for key in ("side", "type") if (word := _word(view, key)) in {"BUY", "SELL"}}
    if any(_may_borrow_on_kraken(view) for view in views):
        if not (_true(order.get("margin")) or str(order.get("leverage") or "none").lower() != "none"):
            return OPENS
        kind = str(order.get("ordertype") or order.get("order_type") or "").lower()
        return REDUCES if _true(order.get("reduce_only")) or kind == "settle-position" else OPENS
    return _spot_way(sides)


def _may_borrow_on_kraken(view: Mapping[str, Any]) -> bool:
    return any(str(view.get(key) or "none").lower() not in {"none", "false"} for key in ("margin", "leverage"))


_READERS: Final[Mapping[str, Callable[[Any, str, Place], tuple[Order, ...]]]] = {
    "spot": _spot,
    "margin": _margin,
    "contract": _contract,
    "contracts": _contracts,
    "okx": _okx,
    "okx_close": _okx_close,
    "kraken": _kraken,
}
