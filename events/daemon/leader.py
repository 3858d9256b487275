"""One leader per database: the only daemon that asks sources, records events and delivers alerts."""

from __future__ import annotations

from events.database.bot_role import BOT
from events.database.locks import Locks

LEADER = "leader"

# The advisory lock of the last release, the only one that its daemons know: none of them may lead beside us while a
# server is upgraded with one still running. To be removed with the next release but one.
_FORMER_KEY = 0x45575331
_FORMER_LEADER = """
SELECT EXISTS (
    SELECT FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
     WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND pid <> pg_backend_pid() AND activity.usename IS DISTINCT FROM %s
)
"""


class LeaderLock(Locks):
    """The lock of the leader. It is lost with its connection, and when the server does not confirm it."""

    def __init__(self) -> None:
        super().__init__("crypto_ews leader")

    def try_acquire(self, name: str = LEADER) -> bool:
        """Whether this process leads now. Raises what `Locks.try_acquire` raises."""
        if name in self.acquired:
            return super().try_acquire(name)
        with self._connected().cursor() as cursor:
            # A bot that takes this key keeps nobody from leading.
            cursor.execute(_FORMER_LEADER, [_FORMER_KEY, BOT])
            if cursor.fetchone() == (True,):
                return False
        if not super().try_acquire(name):
            return False
        with self._connected().cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_FORMER_KEY])
        return True
