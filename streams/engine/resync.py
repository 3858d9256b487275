"""New snapshots of single symbols, over REST or by a new subscription; and probes of silent symbols."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import msgspec

from events.clock import time_ns
from events.upstream.errors import UpstreamError
from streams.engine.connection import Connection
from streams.engine.counters import StreamCounters
from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import Backoff, SnapshotBackoff
from streams.engine.routes import Route
from streams.engine.snapshots import MalformedSnapshot, SnapshotFetcher
from streams.feeds.base import Feed, Message, Snapshot

logger = logging.getLogger(__name__)

# Of silent symbols, when most of a connection's are.
_SAMPLE = 3

OnMalformed = Callable[[bytes, str], None]
"""Given a frame or answer that could not be read, and why; must return at once."""


class Resyncs:
    """deliver: gives a snapshot to its symbol's book (symbol, route, message, received_ns). set_apart: moves a symbol
    (symbol, reason) off a connection that brings nothing of it; a connection is never ended for one symbol."""

    def __init__(
        self,
        feed: Feed,
        source: str,
        fetcher: SnapshotFetcher,
        limits: EngineLimits,
        counters: StreamCounters,
        on_malformed: OnMalformed,
        deliver: Callable[[str, Route, Message, int], None],
        set_apart: Callable[[str, str], None],
        clock: Callable[[], float],
    ) -> None:
        self._feed, self._source, self._fetcher, self._limits = feed, source, fetcher, limits
        self._counters, self._on_malformed, self._deliver, self._clock = counters, on_malformed, deliver, clock
        self._set_apart = set_apart
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def interrupt(self, symbol: str, route: Route, reason: str) -> None:
        """Messages of one symbol are missing, on a connection that goes on."""
        route.target.interrupted(reason)
        self.ask(symbol, route)

    def ask(self, symbol: str, route: Route) -> None:
        """Request a new snapshot of one symbol, unless one is on its way; no other symbol is disturbed."""
        connection = route.connection
        if connection is None or not connection.live:
            # The next connection begins with a snapshot in any case.
            return
        if route.fetching is not None and not route.fetching.done():
            return
        if not self._feed.snapshot_over_rest and route.asked_at is not None:
            return
        wait = self._backoff(route).reserve(self._clock(), route.useless)
        if route.target.contradicted:
            route.target.contradicted = False
            if self._feed.snapshot_over_rest:
                # Its numbers were in order: a new snapshot alone would freeze with the same stream. A snapshot from
                # before the new subscription would not meet it, so there is a pause.
                connection.send(
                    [*self._feed.unsubscribe([symbol], connection.decoder), *self._feed.subscribe([symbol])]
                )
                wait = max(wait, self._limits.snapshot_pause)
        if self._feed.snapshot_over_rest:
            route.fetching = self._start(self._fetch(symbol, route, wait))
        elif wait > 0:
            route.fetching = self._start(self._resubscribe_later(symbol, route, wait))
        else:
            self._resubscribe(symbol, route, connection)

    def _backoff(self, route: Route) -> SnapshotBackoff:
        if route.snapshot_backoff is None:
            limits = self._limits
            pause, most = limits.snapshot_pause, limits.snapshot_pause_at_most
            route.snapshot_backoff = SnapshotBackoff(pause, most, limits.calm_after, random.random)
        return route.snapshot_backoff

    async def _resubscribe_later(self, symbol: str, route: Route, wait: float) -> None:
        await asyncio.sleep(wait)
        route.fetching = None
        connection = route.connection
        if connection is not None and connection.live and route.asked_at is None and not route.target.in_sync:
            self._resubscribe(symbol, route, connection)

    def _resubscribe(self, symbol: str, route: Route, connection: Connection) -> None:
        frames = self._feed.resubscribe(symbol, connection.decoder)
        if not frames:
            connection.end(f"{symbol} is out of sync, and only a new connection brings a snapshot")
            return
        route.asked_at = self._clock()
        connection.send(frames)

    def suspect(self, symbol: str, route: Route, connection: Connection) -> None:
        """A symbol is silent: find out whether the pair is quiet or its subscription is dead."""
        if not self._feed.snapshot_over_rest:
            if connection.watch.asked(symbol) > self._limits.most_subscriptions:
                self._set_apart(symbol, "it stays silent although it was subscribed again")
                return
            # A live subscription answers with a snapshot.
            self._counters.silent_symbols += 1
            route.asked_at = None
            self.ask(symbol, route)
        elif not route.target.in_sync:
            self.ask(symbol, route)
        else:
            self._start(self._probe(symbol, route, connection))

    def suspect_connection(
        self, connection: Connection, silent: Mapping[str, Route], said: str, unknown_is_dead: bool = False
    ) -> bool:
        """Most symbols of a connection are silent: find out by a few of them whether it is dead, and end it if so.

        silent: in any order, the first are asked about. said: what the end of the connection says. unknown_is_dead:
        also where the venue does not answer, or has no book to compare. Returns whether it begins now: another probe
        may be under way.
        """
        if connection.suspected is not None and not connection.suspected.done():
            return False
        connection.suspected = self._start(self._probe_connection(connection, silent, said, unknown_is_dead))
        return True

    async def _probe_connection(
        self, connection: Connection, silent: Mapping[str, Route], said: str, unknown_is_dead: bool
    ) -> None:
        """Quiet pairs have the books that we have, and a live subscription answers a new request."""
        sample = list(silent)[:_SAMPLE]
        counts = {symbol: silent[symbol].count for symbol in sample}

        def is_dead(symbol: str) -> bool:
            route = silent[symbol]
            return route.count == counts[symbol] and route.connection is connection and connection.live

        if self._feed.snapshot_over_rest:
            suspects = [symbol for symbol in sample if await self._has_moved(symbol, silent[symbol], unknown_is_dead)]
        else:
            suspects = sample
            for symbol in sample:
                silent[symbol].asked_at = None
                self.ask(symbol, silent[symbol])
        await asyncio.sleep(self._limits.probe_patience)
        if suspects and all(map(is_dead, suspects)):
            self._counters.silent_connections += 1
            connection.end(said)
            return
        for symbol in list(silent)[_SAMPLE:]:
            # Of the others only those that used to speak: of the rest there are too many.
            if (
                connection.live
                and symbol in connection.symbols
                and not connection.watch.is_silent(symbol, silent[symbol].count)
            ):
                self.suspect(symbol, silent[symbol], connection)

    async def _has_moved(self, symbol: str, route: Route, unknown: bool) -> bool:
        """Whether a book is no longer the venue's. unknown: the answer where that cannot be told."""
        try:
            async with asyncio.timeout(self._limits.probe_answer):
                snapshot = await self._snapshot(symbol, route)
        except TimeoutError:
            return unknown
        if snapshot is None or not route.target.in_sync:
            return unknown
        return not route.target.agrees(snapshot)

    async def _fetch(self, symbol: str, route: Route, wait: float) -> None:
        """Request a snapshot until one comes, and deliver it."""
        await asyncio.sleep(wait)
        backoff = Backoff(self._limits.backoff_base, self._limits.backoff_cap, random.random)
        while (snapshot := await self._snapshot(symbol, route)) is None:
            await asyncio.sleep(backoff.failed())
        # Before the delivery: a snapshot that is too old is followed by the next request.
        route.fetching = None
        self._deliver(symbol, route, snapshot, time_ns())

    async def _snapshot(self, symbol: str, route: Route) -> Snapshot | None:
        try:
            snapshot = await self._fetcher.fetch(self._feed, symbol, f"{self._source}.snapshot")
        except MalformedSnapshot as error:
            self._on_malformed(error.payload.body, str(error))
            fault = str(error)
        except UpstreamError as error:
            fault = str(error)
        else:
            self._counters.snapshots += 1
            route.logged = ""
            return snapshot if snapshot.symbol else msgspec.structs.replace(snapshot, symbol=symbol)
        self._counters.snapshot_failures += 1
        if route.logged != fault:
            logger.warning("%s: no snapshot of %s: %s", self._source, symbol, fault)
            route.logged = fault
        return None

    async def _probe(self, symbol: str, route: Route, connection: Connection) -> None:
        """Compare a silent symbol's book with a snapshot: where they differ and no update comes, its stream is dead."""
        before = route.count
        snapshot = await self._snapshot(symbol, route)
        if snapshot is None or not route.target.in_sync or route.target.agrees(snapshot):
            return
        await asyncio.sleep(self._limits.probe_patience)
        if route.count != before or route.connection is not connection or not connection.live:
            return
        self._counters.silent_symbols += 1
        frames = self._feed.subscribe([symbol])
        if not frames or connection.watch.asked(symbol) > self._limits.most_subscriptions:
            self._set_apart(symbol, "its stream on this connection is dead")
            return
        connection.send([*self._feed.unsubscribe([symbol], connection.decoder), *frames])
        # The first update requests the snapshot: one from before the new subscription would not meet it.
        route.target.interrupted("the stream was silent while the book moved on")
        route.since = self._clock()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s: a task failed", self._source, exc_info=error)
