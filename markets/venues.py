"""The exchanges that are watched and their venues, as each exchange's own module declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Exchange:
    """An exchange with its venues.

    name: as in an event's `source` (okx). title: for people (OKX). venues: the markets of the exchange, as they prefix
    tickers (OKX_USDM), each with its title. Contracts share symbols with spot pairs, so that each market is a venue of
    its own. in_ccxt: tickers that ccxt renames (`commonCurrencies` of its class for the exchange), of those that a list
    may have.
    """

    name: str
    title: str
    venues: Mapping[str, str]
    in_ccxt: Mapping[str, str] = field(default_factory=dict)


_declared: dict[str, Exchange] = {}


def declare(exchange: Exchange) -> None:
    """Register an exchange for forms, filters and titles; its module calls this when it is imported."""
    _declared[exchange.name] = exchange


def declared_exchanges() -> tuple[Exchange, ...]:
    return tuple(_declared[name] for name in exchange_names())


def exchange_names() -> tuple[str, ...]:
    return tuple(sorted(_declared))


def exchange_title(name: str) -> str:
    """The title of an exchange; for an undeclared one, its name with a capital."""
    return _declared[name].title if name in _declared else name.capitalize()


def name_in_ccxt(exchange: str, name: str) -> str:
    """What ccxt calls a ticker of an exchange. It writes every one in capitals."""
    known = _declared[exchange].in_ccxt if exchange in _declared else {}
    return known.get(name.upper(), name.upper())


def venue_choices() -> list[tuple[str, str]]:
    """(venue, title) of every venue, by exchange."""
    return [choice for name in exchange_names() for choice in _declared[name].venues.items()]


def venue_title(venue: str) -> str:
    return dict(venue_choices()).get(venue, venue)
