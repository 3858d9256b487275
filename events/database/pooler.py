"""Whether a connection pooler lies between us and PostgreSQL, and whether it keeps a session whole.

LISTEN and all that belongs to a session are lost behind a pooler that hands its connections out per transaction or
statement (pgbouncer's `pool_mode = transaction`): messages would be missed without an error. Session pooling is fine.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg2
from psycopg2.extensions import connection as PgConnection

from events.database.dedicated import ask_within, dedicated_connection

_ROUNDS = 5
_PATIENCE_SECONDS = 5.0


class PoolerError(psycopg2.OperationalError):
    """We cannot work behind this pooler; `str()` is one sentence with what to do."""


_MESSAGE = (
    "DATABASE_URL leads through a connection pooler in {mode} pooling, which loses LISTEN and session settings: "
    "connect to PostgreSQL itself, or set pool_mode = session for this database"
)


def check_for_pooler() -> None:
    """Raises PoolerError behind a pooler that loses sessions, psycopg2.Error where the database cannot be reached."""
    connection = dedicated_connection("crypto_ews")
    try:
        refuse_transaction_pooling(connection, lambda: dedicated_connection("crypto_ews"))
    finally:
        connection.close()


def refuse_transaction_pooling(connection: PgConnection, connect: Callable[[], PgConnection]) -> None:
    """Raises PoolerError where the server's process behind `connection` is not ours for the whole session.

    connection: in autocommit. connect: makes another one like it. Costs one query where there is no pooler.
    """
    ours = _server_pid(connection)
    # The process id that came with the login is the server's, unless a pooler made one up.
    if ours == connection.info.backend_pid:
        return
    other = connect()
    try:
        for _ in range(_ROUNDS):
            theirs = _within_patience(lambda: _begin(other), other)
            # In session pooling our process serves us alone for as long as the connection lives.
            if theirs == ours:
                raise PoolerError(_MESSAGE.format(mode="transaction"))
            now = _within_patience(lambda: _server_pid(connection), connection)
            if now != ours:
                raise PoolerError(_MESSAGE.format(mode="transaction"))
            with other.cursor() as cursor:
                cursor.execute("COMMIT")
    finally:
        other.close()


def _server_pid(connection: PgConnection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _begin(connection: PgConnection) -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_backend_pid()")
            row = cursor.fetchone()
    except psycopg2.Error as error:
        # In statement pooling pgbouncer ends a connection that begins a transaction; the reason is in its log only.
        if connection.closed:
            raise PoolerError(_MESSAGE.format(mode="statement")) from error
        raise
    return int(row[0]) if row else 0


def _within_patience(ask: Callable[[], int], connection: PgConnection) -> int:
    """A pooler without a free connection lets its clients wait for minutes."""
    try:
        return ask_within(_PATIENCE_SECONDS, ask, connection, "pooler check")
    except TimeoutError:
        raise PoolerError(
            f"the connection pooler that DATABASE_URL leads through gave no second connection within "
            f"{_PATIENCE_SECONDS:g} s: the daemon needs about fifty (default_pool_size)"
        ) from None
