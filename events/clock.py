"""Our time: what every part of the daemon uses as now. It does not jump when a clock is set; see `clock_guard`.

A process without a guard (a management command, a web server of its own) uses its machine's clock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock, RLock

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils import timezone

from events.clock_guard import Clocks, Reading, UpstreamDate, Why, begin, evaluate, look, our_jump, set_back, trust

FUTURE_SECONDS = 5.0
"""A time further ahead than this was written by another clock, and counts as stale."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def monotonic() -> float:
    """Seconds since an arbitrary moment; counts on while the machine sleeps, where the system supports it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def moment(epoch: float) -> datetime:
    return _EPOCH + timedelta(seconds=epoch)


_SLOWEST_ANSWER = 2.0
SETTLES_WITHIN = 30.0


@dataclass(frozen=True)
class DatabaseTime:
    """The database's clock showed `epoch` (seconds since 1970) when the monotonic clock showed `monotonic`."""

    epoch: float
    monotonic: float


@dataclass(frozen=True)
class Jump:
    """A correction of our time, from `before` to `after`: times written between `since` and `before` are wrong."""

    since: datetime
    before: datetime
    after: datetime

    @property
    def by(self) -> timedelta:
        return self.after - self.before


class Guard:
    """The clocks of this process. Any thread may read them; only the daemon's own threads call `look`."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._lock = Lock()
        self._dates: dict[str, UpstreamDate] = {}
        self._clocks = begin(self._reading(None))
        self.began_at = self._clocks.monotonic
        self._applied_offset = 0.0
        # A date requested before our time jumped was measured with another time.
        self._jumped_at = -math.inf
        self._jumps: tuple[Jump, ...] = ()

    @property
    def clocks(self) -> Clocks:
        return self._clocks

    @property
    def untrusted(self) -> bool:
        return self._clocks.distrust is not None

    @property
    def applied_offset(self) -> float:
        """The database's clock minus our time (seconds), as applied to the times stored by that clock."""
        return self._applied_offset

    def apply_offset(self) -> None:
        """Take the offset of the last look for the times stored by the database's clock. Call it under `BASE`."""
        self._applied_offset = self._clocks.database_off or 0.0

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """The corrections of our time since the start, oldest first."""
        return self._jumps

    def epoch(self) -> float:
        return self._clocks.time(self._steady())

    def now(self) -> datetime:
        return moment(self.epoch())

    def look(self, database: DatabaseTime | None = None) -> tuple[Clocks, Clocks]:
        """Compare and evaluate the clocks; returns them before and after. database: its time, just read."""
        with self._lock:
            before = self._clocks
            after = look(before, self._reading(database))
            # Upstreams are compared with the database's clock as it is now, not as it was before a step.
            self._clocks = after if database is None else evaluate(after, self._dates.values())
            self._note_jump(before)
            return before, self._clocks

    def set_back(self, by: float) -> None:
        """Report that the database's clock is `by` seconds behind what it showed when a daemon last wrote."""
        with self._lock:
            self._clocks = set_back(self._clocks, by)

    def confirm(self) -> tuple[Clocks, Clocks]:
        """An operator confirmed the database's clock; returns the clocks before and after."""
        with self._lock:
            before = self._clocks
            self._clocks = trust(before)
            self._note_jump(before)
            return before, self._clocks

    def add_date(self, upstream: str, date: datetime, asked_at: datetime, answered_at: datetime) -> None:
        """Take an upstream's `Date` (whole seconds), with our time at the request and when its headers arrived."""
        with self._lock:
            steady = self._steady()
            ours = self._clocks.time(steady)
            asked, answered = ours - _seconds(asked_at), ours - _seconds(answered_at)
            if not 0 <= answered <= asked < steady - self._jumped_at:
                return
            dated = _seconds(date)
            at = steady - answered
            # The upstream wrote it between our request and its arrival.
            self._dates[upstream] = UpstreamDate(upstream, at, dated, dated + 1 + asked - answered)
            if not self._clocks.settled:
                # At the start the first answer counts before anybody reads it. No clock was set since the database was
                # asked; otherwise it would have been asked again first.
                before = self._clocks
                if before.distrust is not None and before.distrust.why == Why.STARTED:
                    self._clocks = evaluate(before, self._dates.values())
                    self._note_jump(before)

    def _reading(self, database: DatabaseTime | None) -> Reading:
        for _ in range(5):
            at, wall = self._steady(), self._wall()
            if self._steady() - at < 0.1:
                break
            # The process was paused between the two reads.
        return Reading(at, wall, None if database is None else database.epoch + at - database.monotonic)

    def _note_jump(self, before: Clocks) -> None:
        at = self._clocks.monotonic
        if our_jump(before, self._clocks):
            self._jumped_at = at
            self._dates.clear()
            jump = Jump(
                moment(before.time(before.untrusted_since)), moment(before.time(at)), moment(self._clocks.time(at))
            )
            self._jumps = (*self._jumps, jump)


