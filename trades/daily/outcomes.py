"""What came of past observations and of unusual volume, from stored minutes alone: a restart changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from trades.models import TradedInstrument, UnusualVolume, VolumeDay, VolumeObservation
from trades.storage.bars import read_bars
from trades.storage.days import number_of
from trades.storage.tables import milliseconds_of, moment_of
from trades.volume.bars import HOUR_MS, MINUTE_MS, Bars
from trades.volume.observations import Outcome, outcome
from trades.volume.statistics import MoveStatistics, moves_by_day

# A minute that was missed is repaired within this time, or never.
REPAIRED_WITHIN = timedelta(minutes=10)
# What is still unknown after this is left unknown.
_GIVEN_UP_AFTER = timedelta(days=27)
_MINUTES_RETAINED = timedelta(days=28)
_PRICES = ("high", "low", "close")


def settle_outcomes(now: datetime) -> str:
    """Store every outcome whose time is over. Raises DatabaseError."""
    due = _settle(now, "due")
    ended = _settle(now, "end")
    moves = _settle_moves(now)
    return f"{due} observations after a timeframe, {ended} at their end, {moves} hours after unusual volume"


def _settle(now: datetime, which: str) -> int:
    until = "due_at" if which == "due" else "ends_at"
    waiting = VolumeObservation.objects.filter(**{f"{which}_known": False, f"{until}__lte": now - REPAIRED_WITHIN})
    settled = 0
    for row in waiting.order_by("instrument_id", "at").iterator(chunk_size=500):
        ends_at = getattr(row, until)
        found = _outcome(row.instrument_id, row.at, ends_at, now)
        if (found is None or found.close is None) and now - ends_at < _GIVEN_UP_AFTER:
            # Its minutes come with a repair or a backfill.
            continue
        for name, value in _columns(which, found):
            setattr(row, name, value)
        setattr(row, f"{which}_known", True)
        row.save(update_fields=[f"{which}_known", *(name for name, _ in _columns(which, found))])
        settled += 1
    return settled


def _columns(which: str, found: Outcome | None) -> Iterator[tuple[str, object]]:
    yield f"{which}_high", None if found is None else found.high
    yield f"{which}_high_at", None if found is None else moment_of(found.high_ms)
    yield f"{which}_low", None if found is None else found.low
    yield f"{which}_low_at", None if found is None else moment_of(found.low_ms)
    yield f"{which}_close", None if found is None else found.close


def _outcome(number: int, at: datetime, until: datetime, now: datetime) -> Outcome | None:
    """By minutes; by the whole hours inside where the first minutes are no longer kept."""
    since_ms, until_ms, interval_ms = milliseconds_of(at), milliseconds_of(until), MINUTE_MS
    if now - at > _MINUTES_RETAINED:
        since_ms, until_ms, interval_ms = -(-since_ms // HOUR_MS) * HOUR_MS, until_ms // HOUR_MS * HOUR_MS, HOUR_MS
    bars = read_bars({number: ""}, interval_ms, since_ms, until_ms, _PRICES)
    closes = bars.close_ms(np.arange(bars.columns, dtype=np.int64))
    return outcome(closes, bars.high[0], bars.low[0], bars.close[0], since_ms, until_ms)


def _settle_moves(now: datetime) -> int:
    """The move of the hour after unusual volume, and whether it was one of the coin's largest hundredth."""
    ids = {(row.venue, row.symbol): row.id for row in TradedInstrument.objects.all()}
    waiting = UnusualVolume.objects.filter(
        settled=False, at__lte=now - timedelta(milliseconds=HOUR_MS) - REPAIRED_WITHIN
    ).exclude(symbol="")
    settled = 0
    for row in waiting.order_by("at"):
        number = ids.get((row.venue, row.symbol))
        move = None if number is None else move_after(number, milliseconds_of(row.at))
        if move is None and now - row.at < _GIVEN_UP_AFTER:
            continue
        bound = None if number is None else top_move_before(number, row.at.date())
        row.next_move, row.settled = move, True
        row.top = None if move is None or bound is None else abs(move) > bound
        row.save(update_fields=["next_move", "settled", "top"])
        settled += 1
    UnusualVolume.objects.filter(symbol="", settled=False).update(settled=True)
    return settled


def top_move_before(number: int, day: date) -> float | None:
    """What 99 of 100 hours before a day moved less than."""
    rows = VolumeDay.objects.filter(instrument_id=number, day__lt=day, top_move__isnull=False)
    return rows.order_by("-day").values_list("top_move", flat=True).first()


def key_statistics() -> dict[str, MoveStatistics]:
    """By event key: the moves after one timeframe, with the interval of their mean by days. Raises DatabaseError."""
    rows = VolumeObservation.objects.filter(due_known=True, due_close__isnull=False, entry__gt=0).order_by("key", "at")
    moves: dict[str, tuple[list[float], list[int]]] = {}
    for key, at, entry, close in rows.values_list("key", "at", "entry", "due_close").iterator(chunk_size=5000):
        of_key, days = moves.setdefault(key, ([], []))
        of_key.append((close or 0.0) / entry - 1)
        days.append(number_of(at.date()))
    return {key: found for key, one in moves.items() if (found := moves_by_day(*one)) is not None}


def move_after(number: int, at_ms: int) -> float | None:
    """The relative move of the hour after a minute's close; None where one of both prices is not stored."""
    bars: Bars = read_bars({number: ""}, MINUTE_MS, at_ms - MINUTE_MS, at_ms + HOUR_MS, ("close",))
    before, after = bars.close[0, 0], bars.close[0, -1]
    return float(after / before - 1) if before > 0 and after > 0 else None
