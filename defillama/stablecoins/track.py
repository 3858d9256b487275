"""One coin's stay off its peg, reading by reading: when it is confirmed, told, told again, and over. Pure.

1. It opens at the first reading beyond the threshold, and is confirmed by a second one on the same side.
2. Told once confirmed; again when the deviation is twice the last one told on that side ("worse"), when it first is
   beyond five times the threshold ("worse"), and when it turns.
3. A turn is told once two readings stand on the other side; every further turn needs twice as many as the one before,
   so that a price which flips for hours is told a handful of times.
4. It is over after three readings in a row inside half the threshold. What leaves its peg again within a day is the
   same event, resumed: by the number of episodes told in the last day it needs 2, 2, 4, 8 … readings before it is told
   again, unless it is twice as far off as what was told before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from events.enums import AlertReason, Stage

RESUMES_WITHIN = timedelta(days=1)
SEVERE_FACTOR = 5
CALM_READINGS = 3
_CONFIRMING = 2
_BELOW, _ABOVE = "below", "above"
# 0.99 is one percent below 1, not a rounding error more.
_DIGITS = 9


@dataclass(frozen=True)
class Reading:
    """A price of a new snapshot. price and peg are in US dollars, `snapshot` identifies the answer that said it."""

    price: float
    peg: float
    at: datetime
    snapshot: str

    @property
    def deviation(self) -> float:
        """Signed fraction of the peg."""
        return round((self.price - self.peg) / self.peg, _DIGITS)


@dataclass(frozen=True)
class PegTrack:
    """The state of an open depeg; it stands in the event's facts, so that it survives a restart.

    worst, worst_price: signed fraction of the peg, dollars. beyond, told, worst_by_side: by side ("below", "above").
    calm, milder: readings in a row inside half the threshold, and not beyond the severe one. turning: readings on the
    other side since the last one on the side that was told. side: the one told last, empty before the first alert.
    told_episodes: when the episodes of the last day were told first. needed: readings before this one is told;
    urgent_from: the deviation from which two are enough. said_price, said_deviation, said_supply: what the title says.
    """

    since: datetime
    last_at: datetime
    last_beyond_at: datetime
    snapshot: str
    worst: float
    worst_price: float
    said_price: float
    said_deviation: float
    said_supply: float | None = None
    needed: int = _CONFIRMING
    urgent_from: float = 0.0
    readings: int = 0
    beyond: Mapping[str, int] = field(default_factory=dict)
    worst_by_side: Mapping[str, float] = field(default_factory=dict)
    told: Mapping[str, float] = field(default_factory=dict)
    told_episodes: tuple[datetime, ...] = ()
    side: str = ""
    turns: int = 0
    turning: int = 0
    calm: int = 0
    milder: int = 0
    severe: bool = False
    severe_told: bool = False

    @property
    def confirmed(self) -> bool:
        return any(count >= _CONFIRMING for count in self.beyond.values())

    @property
    def stage(self) -> str:
        if not self.confirmed:
            return Stage.ANNOUNCED
        return Stage.SEVERE if self.severe else Stage.CONFIRMED

    @property
    def over(self) -> bool:
        return self.calm >= CALM_READINGS

    def as_json(self) -> dict[str, Any]:
        values = {name: _as_json(value) for name, value in asdict(self).items()}
        return {**values, "told_episodes": [at.isoformat() for at in self.told_episodes]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "last_at", "last_beyond_at")}
        episodes = tuple(datetime.fromisoformat(at) for at in stored["told_episodes"])
        return cls(**{**stored, **times, "told_episodes": episodes})


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Step:
    """The track after a reading, and the alert that is due to it."""

    track: PegTrack
    alert: str | None = None


def begin(reading: Reading, threshold: float, earlier: PegTrack | None = None) -> Step | None:
    """The first reading beyond the threshold (a fraction of the peg), or None where it is not beyond.

    earlier: the last track of the same coin and venue. It is resumed where it ended less than a day ago.
    """
    if abs(reading.deviation) <= threshold:
        return None
    if earlier is not None and resumable(earlier, reading.at):
        lately = tuple(at for at in earlier.told_episodes if reading.at - at < RESUMES_WITHIN)
        track = replace(
            earlier,
            snapshot="",
            needed=max(_CONFIRMING, 2 ** len(lately)),
            urgent_from=2 * max(earlier.told.values(), default=earlier.urgent_from / 2),
            told_episodes=lately,
            said_price=reading.price,
            said_deviation=reading.deviation,
            said_supply=None,
            beyond={},
            worst_by_side={},
            told={},
            side="",
            turns=0,
            turning=0,
            severe=False,
            severe_told=False,
        )
    else:
        track = PegTrack(
            since=reading.at,
            last_at=reading.at,
            last_beyond_at=reading.at,
            snapshot="",
            worst=0.0,
            worst_price=reading.price,
            said_price=reading.price,
            said_deviation=reading.deviation,
        )
    return advance(track, reading, threshold)


def resumable(earlier: PegTrack, at: datetime) -> bool:
    return timedelta(0) <= at - earlier.last_at < RESUMES_WITHIN


def advance(track: PegTrack, reading: Reading, threshold: float) -> Step:
    """The next reading; one whose snapshot was read before changes nothing."""
    if reading.snapshot == track.snapshot:
        return Step(track)
    deviation, size = reading.deviation, abs(reading.deviation)
    track = replace(
        track,
        last_at=reading.at,
        snapshot=reading.snapshot,
        readings=track.readings + 1,
        calm=track.calm + 1 if size <= threshold / 2 else 0,
        milder=0 if size > SEVERE_FACTOR * threshold else track.milder + 1,
    )
    if size > threshold:
        side = _ABOVE if deviation > 0 else _BELOW
        track = replace(
            track,
            last_beyond_at=reading.at,
            beyond={**track.beyond, side: track.beyond.get(side, 0) + 1},
            worst_by_side={**track.worst_by_side, side: max(size, track.worst_by_side.get(side, 0.0))},
        )
        if size > abs(track.worst):
            track = replace(track, worst=deviation, worst_price=reading.price)
        if track.side:
            track = replace(track, turning=0 if side == track.side else track.turning + 1)
    if size > SEVERE_FACTOR * threshold:
        track = replace(track, severe=True)
    elif track.milder >= CALM_READINGS:
        track = replace(track, severe=False)
    return _judged(track, reading, threshold)


def _judged(track: PegTrack, reading: Reading, threshold: float) -> Step:
    size = abs(reading.deviation)
    if size <= threshold:
        return Step(track)
    side = _ABOVE if reading.deviation > 0 else _BELOW
    if not track.side:
        count, worst = track.beyond[side], track.worst_by_side[side]
        due = count >= track.needed or (0 < track.urgent_from <= worst and count >= _CONFIRMING)
        return _told(track, reading, side, worst, AlertReason.OPENED) if due else Step(track)
    if side != track.side:
        if track.turning < _CONFIRMING ** (track.turns + 1):
            return Step(track)
        turned = replace(track, turns=track.turns + 1, turning=0)
        return _told(turned, reading, side, max(size, track.told.get(side, 0.0)), AlertReason.TURNED)
    doubled = size >= round(2 * track.told[side], _DIGITS)
    if doubled or (track.severe and not track.severe_told):
        return _told(track, reading, side, max(size, track.told[side]), AlertReason.WORSE)
    return Step(track)


def _told(track: PegTrack, reading: Reading, side: str, size: float, reason: AlertReason) -> Step:
    opened = (reading.at,) if reason == AlertReason.OPENED else ()
    track = replace(
        track,
        side=side,
        told_episodes=track.told_episodes + opened,
        told={**track.told, side: size},
        severe_told=track.severe_told or track.severe,
        said_price=reading.price,
        said_deviation=reading.deviation,
    )
    return Step(track, reason.value)
