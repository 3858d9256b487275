"""One venue of the live tracker with its database: minutes in, tracker rows, observations and alerts out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from trades.daily.benchmark import fill_five_minutes, standards
from trades.daily.pairs import StoredPair
from trades.daily.thresholds import WATCHED, current_thresholds
from trades.detection.observations import Followed, MarketPassed, Passed, VolumeObservations, number
from trades.live.keys import KeysInForce
from trades.live.observed import Fire, OpenObservations
from trades.live.venue import DayStandard, VenueTracker
from trades.models import TrackerRow, UnusualVolume, VolumeJob
from trades.storage.bars import read_bars
from trades.storage.days import date_of, number_of, read_days
from trades.storage.tables import FIVE_MINUTES_MS, milliseconds_of, moment_of
from trades.storage.tracker import TrackerRows
from trades.volume.bars import DAY_MS, MINUTE_MS, Bars
from trades.volume.day import CONTEXT_DAYS
from trades.volume.keys import WINDOWS
from trades.volume.live import Tick, fired, median
from trades.volume.statistics import moves_by_day, moving_on
from trades.volume.surprise import SPREAD_DAYS

logger = logging.getLogger(__name__)

GRACE_MS = 3_000
"""Within this time a venue's minutes are not closed."""
LATEST_MS = 10_000
"""After this a minute is taken without the rows that are still missing."""
MISSING_MS = 180_000
"""For so long a minute that nobody has is waited for: the repair or the backfill may bring it."""
BENCHMARK_LATEST_MS = 60_000
_RESUME = timedelta(days=1)
_COLUMNS = ("close", "volume", "bought")
_DAYS = max(SPREAD_DAYS, CONTEXT_DAYS + 1)
_MOST_CASES = 5_000
_LOOK_BACK, _LOOK_BACK_FAR, _FAR_EVERY = 2, 60, 5


