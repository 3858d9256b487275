"""Whether the clocks can be trusted: pure judgement over wall, monotonic and database's clock and upstreams' dates.

Our time goes on by the monotonic clock from the last moment at which the clocks were trusted. While they are, it
follows the wall clock, whose small corrections are taken over at each look. When a clock jumps against the monotonic
one, our time does not jump with it: the clocks are *held*, until the database's and the `Date` of two upstreams heard
since agree, or an operator confirms the database's. Only then our time jumps, if the jump was the truth.

What cannot be taken back (closing events, deleting) waits while the clocks are held; what makes an answer stricter does
not wait.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

STEP_SECONDS = 3.0
"""A clock that moves by more than this against the monotonic one has jumped; NTP slews at most 0.5 ms a second."""
AGREE_SECONDS = 5.0
SAME_STEP_SECONDS = 15.0
"""A second clock that jumps as far as the first one did within this time shares its machine: that is one step."""


class Why(StrEnum):
    """Why the clocks are held."""

    STARTED = "started"
    """Nobody has confirmed them yet; no step was seen."""
    STEPPED = "stepped"
    DIFFER = "differ"
    """The wall clock and the database's are too far apart."""
    WRONG = "wrong"
    """Upstreams agree with each other, and not with the database's clock."""


@dataclass(frozen=True)
class Reading:
    """The clocks at one moment, in seconds. wall, database: since 1970; database: None where it cannot be asked."""

    monotonic: float
    wall: float
    database: float | None = None


@dataclass(frozen=True)
class Heard:
    """What an upstream's `Date` says: at `monotonic` the true time lay between `earliest` and `latest`."""

    upstream: str
    monotonic: float
    earliest: float
    latest: float

    def distance(self, time: float, monotonic: float) -> float:
        """By how many seconds a clock that shows `time` at `monotonic` is at least ahead (+) or behind (-)."""
        passed = monotonic - self.monotonic
        return min(time - self.earliest - passed, 0.0) or max(time - self.latest - passed, 0.0)


@dataclass(frozen=True)
class Held:
    """since: monotonic. number: of the step, counted over the process. wall_by, database_by: how far they jumped."""

    why: Why
    since: float
    number: int
    wall_by: float = 0.0
    database_by: float = 0.0

    @property
    def upstreams_needed(self) -> int:
        """At a start that nothing speaks against, one upstream will do."""
        return 1 if self.why == Why.STARTED else 2


@dataclass(frozen=True)
class Clocks:
    """Our time, `epoch` when the monotonic clock showed `monotonic`, and how far off it the other clocks were.

    by_database: our time follows the database's clock, because the wall clock is known to be wrong. untrusted_since:
    monotonic; from when on our time may be wrong, if the clocks are held. settled: our time has been right once, by the
    database and upstreams, or by upstreams alone.
    """

    epoch: float
    monotonic: float
    wall_off: float = 0.0
    database_off: float | None = None
    held: Held | None = None
    by_database: bool = False
    steps: int = 0
    untrusted_since: float = 0.0
    settled: bool = False

    def time(self, monotonic: float) -> float:
        return self.epoch + monotonic - self.monotonic


def begin(reading: Reading) -> Clocks:
    """The clocks of a process that starts: the wall clock is presumed, and confirmed by the first upstream."""
    held = Held(Why.STARTED, reading.monotonic, 0)
    clocks = Clocks(reading.wall, reading.monotonic, held=held, untrusted_since=reading.monotonic)
    return look(clocks, reading)


def look(clocks: Clocks, reading: Reading) -> Clocks:
    """Compare the clocks. A step is a new number in `held`."""
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
    held, since = clocks.held, clocks.monotonic
    if held and held.why == Why.STEPPED and _is_the_rest(held, since, wall_by, database_by):
        # The database was asked a moment before or after the step: its clock is the same machine's.
        both = replace(held, wall_by=held.wall_by or wall_by, database_by=held.database_by or database_by)
        return replace(clocks, held=both)
    return _held(clocks, Why.STEPPED, wall_by, database_by)


def _held(clocks: Clocks, why: Why, wall_by: float = 0.0, database_by: float = 0.0) -> Clocks:
    number, now = clocks.steps + 1, clocks.monotonic
    since = now if clocks.held is None else clocks.untrusted_since
    held = Held(why, now, number, wall_by, database_by)
    return replace(clocks, steps=number, held=held, untrusted_since=since)


