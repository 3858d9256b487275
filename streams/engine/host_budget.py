"""The request weight of each host, shared by what this process asks of it: order-book snapshots first, then history.

Snapshots and history have shares of their own, so that history never spends what a snapshot needs; together with the
rest, which is for pollers, they are less than the host allows. A host that refuses one refuses all: hosts count by
address.
"""

from __future__ import annotations

from threading import Lock

from streams.engine.rate_limit import WeightBudget

SNAPSHOT_SHARE = 0.7
HISTORY_SHARE = 0.25
# History pauses while the host has counted more than this share of its limit, by whomever it was spent.
_ALMOST_ALL = 0.9
# After so long another program's minute may be over: one request asks.
_ASK_AGAIN_SECONDS = 5.0


class HostBudget:
    """One host's weight. May be used from several threads; times are monotonic seconds, passed in.

    Raises ValueError for a limit below 1.
    """

    def __init__(self, per_minute: int, snapshot_share: float = SNAPSHOT_SHARE) -> None:
        self.per_minute, self._snapshot_share = per_minute, snapshot_share
        self._lock = Lock()
        self._snapshots = WeightBudget(max(1, int(per_minute * snapshot_share)))
        self._history = WeightBudget(max(1, int(per_minute * HISTORY_SHARE)))
        self._counted, self._counted_at = 0, 0.0

    @property
    def history_per_minute(self) -> int:
        return self._history.per_minute

    def wait_for_snapshot(self, weight: int, now: float) -> float:
        """Seconds until a snapshot of this weight may be requested; 0 spends it now."""
        with self._lock:
            return self._snapshots.wait(weight, now)

    def wait_for_history(self, weight: int, now: float) -> float:
        """Seconds until a request of this weight for history may go out; 0 spends it now."""
        with self._lock:
            paused = self._counted_at + _ASK_AGAIN_SECONDS - now
            if self._counted > _ALMOST_ALL * self.per_minute and paused > 0:
                return paused
            return self._history.wait(weight, now)

    def close_for(self, seconds: float, now: float) -> None:
        """The host refuses requests (429, 418) for so many seconds."""
        with self._lock:
            self._snapshots.close_for(seconds, now)
            self._history.close_for(seconds, now)

    def used(self, weight: int, now: float) -> None:
        """The host reports the weight used in this minute, including that of other programs at our address."""
        with self._lock:
            self._counted, self._counted_at = weight, now
            # What history spent is not the snapshots' loss.
            others = max(0, weight - self._history.spent(now))
            self._snapshots.used(round(others * self._snapshot_share), now)


class HostBudgets:
    """The budgets of all hosts that a process asks."""

    def __init__(self, snapshot_share: float = SNAPSHOT_SHARE) -> None:
        self._snapshot_share = snapshot_share
        self._lock = Lock()
        self._hosts: dict[str, HostBudget] = {}

    def of(self, host: str, per_minute: int) -> HostBudget:
        """The budget of a host (its name and port). per_minute: what it allows; the first caller's counts."""
        with self._lock:
            if host not in self._hosts:
                self._hosts[host] = HostBudget(per_minute, self._snapshot_share)
            return self._hosts[host]


HOST_BUDGETS = HostBudgets()
"""Of this process: what its services share."""
