"""`GET /instruments` and `GET /assets/{name}`: what exchanges list, and what names mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query
from pydantic import BaseModel

from api.problems import Problem
from api.rest.access import READ, router
from api.rest.bodies import Event
from api.rest.envelope import Envelope, Listing, enveloped
from api.rest.event_rows import event_bodies, light_events
from api.rest.filters import asset_named, tokens_named, venues_named
from api.rest.inputs import MOST, Filters, Name
from api.rest.pages import page
from events import clock
from events.enums import Status
from events.models import Effect
from markets.identity_store import known_identity, stored_names
from markets.instrument_names import bare
from markets.models import Asset, Instrument, InstrumentName, VenueSpelling, WatchEffective
from markets.names import typed_name

_INSTRUMENT = (
    "id", "venue", "symbol", "base", "quote", "settle", "token", "quote_token", "settle_token", "aliases",
    "contract_type", "status", "live", "ends_at", "since", "first_seen_at", "last_seen_at",
)  # fmt: skip


class InstrumentBody(BaseModel):
    """A pair or contract as its exchange lists it."""

    id: int
    venue: str
    symbol: str
    base: str
    quote: str
    settle: str
    token: str = Field(description="The asset of the base, without multiplier.")
    quote_token: str
    settle_token: str
    multiplier: str = Field(description="Units of the asset in one of the base; a decimal.")
    aliases: list[str]
    contract_type: str
    status: str = Field(description="As the exchange writes it.")
    live: bool
    ends_at: datetime | None
    since: datetime
    first_seen_at: datetime
    last_seen_at: datetime


class InstrumentPage(Listing):
    items: list[InstrumentBody]


class NameBody(BaseModel):
    """What a venue calls an asset, and when."""

    name: str
    venue: str = Field(description="Empty: on every venue.")
    asset: str
    multiplier: str = Field(description="Units of the asset in one of this name; a decimal.")
    valid_from: datetime | None
    valid_to: datetime | None
    origin: str


class AssetAnswer(Envelope):
    asset: str
    asked: str
    kind: str
    note: str = Field(description="What the name means, where it is not the asset's own code.")
    names: list[NameBody] = Field(description="Every name that it has or had.")
    watched: list[str] = Field(description="The watch lists that it is on: spot, usdm, quote.")
    open_events: list[Event]
    instruments: list[InstrumentBody] = Field(description="Live ones first, at most 500; `GET /instruments` has all.")
    instruments_total: int


class InstrumentFilters(Filters):
    venue: Name | None = Field(None, description="BINANCE_USDM, or binance for all of its venues.")
    token: list[Name] = Field([], description="Repeatable; any name of the asset.", max_length=20)
    symbol: Name | None = Field(
        None, description="In any spelling: BTCUSDT, BTC/USDT, BTC/USDT:USDT, BTC-USDT-SWAP, BTCUSDT-PERP.BINANCE."
    )
    live: bool | None = None


@router.get("/instruments", auth=READ, response=InstrumentPage, tags=["assets"])
def list_instruments(request: HttpRequest, filters: Query[InstrumentFilters]) -> dict[str, Any]:
    """Instruments in the order in which they were first listed."""
    envelope = enveloped(request)
    found = Q()
    venues = None if filters.venue is None else _listing(venues_named(filters.venue))
    if venues is not None:
        found &= Q(venue__in=venues)
    if filters.token:
        found &= Q(token__in=tokens_named("token", filters.token, clock.now()))
    if filters.live is not None:
        found &= Q(live=filters.live)
    if filters.symbol is not None:
        found &= Q(pk__in=_of_symbol(filters.symbol, venues))
    shown, following = page(request, Instrument.objects.filter(found), filters, newest_first=False)
    return {**envelope, "items": [_body(row) for row in shown], "next": following}


@router.get("/assets/{name}", auth=READ, response=AssetAnswer, tags=["assets"])
def one_asset(request: HttpRequest, name: Name) -> dict[str, Any]:
    """An asset by any of its names: names over time, instruments, whether it is watched, open events."""
    envelope = enveloped(request)
    now = clock.now()
    asset = asset_named("name", name, now)
    row = Asset.objects.filter(code=asset).first()
    tokens = tokens_named("name", [name], now)
    instruments = Instrument.objects.filter(token__in=tokens)
    total = instruments.count()
    open_events = light_events().filter(
        status=Status.OPEN, pk__in=Effect.objects.filter(open=True, token__in=tokens).values("event_id")
    )
    shown = list(open_events.order_by("-pk")[:MOST])
    typed = typed_name(name, known_identity(), now)
    if row is None and not total and not shown:
        raise Problem(404, f"no asset is called {name!r}: {typed.note or 'it is in no list'}")
    names = stored_names(tokens)
    listed = [
        {
            "name": one.name,
            "venue": one.venue,
            "asset": one.asset.code,
            "multiplier": decimal_text(one.multiplier),
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "origin": one.origin,
        }
        for one in names
    ]
    watched = WatchEffective.objects.filter(currency=asset).order_by("watch_list").values_list("watch_list", flat=True)
    return {
        **envelope,
        "asset": asset,
        "asked": name,
        "kind": row.kind if row is not None else Asset.Kind.UNKNOWN.value,
        "note": typed.note,
        "names": listed,
        "watched": list(watched),
        "open_events": event_bodies(shown),
        "instruments": [_body(one) for one in instruments.order_by("-live", "venue", "symbol")[:MOST]],
        "instruments_total": total,
    }


def decimal_text(value: Decimal) -> str:
    """A decimal without trailing zeros and without an exponent: JSON's numbers would be read as floats."""
    return f"{value.normalize():f}"


def _body(row: Instrument) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in _INSTRUMENT}, "multiplier": decimal_text(row.multiplier)}


def _listing(venues: Iterable[str]) -> list[str]:
    """The venues whose lists have the instruments of these: the margin market trades the spot list's."""
    return sorted(set(VenueSpelling.objects.filter(venue__in=venues).values_list("list_venue", flat=True)))


def _of_symbol(symbol: str, venues: Collection[str] | None) -> list[int]:
    """The instruments of a symbol on these venues: by the names that programs have, else by its letters and digits.

    BTCUSDT is OKX's BTC-USDT where OKX is asked for, and Binance's BTCUSDT anywhere.
    """
    names = InstrumentName.objects.all() if venues is None else InstrumentName.objects.filter(venue__in=venues)
    found = set(names.filter(name=symbol.upper()).values_list("instrument_id", flat=True))
    market, _, rest = symbol.upper().partition(":")
    if not found and rest and VenueSpelling.objects.filter(spelling=market, venue=market).exists():
        # VENUE:SYMBOL, as tickers are.
        found = set(names.filter(venue__in=_listing([market]), name=rest).values_list("instrument_id", flat=True))
    if not found and bare(symbol):
        found = set(names.filter(bare=bare(symbol)).values_list("instrument_id", flat=True))
    return sorted(found)
