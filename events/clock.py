"""Our time: what every part of the daemon takes for now. It never jumps with a clock that was set; see `clock_guard`.

A process that has no guard (a management command, a web server of its own) goes by its machine's clock.
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

from events.clock_guard import Clocks, Heard, Reading, Why, begin, found_back, judge, look, our_jump, trust

FUTURE_SECONDS = 5.0
"""What lies further ahead than this was written by another clock, and is stale."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def monotonic() -> float:
    """Seconds since some moment; it goes on while the machine sleeps, where the system can say so."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def moment(epoch: float) -> datetime:
    return _EPOCH + timedelta(seconds=epoch)


_SLOWEST_ANSWER = 2.0
SETTLES_WITHIN = 30.0


@dataclass(frozen=True)
class DatabaseTime:
    """The database's clock showed `epoch` (seconds since 1970) when ours that never jumps showed `monotonic`."""

    epoch: float
    monotonic: float


@dataclass(frozen=True)
class Jump:
    """Our time was corrected: what was written between `since` and `before` was written by a wrong clock."""

    since: datetime
    before: datetime
    after: datetime

    @property
    def by(self) -> timedelta:
        return self.after - self.before


class Guard:
    """The clocks of this process. Any thread may read; `look` and what follows from it is for the daemon's own."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._lock = Lock()
        self._heard: dict[str, Heard] = {}
        self._clocks = begin(self._reading(None))
        self.began_at = self._clocks.monotonic
        self._shown_off = 0.0
        # Dates that were asked for before our time jumped are measured with another time.
        self._jumped_at = -math.inf
        self._jumps: tuple[Jump, ...] = ()

    @property
    def clocks(self) -> Clocks:
        return self._clocks

    @property
    def held(self) -> bool:
        return self._clocks.held is not None

    @property
    def shown_off(self) -> float:
        """The database's clock minus our time, as what is kept by its clock has been moved to it."""
        return self._shown_off

    def show_off(self) -> None:
        """What is kept by the database's clock stands by what it showed at the last look. Under `BASE`."""
        self._shown_off = self._clocks.database_off or 0.0

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """The corrections of our time since the start, oldest first."""
        return self._jumps

    def epoch(self) -> float:
        return self._clocks.time(self._steady())

    def now(self) -> datetime:
        return moment(self.epoch())

    def look(self, database: DatabaseTime | None = None) -> tuple[Clocks, Clocks]:
        """Compare the clocks and judge them: before and after. database: its time, as it was read a moment ago."""
        with self._lock:
            before = self._clocks
            after = look(before, self._reading(database))
            # Upstreams are compared with what the database says now, not with what it said before a step.
            self._clocks = after if database is None else judge(after, self._heard.values())
            self._note_jump(before)
            return before, self._clocks

    def went_back_meanwhile(self, by: float) -> None:
        """The database's clock stands `by` seconds before what it showed when a daemon wrote last."""
        with self._lock:
            self._clocks = found_back(self._clocks, by)

    def confirm(self) -> tuple[Clocks, Clocks]:
        """An operator says that the database's clock is right: before and after."""
        with self._lock:
            before = self._clocks
            self._clocks = trust(before)
            self._note_jump(before)
            return before, self._clocks

    def heard(self, upstream: str, date: datetime, asked_at: datetime, answered_at: datetime) -> None:
        """An upstream's `Date` (of a whole second), with our time when it was asked and when its headers came."""
        with self._lock:
            steady = self._steady()
            ours = self._clocks.time(steady)
            asked, answered = ours - _seconds(asked_at), ours - _seconds(answered_at)
            if not 0 <= answered <= asked < steady - self._jumped_at:
                return
            said = _seconds(date)
            at = steady - answered
            # It was written after we asked and before it came.
            self._heard[upstream] = Heard(upstream, at, said, said + 1 + asked - answered)
            if not self._clocks.settled:
                # At the start the first answer counts before anybody reads it. Nothing has been set since the database
                # was asked; else it were asked again first.
                before = self._clocks
                if before.held is not None and before.held.why == Why.STARTED:
                    self._clocks = judge(before, self._heard.values())
                    self._note_jump(before)

    def _reading(self, database: DatabaseTime | None) -> Reading:
        for _ in range(5):
            at, wall = self._steady(), self._wall()
            if self._steady() - at < 0.1:
                break
            # The process stood still between the two.
        return Reading(at, wall, None if database is None else database.epoch + at - database.monotonic)

    def _note_jump(self, before: Clocks) -> None:
        at = self._clocks.monotonic
        if our_jump(before, self._clocks):
            self._jumped_at = at
            self._heard.clear()
            jump = Jump(
                moment(before.time(before.untrusted_since)), moment(before.time(at)), moment(self._clocks.time(at))
            )
            self._jumps = (*self._jumps, jump)


