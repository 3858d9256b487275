"""The age of a source's content, as against the time since its last answer. Pure: data and `now` in, an age out.

A source can answer every thirty seconds with the content of two weeks ago: a cache that is stuck, a mirror that was
abandoned, a catalogue that was emptied. So every source declares how the age of its content is known, how old the
content may be, and what an answer must contain (`ContentRule`). `EventUpdater.saw` collects what a round saw, and
`content_age` compares.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

# A time this little ahead of ours is the fault of a clock; one further ahead proves nothing.
AHEAD_AT_MOST = timedelta(minutes=10)
# Parts that are no longer requested (a currency that was removed from the list) are deleted.
_REMEMBERED = timedelta(days=60)


class AgeFrom(StrEnum):
    """How the age of a source's content is known."""

    RELEASE = "release"  # the newest entry that it lists
    SERVER_TIME = "server_time"  # when the upstream made the answer, by its own word
    DIGEST = "digest"  # when the content last changed
    CACHE = "cache"  # the `Age` header of a cache on the way (RFC 9111, 5.1)


# Words for an age in cards and on pages.
_WORDS = {
    AgeFrom.RELEASE: "its newest entry is of {at}",
    AgeFrom.SERVER_TIME: "its answer was made at {at}",
    AgeFrom.DIGEST: "it has not changed since {at}",
    AgeFrom.CACHE: "a cache has been serving the answer of {at}",
}


@dataclass(frozen=True)
class Age:
    """One way to know an age, and its bound. part: one list of the source; empty: each of them.

    thin_below, thin_bound: a list of fewer rows may stay the same for longer (three pairs do, five hundred never).
    Raises ValueError where a bound is not positive.
    """

    since: AgeFrom
    bound: timedelta
    part: str = ""
    thin_below: int = 0
    thin_bound: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if self.bound <= timedelta(0):
            raise ValueError(f"bound was {self.bound}, expected a positive duration")

    def bound_of(self, rows: int | None) -> timedelta:
        thin = self.thin_below and rows is not None and rows < self.thin_below
        return max(self.bound, self.thin_bound) if thin else self.bound


@dataclass(frozen=True)
class Rows:
    """Which share of the rows known before an answer must contain, and from when on less is accepted.

    accepted_after: how long the same rows must be missing. never_beyond: a list that lost more than this share is never
    accepted. fewest: so many rows may always be missing.
    """

    least_share: float = 0.9
    accepted_after: timedelta = timedelta(minutes=30)
    never_beyond: float = 0.5
    fewest: int = 2

    def lost_too_many(self, missing: int, known: int) -> bool:
        return missing > self.fewest and missing > known * (1 - self.least_share)


@dataclass(frozen=True)
class ContentRule:
    """What a source declares of its content.

    unseen: what is not seen while the source is old or unreadable, as the beginning of a sentence ("delistings on
    Binance"). ages: at least one. rows: how many of the rows known before an answer must contain. names: part → a
    pattern that one of the names in the answer must match (of its catalogues, say). parts: part → what is not seen of
    that part alone. exempt: what is not checked of this source, and why: "frozen" (equal bytes), "rows", "name"; a test
    reads it. reported_by: sources whose card already reports it, since this one only reads what they read.

    Raises ValueError for a rule without words or ages, and for a check with neither a rule nor a reason.
    """

    unseen: str
    ages: tuple[Age, ...]
    rows: Rows | None = None
    names: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)
    reported_by: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.unseen.strip() or not self.ages:
            raise ValueError("a content rule needs words for what is unseen, and at least one age")
        by_digest = any(age.since in (AgeFrom.DIGEST, AgeFrom.SERVER_TIME) for age in self.ages)
        for case, has_rule in (("rows", self.rows is not None), ("name", bool(self.names)), ("frozen", by_digest)):
            if has_rule == (case in self.exempt):
                raise ValueError(f"{case}: expected either a rule or the reason why there is none")

    def bounded(self, bounds: Mapping[str, timedelta], source: str) -> ContentRule:
        """The rule with bounds from the configuration, by `source` or `source/part`."""
        ages: list[Age] = []
        for age in self.ages:
            bound = bounds.get(f"{source}/{age.part}".lower()) or bounds.get(source)
            ages.append(age if bound is None else replace(age, bound=bound, thin_bound=max(bound, age.thin_bound)))
        return replace(self, ages=tuple(ages))


@dataclass(frozen=True)
class Seen:
    """What a round saw of one part. at: the newest release, or the server's time. asked: the URL, which has the page
    size in it. cached_seconds: of the `Age` header."""

    part: str
    at: datetime | None = None
    digest: str | None = None
    rows: int | None = None
    asked: str = ""
    cached_seconds: float | None = None


@dataclass(frozen=True)
class PartState:
    """What is stored of a part. seen_at: when it was last seen; changed_at: when its digest last changed."""

    seen_at: datetime
    at: datetime | None = None
    digest: str = ""
    changed_at: datetime | None = None
    rows: int | None = None
    asked: str = ""


@dataclass(frozen=True)
class ContentAge:
    """How old the content is. at, bound: of the part that is nearest to its bound, or furthest beyond.

    problem: why the content counts as old, in words; "" where it does not. overdue: the parts concerned. unseen: what
    is not seen since `since`.
    """

    parts: Mapping[str, PartState]
    at: datetime | None = None
    bound: timedelta | None = None
    problem: str = ""
    overdue: tuple[str, ...] = ()
    unseen: str = ""
    since: datetime | None = None


