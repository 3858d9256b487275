"""Decides whether the clocks can be trusted: the wall, monotonic and database clocks and the dates of upstreams. Pure.

Our time advances with the monotonic clock from the last moment at which the clocks were trusted. While they are trusted
it follows the wall clock: each look takes over its small corrections. When a clock jumps against the monotonic one, our
time does not jump with it: the clocks are *untrusted* until the database's clock agrees with the `Date` of two answers
received since, or an operator confirms the database's clock. Only then our time jumps, if the jump was right.

What cannot be undone (closing events, deleting) waits while the clocks are untrusted; what makes an answer stricter
does not wait.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

STEP_SECONDS = 3.0
"""A clock that moves by more than this against the monotonic one has jumped; NTP slews at most 0.5 ms a second."""
AGREE_SECONDS = 5.0
SAME_STEP_SECONDS = 15.0
"""Two clocks that jump equally far within this time are on one machine: that is one step."""


class Why(StrEnum):
    """Why the clocks are untrusted."""

    STARTED = "started"
    """No upstream has confirmed them yet; no step was seen."""
    STEPPED = "stepped"
    DIFFER = "differ"
    """The wall clock and the database's are too far apart."""
    WRONG = "wrong"
    """Upstreams agree with each other, and not with the database's clock."""


@dataclass(frozen=True)
class Reading:
    """The clocks at one moment, in seconds. wall, database: since 1970; database: None where it is unavailable."""

    monotonic: float
    wall: float
    database: float | None = None


@dataclass(frozen=True)
class UpstreamDate:
    """An upstream's `Date`: at `monotonic` the true time was between `earliest` and `latest` (seconds since 1970)."""

    upstream: str
    monotonic: float
    earliest: float
    latest: float

    def distance(self, time: float, monotonic: float) -> float:
        """Seconds by which a clock that shows `time` at `monotonic` is at least ahead (+) or behind (-)."""
        passed = monotonic - self.monotonic
        return min(time - self.earliest - passed, 0.0) or max(time - self.latest - passed, 0.0)


@dataclass(frozen=True)
class Distrust:
    """Why and since when the clocks are untrusted.

    since: monotonic. number: of the step, counted over the process. wall_by, database_by: seconds that they jumped.
    """

    why: Why
    since: float
    number: int
    wall_by: float = 0.0
    database_by: float = 0.0

    @property
    def upstreams_needed(self) -> int:
        """How many upstreams must agree: one at a start without a contradiction, else two."""
        return 1 if self.why == Why.STARTED else 2


@dataclass(frozen=True)
class Clocks:
    """Our time, `epoch` when the monotonic clock showed `monotonic`, and the offsets of the other clocks from it.

    distrust: None while the clocks are trusted. by_database: our time follows the database's clock, because the wall
    clock is known to be wrong. untrusted_since: monotonic; our time may be wrong from then on. settled: our time has
    been right once, by the database and upstreams or by upstreams alone.
    """

    epoch: float
    monotonic: float
    wall_off: float = 0.0
    database_off: float | None = None
    distrust: Distrust | None = None
    by_database: bool = False
    steps: int = 0
    untrusted_since: float = 0.0
    settled: bool = False

    def time(self, monotonic: float) -> float:
        return self.epoch + monotonic - self.monotonic


def begin(reading: Reading) -> Clocks:
    """The clocks of a process that starts: the wall clock is assumed right until the first upstream confirms it."""
    distrust = Distrust(Why.STARTED, reading.monotonic, 0)
    clocks = Clocks(reading.wall, reading.monotonic, distrust=distrust, untrusted_since=reading.monotonic)
    return look(clocks, reading)


def look(clocks: Clocks, reading: Reading) -> Clocks:
    """The clocks after a comparison. A step increments `Clocks.steps`."""
    ours = clocks.time(reading.monotonic)
    wall_off = reading.wall - ours
    database_off = clocks.database_off if reading.database is None else reading.database - ours
    wall_by = _jump(clocks.wall_off, wall_off)
    database_by = _jump(clocks.database_off, database_off)
    clocks = replace(clocks, epoch=ours, monotonic=reading.monotonic, wall_off=wall_off, database_off=database_off)
    if wall_by or database_by:
        return _stepped(clocks, wall_by, database_by)
    return _follow(_compared(clocks))


def _jump(before: float | None, after: float | None) -> float:
    if before is None or after is None or abs(after - before) <= STEP_SECONDS:
        return 0.0
    return after - before


def _stepped(clocks: Clocks, wall_by: float, database_by: float) -> Clocks:
    distrust, since = clocks.distrust, clocks.monotonic
    if distrust and distrust.why == Why.STEPPED and _is_the_rest(distrust, since, wall_by, database_by):
        # The database was asked just before or after the step: its clock is on the same machine.
        both = replace(distrust, wall_by=distrust.wall_by or wall_by, database_by=distrust.database_by or database_by)
        return replace(clocks, distrust=both)
    return _distrusted(clocks, Why.STEPPED, wall_by, database_by)


