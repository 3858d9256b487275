"""Which pairs of a venue may be opened now, in the spelling of bots: what every door for bots serves.

Held per venue and event loop, computed by the database's `can_trade`, and handed on when it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

from api.connection import UNAVAILABLE
from api.freshness import Freshness
from api.picture import Picture
from api.runtime import Runtime

_PAIRS = """
SELECT instrument.symbol, name.name
  FROM markets_instrument AS instrument
  JOIN instrument_name AS name ON name.instrument_id = instrument.id AND name.convention = 'ccxt'
 WHERE instrument.venue = $1 AND instrument.live ORDER BY 2
"""
_MAY = "SELECT n, bool_and(may_open) AS may_open FROM can_trade_many($1::text[], $2::text[]) GROUP BY n"


@dataclass(frozen=True)
class VenuePairs:
    """The live pairs of a venue in the spelling of ccxt, sorted. Where `status` is not `fresh`, none is allowed."""

    venue: str
    status: str
    as_of: datetime | None
    seq: int | None
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


OnChange = Callable[[VenuePairs], None]
"""Called in the loop with what holds now, whenever it is another than before (`as_of` and `seq` alone do not count)."""


class Tradable:
    """The pairs of all venues that somebody asks for, of one Runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._listeners: dict[str, set[OnChange]] = {}
        self._last: dict[str, tuple[Picture, VenuePairs]] = {}

    async def of(self, venue: str) -> VenuePairs:
        """What holds now, never older than this process's picture. Raises nothing: an outage is `unknown`."""
        picture = self._runtime.picture
        freshness = picture.freshness()
        if freshness.status == "unknown":
            return _nothing(venue, freshness)
        known = self._last.get(venue)
        if known is not None and known[0] is picture:
            return known[1]
        try:
            pool = await self._runtime.pool()
            pairs = await pool.fetch(_PAIRS, venue)
            rows = await pool.fetch(_MAY, [venue] * len(pairs), [row["symbol"] for row in pairs])
        except UNAVAILABLE:
            return _nothing(venue, freshness)
        may = {row["n"]: row["may_open"] for row in rows}
        names: dict[bool, list[str]] = {True: [], False: []}
        for number, row in enumerate(pairs, 1):
            names[bool(may.get(number))].append(row["name"])
        found = VenuePairs(
            venue, freshness.status, freshness.as_of, freshness.seq, tuple(names[True]), tuple(names[False])
        )
        self._last[venue] = (picture, found)
        return found

    def subscribe(self, venue: str, on_change: OnChange) -> None:
        self._listeners.setdefault(venue, set()).add(on_change)

    def unsubscribe(self, venue: str, on_change: OnChange) -> None:
        self._listeners.get(venue, set()).discard(on_change)


def _nothing(venue: str, freshness: Freshness) -> VenuePairs:
    return VenuePairs(venue, "unknown", freshness.as_of, freshness.seq)


_made: WeakKeyDictionary[Runtime, Tradable] = WeakKeyDictionary()


def tradable_of(runtime: Runtime) -> Tradable:
    """The one of a Runtime."""
    return _made.setdefault(runtime, Tradable(runtime))
