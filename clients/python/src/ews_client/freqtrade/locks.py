"""Which locks a bot shall have, and what must be done to get there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ews_client.answers import Answer
from ews_client.freqtrade.judge import is_denied, is_word, why_not

PREFIX: Final = "EWS driver: "
"""With what the reasons of the driver's locks begin. It touches no others: not yours, not TokenRiskGuard's."""

EVERY_PAIR: Final = "*"
"""freqtrade's name for the lock of all pairs."""

MODES: Final = ("lock-all", "keep")


@dataclass(frozen=True)
class Lock:
    """An active lock of the bot. ends: with time zone."""

    id: int
    pair: str
    side: str
    reason: str
    ends: datetime


@dataclass(frozen=True)
class Verdict:
    """wanted: pair → reason. kept: pairs of which nothing is known, whose locks stay. unknown: why, or empty."""

    wanted: Mapping[str, str]
    kept: frozenset[str]
    unknown: str


@dataclass(frozen=True)
class Plan:
    """First `add` (pair, reason, until), then `remove` (ids): there is no moment without a lock."""

    add: tuple[tuple[str, str, datetime], ...]
    remove: tuple[int, ...]


def verdict(answers: Mapping[str, Answer], when_unknown: str) -> Verdict:
    """What the answers come to. when_unknown: a word of `MODES`.

    A pair that the server denies, or does not know, is locked. One that it cannot judge now (a source is silent) is
    locked too with `lock-all`. Where there is no answer, or our daemon is silent, `lock-all` locks every pair; `keep`
    leaves all locks as they are.
    """
    wanted: dict[str, str] = {}
    kept: set[str] = set()
    unknown = ""
    for pair, answer in answers.items():
        if answer.may_open:
            continue
        nobody_has_it = answer.fault is None and answer.source != "failed" and answer.covered == "unknown"
        if is_denied(answer) or nobody_has_it or (is_word(answer) and when_unknown == "lock-all"):
            wanted[pair] = f"{PREFIX}{why_not(answer)}"
            continue
        kept.add(pair)
        if not is_word(answer):
            unknown = unknown or why_not(answer)
    if unknown and when_unknown == "lock-all":
        wanted[EVERY_PAIR] = f"{PREFIX}nothing is known"
    elif unknown:
        kept.add(EVERY_PAIR)
    return Verdict(wanted, frozenset(kept), unknown)


def plan(found: Verdict, present: Sequence[Lock], now: datetime, lasts: timedelta) -> Plan:
    """What to add and to remove. A lock is renewed when less than half of its time is left.

    Own locks of pairs that nobody asked about stay while anything is unknown, and are removed otherwise.
    """
    own = own_of(present)
    wanted, kept = dict(found.wanted), set(found.kept)
    for lock in own:
        if lock.pair not in wanted and (lock.pair in kept or (found.unknown and lock.pair != EVERY_PAIR)):
            wanted[lock.pair] = lock.reason
    stays = {pair: _latest(own, pair, reason) for pair, reason in wanted.items()}
    add = tuple(
        (pair, reason, now + lasts)
        for pair, reason in sorted(wanted.items())
        if (found_lock := stays[pair]) is None or found_lock.ends - now < lasts / 2
    )
    added = {pair for pair, _, _ in add}
    remains: Collection[int] = {lock.id for pair, lock in stays.items() if lock is not None and pair not in added}
    return Plan(add, tuple(lock.id for lock in own if lock.id not in remains))


def own_of(present: Sequence[Lock]) -> list[Lock]:
    """The driver's."""
    return [lock for lock in present if lock.reason.startswith(PREFIX)]


def _latest(own: Sequence[Lock], pair: str, reason: str) -> Lock | None:
    fits = [lock for lock in own if (lock.pair, lock.reason, lock.side) == (pair, reason, "*")]
    return max(fits, key=lambda lock: lock.ends, default=None)
