"""The table of instruments: storing lists in it, and reading it as `MarketKnowledge`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from markets.identity import Identified, Identity
from markets.identity_store import learn_from_instruments, load_identity
from markets.instrument_names import store_names
from markets.knowledge import GONE, InstrumentRow, MarketKnowledge
from markets.models import Asset, AssetName, Instrument
from markets.versions import version_of


def load_knowledge(venues: Iterable[str] | None = None, at: datetime | None = None) -> MarketKnowledge:
    """The instruments table now, with names as of `at` (default: now). Read again only when the tables have changed."""
    at = at or timezone.now()
    selected = None if venues is None else tuple(sorted(set(venues)))
    version = version_of(Instrument, Asset, AssetName)
    key = (connection.alias, selected)
    cached = _cached.get(key)
    if cached is None or cached[0] != version or not cached[1].identity.same_names(cached[1].at or at, at):
        cached = _cached[key] = (version, _read_knowledge(selected, at))
    return replace(cached[1], at=at)


# `stopped_at` follows from two columns.
_NAMES = tuple(field.name for field in fields(InstrumentRow) if field.name != "stopped_at")
# (database, venues) → version of the tables, and the knowledge that was read then.
_cached: dict[Hashable, tuple[Hashable, MarketKnowledge]] = {}


def _read_knowledge(venues: tuple[str, ...] | None, at: datetime) -> MarketKnowledge:
    identity = load_identity()
    query = Instrument.objects.all() if venues is None else Instrument.objects.filter(venue__in=venues)
    by_venue: dict[str, dict[str, InstrumentRow]] = {}
    for values in query.values_list(*_NAMES, "since", "first_seen_at").iterator(chunk_size=5000):
        *_, since, first_seen_at = values
        row = _identified(InstrumentRow(*values[:-2]), identity, at)
        # An instrument that did not trade when it was first seen may have stopped years before.
        if not row.live and since > first_seen_at:
            row = replace(row, stopped_at=since)
        by_venue.setdefault(row.venue, {})[row.symbol] = row
    return MarketKnowledge(by_venue, identity, at)


def listed_instruments(tickers: Iterable[str]) -> dict[tuple[str, str], InstrumentRow]:
    """(venue, symbol) → row, for each VENUE:SYMBOL that the table has; for a margin pair, its spot pair."""
    requested = {ticker.partition(":")[::2] for ticker in tickers}
    venues = {venue.removesuffix("_MARGIN") for venue, _ in requested}
    rows = Instrument.objects.filter(venue__in=venues, symbol__in={symbol for _, symbol in requested})
    found = (InstrumentRow(*values) for values in rows.values_list(*_NAMES))
    return {(row.venue, row.symbol): row for row in found}


def store_instruments(venue: str, rows: Iterable[InstrumentRow], now: datetime) -> int:
    """Store what a venue lists now; returns the number of rows that changed.

    An instrument that is not listed any more stays as GONE, since events and the history of symbols refer to it. New
    names go into the assets; token and multiplier follow from the assets, not from the rows.
    """
    return store_lists({venue: rows}, now)


def store_lists(lists: Mapping[str, Iterable[InstrumentRow]], now: datetime) -> int:
    """`store_instruments` for several venues. Lists that did not change since then cost one query in all."""
    version = version_of(Instrument, Asset, AssetName)
    count = 0
    for venue, rows in lists.items():
        listed = {row.symbol: row for row in rows}
        cached = _stored.get((connection.alias, venue))
        if cached and (cached[0], cached[1]) == (version, listed) and cached[2].same_names(cached[3], now):
            continue
        count += _store(venue, listed, now)
        version = version_of(Instrument, Asset, AssetName)
    return count


def _store(venue: str, listed: Mapping[str, InstrumentRow], now: datetime) -> int:
    as_listed = listed
    changed, fresh = [], []
    with transaction.atomic():
        identity = learn_from_instruments(venue, {row.base for row in listed.values()}, now)
        listed = {symbol: _identified(row, identity, now) for symbol, row in listed.items()}
        known = {row.symbol: row for row in Instrument.objects.select_for_update().filter(venue=venue)}
        for symbol, row in listed.items():
            instrument = known.get(symbol)
            if instrument is None:
                instrument = Instrument(venue=venue, symbol=symbol, since=now, first_seen_at=now, last_seen_at=now)
                _fill(instrument, row, identity, now)
                fresh.append(instrument)
            elif _differs(instrument, row, identity, now):
                if instrument.status != row.status:
                    instrument.since = now
                instrument.last_seen_at = now
                _fill(instrument, row, identity, now)
                changed.append(instrument)
        for symbol, instrument in known.items():
            if symbol not in listed and instrument.status != GONE:
                instrument.status, instrument.live, instrument.since = GONE, False, now
                changed.append(instrument)
        Instrument.objects.bulk_create(fresh, batch_size=1000)
        _update(changed)
        # The first time in a process all names of the venue are built: another release may build them differently.
        first = (connection.alias, venue) not in _stored
        store_names(venue, [*known.values(), *fresh] if first else [*changed, *fresh])
        _stored[connection.alias, venue] = (version_of(Instrument, Asset, AssetName), as_listed, identity, now)
    return len(fresh) + len(changed)


_SEPARATOR = "\x1f"
# Column → its type. A full list can change at once, for one at the first reading after an upgrade, and the ORM's
# bulk_update takes eleven seconds for five thousand rows.
_COLUMNS = {
    "base": "text", "quote": "text", "token": "text", "multiplier": "numeric", "contract_type": "text",
    "status": "text", "live": "boolean", "ends_at": "timestamptz", "since": "timestamptz",
    "last_seen_at": "timestamptz", "settle": "text", "quote_token": "text", "settle_token": "text",
}  # fmt: skip
_UPDATE = (
    f"UPDATE {Instrument._meta.db_table} AS instrument"
    f" SET {', '.join(f'{name} = new.{name}' for name in _COLUMNS)},"
    " aliases = string_to_array(new.aliases, %s)"
    f" FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}, %s::text[])"
    f" AS new (id, {', '.join(_COLUMNS)}, aliases) WHERE instrument.id = new.id"
)


def _update(changed: Sequence[Instrument]) -> None:
    if not changed:
        return
    values = [[getattr(instrument, name) for instrument in changed] for name in _COLUMNS]
    aliases = [_SEPARATOR.join(instrument.aliases) for instrument in changed]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [_SEPARATOR, [instrument.pk for instrument in changed], *values, aliases])


# (database, venue) → version of the tables after the last store, the list that was stored, identity and time then.
_stored: dict[Hashable, tuple[Hashable, Mapping[str, InstrumentRow], Identity, datetime]] = {}


def _identified(row: InstrumentRow, identity: Identity, at: datetime) -> InstrumentRow:
    """The row with the asset that its base means; an unknown name is its own token, whatever it begins with."""
    found = identity.resolve(row.venue, row.base, at) or Identified(row.base.upper())
    if (row.token, row.multiplier) == (found.asset, found.multiplier):
        return row
    return replace(row, token=found.asset, multiplier=found.multiplier)


def _content(row: InstrumentRow | Instrument) -> tuple[object, ...]:
    return (
        row.base, row.quote, row.token, row.multiplier, row.contract_type, row.status, row.live, row.ends_at,
        row.settle, tuple(row.aliases),
    )  # fmt: skip


def _money(row: InstrumentRow, identity: Identity, at: datetime) -> tuple[str, str]:
    """The assets that an instrument is quoted and settled in."""
    return identity.asset(row.venue, row.quote, at), identity.asset(row.venue, row.settle, at) if row.settle else ""


def _differs(instrument: Instrument, row: InstrumentRow, identity: Identity, at: datetime) -> bool:
    money = (instrument.quote_token, instrument.settle_token)
    return _content(instrument) != _content(row) or money != _money(row, identity, at)


def _fill(instrument: Instrument, row: InstrumentRow, identity: Identity, at: datetime) -> None:
    instrument.base, instrument.quote, instrument.token = row.base, row.quote, row.token
    instrument.multiplier, instrument.contract_type = row.multiplier, row.contract_type
    instrument.status, instrument.live, instrument.ends_at = row.status, row.live, row.ends_at
    instrument.settle, instrument.aliases = row.settle, list(row.aliases)
    instrument.quote_token, instrument.settle_token = _money(row, identity, at)
