"""One collector per venue and database: advisory locks on a connection of their own, gone with the process."""

from __future__ import annotations

import logging
import zlib

import psycopg2
from psycopg2.extensions import connection as PgConnection

from events.leader import dedicated_connection

logger = logging.getLogger(__name__)

# The first of the two numbers of a lock; the venue makes the second. Nothing else in the database takes it.
_KEY = 0x45575332


class VenueLocks:
    """Which venues this process collects. Several processes may share the venues of one database."""

    def __init__(self) -> None:
        self._connection: PgConnection | None = None
        self.held: set[str] = set()

    def try_acquire(self, venue: str) -> bool:
        """Whether this process collects the venue now. Raises psycopg2.Error where the database cannot be reached."""
        if self._connection is None or self._connection.closed:
            self.held.clear()
            self._connection = dedicated_connection("crypto_ews streams")
        # As a signed 32-bit number, which is what PostgreSQL takes.
        number = zlib.crc32(venue.encode()) - 2**31
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_KEY, number])
            row = cursor.fetchone()
        if row and row[0]:
            self.held.add(venue)
        return venue in self.held

    def still_held(self) -> bool:
        """Whether the locks' connection still answers; where not, another process may collect by now."""
        if self._connection is None or self._connection.closed:
            return False
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error as error:
            logger.error("the connection that holds the streams' locks is lost: %s", str(error).strip())
            return False
        return True

    def release(self) -> None:
        self.held.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
