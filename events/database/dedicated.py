"""Connections of our own to PostgreSQL, for what lasts as long as a session does: LISTEN and locks."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import psycopg2
from django.db import connections
from psycopg2.extensions import connection as PgConnection

T = TypeVar("T")

# How long a query that was cut off may take to notice that.
_CUT_OFF_SECONDS = 1.0


def dedicated_connection(application_name: str, listen_to: str = "") -> PgConnection:
    """A connection in autocommit outside of Django, which closes its own between jobs, and any LISTEN or lock with it.

    listen_to: the channel of NOTIFY to listen to, if any. Raises psycopg2.Error where the database cannot be reached.
    """
    parameters = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "isolation_level", "assume_role", "server_side_binding", "pool"):
        parameters.pop(name, None)
    parameters["application_name"] = application_name
    connection = psycopg2.connect(**parameters)
    try:
        connection.autocommit = True
        if listen_to:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {listen_to}")
    except BaseException:
        connection.close()
        raise
    return connection


def notifications(connection: PgConnection, seconds: float) -> list[str]:
    """The payloads that came, in order, after waiting at most `seconds` for the first.

    Raises psycopg2.Error or OSError where the connection is lost.
    """
    select.select([connection], [], [], seconds)
    connection.poll()
    payloads = [notify.payload for notify in connection.notifies]
    connection.notifies.clear()
    return payloads


def ask_within(seconds: float, ask: Callable[[], T], connection: PgConnection, name: str) -> T:
    """What `ask` returns or raises, asked on `connection` in a thread of that name.

    Raises TimeoutError after `seconds`, and the connection is lost then. A server or a pooler that does not answer
    would keep the caller, and the signals of a main thread, waiting for minutes.
    """
    answers: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:  # noqa: BLE001 (raised again below)
            errors.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        # Ends the query, so that the connection can be closed. A request to cancel it would wait like the query itself.
        with suppress(OSError, psycopg2.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        thread.join(_CUT_OFF_SECONDS)
        raise TimeoutError(f"no answer within {seconds:g} s")
    if errors:
        raise errors[0]
    return answers[0]
