"""The exchanges that are watched and their venues, as each exchange's own module declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """An exchange with its venues.

    name: as an event's `source` says it (okx). title: as people write it (OKX). venues: the markets of the exchange, as
    they prefix tickers (OKX_USDM), each with what people call it. Contracts share symbols with spot pairs, so that each
    market is a venue of its own.
    """

    name: str
    title: str
    venues: Mapping[str, str]


_declared: dict[str, Exchange] = {}


def declare(exchange: Exchange) -> None:
    """Make an exchange known to forms, filters and titles; its module does it when it is imported."""
    _declared[exchange.name] = exchange


def declared_exchanges() -> tuple[Exchange, ...]:
    return tuple(_declared[name] for name in exchange_names())


def exchange_names() -> tuple[str, ...]:
    return tuple(sorted(_declared))


def exchange_title(name: str) -> str:
    """As people write it; of an exchange that nobody declared the name with a capital."""
    return _declared[name].title if name in _declared else name.capitalize()


def venue_choices() -> list[tuple[str, str]]:
    """(venue, what people call it) of every venue, by exchange."""
    return [choice for name in exchange_names() for choice in _declared[name].venues.items()]


def venue_title(venue: str) -> str:
    return dict(venue_choices()).get(venue, venue)
