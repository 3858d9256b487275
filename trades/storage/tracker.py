"""Tracker rows: the table, and writing a minute of a venue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime

from events.database.copy import copy_records
from events.database.partitions import DAY, DAYS_AHEAD, drop_partitions, first_retained_day, make_partitions
from events.database.tables import Table
from trades.storage.tables import moment_of
from trades.volume.bars import Floats
from trades.volume.keys import WINDOWS
from trades.volume.live import Tick
from trades.volume.surprise import MINUTE_WINDOWS

Record = tuple[int, int, list[float]]
"""Number of the instrument, the minute's close in milliseconds, the figures."""
FIGURES = (
    "price",
    *(f"vol_{window}m" for window in WINDOWS),
    *(f"buy_vol_{window}m" for window in WINDOWS),
    "surprise",
    *(f"part_{window}m" for window in MINUTE_WINDOWS),
    "market",
    "momentum",
)
NAME = "trades_trackerrow"


def _values(record: Record) -> list[object]:
    number, at_ms, figures = record
    return [number, moment_of(at_ms).isoformat(), *(None if math.isnan(value) else value for value in figures)]


TABLE: Table[Record] = Table(
    NAME,
    ("instrument_id", "at", *FIGURES),
    # What was seen at the minute's close stands.
    "(instrument_id, at) DO NOTHING",
    lambda record: record[1],
    _values,
)


class TrackerRows:
    def __init__(self) -> None:
        self._days: set[date] = set()

    def write(self, ids: Sequence[int], tick: Tick, price: Floats, momentum: Floats) -> None:
        """All or none. Raises DatabaseError."""
        rows = zip(
            price.tolist(),
            tick.volume.T.tolist(),
            tick.bought.T.tolist(),
            tick.surprise.tolist(),
            tick.parts.T.tolist(),
            momentum.tolist(),
            strict=True,
        )
        records: list[Record] = [
            (number, tick.minute_ms, [paid, *volumes, *bought, surprise, *parts, tick.market, moved])
            for number, (paid, volumes, bought, surprise, parts, moved) in zip(ids, rows, strict=True)
            # A minute that nobody saw has no row.
            if not math.isnan(paid)
        ]
        if not records:
            return
        day = TABLE.day(records[0])
        if day not in self._days:
            make_partitions(NAME, [day])
            self._days.add(day)
        copy_records(TABLE, records)

    def maintain(self, now: datetime, keep_days: float, drop: bool) -> None:
        """Create the partitions of today and tomorrow; with `drop`, drop those past retention."""
        make_partitions(NAME, [now.date() + DAY * ahead for ahead in range(DAYS_AHEAD + 1)])
        if drop:
            drop_partitions(NAME, first_retained_day(now, keep_days))
        self._days.clear()
