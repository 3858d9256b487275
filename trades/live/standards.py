"""What holds on a day, read from the daily benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trades.daily.benchmark import standards
from trades.daily.pairs import StoredPair
from trades.daily.thresholds import DESK, current_thresholds
from trades.live.venue import DayStandard
from trades.models import VolumeJob
from trades.storage.days import date_of, read_days
from trades.volume.day import CONTEXT_DAYS
from trades.volume.surprise import SPREAD_DAYS

_DAYS = max(SPREAD_DAYS, CONTEXT_DAYS + 1)


def day_standard(pairs: Sequence[StoredPair], venue: str, day: int) -> DayStandard:
    """Raises DatabaseError."""
    days = read_days([pair.number for pair in pairs], day - _DAYS, day)
    mean, spread, judged = standards(days, np.arange(len(pairs)), day)
    rank = np.nan_to_num(days["rank"][:, day - 1 - days.first], nan=0.0).astype(np.int64)
    thresholds = current_thresholds(day - 1)
    return DayStandard(day, mean, spread, judged, rank, thresholds.get(DESK), thresholds.get(venue))


def is_closed(day: int) -> bool:
    """Whether the benchmark of a day was made."""
    row = VolumeJob.objects.filter(name="benchmark").values_list("day", flat=True).first()
    return row is not None and row >= date_of(day)
