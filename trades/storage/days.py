"""The daily benchmark in the database, as arrays of shape (instruments, days)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from django.db import transaction

from trades.models import VolumeDay
from trades.volume.bars import Floats
from trades.volume.benchmark import DailySums

_EPOCH_DAY = date(1970, 1, 1)
SPREADS = ("spread_5m", "spread_15m", "spread_30m", "spread_60m")
FIGURES = (
    "seen", "total", "squares", *SPREADS, "largest", "mean_28", "mean_56", "mean_84", "std_28", "std_56", "std_84",
    "rank", "eligible", "momentum", "top_move",
)  # fmt: skip
_NEVER_EMPTY = ("seen", "total", "eligible")
HOURS = 24


def date_of(day: int) -> date:
    """day: since 1970."""
    return _EPOCH_DAY + timedelta(days=day)


def number_of(day: date) -> int:
    return (day - _EPOCH_DAY).days


@dataclass
class VolumeDays:
    """Days `first` to `last` of some instruments. figures: by the column's name; NaN where there is no row or no value,
    0 for the minutes of a day without a row. hour_closes: of shape (instruments, days, 24)."""

    ids: Sequence[int]
    first: int
    last: int
    figures: dict[str, Floats] = field(default_factory=dict)
    hour_closes: Floats = field(default_factory=lambda: np.empty((0, 0, HOURS)))

    def __post_init__(self) -> None:
        shape = (len(self.ids), max(0, self.last - self.first + 1))
        for name in FIGURES:
            blank = 0.0 if name in _NEVER_EMPTY else np.nan
            self.figures.setdefault(name, np.full(shape, blank))
        if self.hour_closes.shape[:2] != shape:
            self.hour_closes = np.full((*shape, HOURS), np.nan)

    def __getitem__(self, name: str) -> Floats:
        return self.figures[name]

    def spreads(self) -> Floats:
        """Of shape (windows, instruments, days)."""
        return np.array([self.figures[name] for name in SPREADS])

    def sums(self) -> DailySums:
        """With a column more than there are days, so that the last column of a benchmark is after the last day."""
        after = np.zeros((len(self.ids), 1))
        seen, total = (np.hstack([self[name], after]) for name in ("seen", "total"))
        # A day that was seen by longer bars makes the squares of every span with it unknown.
        squares = np.where(self["seen"] > 0, self["squares"], 0.0)
        return DailySums(seen, total, np.hstack([squares, after]), of_minutes=True)


def read_days(ids: Sequence[int], first: int, last: int) -> VolumeDays:
    """first, last: days since 1970, both included. Raises DatabaseError."""
    found = VolumeDays(list(ids), first, last)
    places = {number: index for index, number in enumerate(found.ids)}
    rows = VolumeDay.objects.filter(
        instrument_id__in=places, day__gte=date_of(first), day__lte=date_of(last)
    ).order_by()
    for number, day, closes, *values in rows.values_list("instrument_id", "day", "hour_closes", *FIGURES):
        place = places[number], number_of(day) - first
        for name, value in zip(FIGURES, values, strict=True):
            if value is not None:
                found.figures[name][place] = value
        if closes:
            found.hour_closes[place][-len(closes) :] = [np.nan if close is None else close for close in closes[-HOURS:]]
    return found


def write_days(days: VolumeDays, keep: Mapping[tuple[int, int], bool] | None = None) -> int:
    """Store the days on which something was seen, instead of the rows that are there; how many. keep: (number, day) of
    rows that stay. Raises DatabaseError."""
    rows = []
    for index, number in enumerate(days.ids):
        for column in np.flatnonzero(days["seen"][index] > 0):
            day = days.first + int(column)
            if keep and (number, day) in keep:
                continue
            values = {name: _value(name, days.figures[name][index, column]) for name in FIGURES}
            closes = [None if np.isnan(close) else float(close) for close in days.hour_closes[index, column]]
            known = any(close is not None for close in closes)
            rows.append(
                VolumeDay(instrument_id=number, day=date_of(day), hour_closes=closes if known else None, **values)
            )
    with transaction.atomic():
        VolumeDay.objects.bulk_create(
            rows,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["instrument_id", "day"],
            update_fields=[*FIGURES, "hour_closes"],
        )
    return len(rows)


def _value(name: str, value: float) -> object:
    if name == "eligible":
        return bool(value)
    if np.isnan(value):
        return None
    return int(value) if name == "rank" else float(value)
