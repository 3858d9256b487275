"""The names of exchanges and venues in trading programs: the first argument of `can_trade`.

A venue is spelled as in tickers (`BINANCE_USDM`). All other spellings are lower case: the exchange by its name
(`binance`: all of its venues), a venue in lower case, and the names of its markets in ccxt, hummingbot and cryptofeed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from markets.models import VenueSpelling
from markets.venues import Exchange, declared_exchanges

_MARGIN = "_MARGIN"
# ccxt: binanceusdm, binancecoinm; hummingbot: binance_perpetual; cryptofeed: BINANCE_FUTURES, BINANCE_DELIVERY.
_OF_MARKET = {
    "": ("{}_spot", "{}_exchange"),
    "_USDM": ("{}usdm", "{}_usdm", "{}_linear", "{}_futures", "{}futures", "{}_perpetual", "{}_swap"),
    "_COINM": ("{}coinm", "{}_coinm", "{}_inverse", "{}_delivery", "{}delivery", "{}_perpetual", "{}_swap"),
    _MARGIN: ("{}_margin", "{}margin"),
    "_OPTIONS": ("{}_options",),
}
# Programs' one name for linear and inverse contracts.
_BOTH = {"okx": ("okx_futures", "okxfutures")}
_OTHER_NAMES = {"okx": ("okex", "okex5")}

Row = tuple[str, str, str, str]


def spellings(exchange: Exchange) -> frozenset[Row]:
    """(spelling, exchange, venue, list venue) of an exchange's venues."""
    spot = exchange.name.upper()
    # Margin trades the spot pairs on every exchange that has margin.
    venues = {*exchange.venues, *([spot + _MARGIN] if spot in exchange.venues else [])}
    rows: set[Row] = set()
    for venue in venues:
        ending = venue.removeprefix(spot)
        names = {venue, *(form.format(exchange.name) for form in _OF_MARKET.get(ending, (venue.lower(),)))}
        if ending in ("_USDM", "_COINM"):
            names.update(_BOTH.get(exchange.name, ()))
        if ending != _MARGIN:
            names.update((exchange.name, *_OTHER_NAMES.get(exchange.name, ())))
        list_venue = spot if ending == _MARGIN else venue
        rows |= {(name, exchange.name, venue, list_venue) for name in names}
    return frozenset(rows)


def store_spellings(exchanges: Iterable[Exchange] | None = None, **_signal: Any) -> None:
    """Store the spellings of the declared exchanges. Idempotent; also a receiver of `post_migrate`."""
    target = {row for exchange in (exchanges or declared_exchanges()) for row in spellings(exchange)}
    known = set(VenueSpelling.objects.values_list("spelling", "exchange", "venue", "list_venue"))
    if target == known:
        return
    with transaction.atomic():
        for spelling, exchange, venue, list_venue in known - target:
            VenueSpelling.objects.filter(
                spelling=spelling, exchange=exchange, venue=venue, list_venue=list_venue
            ).delete()
        VenueSpelling.objects.bulk_create(
            [
                VenueSpelling(spelling=spelling, exchange=exchange, venue=venue, list_venue=list_venue)
                for spelling, exchange, venue, list_venue in sorted(target - known)
            ],
            ignore_conflicts=True,
        )