def newest(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The latest that is not in the future: a row that is dated ahead must not hide that no other came since."""
    return max((at for at in moments if at is not None and at <= now + AHEAD_AT_MOST), default=None)


def content_age(rule: ContentRule, known: Mapping[str, PartState], seen: Collection[Seen], now: datetime) -> ContentAge:
    """The age of the content that a round saw. Parts that it did not see are kept as they were, and not checked."""
    parts = {name: state for name, state in known.items() if now - state.seen_at < _REMEMBERED}
    worst: tuple[float, datetime, timedelta] | None = None
    overdue: dict[str, tuple[datetime, str]] = {}
    for met in seen:
        state = parts[met.part] = _merged(parts.get(met.part), met, now)
        for age in rule.ages:
            if age.part not in ("", met.part):
                continue
            at = _since(age.since, met, state, now)
            if at is None:
                continue
            bound = age.bound_of(state.rows)
            # A time in the future counts as the oldest of all: it proves nothing.
            share = (now - at) / bound if at <= now + AHEAD_AT_MOST else float("inf")
            if worst is None or share > worst[0]:
                worst = (share, at, bound)
            if share > 1 and (met.part not in overdue or at < overdue[met.part][0]):
                overdue[met.part] = (at, _why(age.since, met.part, at, bound, now))
    if worst is None:
        return ContentAge(parts)
    if not overdue:
        return ContentAge(parts, worst[1], worst[2])
    since = min(at for at, _ in overdue.values())
    return ContentAge(
        parts=parts,
        at=worst[1],
        bound=worst[2],
        problem="; ".join(why for _, why in overdue.values()),
        overdue=tuple(sorted(overdue)),
        unseen=_unseen(rule, sorted(overdue), {met.part for met in seen}),
        since=since,
    )


def _merged(before: PartState | None, met: Seen, now: datetime) -> PartState:
    before = before or PartState(seen_at=now)
    changed = met.digest is not None and met.digest != before.digest
    # The newest time that was ever seen counts and goes on ageing: an answer without a time, or an older one from
    # another edge of the same cache, does not reset it. A time that lies ahead is no measure.
    times = [at for at in (met.at, before.at) if at is not None and (at is met.at or at <= now + AHEAD_AT_MOST)]
    return PartState(
        seen_at=now,
        at=max(times, default=None),
        digest=met.digest if met.digest is not None else before.digest,
        changed_at=now if changed or _is_ahead(before.changed_at, now) else before.changed_at,
        rows=met.rows if met.rows is not None else before.rows,
        asked=met.asked or before.asked,
    )


def _is_ahead(at: datetime | None, now: datetime) -> bool:
    """Whether a wrong clock of ours wrote the time."""
    return at is not None and at > now + AHEAD_AT_MOST


def _since(kind: AgeFrom, met: Seen, state: PartState, now: datetime) -> datetime | None:
    if kind == AgeFrom.DIGEST:
        return state.changed_at
    if kind == AgeFrom.CACHE:
        return None if met.cached_seconds is None else now - timedelta(seconds=met.cached_seconds)
    return state.at


def _why(kind: AgeFrom, part: str, at: datetime, bound: timedelta, now: datetime) -> str:
    where = f"{part}: " if part else ""
    if at > now + AHEAD_AT_MOST:
        return f"{where}{_WORDS[kind].format(at=stamp(at))}, which lies ahead"
    what = _WORDS[kind].format(at=stamp(at))
    return f"{where}{what}, {duration(now - at)} ago; expected at most {duration(bound)}"


def _unseen(rule: ContentRule, overdue: Sequence[str], met: Collection[str]) -> str:
    """Words for what is not seen: of single parts where only they are old."""
    if set(met) <= set(overdue):
        return rule.unseen
    return ", ".join(dict.fromkeys(rule.parts.get(part, rule.unseen) for part in overdue))


def sentence(unseen: str, since: datetime) -> str:
    """The line of a card that names what is not seen, and since when."""
    return f"{unseen[:1].upper()}{unseen[1:]}: what came since {stamp(since)} is not seen"


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y %H:%M} UTC"


def duration(span: timedelta) -> str:
    """A span in the largest unit of which it has two: "14 days", "6.2 hours", "35 minutes"."""
    seconds = span.total_seconds()
    for size, word in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {word}"
    return f"{seconds:.0f} seconds"


def parts_as_json(parts: Mapping[str, PartState]) -> dict[str, dict[str, Any]]:
    """For the column `SourceHealth.content`."""
    return {
        name: {
            "seen_at": state.seen_at.isoformat(),
            "at": state.at.isoformat() if state.at else None,
            "digest": state.digest,
            "changed_at": state.changed_at.isoformat() if state.changed_at else None,
            "rows": state.rows,
            "asked": state.asked,
        }
        for name, state in sorted(parts.items())
    }


def parts_from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, PartState]:
    def moment(value: str | None) -> datetime | None:
        return datetime.fromisoformat(value) if value else None

    return {
        name: PartState(
            seen_at=datetime.fromisoformat(row["seen_at"]),
            at=moment(row["at"]),
            digest=row["digest"],
            changed_at=moment(row["changed_at"]),
            rows=row["rows"],
            asked=row["asked"],
        )
        for name, row in stored.items()
    }