def _seconds(at: datetime) -> float:
    return (at - _EPOCH).total_seconds()


_guard: list[Guard] = []
BASE = RLock()
"""Locked while the database's clock is translated and the result is written or compared. The times stored by that clock
are moved under this lock when the clock was set, so that no thread sees one without the other."""


def install(guard: Guard | None) -> None:
    """Let this process use `guard`; None: its machine's clock again."""
    _guard[:] = [] if guard is None else [guard]


def installed() -> Guard | None:
    return _guard[0] if _guard else None


def now() -> datetime:
    """Our time, aware UTC."""
    return _guard[0].now() if _guard else timezone.now()


def jumps() -> tuple[Jump, ...]:
    """The corrections of this process's time, oldest first."""
    return _guard[0].jumps if _guard else ()


def add_date(upstream: str, date: datetime, asked_at: datetime, answered_at: datetime) -> None:
    """For `HttpClient`: pass an upstream's `Date` to this process's guard, if it has one."""
    if _guard:
        _guard[0].add_date(upstream, date, asked_at, answered_at)


def time_ns() -> int:
    """Our time in nanoseconds since 1970."""
    return round(_guard[0].epoch() * 1e9) if _guard else time.time_ns()


def is_untrusted() -> bool:
    """Whether what cannot be undone must wait, as far as this process knows; see `clock_watch.is_untrusted`."""
    return bool(_guard) and _guard[0].untrusted


def is_settled() -> bool:
    """Whether our time can be acted on: it has been right once, or `SETTLES_WITHIN` has passed without any answer.

    A daemon that starts with a wrong clock learns of it from the first answers of its upstreams. Until then it records
    nothing and sends no reminder.
    """
    return not _guard or _guard[0].clocks.settled or monotonic() - _guard[0].began_at > SETTLES_WITHIN


def as_database(at: datetime) -> datetime:
    """A moment of our time as the database's clock shows it: times that are compared with that clock are stored so.

    Write it, or compare it with stored times, before `BASE` is released.
    """
    return at + timedelta(seconds=_guard[0].applied_offset) if _guard else at


def of_database(at: datetime) -> datetime:
    """A moment shown by the database's clock as our time, for people."""
    return at - timedelta(seconds=_guard[0].applied_offset) if _guard else at


def database_time(confirmed: str = "''") -> tuple[DatabaseTime | None, str]:
    """The database's clock for the guard, None where the answer was too slow; and what the SQL `confirmed` selects."""
    asked = monotonic()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {confirmed}, clock_timestamp()")
        text, at = cursor.fetchone()
    took = monotonic() - asked
    # The clock was read at some point of the request: it may be off by half its duration, too much for a slow one.
    known = DatabaseTime(at.timestamp(), asked + took / 2) if took <= _SLOWEST_ANSWER else None
    return known, text or ""


def database_now(using: str = DEFAULT_DB_ALIAS) -> datetime:
    """The database's clock now, not at the beginning of the transaction."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
    return at.astimezone(UTC)


def is_fresh(at: datetime | None, now: datetime, at_most: timedelta) -> bool:
    """Whether `at` is at most `at_most` before `now`. A time in the future is not fresh."""
    return at is not None and -timedelta(seconds=FUTURE_SECONDS) <= now - at <= at_most
