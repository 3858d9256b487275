"""What one signed webhook gets of the token view, and when: `snapshot`, `risk` and `heartbeat` messages. Pure.

Only the newest state matters: nothing is queued. A message is made when it is sent, from what holds then and from what
the receiver has confirmed; where a receiver may have missed one, the next is a snapshot. docs/contracts/webhook.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from api.freshness import Freshness
from api.push.messages import rows_member
from api.push.subscription import Subscription
from crypto_ews.conf.channels import ACTIONS

VERSION = 1
HEARTBEAT_SECONDS = 10.0
SNAPSHOT_SECONDS = 300.0
SHORTEST_SECONDS = 0.1
"""Between two messages: what changes at once is one message."""
SLOWEST_SECONDS = 20.0
"""Before the next attempt, after many failures: below the 30 s of silence after which a receiver trusts nothing."""
_RANK = {action: rank for rank, action in enumerate(("", "none", *ACTIONS))}

Rows = Mapping[str, bytes]


@dataclass(frozen=True)
class Asked:
    """Which rows a channel gets. venues: as they were asked for; unknown: of them, those that nobody knows, for which
    nothing is held back. subscription: the venues that they mean. covers: the venues of which nothing is held back."""

    subscription: Subscription = field(default_factory=Subscription)
    min_action: str = ""
    venues: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()

    def taken(self, rows: Rows) -> dict[str, bytes]:
        return {token: row for token, row in rows.items() if self._takes(row)}

    def _takes(self, row: bytes) -> bool:
        return self.subscription.takes(row) and _rank(row) >= _RANK[self.min_action]


class _Row(msgspec.Struct):
    action: str


@lru_cache(maxsize=4_000)
def _rank(row: bytes) -> int:
    try:
        return _RANK[msgspec.json.decode(row, type=_Row).action]
    except (msgspec.ValidationError, KeyError):
        # Another form, another action: the row is kept from nobody.
        return len(_RANK)


@dataclass(frozen=True)
class Made:
    """A message that is on its way: `RiskFeed.took` or `RiskFeed.lost` says what became of it."""

    id: str
    body: bytes
    rows: Rows
    status: tuple[str, Collection[str]]
    kind: str
    at: float


class RiskFeed:
    """What the receiver of one channel has, and what it lacks. Moments are monotonic, in seconds.

    stream: names the sender; another one has another. first: `sequence` counts on from it, and it must be above
    whatever was sent before, by this sender or an earlier one.
    """

    def __init__(self, channel: str, stream: str, first: int) -> None:
        self.channel, self.stream, self.sequence = channel, stream, first
        self._confirmed: Rows | None = None
        self._last_status: tuple[str, Collection[str]] = ("", ())
        self._sent_at = self._snapshot_at = float("-inf")
        self._failures = 0
        self._not_before = float("-inf")

    @property
    def failures(self) -> int:
        """How many attempts have failed since the last that did not."""
        return self._failures

    def due_at(self, rows: Rows, freshness: Freshness) -> float:
        """When the next message is to be sent, at the latest, if nothing changes until then."""
        if self._confirmed is None:
            earliest = float("-inf")
        elif self._confirmed != rows or self._last_status != _status_of(freshness):
            earliest = self._sent_at + SHORTEST_SECONDS
        else:
            earliest = min(self._sent_at + HEARTBEAT_SECONDS, self._snapshot_at + SNAPSHOT_SECONDS)
        return max(earliest, self._not_before)

    def message(self, rows: Rows, freshness: Freshness, asked: Asked, wall: datetime, monotonic: float) -> Made:
        """The next message. rows: those that the channel gets."""
        self.sequence += 1
        confirmed = self._confirmed
        full = confirmed is None or monotonic - self._snapshot_at >= SNAPSHOT_SECONDS
        changed: list[bytes] = []
        removed: list[str] = []
        if confirmed is not None and not full:
            changed = [row for token, row in rows.items() if confirmed.get(token) != row]
            removed = sorted(token for token in confirmed if token not in rows)
        status = _status_of(freshness)
        kind = "snapshot" if full else "risk" if changed or removed or status != self._last_status else "heartbeat"
        name = f"{self.stream}-{self.sequence}"
        fields = {
            "version": VERSION,
            "id": name,
            "type": "risk",
            "kind": kind,
            "channel": self.channel,
            "sent_at": wall.astimezone(UTC),
            "stream": self.stream,
            "sequence": self.sequence,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "filter": {
                "venues": asked.venues,
                "min_action": asked.min_action,
                "unknown": asked.unknown,
                "covers": asked.covers,
            },
            "seq": freshness.seq,
            "as_of": freshness.as_of,
            "age_ms": freshness.age_ms,
            "status": freshness.status,
            "stale_sources": freshness.stale_sources,
        }
        if kind == "risk":
            fields["removed"] = removed
        members = {"snapshot": ("tokens", list(rows.values())), "risk": ("changed", changed)}.get(kind)
        body = msgspec.json.encode(fields)
        if members is not None:
            body = body[:-1] + b"," + rows_member(*members) + b"}"
        return Made(name, body, rows, status, kind, monotonic)

    def took(self, made: Made) -> None:
        """The receiver has confirmed a message."""
        self._confirmed, self._last_status, self._sent_at = made.rows, made.status, made.at
        self._not_before = made.at + SHORTEST_SECONDS
        self._failures = 0
        if made.kind == "snapshot":
            self._snapshot_at = made.at

    def lost(self, monotonic: float, gap: bool = False, retry_after: float | None = None) -> None:
        """Nobody knows whether a message came; gap: the receiver has refused it because it lacks one before it."""
        self._confirmed = None
        self._failures += 1
        wait = 0.5 * 2.0 ** min(self._failures - 1, 10)
        if gap and self._failures == 1:
            wait = 0.0
        self._not_before = monotonic + min(max(wait, retry_after or 0.0), SLOWEST_SECONDS)


def _status_of(freshness: Freshness) -> tuple[str, Collection[str]]:
    return freshness.status, freshness.stale_sources
