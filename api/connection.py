"""Connections by asyncpg, to the database that Django uses. Hot doors never go through Django's threads."""

from __future__ import annotations

from typing import Any

import asyncpg
from django.db import connections

_CONNECT_SECONDS = 5.0


def parameters() -> dict[str, Any]:
    """Arguments of `asyncpg.connect`, from Django's settings of the default database. It may start the embedded one."""
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


async def connect(name: str, **options: Any) -> asyncpg.Connection[Any]:
    """A connection of its own. Raises OSError, TimeoutError or asyncpg.PostgresError."""
    return await asyncpg.connect(**parameters(), timeout=_CONNECT_SECONDS, server_settings=_settings(name), **options)


async def open_pool(name: str, size: int) -> asyncpg.Pool[Any]:
    """A pool that opens its connections when they are needed."""
    return await asyncpg.create_pool(
        **parameters(),
        min_size=0,
        max_size=size,
        timeout=_CONNECT_SECONDS,
        command_timeout=_CONNECT_SECONDS,
        server_settings=_settings(name),
    )


def _settings(name: str) -> dict[str, str]:
    return {"application_name": name, "jit": "off", "TimeZone": "UTC"}
