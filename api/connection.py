"""Connections by asyncpg, to the database that Django uses. Hot doors never go through Django's threads.

Parameters are read anew for each connection: the embedded PostgreSQL may have another port after a restart.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any

import asyncpg
from django.db import OperationalError, connections

CONNECT_SECONDS = 5.0
UNAVAILABLE = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OperationalError,
)  # fmt: skip
"""What connecting and asking raise while the database cannot be asked.

InternalClientError: of a session that the server ended just as a statement was being prepared.
"""


def parameters() -> dict[str, Any]:
    """Arguments of `asyncpg.connect`, from Django's settings of the default database.

    It may start the embedded one, which blocks for a second: not for an event loop. Raises OperationalError.
    """
    given = connections["default"].get_connection_params()
    found = {
        "host": given.get("host") or None,
        "port": int(given["port"]) if given.get("port") else None,
        "user": given.get("user") or None,
        "password": given.get("password") or None,
        "database": given.get("dbname"),
        "ssl": given.get("sslmode"),
        "passfile": given.get("passfile"),
    }
    return {name: value for name, value in found.items() if value is not None}


class _Address:
    """`parameters`, asked for in one thread of its own: it may block for minutes while the embedded server starts, and
    must not take the threads that others work in."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "api-database-address")
        self._latest: Future[dict[str, Any]] | None = None
        self._guard = Lock()

    async def now(self) -> dict[str, Any]:
        with self._guard:
            if self._latest is None or self._latest.done():
                self._latest = self._thread.submit(parameters)
            latest = self._latest
        return await asyncio.shield(asyncio.wrap_future(latest))


_address = _Address()


async def connect(name: str, **options: Any) -> asyncpg.Connection[Any]:
    """A connection of its own. Raises what UNAVAILABLE names. name: as pg_stat_activity shows it."""
    found = await _address.now()
    made = await asyncpg.connect(**found, timeout=CONNECT_SECONDS, server_settings=_settings(name), **options)
    try:
        await _without_jit(made)
    except BaseException:
        made.terminate()
        raise
    return made


async def open_pool(name: str, size: int) -> asyncpg.Pool[Any]:
    """A pool that opens its connections when they are needed."""
    found = await _address.now()
    return await asyncpg.create_pool(
        **found,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=CONNECT_SECONDS,
        server_settings=_settings(name),
        # Each time: what is given back is reset.
        setup=_without_jit,
    )


async def close(connection: asyncpg.Connection[Any] | None, seconds: float = 1.0) -> None:
    """End a connection so that the server has noticed it when this returns; by force where the server is silent."""
    if connection is None or connection.is_closed():
        return
    with suppress(*UNAVAILABLE):
        await connection.close(timeout=seconds)
    connection.terminate()


def _settings(name: str) -> dict[str, str]:
    return {"application_name": name, "TimeZone": "UTC"}


async def _without_jit(connection: Any) -> None:
    """Not among the settings that a session begins with: pgbouncer refuses those that it does not follow."""
    await connection.execute("SET jit = off", timeout=CONNECT_SECONDS)
