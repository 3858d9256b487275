"""What one event loop needs to serve the API: the picture, the callers, a pool, and the tasks that keep them fresh."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from api.connection import UNAVAILABLE, close, connect, open_pool
from api.names import Names
from api.picture import Picture, look
from api.tokens.callers import Callers
from api.tokens.store import CHANNEL
from crypto_ews.conf import get_config
from events import clock

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
TOKENS_SECONDS = 0.45
NAMES_SECONDS = 5.0
USES_SECONDS = 60.0
_PATIENCE_SECONDS = 3.0
_BETWEEN_LOOKS = 0.005
_RECONNECT_SECONDS = 0.5
_USES_PATIENCE_SECONDS = 2.0
_FIRST_SECONDS = 5.0
_POOL = 8
CHANNELS = ("token_risk", "alert_queued", CHANNEL)

Listener = Callable[[Picture, Picture], None]
"""Called in the loop after each look, with the picture before and the one now."""
Ending = Callable[[], Any]
"""A coroutine function that ends what somebody started on this loop."""


class Runtime:
    """Started with the first request of a loop; `stop` ends its tasks and connections."""

    def __init__(self) -> None:
        self.callers = Callers(get_config().api_rate_limit)
        self.picture = Picture()
        self.names = Names()
        self.listeners: list[Listener] = []
        self.at_stop: list[Ending] = []
        self.connected = 0
        """How often the database was connected to: after another time it may be another database."""
        self._pool: asyncpg.Pool[Any] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._first = asyncio.Event()
        self._ready = asyncio.Event()
        self._wake = asyncio.Event()
        self._tokens_changed = True
        self._began = 0.0

    async def start(self) -> None:
        """Start once, and wait a little for the first look: a caller of a cold process must not be refused."""
        if not self._tasks:
            work = (self._keep_picture, self._keep_names, self._keep_uses)
            self._tasks = [asyncio.create_task(one(), name=f"api{one.__name__}") for one in work]
            self._began = time.monotonic()
        if not self.names.loaded and time.monotonic() - self._began < _FIRST_SECONDS:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), _FIRST_SECONDS)

    async def stop(self) -> None:
        await asyncio.gather(*(ending() for ending in self.at_stop), return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        pool, self._pool = self._pool, None
        if pool is not None:
            # The server must have noticed: a database with open sessions cannot be dropped or restored.
            with suppress(*UNAVAILABLE):
                await asyncio.wait_for(pool.close(), 1.0)
            pool.terminate()

    def now(self) -> datetime:
        """The time by which tokens expire: this machine's or the database's, the later one, so that none is revived."""
        here = datetime.now(UTC)
        seen = self.picture.seen
        if seen is None:
            return here
        return max(here, seen.database_now + timedelta(seconds=clock.monotonic() - seen.looked_at))

    @staticmethod
    def monotonic() -> float:
        """Seconds that no clock's setting moves."""
        return clock.monotonic()

    async def pool(self) -> asyncpg.Pool[Any]:
        """Raises what UNAVAILABLE names. Ask for it each time: it is replaced after an outage."""
        if self._pool is None:
            made = await open_pool("crypto_ews api", _POOL)
            if self._pool is None:
                self._pool = made
            else:
                made.terminate()
        return self._pool

    async def fetch_row(self, statement: str, parameter: Any) -> asyncpg.Record | None:
        """One row, or None. Raises what UNAVAILABLE names."""
        pool = await self.pool()
        return await pool.fetchrow(statement, parameter)

    async def _keep_picture(self) -> None:
        said = False
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                async with asyncio.timeout(2 * _PATIENCE_SECONDS):
                    connection = await connect("crypto_ews api watch")
                    for channel in CHANNELS:
                        await connection.add_listener(channel, self._on_notice)
                said = False
                self.connected += 1
                await self._drop_pool()
                await self._watch(connection)
            except UNAVAILABLE as error:
                if not said:
                    logger.warning(
                        "the API cannot read the database, and answers `unknown`: %s: %s", type(error).__name__, error
                    )
                    said = True
            except Exception:
                # A fault of ours: the answers grow old and say so, and the next look may succeed.
                logger.exception("the API's look at the database failed")
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _watch(self, connection: asyncpg.Connection[Any]) -> None:
        again, tokens_at = True, 0.0
        try:
            while True:
                self._wake.clear()
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    if self._tokens_changed or again or time.monotonic() - tokens_at >= TOKENS_SECONDS:
                        self._tokens_changed, tokens_at = False, time.monotonic()
                        await self.callers.directory.load(connection)
                    found = await look(connection, self.picture, again)
                again = False
                looked_at = time.monotonic()
                before, self.picture = self.picture, found
                self._first.set()
                for listener in self.listeners:
                    listener(before, found)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
                # Whoever may connect may notify, as often as it likes.
                await asyncio.sleep(max(0.0, looked_at + _BETWEEN_LOOKS - time.monotonic()))
        except asyncio.CancelledError:
            await close(connection)
            raise

    def _on_notice(self, _connection: Any, _process: int, channel: str, _payload: Any) -> None:
        if channel == CHANNEL:
            self._tokens_changed = True
        self._wake.set()

    async def _drop_pool(self) -> None:
        """After an outage the database may be elsewhere."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def _keep_names(self) -> None:
        await self._first.wait()
        while True:
            try:
                await self.names.read(await self.pool())
                self._ready.set()
            except UNAVAILABLE:
                # Names that were read before go on; the picture's age says that the database is away.
                self._ready.clear()
            except Exception:
                logger.exception("the names of assets and venues cannot be read")
            await asyncio.sleep(NAMES_SECONDS if self._ready.is_set() else _RECONNECT_SECONDS)

    async def _keep_uses(self) -> None:
        try:
            while True:
                await asyncio.sleep(USES_SECONDS)
                await self._write_uses()
        finally:
            await self._write_uses()

    async def _write_uses(self) -> None:
        try:
            async with asyncio.timeout(_USES_PATIENCE_SECONDS):
                pool = await self.pool()
                async with pool.acquire() as connection:
                    await self.callers.directory.write_uses(connection)
        except UNAVAILABLE as error:
            logger.debug("the last uses of tokens wait for the database: %s", type(error).__name__)
