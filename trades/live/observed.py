"""Observations as they are opened and prolonged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from trades.models import VolumeObservation
from trades.storage.tables import milliseconds_of, moment_of
from trades.volume.keys import EventKey, strongest
from trades.volume.observations import Span, opened


class Fire(NamedTuple):
    """number: of the instrument. volume: of the key's window, in 28-day means. price: the last one known."""

    key: EventKey
    number: int
    volume: float
    price: float


class OpenObservations:
    """The observations that are not over; kept in memory, and stored with each change."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], Span] = {}

    def load(self, ids: Sequence[int], at_ms: int) -> None:
        """Those that may be open after `at_ms`. Raises DatabaseError."""
        rows = VolumeObservation.objects.filter(instrument_id__in=ids, ends_at__gt=moment_of(at_ms))
        for key, number, at, due_at, ends_at in rows.order_by("at").values_list(
            "key", "instrument_id", "at", "due_at", "ends_at"
        ):
            self._open[key, number] = Span(milliseconds_of(at), milliseconds_of(due_at), milliseconds_of(ends_at))

    def take(self, at_ms: int, fires: Sequence[Fire], now: datetime) -> int:
        """The fires of one minute, in one transaction; how many observations opened. Raises DatabaseError."""
        fresh: list[Fire] = []
        longer: dict[tuple[str, int], Span] = {}
        for fire in fires:
            name = (str(fire.key), fire.number)
            span = self._open.get(name)
            if span is not None and span.opened_ms <= at_ms < span.ends_ms:
                prolonged = span.prolonged(at_ms, fire.key.timeframe)
                if prolonged != span:
                    longer[name] = prolonged
            else:
                fresh.append(fire)
        if not fresh and not longer:
            return 0
        best = _strongest(fresh)
        spans = {(str(fire.key), fire.number): opened(at_ms, fire.key.timeframe) for fire in fresh}
        delay = max(timedelta(0), now - moment_of(at_ms))
        with transaction.atomic():
            VolumeObservation.objects.bulk_create(
                [
                    VolumeObservation(
                        key=str(fire.key),
                        instrument_id=fire.number,
                        at=moment_of(at_ms),
                        delay_ms=min(2**31 - 1, round(delay / timedelta(milliseconds=1))),
                        entry=fire.price,
                        times=fire.volume / float(fire.key.times),
                        strongest=best[fire.number] == fire.key,
                        due_at=moment_of(spans[str(fire.key), fire.number].due_ms),
                        ends_at=moment_of(spans[str(fire.key), fire.number].ends_ms),
                    )
                    for fire in fresh
                ],
                ignore_conflicts=True,
            )
            for (key, number), span in longer.items():
                VolumeObservation.objects.filter(
                    key=key, instrument_id=number, at=moment_of(span.opened_ms), ends_at__lt=moment_of(span.ends_ms)
                ).update(ends_at=moment_of(span.ends_ms), end_known=False)
        self._open |= spans | longer
        return len(fresh)

    def forget(self, at_ms: int) -> None:
        """Drop what is over."""
        self._open = {name: span for name, span in self._open.items() if span.ends_ms > at_ms}


def _strongest(fires: Sequence[Fire]) -> Mapping[int, EventKey | None]:
    fired: dict[int, dict[EventKey, float]] = {}
    for fire in fires:
        fired.setdefault(fire.number, {})[fire.key] = fire.volume
    return {number: strongest(keys) for number, keys in fired.items()}