def _distrusted(clocks: Clocks, why: Why, wall_by: float = 0.0, database_by: float = 0.0) -> Clocks:
    number, now = clocks.steps + 1, clocks.monotonic
    since = now if clocks.distrust is None else clocks.untrusted_since
    distrust = Distrust(why, now, number, wall_by, database_by)
    return replace(clocks, steps=number, distrust=distrust, untrusted_since=since)


def _is_the_rest(distrust: Distrust, now: float, wall_by: float, database_by: float) -> bool:
    if now - distrust.since > SAME_STEP_SECONDS:
        return False
    if wall_by and not database_by and not distrust.wall_by:
        return abs(wall_by - distrust.database_by) <= AGREE_SECONDS
    if database_by and not wall_by and not distrust.database_by:
        return abs(database_by - distrust.wall_by) <= AGREE_SECONDS
    return False


def _compared(clocks: Clocks) -> Clocks:
    """The clocks untrusted where the database's is too far from ours, though none has jumped."""
    off = clocks.database_off
    if off is None or abs(off) <= AGREE_SECONDS or (clocks.distrust and clocks.distrust.why != Why.STARTED):
        return clocks
    return _distrusted(clocks, Why.DIFFER)


def _follow(clocks: Clocks) -> Clocks:
    """Our time with the small corrections of the clock that it follows."""
    if clocks.distrust and clocks.distrust.why != Why.STARTED:
        return clocks
    by = (clocks.database_off or 0.0) if clocks.by_database else clocks.wall_off
    if not by or abs(by) > STEP_SECONDS:
        return clocks
    return _moved(clocks, by)


def evaluate(clocks: Clocks, dates: Collection[UpstreamDate]) -> Clocks:
    """The clocks trusted again where the database's agrees with enough dates received since they became untrusted.

    A process that has never known the right time takes the time of two upstreams that agree against its clocks; the
    clocks stay untrusted, as `Why.WRONG`. dates: the latest of each upstream.
    """
    distrust, off = clocks.distrust, clocks.database_off
    if distrust is None or off is None:
        return clocks
    database = clocks.time(clocks.monotonic) + off
    since = [date for date in dates if date.monotonic >= distrust.since]
    distances = [date.distance(database, clocks.monotonic) for date in since]
    agree = [distance for distance in distances if abs(distance) <= AGREE_SECONDS]
    if len(agree) >= distrust.upstreams_needed:
        return trust(clocks)
    against = [distance for distance in distances if abs(distance) > AGREE_SECONDS]
    if clocks.settled or not _agree(against):
        return clocks
    by = off - sum(against) / len(against)
    number = clocks.steps + (distrust.why == Why.STARTED)
    # These dates keep counting: `since` stays.
    distrust = replace(distrust, why=Why.WRONG, number=number)
    return replace(_moved(clocks, by), steps=number, distrust=distrust, settled=True)


def _moved(clocks: Clocks, by: float) -> Clocks:
    off = clocks.database_off
    return replace(
        clocks,
        epoch=clocks.epoch + by,
        wall_off=clocks.wall_off - by,
        database_off=None if off is None else off - by,
    )


def _agree(distances: Collection[float]) -> bool:
    return len(distances) >= 2 and max(distances) - min(distances) <= AGREE_SECONDS


def trust(clocks: Clocks) -> Clocks:
    """The clocks trusted: the database's clock is right. Raises ValueError where it was never read."""
    if clocks.database_off is None:
        raise ValueError("the database's clock is unknown; expected a reading of it")
    wall_is_right = abs(clocks.wall_off - clocks.database_off) <= AGREE_SECONDS
    by = clocks.wall_off if wall_is_right else clocks.database_off
    return replace(_moved(clocks, by), distrust=None, by_database=not wall_is_right, settled=True)


def set_back(clocks: Clocks, by: float) -> Clocks:
    """The clocks untrusted: they were set back by `by` seconds while no daemon ran, as earlier rows show."""
    return _distrusted(clocks, Why.STEPPED, -by, -by)


def database_step(before: Clocks, after: Clocks) -> float:
    """Seconds that the database's clock jumped between two looks; 0: it did not."""
    if before.database_off is None or after.database_off is None:
        return 0.0
    at = after.monotonic
    by = (after.time(at) + after.database_off) - (before.time(at) + before.database_off)
    return by if abs(by) > STEP_SECONDS else 0.0


def our_jump(before: Clocks, after: Clocks) -> float:
    """Seconds that our own time jumped between two looks; 0: it did not."""
    by = after.time(after.monotonic) - before.time(after.monotonic)
    return by if abs(by) > STEP_SECONDS else 0.0


def is_new_step(before: Clocks, after: Clocks) -> bool:
    return after.steps > before.steps
