"""Which venues' trades this process counts, and whose history it fetches."""

from __future__ import annotations

from events.database.locks import Locks


class TradeLocks(Locks):
    """Several processes may share the venues of one database."""

    def __init__(self) -> None:
        super().__init__("crypto_ews trades")

    def try_acquire(self, name: str) -> bool:
        """Whether the venue is this process's now. Raises what `Locks.try_acquire` does."""
        return super().try_acquire(f"trades_{name.lower()}")
