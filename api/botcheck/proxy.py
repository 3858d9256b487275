"""A proxy on loopback in front of the running system, that plays every fault to whoever is connected."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from api.botcheck.faults import FAULTS
from api.botcheck.relay import Relay, Setting

_T = TypeVar("_T")
_SECONDS = 10.0


class FaultProxy:
    """Serves from a thread of its own; everything here may be called from any other thread.

    target_url: of the running system, http://. While `fault` is None every byte passes as it is. A fault holds for new
    requests and for what is open: connections between requests, streams, WebSockets. What freezes while `dead` goes
    on when the fault ends.
    """

    def __init__(self, target_url: str, skew: timedelta = timedelta(hours=1), drip_seconds: float = 1.0) -> None:
        """skew: by how much clock_skew is off. drip_seconds: between two bytes of slow_drip."""
        parts = urlsplit(target_url)
        if parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(f"target_url was {target_url!r}, expected http://HOST:PORT")
        self._target = (parts.hostname, parts.port or 80)
        self._setting = Setting(skew, drip_seconds)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="the fault proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._relays: dict[asyncio.Task[None], Relay] = {}
        self.port = 0
        self.asked: list[str] = []
        """`METHOD path?query` of every request, in its order."""

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def fault(self) -> str | None:
        """Which fault is played now."""
        return self._setting.fault

    @fault.setter
    def fault(self, fault: str | None) -> None:
        """Holds when the assignment returns. Raises ValueError for a fault that is none."""
        if fault is not None and fault not in FAULTS:
            raise ValueError(f"fault was {fault!r}, expected None or one of {', '.join(FAULTS)}")
        self._wait(self._set(fault, self._setting.skew))

    @property
    def skew(self) -> timedelta:
        """By how much clock_skew is off: ahead where it is positive."""
        return self._setting.skew

    @skew.setter
    def skew(self, skew: timedelta) -> None:
        self._wait(self._set(self._setting.fault, skew))

    @property
    def drip_seconds(self) -> float:
        """Between two bytes of slow_drip; holds from the next byte on."""
        return self._setting.drip_seconds

    @drip_seconds.setter
    def drip_seconds(self, seconds: float) -> None:
        self._setting.drip_seconds = seconds

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._relays)

    def refuse(self) -> None:
        """Cut every connection and refuse new ones, until `accept`."""
        self._wait(self._refuse())

    def accept(self) -> None:
        """Listen again, at the same port."""
        self._wait(self._listen())

    def cut(self) -> None:
        """Cut every connection; new ones are accepted."""
        self._wait(self._cut())

    def start(self) -> None:
        self._thread.start()
        try:
            self._wait(self._listen())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        try:
            self._wait(self._finish())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_SECONDS)
            self._loop.close()

    def __enter__(self) -> FaultProxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        done: Future[_T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(_SECONDS)

    async def _set(self, fault: str | None, skew: timedelta) -> None:
        self._setting.change(fault, skew)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            # What was accepted in this turn needs the server for two more.
            for listening in server.sockets:
                self._loop.remove_reader(listening.fileno())
            await _turns(2)
            server.close()
        await self._cut()

    async def _finish(self) -> None:
        """Nothing of this proxy is left in its loop: no task, no generator, no open socket."""
        await self._refuse()
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._loop.shutdown_asyncgens()
        # A transport that was aborted closes its socket in the turn after.
        await _turns(3)

    async def _cut(self) -> None:
        tasks = list(self._relays)
        for task in tasks:
            self._relays[task].abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        relay = self._relays[task] = Relay(self._setting, self._target, reader, writer, self.asked)
        try:
            await _quietly(relay.run())
        finally:
            relay.abort()
            del self._relays[task]


async def _quietly(work: Awaitable[None]) -> None:
    """Either side may go at any time, and that ends the connection; so does what is no HTTP."""
    with suppress(OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError,
                  ValueError):  # fmt: skip
        await work


async def _turns(count: int) -> None:
    """Let the loop do what waits, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)
