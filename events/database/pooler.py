"""Whether a connection pooler stands between us and PostgreSQL, and whether we can work behind it.

LISTEN and whatever else belongs to a session do not survive a pooler that hands its connections out per transaction or
statement (pgbouncer's `pool_mode = transaction`): messages would be missed in silence. Session pooling is fine.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import psycopg2
from psycopg2.extensions import connection as PgConnection

_ROUNDS = 5
_PATIENCE_SECONDS = 5.0


class PoolerError(psycopg2.OperationalError):
    """What stands between us and the database cannot be worked with; `str()` says what to do, in one sentence."""


_SAYS = (
    "DATABASE_URL leads through a connection pooler in {mode} pooling, which loses LISTEN and session settings: "
    "connect to PostgreSQL itself, or set pool_mode = session for this database"
)


def refuse_transaction_pooling(connection: PgConnection, connect: Callable[[], PgConnection]) -> None:
    """Raises PoolerError behind a pooler whose connections to the server are not ours for the whole session.

    connection: in autocommit. connect: makes another one like it. Costs one query where there is no pooler.
    """
    ours = _server_pid(connection)
    # The number that came with the login is the server process's, unless a pooler made one up.
    if ours == connection.info.backend_pid:
        return
    other = connect()
    try:
        for _ in range(_ROUNDS):
            theirs = _within_patience(lambda: _begin(other), other)
            # In session pooling ours stays ours, and nobody else's, for as long as the connection lives.
            if theirs == ours:
                raise PoolerError(_SAYS.format(mode="transaction"))
            now = _within_patience(lambda: _server_pid(connection), connection)
            if now != ours:
                raise PoolerError(_SAYS.format(mode="transaction"))
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
        # pgbouncer ends the connection that asks for a transaction, and tells only its own log why.
        if connection.closed:
            raise PoolerError(_SAYS.format(mode="statement")) from error
        raise
    return int(row[0]) if row else 0


def _within_patience(ask: Callable[[], int], connection: PgConnection) -> int:
    """A pooler without a free connection lets its clients wait for minutes."""
    answers: list[int | BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:  # noqa: BLE001 (raised again below)
            answers.append(error)

    asking = threading.Thread(target=run, name="pooler check", daemon=True)
    asking.start()
    asking.join(_PATIENCE_SECONDS)
    if not answers:
        # Ends the question that hangs. A request to cancel it would have to wait for a connection as well.
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        raise PoolerError(
            f"the connection pooler that DATABASE_URL leads through gave no second connection within "
            f"{_PATIENCE_SECONDS:g} s: the daemon needs about fifty (default_pool_size)"
        )
    if isinstance(answers[0], BaseException):
        raise answers[0]
    return answers[0]
