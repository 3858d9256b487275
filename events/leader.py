"""One leader per database."""

from __future__ import annotations

from events.locks import Locks, dedicated_connection

__all__ = ["LEADER", "LeaderLock", "dedicated_connection"]

LEADER = "leader"


class LeaderLock(Locks):
    """Held while its connection lives and the server says so."""

    def __init__(self) -> None:
        super().__init__("crypto_ews leader")

    def try_acquire(self, name: str = LEADER) -> bool:
        """Whether this process leads now; raises what `Locks.try_acquire` does."""
        return super().try_acquire(name)
