"""Which asset a venue means by a name. Pure: exact names only, no prefix is ever guessed.

A name is known by a row (reviewed, an admin's, of a multiplier contract whose bare name is a listed coin, of a renaming
that its venue announced), or because it is an asset's own code. Every other name is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

_MULTIPLE = re.compile(r"(1(?:0{3,6})|1M)([A-Z0-9]+)")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# More renamings than this are a mistake in the table: two rows that refer to each other.
_MAX_RENAMES = 8


@dataclass(frozen=True)
class NameRow:
    """What a venue (as in tickers; empty: everywhere) calls an asset, from `valid_from` until before `valid_to`.

    One unit of the name is `multiplier` units of the asset.
    """

    venue: str
    name: str
    asset: str
    multiplier: Decimal = Decimal(1)
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class Identified:
    """An asset, and how many units of it one unit of the name is."""

    asset: str
    multiplier: Decimal = Decimal(1)


class Identity:
    """Names to assets. Built once from rows and from the codes of known assets; no I/O afterwards."""

    def __init__(self, rows: Iterable[NameRow] = (), assets: Iterable[str] = ()) -> None:
        self.rows = tuple(rows)
        self.assets = frozenset(code.upper() for code in assets)
        self._rows: dict[tuple[str, str], list[NameRow]] = {}
        self._by_name: dict[str, list[NameRow]] = {}
        self._names: dict[str, set[str]] = {}
        for row in self.rows:
            self._rows.setdefault((row.venue, row.name.upper()), []).append(row)
            self._by_name.setdefault(row.name.upper(), []).append(row)
            self._names.setdefault(row.asset, set()).add(row.name.upper())

    def resolve(self, venue: str, name: str, at: datetime) -> Identified | None:
        """The asset that a venue means by a name at a time; None where that is unknown."""
        name = name.upper()
        row = self._row(venue, name, at)
        if row is None:
            return Identified(name) if name in self.assets else None
        return self._identified(row, at)

    def _identified(self, row: NameRow, at: datetime) -> Identified:
        asset, multiplier = row.asset, row.multiplier
        for _ in range(_MAX_RENAMES):
            renamed = self._row("", asset, at)
            if renamed is None or renamed.asset == asset:
                break
            asset, multiplier = renamed.asset, multiplier * renamed.multiplier
        return Identified(asset, multiplier)

    def meant(self, name: str, at: datetime) -> Identified | None:
        """The asset that a person means by a name without a venue; None where that is unknown.

        The name's meaning on every venue, else the one meaning of all venues that have it (1000SHIB, DODOX). If venues
        differ, it is unknown.
        """
        found = self.resolve("", name, at)
        valid = [] if found else [row for row in self._by_name.get(name.upper(), ()) if row.is_valid(at)]
        agreed = {self._identified(row, at) for row in valid}
        return agreed.pop() if len(agreed) == 1 else found

    def meant_asset(self, name: str, at: datetime) -> str:
        """The code of the asset that a person means; a name that is unknown stays as it is written."""
        found = self.meant(name, at)
        return found.asset if found else name.upper()

    def asset(self, venue: str, name: str, at: datetime) -> str:
        """The asset's code; a name that is unknown stays as it is written, in upper case."""
        found = self.resolve(venue, name, at)
        return found.asset if found else name.upper()

    def renamed(self, asset: str, at: datetime) -> str:
        """The code of an asset at a time, after its renamings until then (FTM: S)."""
        asset = asset.upper()
        for _ in range(_MAX_RENAMES):
            row = self._row("", asset, at)
            if row is None or row.valid_from is None or row.asset == asset:
                break
            asset = row.asset
        return asset

    def same_names(self, one: datetime, other: datetime) -> bool:
        """Whether every name means the same at both times: no row begins or ends between them."""
        earlier, later = sorted((one, other))
        return not any(
            moment is not None and earlier < moment <= later
            for row in self.rows
            for moment in (row.valid_from, row.valid_to)
        )

    def changed(self, earlier: datetime, later: datetime) -> dict[str, datetime]:
        """Name → when its meaning changed, for changes after `earlier` and until `later`."""
        moments: dict[str, datetime] = {}
        for row in self.rows:
            for moment in (row.valid_from, row.valid_to):
                if moment is not None and earlier < moment <= later:
                    moments[row.name.upper()] = max(moment, moments.get(row.name.upper(), moment))
        return moments

    def names(self, asset: str) -> frozenset[str]:
        """Every name that this asset has or had on any venue, including its own code."""
        found, fresh = {asset}, {asset}
        while fresh:
            fresh = {name for code in fresh for name in self._names.get(code, ())} - found
            found |= fresh
        return frozenset(found)

    def ever(self, name: str) -> frozenset[str]:
        """Every name of every asset that a name means or meant on any venue, including the name itself."""
        name = name.upper()
        return frozenset({name}).union(
            self.names(name), *(self.names(row.asset) for row in self._by_name.get(name, ()))
        )

    def former_names(self, asset: str, at: datetime) -> frozenset[str]:
        """The names of an asset on every venue before it was renamed, as far as they still mean it then (S: FTM)."""
        return frozenset(
            name
            for name in self.names(asset)
            if any(row.valid_from is not None for row in self._rows.get(("", name), ()))
            and self.asset("", name, at) == asset
        )

    def names_everywhere(self, asset: str, at: datetime) -> frozenset[str]:
        """The names of an asset on every venue then, including its own code (BTC: XBT, XXBT)."""
        return frozenset(name for name in self.names(asset) if self.asset("", name, at) == asset)

    def _row(self, venue: str, name: str, at: datetime) -> NameRow | None:
        for place in dict.fromkeys((venue, "")):
            valid = [row for row in self._rows.get((place, name), ()) if row.is_valid(at)]
            if valid:
                return max(valid, key=lambda row: row.valid_from or _LONG_AGO)
        return None


def multiple_of_known(name: str, known: Collection[str]) -> Identified | None:
    """1000SHIB → SHIB × 1000 where SHIB is known and 1000SHIB itself is not; None otherwise."""
    found = _MULTIPLE.fullmatch(name.upper())
    if not found or name.upper() in known or found[2] not in known:
        return None
    return Identified(found[2], Decimal(1_000_000 if found[1] == "1M" else int(found[1])))


@dataclass(frozen=True)
class Learnt:
    """What a venue's instrument list adds: coins that it lists, names of multiplier contracts, unknown names."""

    coins: frozenset[str] = frozenset()
    rows: tuple[NameRow, ...] = ()
    unknown: frozenset[str] = frozenset()


def learn(venue: str, bases: Iterable[str], spot: bool, identity: Identity, at: datetime) -> Learnt:
    """What the base names of a venue's instruments add to the known names.

    On spot a base name is a coin's own name; a contract's name identifies nothing unless its coin is known.
    """
    names = {base.upper() for base in bases}
    new = {name for name in names if identity.resolve(venue, name, at) is None}
    if spot:
        return Learnt(coins=frozenset(new))
    rows, unknown = [], set()
    for name in sorted(new):
        multiple = multiple_of_known(name, identity.assets)
        if multiple:
            rows.append(NameRow(venue, name, multiple.asset, multiple.multiplier))
        else:
            unknown.add(name)
    return Learnt(rows=tuple(rows), unknown=frozenset(unknown))