class TrackedVenue:
    """take: given what passed in a minute, before the minute counts as done."""

    def __init__(
        self,
        venue: str,
        pairs: Sequence[StoredPair],
        rows: TrackerRows,
        take: Callable[[VolumeObservations], None],
        now: Callable[[], datetime],
    ) -> None:
        self.venue, self.pairs = venue, list(pairs)
        self._rows, self._take, self._now = rows, take, now
        self._symbols = {pair.number: pair.symbol for pair in self.pairs}
        self._watched = np.array([pair.watched for pair in self.pairs], bool)
        self._tracker: VenueTracker | None = None
        self._observed = OpenObservations()
        self._expected = 0
        self.ticks = self.corrected = 0

    @property
    def close_ms(self) -> int | None:
        """The close of the last minute that was taken."""
        return None if self._tracker is None else self._tracker.close_ms

    def outdated(self) -> None:
        """The benchmark was made anew: what holds today is read again before the next minute."""
        if self._tracker is not None and self._tracker.standard is not None:
            self._tracker.set_day(day_standard(self.pairs, self.venue, self._tracker.standard.day))

    def work(self, keys: KeysInForce, most: int = 60) -> int:
        """Take the minutes that are ready, at most so many; how many. Raises DatabaseError."""
        now_ms = milliseconds_of(self._now())
        ready_ms = (now_ms - GRACE_MS) // MINUTE_MS * MINUTE_MS
        tracker = self._tracker = self._tracker or self._started(ready_ms)
        if ready_ms <= tracker.close_ms:
            return 0
        ready_ms = min(ready_ms, tracker.close_ms + most * MINUTE_MS)
        far = tracker.close_ms // MINUTE_MS % _FAR_EVERY == 0
        begin = tracker.close_ms - (_LOOK_BACK_FAR if far else _LOOK_BACK) * MINUTE_MS
        bars = read_bars(self._symbols, MINUTE_MS, begin, ready_ms, _COLUMNS)
        old = (tracker.close_ms - begin) // MINUTE_MS
        self.corrected += tracker.correct(begin, bars.volume[:, :old], bars.bought[:, :old], bars.close[:, :old])
        taken = 0
        for column in range(old, bars.columns):
            if not self._is_ready(bars, column, now_ms) or not self._has_standard(tracker, now_ms):
                break
            self._minute(tracker, bars, column, keys)
            taken += 1
        return taken

    def _started(self, ready_ms: int) -> VenueTracker:
        """After a restart the minutes since the last tracker row are taken as if they came now."""
        since = moment_of(ready_ms) - _RESUME
        rows = TrackerRow.objects.filter(instrument_id__in=list(self._symbols), at__gte=since).order_by("-at")
        last = rows.values_list("at", flat=True).first()
        # The first minute of all is the last one that is there.
        close_ms = ready_ms - MINUTE_MS if last is None else milliseconds_of(last)
        begin = close_ms - (CONTEXT_DAYS + 1) * DAY_MS
        minutes = read_bars(self._symbols, MINUTE_MS, begin, close_ms, _COLUMNS)
        self._observed.load(list(self._symbols), close_ms)
        logger.info("volume: %s goes on at %s with %d pairs", self.venue, moment_of(close_ms), len(self.pairs))
        return VenueTracker(self.pairs, minutes, self._five_minutes)

    def _five_minutes(self, rows: NDArray[np.int64], begin_ms: int, end_ms: int) -> Bars:
        symbols = {self.pairs[int(row)].number: self.pairs[int(row)].symbol for row in rows}
        bars = read_bars(symbols, FIVE_MINUTES_MS, begin_ms, end_ms, ("volume",))
        fill_five_minutes(bars, read_bars(symbols, MINUTE_MS, begin_ms, end_ms, ("volume",)))
        return bars

    def _is_ready(self, bars: Bars, column: int, now_ms: int) -> bool:
        """Whether all are there that had the minute before; after some seconds the others are missing. A minute that no
        pair has is of an outage, and mostly comes later."""
        close_ms = bars.at(column)
        known = ~np.isnan(bars.volume[:, column])
        before = ~np.isnan(bars.volume[:, column - 1]) if column else known
        if not known.any():
            return now_ms >= close_ms + MISSING_MS
        return bool((known | ~before).all()) or now_ms >= close_ms + LATEST_MS

    def _has_standard(self, tracker: VenueTracker, now_ms: int) -> bool:
        if tracker.standard is not None and tracker.standard.day == tracker.day:
            return True
        late = now_ms >= tracker.close_ms + MINUTE_MS + BENCHMARK_LATEST_MS
        if not is_closed(tracker.day - 1):
            if not late:
                return False
            logger.warning("volume: there is no benchmark of the day before; %s goes on without", self.venue)
        tracker.set_day(day_standard(self.pairs, self.venue, tracker.day))
        return True

    def _minute(self, tracker: VenueTracker, bars: Bars, column: int, keys: KeysInForce) -> None:
        tick = tracker.take(bars.volume[:, column], bars.bought[:, column], bars.close[:, column])
        price = tracker.price()
        if not np.isnan(bars.volume[:, column]).all():
            # Else nothing was seen, and the source is as silent as it looks.
            self._take(self._observations(tracker, tick, price))
        self._observed.take(tick.minute_ms, self._fires(tracker, tick, price, keys), self._now())
        # Last: from this row on a restart goes on.
        self._rows.write([pair.number for pair in self.pairs], tick, price, tracker.momentum())
        self.ticks += 1
        if tick.minute_ms % DAY_MS == 0:
            self._observed.forget(tick.minute_ms)

    def _observations(self, tracker: VenueTracker, tick: Tick, price: np.ndarray) -> VolumeObservations:
        standard = tracker.standard
        assert standard is not None
        passed: list[Passed] = []
        if standard.threshold is not None:
            five = WINDOWS.index(5)
            moves = tracker.move_of_hour()
            for row in np.flatnonzero(self._watched & (tick.surprise > standard.threshold)):
                pair = self.pairs[int(row)]
                figures = (tick.surprise[row], standard.threshold, price[row], moves[row])
                more = (tick.volume[five, row], tick.bought[five, row])
                passed.append(
                    Passed(
                        pair.symbol,
                        pair.ticker,
                        pair.token,
                        pair.quote,
                        *map(number, (*figures, *more)),  # type: ignore[arg-type]
                    )
                )
        middle = median(tick.surprise)
        market = None
        if standard.market is not None and middle > standard.market:
            market = MarketPassed(float(f"{middle:.7g}"), float(f"{standard.market:.7g}"))
        known = int((~np.isnan(tick.surprise)).sum())
        return VolumeObservations(self.venue, tick.minute_ms, known, passed, market, followed() if passed else None)

    def _fires(self, tracker: VenueTracker, tick: Tick, price: np.ndarray, keys: KeysInForce) -> list[Fire]:
        standard = tracker.standard
        assert standard is not None
        rank = standard.rank if keys.chosen else np.where(standard.rated, standard.rank, 0)
        found = []
        for key in keys.keys:
            for row in np.flatnonzero(fired(tick, key, rank)):
                volume = float(tick.volume[WINDOWS.index(key.window), row])
                found.append(Fire(key, self.pairs[int(row)].number, volume, float(price[row])))
        return found


def day_standard(pairs: Sequence[StoredPair], venue: str, day: int) -> DayStandard:
    """Raises DatabaseError."""
    days = read_days([pair.number for pair in pairs], day - _DAYS, day)
    mean, spread, rated = standards(days, np.arange(len(pairs)), day)
    rank = np.nan_to_num(days["rank"][:, day - 1 - days.first], nan=0.0).astype(np.int64)
    thresholds = current_thresholds(day - 1)
    return DayStandard(day, mean, spread, rated, rank, thresholds.get(WATCHED), thresholds.get(venue))


def is_closed(day: int) -> bool:
    """Whether the benchmark of a day was made."""
    row = VolumeJob.objects.filter(name="benchmark").values_list("day", flat=True).first()
    return row is not None and row >= date_of(day)


def followed() -> Followed | None:
    """From the cases whose hour is over, the last ones first; None where there is none. Raises DatabaseError."""
    rows = UnusualVolume.objects.filter(settled=True, top__isnull=False, next_move__isnull=False).order_by("-at")
    cases = list(rows.values_list("at", "next_move", "top")[:_MOST_CASES])
    days = [number_of(at.date()) for at, _, _ in cases]
    moves = [move or 0.0 for _, move, _ in cases]
    share = moving_on(days, [bool(top) for _, _, top in cases])
    size, signed = moves_by_day([abs(move) for move in moves], days), moves_by_day(moves, days)
    if share is None or size is None or signed is None:
        return None
    parts = [
        value
        for found in (share, size, signed)
        for value in (number(found.mean), _rounded(found.low), _rounded(found.high))
    ]
    return Followed(share.n, share.days, *parts)  # type: ignore[arg-type]


def _rounded(value: float | None) -> float | None:
    return None if value is None else number(value)
