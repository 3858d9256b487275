"""What one event loop needs to serve the API: a pool, the tokens, the picture, and the task that keeps them current."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

from api.connection import connect, open_pool
from api.picture import Picture, look
from api.tokens.directory import Directory
from api.tokens.store import CHANNEL

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
_RECONNECT_SECONDS = 0.5
_POOL = 8
CHANNELS = ("token_risk", "alert_queued", CHANNEL)

Listener = Callable[[Picture, Picture], None]
"""Called in the loop after each look, with the picture before and the one now."""


class Runtime:
    """Started with the first request of a loop; `stop` ends its task and connections."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.picture = Picture()
        self.listeners: list[Listener] = []
        self._pool: asyncpg.Pool[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._first = asyncio.Event()
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Start once, and wait a little for the first look: a caller of a cold process must not be refused."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="api")
        if not self._first.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._first.wait(), 5.0)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._pool is not None:
            self._pool.terminate()

    async def pool(self) -> asyncpg.Pool[Any]:
        """Raises what connecting raises, while the database is away."""
        if self._pool is None:
            self._pool = await open_pool("crypto_ews api", _POOL)
        return self._pool

    async def _keep(self) -> None:
        logged = False
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await connect("crypto_ews api watch", command_timeout=4.0)
                for channel in CHANNELS:
                    await connection.add_listener(channel, lambda *_: self._wake.set())
                logged = False
                while True:
                    self._wake.clear()
                    await self._look(connection)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not logged:
                    logger.warning("the API cannot read the database, and answers `unknown`: %s", error)
                    logged = True
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _look(self, connection: asyncpg.Connection[Any]) -> None:
        await self.directory.load(connection)
        before, self.picture = self.picture, await look(connection, self.picture)
        self._first.set()
        for listener in self.listeners:
            listener(before, self.picture)
