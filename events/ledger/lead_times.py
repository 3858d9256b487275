"""How long news took on its way to people, and how many false alarms each source gave: from the rows of the ledger.

The four legs of an event's way, in seconds: `published` by its source → `seen` by us → `committed` to the database →
`delivered` to the first receiver → `acknowledged` by the first person. The first two times are from the event (its
source's clock, and the daemon's time), the last three are the database's clock when the row was written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

STATIONS = ("published", "seen", "committed", "delivered", "acknowledged")
LEGS = tuple(f"{start}_to_{end}" for start, end in pairwise(STATIONS))


@dataclass(frozen=True)
class Entry:
    """What matters of a ledger row. life: counts an event's openings; an alert belongs to one of them.

    source, published_at, seen_at, false_alarm: of rows about an event itself, else "", None, None, False.
    """

    at: datetime
    kind: str
    event_id: int
    life: int
    source: str = ""
    published_at: datetime | None = None
    seen_at: datetime | None = None
    false_alarm: bool = False


@dataclass
class _Life:
    source: str
    times: dict[str, datetime]
    false_alarm: bool = False


@dataclass(frozen=True)
class Spread:
    """Of a leg, in seconds, by nearest rank: None where `n` is 0."""

    n: int
    p50: float | None
    p90: float | None
    max: float | None


@dataclass
class SourceFigures:
    """events: openings since the beginning, reopenings among them. legs: by the names of `LEGS`."""

    events: int = 0
    false_alarms: int = 0
    legs: dict[str, Spread] = field(default_factory=dict)


def lead_times(entries: Iterable[Entry]) -> dict[str, SourceFigures]:
    """The figures of each source over the events that were opened within the entries; entries in the order of n.

    An event that opened before the first entry is left out: parts of its way are not there.
    """
    lives: dict[tuple[int, int], _Life] = {}
    seen: dict[int, datetime | None] = {}
    for entry in entries:
        key = entry.event_id, entry.life
        life = lives.get(key)
        if life is None:
            if entry.kind in ("event.opened", "event.reopened"):
                lives[key] = _opened(entry, seen)
        elif entry.source:
            life.false_alarm = entry.false_alarm
        elif entry.kind == "alert.delivered":
            life.times.setdefault("delivered", entry.at)
        elif entry.kind == "event.acknowledged":
            life.times.setdefault("acknowledged", entry.at)
        if entry.source:
            seen[entry.event_id] = entry.seen_at
    found: dict[str, SourceFigures] = {}
    seconds: dict[str, dict[str, list[float]]] = {}
    for life in lives.values():
        figures = found.setdefault(life.source, SourceFigures())
        figures.events += 1
        figures.false_alarms += life.false_alarm
        legs = seconds.setdefault(life.source, {leg: [] for leg in LEGS})
        for start, end in pairwise(STATIONS):
            if start in life.times and end in life.times:
                legs[f"{start}_to_{end}"].append((life.times[end] - life.times[start]).total_seconds())
    for source, legs in seconds.items():
        found[source].legs = {leg: spread(values) for leg, values in legs.items()}
    return dict(sorted(found.items()))


def _opened(entry: Entry, seen: Mapping[int, datetime | None]) -> _Life:
    """seen: when the last life of each event was seen, as far as its rows are here."""
    times = {"committed": entry.at}
    # A person who opens an event again has seen nothing new of its source: the time is still that of the last life.
    # Where no row tells that one, neither is known.
    again = entry.kind == "event.reopened" and seen.get(entry.event_id, entry.seen_at) == entry.seen_at
    if entry.seen_at is not None and not again:
        times["seen"] = entry.seen_at
    # What resumes was published long before: only a first opening tells how fast its source was read.
    if entry.published_at is not None and entry.kind == "event.opened":
        times["published"] = entry.published_at
    return _Life(entry.source, times, entry.false_alarm)


def spread(values: Sequence[float]) -> Spread:
    """Median, 90th percentile and maximum, by nearest rank."""
    if not values:
        return Spread(0, None, None, None)
    ordered = sorted(values)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(len(ordered), rank(0.5), rank(0.9), ordered[-1])
