"""Finds pairs whose earlier prices are no baseline: after a halt or an absence, or when their unit has changed.

A token is redenominated while its pair is halted, and opens at a thousandth of its price; a symbol passes to another
coin; a contract of a thousand coins becomes a contract of one. The earlier prices in the windows do not compare then.
A price that falls during trade is none of these, and a failed poll is no halt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

# A side of a thin book may be empty for a few readings.
ABSENT_FOR = timedelta(minutes=10)


class Renewals:
    """Follows the presence of pairs from reading to reading. Not thread-safe."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}
        self._venue_last: dict[str, datetime] = {}
        self._units: dict[str, object] = {}

    def of(
        self, at: datetime, pairs: Iterable[str], resumed: Mapping[str, datetime], units: Mapping[str, object]
    ) -> list[str]:
        """Pairs of a reading (VENUE:SYMBOL) whose baseline begins with it.

        resumed: when halted instruments were seen to trade again. units: the unit of each pair, where it is known; a
        pair with another unit than in the last reading begins again.
        """
        renewed = []
        venues = set()
        for pair in pairs:
            venue = pair.partition(":")[0]
            venues.add(venue)
            before = self._last.get(pair)
            self._last[pair] = at
            unit = units.get(pair)
            if unit is not None:
                known = self._units.setdefault(pair, unit)
                self._units[pair] = unit
                if before is not None and known != unit:
                    renewed.append(pair)
                    continue
            if before is None:
                continue
            absent = self._venue_last[venue] > before and at - before >= ABSENT_FOR
            back_at = resumed.get(pair)
            if absent or (back_at is not None and before < back_at <= at):
                renewed.append(pair)
        self._venue_last.update(dict.fromkeys(venues, at))
        return renewed