def _seconds(at: datetime) -> float:
    return (at - _EPOCH).total_seconds()


_guard: list[Guard] = []
BASE = RLock()
"""Held while the database's clock is translated and the result is written or compared. What is kept by that clock is
moved under it when the clock was set: nobody sees the one without the other."""


def install(guard: Guard | None) -> None:
    """Let this process go by `guard`, or by its machine's clock again."""
    _guard[:] = [] if guard is None else [guard]


def installed() -> Guard | None:
    return _guard[0] if _guard else None


def now() -> datetime:
    """Our time, aware UTC."""
    return _guard[0].now() if _guard else timezone.now()


def jumps() -> tuple[Jump, ...]:
    """The corrections of this process's time, oldest first."""
    return _guard[0].jumps if _guard else ()


def heard(upstream: str, date: datetime, asked_at: datetime, answered_at: datetime) -> None:
    """For `HttpClient`: what an upstream's `Date` says, told to this process's guard if it has one."""
    if _guard:
        _guard[0].heard(upstream, date, asked_at, answered_at)


def time_ns() -> int:
    """Our time in nanoseconds since 1970."""
    return round(_guard[0].epoch() * 1e9) if _guard else time.time_ns()


def is_held() -> bool:
    """Whether what cannot be taken back must wait, as far as this process knows; see `clock_watch.is_held`."""
    return bool(_guard) and _guard[0].held


def is_settled() -> bool:
    """Whether our time is worth acting on: it has been right once, or nobody has said anything for a while.

    A daemon that starts with a wrong clock hears of it with the first answers of its upstreams. Until then it takes no
    step, tells no reminder.
    """
    return not _guard or _guard[0].clocks.settled or monotonic() - _guard[0].began_at > SETTLES_WITHIN


def as_database(at: datetime) -> datetime:
    """A moment of our time as the database's clock shows it: whatever is compared with its clock is kept like this.

    To be written, or compared with what is kept, before `BASE` is let go.
    """
    return at + timedelta(seconds=_guard[0].shown_off) if _guard else at


def of_database(at: datetime) -> datetime:
    """What the database's clock showed at a moment, as our time: for people, who go by neither."""
    return at - timedelta(seconds=_guard[0].shown_off) if _guard else at


def database_time(confirmed: str = "''") -> tuple[DatabaseTime | None, str]:
    """The database's clock for the guard, None where the answer took too long to say; and what `confirmed` selects."""
    asked = monotonic()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {confirmed}, clock_timestamp()")
        text, at = cursor.fetchone()
    took = monotonic() - asked
    # Of a slow answer nobody knows when it was true; half of it is what it may be off.
    known = DatabaseTime(at.timestamp(), asked + took / 2) if took <= _SLOWEST_ANSWER else None
    return known, text or ""


def database_now(using: str = DEFAULT_DB_ALIAS) -> datetime:
    """The database's clock; not that of the transaction's begin."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
    return at.astimezone(UTC)


def is_fresh(at: datetime | None, now: datetime, at_most: timedelta) -> bool:
    """Whether something of `at` is at most so old. What lies in the future says nothing."""
    return at is not None and -timedelta(seconds=FUTURE_SECONDS) <= now - at <= at_most
