"""The thresholds that hold after a day: of the desk, and of each venue's market card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

import numpy as np
from django.db import transaction
from django.db.models import Min

from trades.daily.benchmark import DayResult
from trades.daily.pairs import StoredPair
from trades.models import VolumeThreshold
from trades.storage.days import date_of, number_of, read_days
from trades.volume.bars import Floats
from trades.volume.budget import DAYS, LEAST_DAYS, market_threshold, watched_threshold

WATCHED = ""
"""Instead of a venue: the threshold of all watched pairs together."""


def store_thresholds(pairs: Mapping[str, Sequence[StoredPair]], results: Mapping[str, Mapping[int, DayResult]]) -> None:
    """results: by venue, of the days that were closed now. Raises DatabaseError."""
    closed = sorted({day for by_day in results.values() for day in by_day})
    if not closed:
        return
    first, last = closed[0] - DAYS, closed[-1]
    watched = [pair for of_venue in pairs.values() for pair in of_venue if pair.watched]
    maxima = read_days([pair.number for pair in watched], first, last)["largest"]
    begins = _first_days()
    with transaction.atomic():
        for day in closed:
            known = maxima[:, : day - first + 1]
            rated = int((~np.isnan(known[:, -1])).sum())
            _store(WATCHED, day, begins, watched_threshold(known), None, rated)
        for venue, by_day in results.items():
            medians = _medians(venue, first, last)
            for day, result in sorted(by_day.items()):
                medians[day - first] = result.median
                threshold = market_threshold(medians[None, : day - first + 1])
                _store(venue, day, begins, threshold, result.median, result.rated)


def current_thresholds(day: int) -> dict[str, float]:
    """By venue, and of the desk: what holds after `day`; a venue without one is left out."""
    rows = VolumeThreshold.objects.filter(day=date_of(day)).order_by().values_list("venue", "threshold")
    return {venue: threshold for venue, threshold in rows if threshold is not None}


def _first_days() -> dict[str, int]:
    rows = VolumeThreshold.objects.order_by().values("venue").annotate(first=Min("day"))
    return {row["venue"]: number_of(row["first"]) for row in rows}


def _medians(venue: str, first: int, last: int) -> Floats:
    found = np.full(last - first + 1, np.nan)
    rows = VolumeThreshold.objects.filter(venue=venue, day__gte=date_of(first), day__lte=date_of(last))
    for day, largest in rows.order_by().values_list("day", "largest"):
        if largest is not None:
            found[number_of(day) - first] = largest
    return found


def _store(
    venue: str, day: int, begins: dict[str, int], threshold: float, largest: float | None, instruments: int
) -> None:
    begins[venue] = min(day, begins.get(venue, day))
    known = day + 1 - begins[venue] >= LEAST_DAYS and not isnan(threshold)
    VolumeThreshold.objects.update_or_create(
        venue=venue,
        day=date_of(day),
        defaults={
            "threshold": threshold if known else None,
            "largest": None if largest is None or isnan(largest) else largest,
            "instruments": instruments,
        },
    )
