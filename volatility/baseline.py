"""The day's prices in the database, a reading a minute, so that a restart does not forget them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Max, QuerySet

from events.clock import Jump, is_untrusted
from volatility.models import PricedPairName, PriceMinute
from volatility.ring import Floats
from volatility.store import AHEAD, PriceChange, Reading
from volatility.windows import LATE, WIDEST

# The last reading before the widest window still counts for a poll that comes late.
RETENTION = WIDEST * LATE
_NUMBER, _PRICE = np.dtype("<i4"), np.dtype("<f8")
_CHUNK = 100


class MinuteRecorder:
    """A price observer that holds the first reading of each minute until `save` writes it."""

    def __init__(self) -> None:
        self._pending: PriceChange | None = None
        self._minute: datetime | None = None
        self._numbers: dict[str, int] = {}

    def __call__(self, change: PriceChange) -> None:
        if self._pending is None and change.pairs and _minute(change.at) != self._minute:
            self._pending = change

    def save(self) -> None:
        """Write what is pending, and drop what is older than any window. Belongs into the recording transaction."""
        change, self._pending = self._pending, None
        if change is None:
            return
        save_minute(change.at, change.pairs, change.prices, self._numbers)
        self._minute = _minute(change.at)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def save_minute(at: datetime, pairs: Sequence[str], prices: Floats, numbers: dict[str, int]) -> None:
    """Store a reading. `numbers` are the known numbers of pairs; those that it lacks are added."""
    missing = [pair for pair in pairs if pair not in numbers]
    if missing:
        PricedPairName.objects.bulk_create([PricedPairName(name=pair) for pair in missing], ignore_conflicts=True)
        numbers.update(PricedPairName.objects.filter(name__in=missing).values_list("name", "pk"))
    minute = PriceMinute(
        at=at,
        pairs=np.fromiter((numbers[pair] for pair in pairs), _NUMBER, len(pairs)).tobytes(),
        prices=np.asarray(prices, _PRICE).tobytes(),
    )
    PriceMinute.objects.bulk_create([minute], ignore_conflicts=True)
    if not is_untrusted():
        PriceMinute.objects.filter(at__lt=at - RETENTION).delete()


def pull_back_minutes(at: datetime) -> int:
    """Move stored readings that lie in the future of `at` to just before it, as the store does with its own; how many.

    They would else be taken for readings of the hour that they name, once it comes.
    """
    future = PriceMinute.objects.filter(at__gt=at + AHEAD)
    last = future.aggregate(last=Max("at"))["last"]
    return 0 if last is None else _move(future, at - timedelta(microseconds=1) - last)


def move_minutes(jump: Jump) -> int:
    """Move the stored readings that a wrong clock dated; how many."""
    return _move(PriceMinute.objects.filter(at__range=(jump.since, jump.before)), jump.by)


def _move(readings: QuerySet[PriceMinute], by: timedelta) -> int:
    with transaction.atomic():
        rows = list(readings.order_by("at"))
        readings.delete()
        moved = [PriceMinute(at=row.at + by, pairs=row.pairs, prices=row.prices) for row in rows]
        PriceMinute.objects.bulk_create(moved, ignore_conflicts=True)
    return len(rows)


def load_minutes(after: datetime, until: datetime) -> Iterator[Reading]:
    """The stored readings after one time and up to another, oldest first."""
    names = dict(PricedPairName.objects.values_list("pk", "name"))
    stored = PriceMinute.objects.filter(at__gt=after, at__lte=until).order_by("at")
    for minute in stored.iterator(chunk_size=_CHUNK):
        numbers = np.frombuffer(minute.pairs, _NUMBER).tolist()
        prices = np.frombuffer(minute.prices, _PRICE)
        yield Reading(minute.at, [names[number] for number in numbers], prices)


def of_the_same_coins(readings: Iterable[Reading], since: Mapping[str, datetime]) -> Iterator[Reading]:
    """The readings without the prices of pairs from before their names meant what they mean now."""
    for reading in readings:
        if not any(reading.at < moment for moment in since.values()):
            yield reading
            continue
        kept = [
            (pair, price)
            for pair, price in zip(reading.pairs, reading.prices, strict=True)
            if pair not in since or since[pair] <= reading.at
        ]
        yield Reading(reading.at, [pair for pair, _ in kept], [price for _, price in kept])
