"""What names mean, in memory: aliases of assets, spellings of venues, and what is watched or listed.

Read off the event loop's way and only when the tables have changed; an answer never waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from markets.identity import Identity, NameRow

# As `markets.versions.version_of` counts: a row that is added, changed or deleted changes one of the sums.
_VERSION = """
SELECT (SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM markets_asset),
       (SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM markets_assetname),
       (SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM venue_spelling),
       (SELECT concat(count(*), ' ', sum(xmin::text::bigint)) FROM watch_effective)
"""
_NAMES = """
SELECT name.venue, name.name, asset.code, name.multiplier, name.valid_from, name.valid_to
  FROM markets_assetname AS name JOIN markets_asset AS asset ON asset.id = name.asset_id
"""
_ASSETS = "SELECT code FROM markets_asset WHERE kind <> 'unknown'"
_LISTED = """
SELECT token FROM markets_instrument UNION SELECT quote_token FROM markets_instrument
UNION SELECT settle_token FROM markets_instrument
"""
_VENUES = "SELECT spelling, venue, list_venue FROM venue_spelling"
_WATCHED = "SELECT DISTINCT upper(currency) FROM watch_effective"
_LISTED_SECONDS = 60.0


@dataclass(frozen=True)
class Places:
    """The venues that a spelling means, with those whose effects hold there as well."""

    venues: frozenset[str]
    exchanges: frozenset[str]

    @property
    def key(self) -> str:
        """The same text for the same venues, in every process."""
        return " ".join(sorted(self.venues))


class Names:
    """Empty before the first `read`: then every name stands for itself, and nothing is known."""

    def __init__(self) -> None:
        self.loaded = False
        self._identity = Identity()
        self._places: dict[str, Places] = {}
        self._watched: frozenset[str] = frozenset()
        self._listed: frozenset[str] = frozenset()
        self._version: Hashable = None
        self._listed_at = -_LISTED_SECONDS

    async def read(self, connection: asyncpg.Pool[Any] | asyncpg.Connection[Any]) -> None:
        """Read what has changed. Raises what `api.connection.UNAVAILABLE` names."""
        version = tuple(await connection.fetchrow(_VERSION) or ())
        now = time.monotonic()
        if version == self._version and now - self._listed_at < _LISTED_SECONDS:
            return
        listed = frozenset(row[0] for row in await connection.fetch(_LISTED))
        if version != self._version:
            names = await connection.fetch(_NAMES)
            assets = [row[0] for row in await connection.fetch(_ASSETS)]
            venues = await connection.fetch(_VENUES)
            watched = frozenset(row[0] for row in await connection.fetch(_WATCHED))
            # Ten thousand rows take too long for the loop.
            identity = await asyncio.to_thread(_identity, names, assets)
            self._identity, self._watched, self._places = identity, watched, _places(venues)
        self._listed = listed - {""}
        self._version, self._listed_at, self.loaded = version, now, True

    def asset(self, name: str, at: datetime) -> str:
        """The code of the asset that a person means; a name that is unknown stays as it is written, in upper case."""
        return self._identity.meant_asset(name.strip(), at)

    def covered(self, asset: str, asked: str, at: datetime) -> str:
        """ "watched", "listed" (known, and nobody watches it) or "unknown"."""
        if self._watched & {asset, asked.strip().upper()} or self._watched & self._identity.names_everywhere(asset, at):
            return "watched"
        known = asset in self._identity.assets or asset in self._listed or self._identity.meant(asset, at) is not None
        return "listed" if known else "unknown"

    def places(self, spelling: str) -> Places | None:
        """What an exchange or venue is, however it is written; None where nobody knows it."""
        given = spelling.strip()
        return self._places.get(given) or self._places.get(given.lower().translate(_SEPARATORS))

    def venues(self) -> Collection[str]:
        """Every venue, as tickers have it."""
        return sorted({venue for places in self._places.values() for venue in places.venues})


_SEPARATORS = str.maketrans(" -.", "___")


def _identity(names: Iterable[Any], assets: Iterable[str]) -> Identity:
    return Identity((NameRow(*row) for row in names), assets)


def _places(rows: Iterable[Any]) -> dict[str, Places]:
    found: dict[str, set[str]] = {}
    for spelling, venue, list_venue in rows:
        found.setdefault(spelling, set()).update((venue, list_venue))
    return {
        spelling: Places(frozenset(venues), frozenset(venue.partition("_")[0] for venue in venues))
        for spelling, venues in found.items()
    }
