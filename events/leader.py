"""One leader per database: a PostgreSQL advisory lock on a connection of its own."""

from __future__ import annotations

import logging
import os
import socket
import threading

import psycopg2
from django.db import connections
from psycopg2.extensions import connection as PgConnection

logger = logging.getLogger(__name__)

# Any constant will do, as long as nothing else in the database takes it.
LEADER_LOCK_KEY = 0x45575331
_PATIENCE_SECONDS = 3.0


def dedicated_connection(application_name: str) -> PgConnection:
    """A connection outside Django's care, which closes its own between jobs and any LISTEN or lock with them."""
    parameters = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "isolation_level", "assume_role", "server_side_binding", "pool"):
        parameters.pop(name, None)
    parameters["application_name"] = application_name
    connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    return connection


class LeaderLock:
    """Held while its connection lives; the server lets go of it when this process or its machine dies."""

    def __init__(self) -> None:
        self._connection: PgConnection | None = None

    def try_acquire(self) -> bool:
        """Whether this process leads now. Raises psycopg2.Error where the database cannot be reached."""
        if self._connection is None or self._connection.closed:
            self._connection = dedicated_connection("crypto_ews leader")
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK_KEY])
            row = cursor.fetchone()
        return bool(row and row[0])

    def still_held(self) -> bool:
        """Whether the lock's connection still answers; False means that another daemon may lead by now."""
        connection = self._connection
        if connection is None or connection.closed:
            return False
        answers: list[bool] = []
        # In a thread of its own: a server that does not answer would hold the main thread, and its signals, for ever.
        asking = threading.Thread(target=lambda: answers.append(_answers(connection)), name="leader", daemon=True)
        asking.start()
        asking.join(_PATIENCE_SECONDS)
        if not answers:
            logger.error("the leader's connection has not answered for %g s", _PATIENCE_SECONDS)
            # Ends the query that hangs, so that the connection can be closed.
            with socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            asking.join(1)
        return answers == [True]

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _answers(connection: PgConnection) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        logger.error("the leader's connection is lost: %s", str(error).strip())
        return False
    return True
