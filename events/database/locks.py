"""Locks that outlive a transaction, on relations that bots cannot reach, and confirmed by the server.

Advisory locks would be simpler, but any role may take any of them, and `pg_locks` shows the keys. Here a lock is
`LOCK TABLE … IN EXCLUSIVE MODE`, for which a role needs more on the relation than `ews_bot` has on anything.

What is locked is a view without rows or storage, `ews_lock_<name>`, made when it is first needed. A table would do too,
but VACUUM and ANALYZE of the whole database would stop at it, and so would the vacuum against wraparound, for as long
as a leader leads: months.
"""

from __future__ import annotations

import logging
import re

import psycopg2
from django.db import connection as django_connection
from psycopg2.errors import DuplicateTable, LockNotAvailable, UniqueViolation
from psycopg2.extensions import connection as PgConnection

from events.database.dedicated import ask_within, dedicated_connection
from events.database.pooler import refuse_transaction_pooling

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 3.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
# Settings of the session that keeps the locks; one that a server does not know is left out. The transaction stays open
# for as long as the process leads: idle, without a snapshot and without a transaction id. It delays no vacuum, and no
# timeout may end it. The keepalives are for a machine that is gone: by default the server notices after two hours, and
# nobody would lead until then.
_SESSION = {
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "transaction_timeout": "0",
    "statement_timeout": "5s",
    "lock_timeout": "0",
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "7s",
}
_LOCKED_BY = """
SELECT EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'relation' AND relation = to_regclass(%s) AND mode = 'ExclusiveLock' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND {whose}
)
"""
_LOCKED_BY_OTHERS = _LOCKED_BY.format(whose="pid <> pg_backend_pid()")
_LOCKED_BY_US = _LOCKED_BY.format(whose="pid = pg_backend_pid() AND pid = %s")


def lock_until_commit(table: str) -> None:
    """Make others who call this for the same table wait until the current transaction ends.

    Readers and writers of the table go on: the mode conflicts with itself, with changes of the schema and with VACUUM.
    """
    with django_connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE ONLY {django_connection.ops.quote_name(table)} IN SHARE UPDATE EXCLUSIVE MODE")


class Locks:
    """Locks by name, all on one connection, until they are released or the connection is lost.

    acquired: the names. The server frees the locks when this process or its machine dies.
    """

    def __init__(self, application_name: str) -> None:
        self._application_name = application_name
        self._connection: PgConnection | None = None
        self._server_pid = 0
        self.acquired: set[str] = set()

    def try_acquire(self, name: str) -> bool:
        """Whether the lock is ours now.

        Raises psycopg2.Error where the database cannot be reached, PoolerError (one of these) where a pooler would take
        the connection away from us, and ValueError for a name that is no identifier.
        """
        connection = self._connected()
        view = _view_of(name)
        with connection.cursor() as cursor:
            if name in self.acquired:
                return True
            # Asked first: a refused lock is an error in the server's log, and a stand-by asks every second.
            cursor.execute(_LOCKED_BY_OTHERS, [view])
            if cursor.fetchone() == (True,):
                return False
            cursor.execute("SELECT to_regclass(%s) IS NULL", [view])
            if cursor.fetchone() == (True,):
                _make_view(view)
            if not self.acquired:
                # READ COMMITTED: any other level would keep its snapshot until the end, and delay every vacuum.
                cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
            cursor.execute("SAVEPOINT one")
            try:
                cursor.execute(f"LOCK TABLE {view} IN EXCLUSIVE MODE NOWAIT")
            except LockNotAvailable:
                cursor.execute("ROLLBACK TO SAVEPOINT one" if self.acquired else "ROLLBACK")
                return False
            except psycopg2.Error:
                self.release()
                raise
            cursor.execute("RELEASE SAVEPOINT one")
            cursor.execute("SELECT pg_backend_pid()")
            (self._server_pid,) = cursor.fetchone() or (0,)
            self.acquired.add(name)
        return True

    def still_acquired(self) -> bool:
        """Whether the server confirms all our locks; False means that another process may have them by now.

        An answer alone proves nothing: behind a pooler it may come from another session. A server that does not answer
        within three seconds counts as lost.
        """
        connection = self._connection
        if connection is None or connection.closed or not self.acquired:
            return False
        try:
            lost = ask_within(
                _PATIENCE_SECONDS, lambda: self._lost_lock(connection), connection, self._application_name
            )
        except TimeoutError as error:
            logger.error("%s: the connection is lost: %s", self._application_name, error)
            return False
        except psycopg2.Error as error:
            logger.error("%s: the connection is lost: %s", self._application_name, str(error).strip())
            return False
        if lost:
            logger.error("%s: the server does not confirm the lock %r", self._application_name, lost)
        return not lost

    def release(self) -> None:
        """Free all locks, and close the connection."""
        self.acquired.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> PgConnection:
        if self._connection is None or self._connection.closed:
            self.acquired.clear()
            connection = dedicated_connection(self._application_name)
            try:
                refuse_transaction_pooling(connection, lambda: dedicated_connection(self._application_name))
                with connection.cursor() as cursor:
                    for name, value in _SESSION.items():
                        cursor.execute(
                            "SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", [value, name]
                        )
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _lost_lock(self, connection: PgConnection) -> str:
        """The first lock that the server does not confirm; "" where it confirms all. Raises psycopg2.Error."""
        with connection.cursor() as cursor:
            for name in sorted(self.acquired):
                cursor.execute(_LOCKED_BY_US, [_view_of(name), self._server_pid])
                if cursor.fetchone() != (True,):
                    return name
        return ""


def _view_of(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a lock's name was {name!r}, expected lower-case letters, digits and underscores")
    return f"ews_lock_{name}"


def _make_view(view: str) -> None:
    """On a connection that commits at once: other processes must see the view before anybody locks it."""
    connection = dedicated_connection("crypto_ews locks")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE VIEW {view} AS SELECT false AS held WHERE false;"
                f"COMMENT ON VIEW {view} IS 'Locked by whoever holds the lock of this name (events.database.locks).';"
                f"REVOKE ALL ON {view} FROM PUBLIC"
            )
    except (DuplicateTable, UniqueViolation):
        pass  # Another process has made it in the meantime.
    finally:
        connection.close()
