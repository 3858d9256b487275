"""One collector per venue and database: locks on a connection of their own, gone with the process."""

from __future__ import annotations

from events.database.locks import Locks


class VenueLocks(Locks):
    """Which venues this process collects. Several processes may share the venues of one database."""

    def __init__(self) -> None:
        super().__init__("crypto_ews streams")

    def try_acquire(self, name: str) -> bool:
        """Whether this process collects the venue now; raises what `Locks.try_acquire` does."""
        return super().try_acquire(f"streams_{name.lower()}")
