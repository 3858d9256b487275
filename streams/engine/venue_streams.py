"""The connections of one venue: opened within its limits, renewed, reconnected. Each carries some of the symbols."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable
from itertools import count

from websockets.exceptions import WebSocketException

from crypto_ews.conf import Config
from streams.engine.connection import Connection, wait_for_first
from streams.engine.counters import StreamCounters
from streams.engine.frames import FrameScheduler
from streams.engine.handover import SymbolHandover
from streams.engine.health_check import ConnectionMonitor
from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import Backoff, FrameRateLimit
from streams.engine.resync import OnMalformed
from streams.engine.routes import ConnectionSlot, Route
from streams.engine.shards import plan
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.target import BookTarget
from streams.engine.venue_dispatch import VenueDispatcher
from streams.feeds.base import Feed, Notice

logger = logging.getLogger(__name__)


class VenueStreams:
    """All connections of one feed. Runs in one event loop; nothing here blocks.

    target_for: makes the book of a new symbol. on_malformed: given each frame that cannot be read.
    """

    def __init__(
        self,
        feed: Feed,
        config: Config,
        scheduler: FrameScheduler,
        fetcher: SnapshotFetcher,
        target_for: Callable[[str], BookTarget],
        on_malformed: OnMalformed,
        limits: EngineLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.feed = feed
        self.source = f"streams.{feed.venue.lower()}"
        self.counters = StreamCounters()
        self._config, self._scheduler, self._target_for, self._clock = config, scheduler, target_for, clock
        self._limits = limits or EngineLimits()
        self._slots: dict[int, ConnectionSlot] = {}
        self._slot_by_connection: dict[Connection, ConnectionSlot] = {}
        self._keys = count()
        self._requested: set[str] = set()
        self._refused: dict[str, tuple[float, str]] = {}
        self._connects = FrameRateLimit(self._limits.connects_per_second)
        self._dispatcher = VenueDispatcher(
            feed,
            self.source,
            fetcher,
            self._limits,
            self.counters,
            clock,
            on_malformed=on_malformed,
            set_apart=self._set_apart,
            renew=self._on_renew,
            refused=self._on_refused,
            switched=self._on_switched,
        )
        self._routes, self._resyncs = self._dispatcher.routes, self._dispatcher.resyncs
        self._monitor = ConnectionMonitor(feed, self._limits, self.counters, self._resyncs)
        self._ticker: asyncio.Task[None] | None = None
        # A venue whose subscriptions are part of the URL cannot add to an open connection.
        self._adds_while_open = bool(feed.subscribe(["X"]))

    # Symbols

    @property
    def targets(self) -> dict[str, BookTarget]:
        return {symbol: route.target for symbol, route in self._routes.items()}

    def target(self, symbol: str) -> BookTarget | None:
        """The book of a symbol; None where it is not carried."""
        route = self._routes.get(symbol)
        return None if route is None else route.target

    @property
    def live_connections(self) -> int:
        return sum(slot.connection is not None and slot.connection.live for slot in self._slots.values())

    @property
    def left_out(self) -> dict[str, str]:
        """Requested symbols that no connection carries for a while, and why."""
        return {symbol: reason for symbol, (_, reason) in self._refused.items() if symbol in self._requested}

    def faults(self) -> list[str]:
        """What is wrong now, one clause each; empty while every connection is up and receives."""
        return [slot.fault for slot in self._slots.values() if slot.fault]

    def set_symbols(self, requested: Collection[str]) -> None:
        """Carry these symbols from now on; those that stay are not disturbed."""
        self._requested = set(requested)
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._watch())
        carried = {key: slot.symbols for key, slot in self._slots.items()}
        change = plan(
            carried,
            self._requested - self._refused.keys(),
            self.feed.max_symbols_per_connection,
            self._adds_while_open,
        )
        for key, symbols in change.remove.items():
            self._remove(self._slots[key], symbols)
        for key, symbols in change.add.items():
            self._add(self._slots[key], symbols)
        for symbols in change.open:
            slot = ConnectionSlot(set())
            self._add(slot, symbols)
            self._open_slot(slot)
        self._end_empty()

    def _end_empty(self) -> None:
        for key in [key for key, slot in self._slots.items() if not slot.symbols]:
            slot = self._slots.pop(key)
            if slot.task:
                slot.task.cancel()

    def _open_slot(self, slot: ConnectionSlot) -> None:
        self._slots[next(self._keys)] = slot
        slot.task = asyncio.create_task(self._keep(slot))

    def _add(self, slot: ConnectionSlot, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            slot.symbols.add(symbol)
            self._routes[symbol] = Route(self._target_for(symbol), slot.connection, since=self._clock())
        self._align(slot, slot.connection)

    def _remove(self, slot: ConnectionSlot, symbols: Iterable[str], reason: str = "not requested any more") -> None:
        for symbol in symbols:
            slot.symbols.discard(symbol)
            route = self._routes.pop(symbol)
            route.stop_fetching()
            route.target.interrupted(reason)
        self._align(slot, slot.connection)

    def _slot_of(self, symbol: str) -> ConnectionSlot | None:
        return next((slot for slot in self._slots.values() if symbol in slot.symbols), None)

    def _set_apart(self, symbol: str, reason: str) -> None:
        """Move a symbol that stays silent to a connection of its own, and then leave it out. The others stay."""
        slot = self._slot_of(symbol)
        if slot is None:
            return
        logger.warning("%s: %s: %s", self.source, symbol, reason)
        if len(slot.symbols) == 1:
            self._leave_out(slot, slot.connection, [symbol], reason)
            return
        slot.symbols.discard(symbol)
        route = self._routes[symbol]
        route.stop_fetching()
        route.connection = route.successor = route.handover = route.asked_at = None
        route.target.interrupted(reason)
        self._align(slot, slot.connection)
        self._open_slot(ConnectionSlot({symbol}))

    def _leave_out(self, slot: ConnectionSlot, connection: Connection | None, symbols: list[str], reason: str) -> None:
        """Drop symbols that have no subscription on this connection, and try them again later."""
        self._refused |= dict.fromkeys(symbols, (self._clock() + self._limits.refused_again, reason))
        if connection is not None:
            connection.symbols -= set(symbols)
            for symbol in symbols:
                connection.watch.forget(symbol)
        self._remove(slot, symbols, reason)
        self._end_empty()

    def _align(self, slot: ConnectionSlot, connection: Connection | None) -> None:
        """Subscribe an open connection to the slot's symbols, and unsubscribe it from all others."""
        if connection is None or not connection.live:
            return
        gone, missing = sorted(connection.symbols - slot.symbols), sorted(slot.symbols - connection.symbols)
        if gone:
            connection.send(self.feed.unsubscribe(gone, connection.decoder))
        if missing:
            connection.request(missing)
        for symbol in gone:
            connection.watch.forget(symbol)
        for symbol in missing:
            connection.watch.subscribed(symbol, self._routes[symbol].count, self._clock())
        connection.symbols = set(slot.symbols)

    async def close(self) -> None:
        """End every connection and task; the books are interrupted."""
        tasks = [task for task in (self._ticker, *(slot.task for slot in self._slots.values())) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._resyncs.close()
        for route in self._routes.values():
            route.target.interrupted("the collector stops")
        self._slots.clear()
        self._routes.clear()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._limits.tick)
            now = self._clock()
            try:
                self._monitor.check(list(self._slots.values()), self._routes, now)
            except Exception:
                logger.exception("%s: the check of its connections failed", self.source)
            again = [symbol for symbol, (until, _) in self._refused.items() if until <= now]
            if again:
                for symbol in again:
                    del self._refused[symbol]
                self.set_symbols(self._requested)

    # Connections

    async def _keep(self, slot: ConnectionSlot) -> None:
        """Keep the slot's symbols connected until cancelled."""
        limits = self._limits
        backoff = Backoff(limits.backoff_base, limits.backoff_cap, random.random)
        connection: Connection | None = None
        try:
            while True:
                try:
                    connection = await self._open(slot)
                    if connection is not None:
                        self._carry(slot, connection)
                        connection = await self._until_closed(slot, connection)
                        if self._clock() - connection.opened_at >= limits.stable_after:
                            backoff.succeeded()
                            slot.logged_fault = ""
                        self._lost(slot, connection.closed.result())
                        await self._shut(connection)
                        connection = None
                except Exception as error:
                    # A fault of ours: logged with its trace, and the next connection is opened all the same.
                    logger.exception("%s: a connection failed", self.source)
                    left = {connection, slot.connection}
                    connection = None
                    self._lost(slot, f"internal error: {type(error).__name__}: {error}")
                    await self._end(left, "internal error")
                await asyncio.sleep(backoff.failed())
        finally:
            await self._end({connection, slot.connection}, "the symbols are not requested any more")

    async def _open(self, slot: ConnectionSlot) -> Connection | None:
        """Open a connection with all the slot's symbols; None where that failed."""
        await asyncio.sleep(self._connects.reserve(self._clock()))
        connection = Connection(self.feed, self._config, slot.symbols, self._limits, self._scheduler.ready, self._clock)
        try:
            await connection.open()
        except (OSError, TimeoutError, WebSocketException) as error:
            self._log_fault(slot, f"cannot connect: {type(error).__name__}: {error}")
            return None
        self.counters.connects += 1
        for symbol in connection.symbols & slot.symbols:
            connection.watch.subscribed(symbol, self._routes[symbol].count, self._clock())
        # The slot's symbols may have changed meanwhile.
        self._align(slot, connection)
        self._slot_by_connection[connection] = slot
        self._scheduler.add(connection.queue, self._dispatcher.handler(connection))
        return connection

    async def _end(self, connections: set[Connection | None], reason: str) -> None:
        for connection in connections:
            if connection is not None:
                connection.end(reason)
                await self._shut(connection)

    async def _shut(self, connection: Connection) -> None:
        self._scheduler.remove(connection.queue)
        self._slot_by_connection.pop(connection, None)
        await connection.shut()

    def _carry(self, slot: ConnectionSlot, connection: Connection) -> None:
        slot.connection = connection
        slot.fault = ""
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection, route.since = connection, self._clock()
            if not self.feed.snapshot_over_rest:
                # The subscription itself requests the snapshot.
                route.asked_at = self._clock()

    async def _until_closed(self, slot: ConnectionSlot, connection: Connection) -> Connection:
        """Wait for the end, renewing the connection before the venue ends it. Returns the connection that ended."""
        while True:
            await self._until_renewal(slot, connection)
            backoff = Backoff(self._limits.backoff_base, self._limits.backoff_cap, random.random)
            # Until a successor opens, the old connection goes on.
            while not connection.closed.done() and (successor := await self._open(slot)) is None:
                await asyncio.wait([connection.closed], timeout=backoff.failed())
            if connection.closed.done():
                return connection
            assert successor is not None
            connection = await self._replace(slot, connection, successor)

    async def _until_renewal(self, slot: ConnectionSlot, connection: Connection) -> None:
        """Wait until the connection is closed, or has to be renewed."""
        limit, wait = self.feed.max_connection_seconds, None
        if limit is not None:
            share = random.uniform(*self._limits.renew_share)
            wait = max(0.0, connection.opened_at + share * limit - self._clock())
        slot.renew.clear()
        await wait_for_first(slot.renew, [connection.closed], wait)

    async def _replace(self, slot: ConnectionSlot, old: Connection, new: Connection) -> Connection:
        """Hand the symbols over to the new connection, one by one. Returns the one that carries them afterwards."""
        slot.handed_over.clear()
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.successor, route.handover = new, SymbolHandover(self.feed.link, route.target.last_id)
        try:
            await wait_for_first(slot.handed_over, [old.closed, new.closed], self._limits.handover)
        except asyncio.CancelledError:
            new.end("the symbols are not requested any more")
            await self._shut(new)
            raise
        if new.closed.done() and not old.closed.done():
            for symbol in slot.symbols:
                route = self._routes[symbol]
                route.successor = route.handover = None
                if route.connection is new:
                    # It had been handed over already, so later messages of the old connection were ignored.
                    route.connection = old
                    self._resyncs.interrupt(symbol, route, f"the new connection ended: {new.closed.result()}")
            await self._shut(new)
            return old
        for symbol in slot.symbols:
            route = self._routes[symbol]
            if route.handover is not None:
                self._dispatcher.switch(symbol, route, route.handover.rest())
            route.connection = new
        slot.connection, slot.fault = new, ""
        # The set of symbols may have changed while both were open.
        self._align(slot, new)
        self.counters.handovers += 1
        old.end("handed over")
        await self._shut(old)
        return new

    def _lost(self, slot: ConnectionSlot, reason: str) -> None:
        self.counters.disconnects += 1
        slot.connection = None
        self._log_fault(slot, reason)
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection = route.successor = route.handover = None
            # The snapshot would be older than the next connection's first message.
            route.stop_fetching()
            route.target.interrupted(reason)

    def _log_fault(self, slot: ConnectionSlot, fault: str) -> None:
        """One line when a fault begins, none for each repeat."""
        if slot.logged_fault != fault:
            logger.warning("%s: %s (%d symbols)", self.source, fault, len(slot.symbols))
        slot.fault = slot.logged_fault = fault

    # What the dispatcher reports

    def _on_renew(self, connection: Connection) -> None:
        for slot in self._slots.values():
            if slot.connection is connection:
                slot.renew.set()

    def _on_switched(self, symbol: str, connection: Connection) -> None:
        routes = self._routes
        if all(routes[other].connection is connection for other in connection.symbols if other in routes):
            slot = self._slot_of(symbol)
            if slot is not None:
                slot.handed_over.set()

    def _on_refused(self, connection: Connection, notice: Notice) -> None:
        """Leave out the symbols that the venue names, and subscribe the others of their request again."""
        slot = self._slot_by_connection.get(connection)
        if slot is None:
            return
        refused = [symbol for symbol in notice.symbols if symbol in slot.symbols]
        if refused:
            self._leave_out(slot, connection, refused, f"the venue refuses it: {notice.text}")
        again = {other for symbol in notice.symbols for other in connection.together.pop(symbol, ())} & slot.symbols
        if again and connection.live:
            connection.request(sorted(again))
        # For refusals without a symbol, and for venues that may stop half-way through a request.
        connection.rest_due = self._clock() + self._limits.refused_rest
