"""One WebSocket: open, subscribe, read until it ends. It never reopens; `venue_streams` makes another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from crypto_ews.conf import Config
from events.clock import time_ns
from streams.engine.frames import FrameQueue
from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import FrameRateLimit
from streams.engine.watchdog import Lag, SymbolWatch
from streams.feeds.base import Feed, batches


class Connection:
    """`closed` resolves to the reason when the connection ends. Times are monotonic seconds."""

    def __init__(
        self,
        feed: Feed,
        config: Config,
        symbols: Iterable[str],
        limits: EngineLimits,
        ready: asyncio.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.symbols: set[str] = set(symbols)
        self.queue = FrameQueue(limits.queue_frames, limits.queue_bytes, ready)
        self.decoder = feed.decoder()
        self.decode = self.decoder.decode
        self.watch = SymbolWatch(max(limits.quiet_symbol, feed.silence_seconds), limits.quiet_symbol_at_most)
        self.lag = Lag()
        self.late_ticks = 0
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.together: dict[str, tuple[str, ...]] = {}
        """By symbol, the symbols of the same request, where a venue refuses a request as a whole."""
        self.rest_due: float | None = None
        """When to check whether a refusal has cost other symbols their subscription."""
        self.suspected: asyncio.Task[None] | None = None
        """Finds out whether the connection is dead, since most of its symbols are silent."""
        self.excused_until = 0.0
        """Until when its silence needs no other explanation."""
        self.opened_at = clock()
        self.received_at = clock()
        self._feed, self._config, self._limits, self._clock = feed, config, limits, clock
        self._socket: ClientConnection | None = None
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def live(self) -> bool:
        return self._socket is not None and not self.closed.done()

    async def open(self) -> None:
        """Connect and subscribe. Raises OSError, TimeoutError or WebSocketException."""
        feed, limits = self._feed, self._limits
        symbols = sorted(self.symbols)
        # A venue with its own kind of ping may not answer the protocol's, which would end every connection.
        ping = None if feed.ping_frame else 20.0
        url = feed.stream_url(self._config, symbols)
        self._socket = await connect(
            url,
            # Environment proxies are used, but never for this machine.
            proxy=None if _is_this_machine(url) else True,
            # Decompression costs more than the saved bandwidth is worth on a server.
            compression=None,
            open_timeout=limits.open_timeout,
            close_timeout=limits.close_timeout,
            ping_interval=ping,
            ping_timeout=ping,
            max_size=limits.max_frame_bytes,
        )
        self.opened_at = self.received_at = self._clock()
        self.request(symbols)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        if feed.ping_frame and feed.ping_every_seconds:
            self._tasks.append(asyncio.create_task(self._ping(feed.ping_frame, feed.ping_every_seconds)))

    def request(self, symbols: Sequence[str]) -> None:
        """Subscribe to these symbols."""
        step = self._feed.refused_together
        if step > 1:
            for part in batches(symbols, step):
                self.together |= dict.fromkeys(part, tuple(part))
        self.send(self._feed.subscribe(symbols))

    def send(self, frames: Sequence[bytes]) -> None:
        """Queue frames, which are sent in order and as fast as the venue allows."""
        for frame in frames:
            self._outgoing.put_nowait(frame)

    def end(self, reason: str) -> None:
        """Close the connection and drop its queue."""
        if self.closed.done():
            return
        self.closed.set_result(reason)
        self.queue.clear()
        for task in self._tasks:
            task.cancel()

    async def shut(self) -> None:
        """After `end`: wait until the socket is closed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def _read(self) -> None:
        assert self._socket is not None
        receive, put, clock = self._socket.recv, self.queue.put, self._clock
        try:
            while True:
                frame = await receive(decode=False)
                self.received_at = clock()
                if not put(time_ns(), frame):
                    await self.queue.wait_for_space()
                    self.received_at = clock()
        except ConnectionClosed as error:
            self.end(_reason(error))
        except (OSError, WebSocketException) as error:
            self.end(f"{type(error).__name__}: {error}")

    async def _write(self) -> None:
        assert self._socket is not None
        limit = FrameRateLimit(self._feed.max_frames_per_second)
        try:
            while True:
                frame = await self._outgoing.get()
                wait = limit.reserve(self._clock())
                if wait > 0:
                    await asyncio.sleep(wait)
                # Venues take JSON in text frames and refuse binary ones.
                await self._socket.send(frame, text=True)
        except ConnectionClosed:
            # `_read` reports the reason.
            return

    async def _ping(self, frame: bytes, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.send([frame])


async def wait_for_first(event: asyncio.Event, closed: Collection[asyncio.Future[str]], seconds: float | None) -> None:
    """Wait for the event or the end of a connection, at most `seconds` (None: without limit)."""
    happening = asyncio.ensure_future(event.wait())
    waiting: list[asyncio.Future[Any]] = [happening, *closed]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        happening.cancel()


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _reason(error: ConnectionClosed) -> str:
    received = error.rcvd
    if received is None:
        return "the connection broke off"
    return f"the venue closed it with {received.code} {received.reason}".rstrip()
