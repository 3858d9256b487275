"""Every lock that outlives a transaction's own rows: taken on relations that bots cannot reach, and verified.

Advisory locks would be simpler, but any role may take any of them, and `pg_locks` shows the keys. Here a lock is
`LOCK TABLE … IN EXCLUSIVE MODE`, for which a role needs more on the relation than `ews_bot` has on anything.

What is locked is a view without rows or storage, `ews_lock_<name>`, made when it is first wanted. A table would do too,
but VACUUM and ANALYZE of the whole database would stop at it, and so would the vacuum against wraparound, as long as a
leader leads: for months.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import threading

import psycopg2
from django.db import connection as django_connection
from django.db import connections
from psycopg2.errors import DuplicateTable, LockNotAvailable, UniqueViolation
from psycopg2.extensions import connection as PgConnection

from events.database.pooler import refuse_transaction_pooling

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 3.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")
# For the session that holds locks; what a server does not know is left out. Its transaction stays open for as long as
# it leads, idle, without a snapshot and without a transaction id: it holds up no vacuum, and nothing may end it. And a
# machine that is gone must be noticed by the server too: two hours, its default, would be two hours without a leader.
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
_HELD_BY = """
SELECT EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'relation' AND relation = to_regclass(%s) AND mode = 'ExclusiveLock' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND {whose}
)
"""
_HELD_BY_OTHERS = _HELD_BY.format(whose="pid <> pg_backend_pid()")
_HELD_BY_US = _HELD_BY.format(whose="pid = pg_backend_pid() AND pid = %s")


def dedicated_connection(application_name: str) -> PgConnection:
    """A connection outside Django's care, which closes its own between jobs and any LISTEN or lock with them."""
    parameters = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "isolation_level", "assume_role", "server_side_binding", "pool"):
        parameters.pop(name, None)
    parameters["application_name"] = application_name
    connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    return connection


def check_for_pooler() -> None:
    """Raises PoolerError where we cannot work, and other errors of psycopg2 where the database cannot be reached."""
    connection = dedicated_connection("crypto_ews")
    try:
        refuse_transaction_pooling(connection, lambda: dedicated_connection("crypto_ews"))
    finally:
        connection.close()


def lock_until_commit(table: str) -> None:
    """Keep others who call this with the same table waiting until the transaction that runs ends.

    Readers and writers of the table go on: the mode conflicts with itself, with changes of the schema and with VACUUM.
    """
    with django_connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE ONLY {django_connection.ops.quote_name(table)} IN SHARE UPDATE EXCLUSIVE MODE")


class Locks:
    """Locks by name on one connection, all held until it is released or lost.

    The server lets go of them when this process or its machine dies.
    """

    def __init__(self, application_name: str) -> None:
        self._application_name = application_name
        self._connection: PgConnection | None = None
        self._server_pid = 0
        self.held: set[str] = set()

    def try_acquire(self, name: str) -> bool:
        """Whether the lock is ours now. Raises psycopg2.Error where the database cannot be reached, and PoolerError
        (one of them) where a pooler would take the connection away from us."""
        connection = self._connected()
        view = _view_of(name)
        with connection.cursor() as cursor:
            if name in self.held:
                return True
            # Asked first: a lock that is refused is an error in the server's log, and a stand-by asks every second.
            cursor.execute(_HELD_BY_OTHERS, [view])
            if cursor.fetchone() == (True,):
                return False
            cursor.execute("SELECT to_regclass(%s) IS NULL", [view])
            if cursor.fetchone() == (True,):
                _make_view(view)
            if not self.held:
                # READ COMMITTED: any other level would keep its snapshot until the end, and nothing be cleaned up.
                cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
            cursor.execute("SAVEPOINT one")
            try:
                cursor.execute(f"LOCK TABLE {view} IN EXCLUSIVE MODE NOWAIT")
            except LockNotAvailable:
                cursor.execute("ROLLBACK TO SAVEPOINT one" if self.held else "ROLLBACK")
                return False
            except psycopg2.Error:
                self.release()
                raise
            cursor.execute("RELEASE SAVEPOINT one")
            cursor.execute("SELECT pg_backend_pid()")
            (self._server_pid,) = cursor.fetchone() or (0,)
            self.held.add(name)
        return True

    def still_held(self) -> bool:
        """Whether the server says that all our locks are ours; False means that another process may have them by now.

        A connection that answers proves nothing: behind a pooler it may be another one.
        """
        connection = self._connection
        if connection is None or connection.closed or not self.held:
            return False
        answers: list[bool] = []
        # In a thread of its own: a server that does not answer would hold the main thread, and its signals, for ever.
        asking = threading.Thread(
            target=lambda: answers.append(self._server_says_so(connection)), name=self._application_name, daemon=True
        )
        asking.start()
        asking.join(_PATIENCE_SECONDS)
        if not answers:
            logger.error("%s: the connection has not answered for %g s", self._application_name, _PATIENCE_SECONDS)
            # Ends the query that hangs, so that the connection can be closed.
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            asking.join(1)
        return answers == [True]

    def release(self) -> None:
        self.held.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> PgConnection:
        if self._connection is None or self._connection.closed:
            self.held.clear()
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

    def _server_says_so(self, connection: PgConnection) -> bool:
        try:
            with connection.cursor() as cursor:
                for name in sorted(self.held):
                    cursor.execute(_HELD_BY_US, [_view_of(name), self._server_pid])
                    if cursor.fetchone() != (True,):
                        logger.error("%s: the lock %r is held no more", self._application_name, name)
                        return False
        except psycopg2.Error as error:
            logger.error("%s: the connection is lost: %s", self._application_name, str(error).strip())
            return False
        return True


def _view_of(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a lock's name was {name!r}, expected lower-case letters, digits and underscores")
    return f"ews_lock_{name}"


def _make_view(view: str) -> None:
    """On a connection of its own: it must stand for others before anybody locks it."""
    making = dedicated_connection("crypto_ews locks")
    try:
        with making.cursor() as cursor:
            cursor.execute(
                f"CREATE VIEW {view} AS SELECT false AS held WHERE false;"
                f"COMMENT ON VIEW {view} IS 'Locked by whoever holds the lock of this name (events.database.locks).';"
                f"REVOKE ALL ON {view} FROM PUBLIC"
            )
    except (DuplicateTable, UniqueViolation):
        pass  # Made by another process in the meantime: all that we wanted.
    finally:
        making.close()
