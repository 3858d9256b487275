"""State machine of a depeg: opened → confirmed → alerted → re-alerted → closed. One step per reading. Pure.

1. The first reading beyond the threshold opens it; a second one on the same side confirms it.
2. It alerts once confirmed. It alerts again when the deviation is twice that of the last alert on the same side
   ("worse"), when it first exceeds five times the threshold ("worse"), and when the price turns to the other side.
3. The first turn alerts after two readings on the other side; each further turn needs twice as many as the one before,
   so that a price which flips for hours alerts a handful of times.
4. Three readings in a row within half the threshold close it. A coin that leaves its peg again within a day resumes the
   same event. After 0, 1, 2, 3 … episodes that alerted in the last day it needs 2, 2, 4, 8 … readings before it alerts
   again; two are enough if the deviation is twice that of the earlier alerts.
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
# 0.99 is exactly one percent below 1; without rounding it would exceed a threshold of 1 %.
_DIGITS = 9


@dataclass(frozen=True)
class Reading:
    """A price of a coin. price, peg: US dollars. snapshot: identifies the answer that it was read from."""

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
    """The state of an open depeg, stored in the event's facts (`as_json`), so that it survives a restart.

    worst, worst_price: signed fraction of the peg, US dollars. beyond, worst_by_side, alerted: by side ("below",
        "above") the readings beyond the threshold, the largest deviation, and the deviation at the last alert.
    calm: readings in a row within half the threshold. milder: readings in a row within the severe threshold.
    side: of the last alert; empty before the first. turning: readings in a row on the other side.
    alerted_episodes: times of the first alerts of the episodes of the last day. needed: readings before the first alert
        of this episode. urgent_from: the deviation from which two readings are enough.
    title_price, title_deviation, title_supply: the values in the event's title.
    """

    since: datetime
    last_at: datetime
    last_beyond_at: datetime
    snapshot: str
    worst: float
    worst_price: float
    title_price: float
    title_deviation: float
    title_supply: float | None = None
    needed: int = _CONFIRMING
    urgent_from: float = 0.0
    readings: int = 0
    beyond: Mapping[str, int] = field(default_factory=dict)
    worst_by_side: Mapping[str, float] = field(default_factory=dict)
    alerted: Mapping[str, float] = field(default_factory=dict)
    alerted_episodes: tuple[datetime, ...] = ()
    side: str = ""
    turns: int = 0
    turning: int = 0
    calm: int = 0
    milder: int = 0
    severe: bool = False
    severe_alerted: bool = False

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
        values = {_STORED_AS.get(name, name): _as_json(value) for name, value in asdict(self).items()}
        return {**values, "told_episodes": [at.isoformat() for at in self.alerted_episodes]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "last_at", "last_beyond_at")}
        episodes = tuple(datetime.fromisoformat(at) for at in stored["told_episodes"])
        values = {_FIELDS.get(name, name): value for name, value in stored.items()}
        return cls(**{**values, **times, "alerted_episodes": episodes})


# Field → its key in the stored JSON. The keys are those of the first release.
_STORED_AS = {
    "alerted": "told",
    "alerted_episodes": "told_episodes",
    "severe_alerted": "severe_told",
    "title_price": "said_price",
    "title_deviation": "said_deviation",
    "title_supply": "said_supply",
}
_FIELDS = {key: name for name, key in _STORED_AS.items()}


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Step:
    """The state after a reading, and the reason of the alert that is due now, if any."""

    track: PegTrack
    alert: str | None = None


def begin(reading: Reading, threshold: float, earlier: PegTrack | None = None) -> Step | None:
    """The state after the first reading beyond the threshold (a fraction of the peg); None for a reading within it.

    earlier: the last state of the same coin and venue. It is resumed if it ended less than a day ago.
    """
    if abs(reading.deviation) <= threshold:
        return None
    if earlier is not None and resumable(earlier, reading.at):
        lately = tuple(at for at in earlier.alerted_episodes if reading.at - at < RESUMES_WITHIN)
        track = replace(
            earlier,
            snapshot="",
            needed=max(_CONFIRMING, 2 ** len(lately)),
            urgent_from=2 * max(earlier.alerted.values(), default=earlier.urgent_from / 2),
            alerted_episodes=lately,
            title_price=reading.price,
            title_deviation=reading.deviation,
            title_supply=None,
            beyond={},
            worst_by_side={},
            alerted={},
            side="",
            turns=0,
            turning=0,
            severe=False,
            severe_alerted=False,
        )
    else:
        track = PegTrack(
            since=reading.at,
            last_at=reading.at,
            last_beyond_at=reading.at,
            snapshot="",
            worst=0.0,
            worst_price=reading.price,
            title_price=reading.price,
            title_deviation=reading.deviation,
        )
    return advance(track, reading, threshold)


def resumable(earlier: PegTrack, at: datetime) -> bool:
    return timedelta(0) <= at - earlier.last_at < RESUMES_WITHIN


def advance(track: PegTrack, reading: Reading, threshold: float) -> Step:
    """The state after the next reading. A snapshot that was counted already changes nothing."""
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
    return _evaluate(track, reading, threshold)


def _evaluate(track: PegTrack, reading: Reading, threshold: float) -> Step:
    size = abs(reading.deviation)
    if size <= threshold:
        return Step(track)
    side = _ABOVE if reading.deviation > 0 else _BELOW
    if not track.side:
        count, worst = track.beyond[side], track.worst_by_side[side]
        due = count >= track.needed or (0 < track.urgent_from <= worst and count >= _CONFIRMING)
        return _alert(track, reading, side, worst, AlertReason.OPENED) if due else Step(track)
    if side != track.side:
        if track.turning < _CONFIRMING ** (track.turns + 1):
            return Step(track)
        turned = replace(track, turns=track.turns + 1, turning=0)
        return _alert(turned, reading, side, max(size, track.alerted.get(side, 0.0)), AlertReason.TURNED)
    doubled = size >= round(2 * track.alerted[side], _DIGITS)
    if doubled or (track.severe and not track.severe_alerted):
        return _alert(track, reading, side, max(size, track.alerted[side]), AlertReason.WORSE)
    return Step(track)


def _alert(track: PegTrack, reading: Reading, side: str, size: float, reason: AlertReason) -> Step:
    opened = (reading.at,) if reason == AlertReason.OPENED else ()
    track = replace(
        track,
        side=side,
        alerted_episodes=track.alerted_episodes + opened,
        alerted={**track.alerted, side: size},
        severe_alerted=track.severe_alerted or track.severe,
        title_price=reading.price,
        title_deviation=reading.deviation,
    )
    return Step(track, reason.value)
