"""Identity from the database: the shipped table, admins' rows, and names from lists and announcements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from markets.identity import Identity, Learnt, NameRow, learn
from markets.models import Asset, AssetName, Instrument
from markets.shipped_assets import shipped_assets
from markets.versions import VersionedCache, version_of


def load_identity() -> Identity:
    """The names known now. Assets of the kind "unknown" are names that were seen, and identify nothing."""
    rows = [
        NameRow(*values)
        for values in AssetName.objects.values_list(
            "venue", "name", "asset__code", "multiplier", "valid_from", "valid_to"
        )
    ]
    known = Asset.objects.exclude(kind=Asset.Kind.UNKNOWN).values_list("code", flat=True)
    return Identity(rows, known)


_last: VersionedCache[Identity] = VersionedCache()


def known_identity() -> Identity:
    """`load_identity`, read again only when the tables have changed: every cycle asks for it."""
    return _last.of(connection.alias, version_of(Asset, AssetName), load_identity)


def stored_names(assets: Collection[str]) -> QuerySet[AssetName]:
    """The rows of the table of names that lead to these assets, with their asset, by name and beginning."""
    return AssetName.objects.filter(asset__code__in=assets).select_related("asset").order_by("name", "valid_from")


def load_shipped_assets(**_signal: Any) -> None:
    """Add the shipped rows that are absent; admins' changes stay. Receiver of `post_migrate`."""
    table = shipped_assets()
    Asset.objects.bulk_create(
        [Asset(code=code, kind=kind, reviewed=True) for code, kind in table.kinds.items()], ignore_conflicts=True
    )
    # A row whose dates an admin corrected counts as the same row.
    present = set(AssetName.objects.values_list("venue", "name", "asset__code"))
    add_names((row for row in table.rows if (row.venue, row.name, row.asset) not in present), "reviewed, shipped")


def add_names(rows: Iterable[NameRow], origin: str) -> None:
    """Store names of assets. Missing assets are created; unknown assets become coins."""
    rows = list(rows)
    if not rows:
        return
    codes = {row.asset for row in rows}
    note_coins(codes, origin)
    assets = dict(Asset.objects.filter(code__in=codes).values_list("code", "pk"))
    AssetName.objects.bulk_create(
        [
            AssetName(
                asset_id=assets[row.asset],
                venue=row.venue,
                name=row.name,
                multiplier=row.multiplier,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                origin=origin[:200],
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    # A name of another asset is no unknown asset of its own.
    Asset.objects.filter(code__in={row.name for row in rows} - codes, kind=Asset.Kind.UNKNOWN, reviewed=False).delete()


# Begins the origin of a name that an announcement gave.
_ANNOUNCED = "announcement"


def plan_name(row: NameRow, url: str, released_at: datetime | None, *, done: bool) -> None:
    """Store the change of ticker that an announcement gives, or move the one that an earlier announcement gave.

    A change that is known already stays as it is. done: the announcement says that it has happened; else the new name
    must not be traded beside the old one yet, for then it is another coin's.
    """
    planned = _planned(row, released_at).first()
    if planned:
        AssetName.objects.filter(pk=planned.pk).update(valid_from=row.valid_from)
        return
    if AssetName.objects.filter(venue__in=(row.venue, ""), name=row.name, asset__code=row.asset).exists():
        return
    if done or not Instrument.objects.filter(venue=row.venue, base=row.asset, live=True).exists():
        add_names([row], f"{_ANNOUNCED} {url}")


def drop_planned_names(rows: Iterable[NameRow], released_at: datetime) -> None:
    """Remove the changes of ticker that an announcement calls off and that were still to come when it came out."""
    for row in rows:
        _planned(row, released_at).delete()


def _planned(row: NameRow, released_at: datetime | None) -> QuerySet[AssetName]:
    """The row of an earlier announcement for the same change, if it was still to come at a release."""
    rows = AssetName.objects.filter(venue=row.venue, name=row.name, asset__code=row.asset)
    return rows.filter(origin__startswith=_ANNOUNCED, valid_from__gt=released_at).order_by("valid_from")


def note_coins(codes: Collection[str], note: str) -> None:
    """Store names that a market trades as coins as assets."""
    Asset.objects.filter(code__in=codes, kind=Asset.Kind.UNKNOWN, reviewed=False).update(
        kind=Asset.Kind.COIN, note=note
    )
    Asset.objects.bulk_create(
        [Asset(code=code, kind=Asset.Kind.COIN, note=note) for code in sorted(codes)], ignore_conflicts=True
    )


def note_unknown(names: Collection[str], note: str) -> None:
    """Store unknown names as assets of the kind "unknown", for an admin to review."""
    Asset.objects.bulk_create(
        [Asset(code=name, note=note) for name in sorted(names) if len(name) <= 64], ignore_conflicts=True
    )


def learn_from_instruments(venue: str, bases: Iterable[str], now: datetime) -> Identity:
    """Store what a venue's instrument list adds to the names; returns the identity after that.

    Venues of markets other than spot have a suffix.
    """
    identity = load_identity()
    learnt = learn(venue, bases, "_" not in venue, identity, now)
    if learnt == Learnt():
        return identity
    if learnt.coins:
        note_coins(learnt.coins, f"listed on {venue}")
    add_names(learnt.rows, f"instrument list of {venue}")
    if learnt.unknown:
        note_unknown(learnt.unknown, f"a contract on {venue}")
    return load_identity()


def live_tickers(token: str, identity: Identity, at: datetime, venue: str = "") -> tuple[str, ...]:
    """VENUE:SYMBOL of every live instrument of the asset that a token means, on one venue or on all, sorted."""
    return tickers_of([token], identity, at, venue)[token]


def tickers_of(
    tokens: Collection[str], identity: Identity, at: datetime, venue: str = ""
) -> Mapping[str, tuple[str, ...]]:
    """`live_tickers` of each of some tokens, in one query."""
    assets = {token: identity.asset("", token, at) for token in tokens}
    names = {name for asset in assets.values() for name in identity.names(asset)}
    rows = Instrument.objects.filter(live=True, base__in=names)
    if venue:
        rows = rows.filter(venue=venue)
    found: dict[str, list[str]] = {}
    for row_venue, symbol, base in rows.values_list("venue", "symbol", "base"):
        found.setdefault(identity.asset(row_venue, base, at), []).append(f"{row_venue}:{symbol}")
    return {token: tuple(sorted(found.get(asset, ()))) for token, asset in assets.items()}