def _is_the_rest(held: Held, now: float, wall_by: float, database_by: float) -> bool:
    if now - held.since > SAME_STEP_SECONDS:
        return False
    if wall_by and not database_by and not held.wall_by:
        return abs(wall_by - held.database_by) <= AGREE_SECONDS
    if database_by and not wall_by and not held.database_by:
        return abs(database_by - held.wall_by) <= AGREE_SECONDS
    return False


def _compared(clocks: Clocks) -> Clocks:
    """Hold the clocks where the database's is too far from ours, though none has jumped."""
    off = clocks.database_off
    if off is None or abs(off) <= AGREE_SECONDS or (clocks.held and clocks.held.why != Why.STARTED):
        return clocks
    return _held(clocks, Why.DIFFER)


def _follow(clocks: Clocks) -> Clocks:
    """Take over the small corrections of the clock that our time goes by."""
    if clocks.held and clocks.held.why != Why.STARTED:
        return clocks
    by = (clocks.database_off or 0.0) if clocks.by_database else clocks.wall_off
    if not by or abs(by) > STEP_SECONDS:
        return clocks
    return _moved(clocks, by)


def judge(clocks: Clocks, heard: Collection[Heard]) -> Clocks:
    """Trust the clocks again where the database's and enough upstreams, heard since, agree; or say that they do not.

    Where a process that has never known the right time hears from two upstreams that its clocks are wrong, its time is
    theirs from then on; the clocks stay held. heard: the last word of each upstream.
    """
    held, off = clocks.held, clocks.database_off
    if held is None or off is None:
        return clocks
    database = clocks.time(clocks.monotonic) + off
    since = [word for word in heard if word.monotonic >= held.since]
    distances = [word.distance(database, clocks.monotonic) for word in since]
    agree = [distance for distance in distances if abs(distance) <= AGREE_SECONDS]
    if len(agree) >= held.upstreams_needed:
        return trust(clocks)
    against = [distance for distance in distances if abs(distance) > AGREE_SECONDS]
    if clocks.settled or not _say_the_same(against):
        return clocks
    by = off - sum(against) / len(against)
    number = clocks.steps + (held.why == Why.STARTED)
    # What they said counts on: `since` stays.
    held = replace(held, why=Why.WRONG, number=number)
    return replace(_moved(clocks, by), steps=number, held=held, settled=True)


def _moved(clocks: Clocks, by: float) -> Clocks:
    off = clocks.database_off
    return replace(
        clocks,
        epoch=clocks.epoch + by,
        wall_off=clocks.wall_off - by,
        database_off=None if off is None else off - by,
    )


def _say_the_same(distances: Collection[float]) -> bool:
    return len(distances) >= 2 and max(distances) - min(distances) <= AGREE_SECONDS


def trust(clocks: Clocks) -> Clocks:
    """Take the database's clock for the truth. Raises ValueError where it is not known."""
    if clocks.database_off is None:
        raise ValueError("the database's clock is not known; expected a reading of it")
    wall_is_right = abs(clocks.wall_off - clocks.database_off) <= AGREE_SECONDS
    by = clocks.wall_off if wall_is_right else clocks.database_off
    return replace(_moved(clocks, by), held=None, by_database=not wall_is_right, settled=True)


def found_back(clocks: Clocks, by: float) -> Clocks:
    """Clocks that were set back by so many seconds while no daemon ran, as what was written then shows."""
    return _held(clocks, Why.STEPPED, -by, -by)


def database_step(before: Clocks, after: Clocks) -> float:
    """By how many seconds the database's clock jumped between two looks; 0: it did not."""
    if before.database_off is None or after.database_off is None:
        return 0.0
    at = after.monotonic
    by = (after.time(at) + after.database_off) - (before.time(at) + before.database_off)
    return by if abs(by) > STEP_SECONDS else 0.0


def our_jump(before: Clocks, after: Clocks) -> float:
    """By how many seconds our own time jumped between two looks; 0: it went on."""
    by = after.time(after.monotonic) - before.time(after.monotonic)
    return by if abs(by) > STEP_SECONDS else 0.0


def is_new_step(before: Clocks, after: Clocks) -> bool:
    return after.steps > before.steps
