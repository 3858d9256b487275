"""The streams of one venue: as many connections as its limits ask for, each kept up, each symbol on one of them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable
from itertools import count
from typing import Any

from websockets.exceptions import WebSocketException

from crypto_ews.conf import Config
from streams.engine.connection import Connection
from streams.engine.counters import StreamNumbers
from streams.engine.frames import FrameScheduler
from streams.engine.handover import Arrived, SymbolHandover
from streams.engine.health_check import ConnectionMonitor
from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import Backoff, FramePace
from streams.engine.resync import Evidence, Resyncs
from streams.engine.routes import ConnectionSlot, Route
from streams.engine.shards import plan
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.target import BookTarget
from streams.feeds.base import Delta, Feed, MalformedFrame, Message, Notice, NoticeKind, Proof, Snapshot

logger = logging.getLogger(__name__)


class VenueStreams:
    """Everything about one feed's connections. All of it runs in one loop; nothing here blocks.

    target_for: makes the book of a symbol that is new.
    """

    def __init__(
        self,
        feed: Feed,
        config: Config,
        pump: FrameScheduler,
        fetcher: SnapshotFetcher,
        target_for: Callable[[str], BookTarget],
        evidence: Evidence,
        limits: EngineLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.feed = feed
        self.source = f"streams.{feed.venue.lower()}"
        self.numbers = StreamNumbers()
        self._config, self._pump = config, pump
        self._target_for, self._evidence, self._clock = target_for, evidence, clock
        self._limits = limits or EngineLimits()
        self._routes: dict[str, Route] = {}
        self._slots: dict[int, ConnectionSlot] = {}
        self._keys = count()
        self._wanted: set[str] = set()
        self._refused: dict[str, tuple[float, str]] = {}
        self._opening = FramePace(self._limits.connects_per_second)
        self._resyncs = Resyncs(
            feed, self.source, fetcher, self._limits, self.numbers, evidence, self._deliver, self._set_apart, clock
        )
        self._lookout = ConnectionMonitor(feed, self._limits, self.numbers, self._resyncs)
        self._ticker: asyncio.Task[None] | None = None
        # A venue whose subscriptions stand in the URL cannot add to an open connection.
        self._adds_while_open = bool(feed.subscribe(["X"]))

    # What is wanted

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
        """What is wanted and not carried for a while, and why."""
        return {symbol: reason for symbol, (_, reason) in self._refused.items() if symbol in self._wanted}

    def faults(self) -> list[str]:
        """What is wrong at this moment, one clause each; empty while every connection is up and speaks."""
        return [slot.fault for slot in self._slots.values() if slot.fault]

    def set_symbols(self, wanted: Collection[str]) -> None:
        """Carry these symbols from now on; those that stay are not disturbed."""
        self._wanted = set(wanted)
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._watch())
        carried = {key: slot.symbols for key, slot in self._slots.items()}
        change = plan(
            carried,
            self._wanted - self._refused.keys(),
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

    def _remove(self, slot: ConnectionSlot, symbols: Iterable[str], reason: str = "not wanted any more") -> None:
        for symbol in symbols:
            slot.symbols.discard(symbol)
            route = self._routes.pop(symbol)
            route.stop_fetching()
            route.target.interrupted(reason)
        self._align(slot, slot.connection)

    def _set_apart(self, symbol: str, reason: str) -> None:
        """A connection carries this symbol in vain: it gets one of its own, and after that a rest. The others stay."""
        slot = next((slot for slot in self._slots.values() if symbol in slot.symbols), None)
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
        """These symbols are tried again later. There is nothing to unsubscribe from on this connection."""
        self._refused |= dict.fromkeys(symbols, (self._clock() + self._limits.refused_again, reason))
        if connection is not None:
            connection.symbols -= set(symbols)
            for symbol in symbols:
                connection.watch.forget(symbol)
        self._remove(slot, symbols, reason)
        self._end_empty()

    def _align(self, slot: ConnectionSlot, connection: Connection | None) -> None:
        """Subscribe on an open connection to what the slot has and it has not, and the other way round."""
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
        """End every connection and task; the books are told."""
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
                self._lookout.look(list(self._slots.values()), self._routes, now)
            except Exception:
                logger.exception("%s: the look at its connections broke", self.source)
            again = [symbol for symbol, (until, _) in self._refused.items() if until <= now]
            if again:
                for symbol in again:
                    del self._refused[symbol]
                self.set_symbols(self._wanted)

    # Connections

    async def _keep(self, slot: ConnectionSlot) -> None:
        """Keep the slot's symbols connected, until cancelled."""
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
                            slot.said = ""
                        self._lost(slot, connection.closed.result())
                        await self._shut(connection)
                        connection = None
                except Exception as error:
                    # A fault of ours: said with its trace, and the symbols are not given up.
                    logger.exception("%s: a connection broke", self.source)
                    left = {connection, slot.connection}
                    connection = None
                    self._lost(slot, f"internal error: {type(error).__name__}: {error}")
                    await self._end(left, "internal error")
                await asyncio.sleep(backoff.failed())
        finally:
            await self._end({connection, slot.connection}, "the symbols are not wanted any more")

    async def _open(self, slot: ConnectionSlot) -> Connection | None:
        """A new connection with all the slot's symbols; None where that failed."""
        await asyncio.sleep(self._opening.reserve(self._clock()))
        connection = Connection(self.feed, self._config, slot.symbols, self._limits, self._pump.ready, self._clock)
        try:
            await connection.open()
        except (OSError, TimeoutError, WebSocketException) as error:
            self._say(slot, f"cannot connect: {type(error).__name__}: {error}")
            return None
        self.numbers.connects += 1
        for symbol in connection.symbols & slot.symbols:
            connection.watch.subscribed(symbol, self._routes[symbol].count, self._clock())
        # The watch lists may have changed meanwhile.
        self._align(slot, connection)
        self._pump.add(connection.queue, lambda at, frame: self._frame(slot, connection, at, frame))
        return connection

    async def _end(self, connections: set[Connection | None], reason: str) -> None:
        for connection in connections:
            if connection is not None:
                connection.end(reason)
                await self._shut(connection)

    async def _shut(self, connection: Connection) -> None:
        self._pump.remove(connection.queue)
        await connection.shut()

    def _carry(self, slot: ConnectionSlot, connection: Connection) -> None:
        slot.connection = connection
        slot.fault = ""
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection, route.since = connection, self._clock()
            if not self.feed.snapshot_over_rest:
                # The subscription has asked for it.
                route.asked_at = self._clock()

    async def _until_closed(self, slot: ConnectionSlot, connection: Connection) -> Connection:
        """Wait for the end, renewing the connection before the venue ends it; the connection that ended."""
        while True:
            await self._until_renewal(slot, connection)
            backoff = Backoff(self._limits.backoff_base, self._limits.backoff_cap, random.random)
            # While no successor can be had the old one serves.
            while not connection.closed.done() and (successor := await self._open(slot)) is None:
                await asyncio.wait([connection.closed], timeout=backoff.failed())
            if connection.closed.done():
                return connection
            assert successor is not None
            connection = await self._hand_over(slot, connection, successor)

    async def _until_renewal(self, slot: ConnectionSlot, connection: Connection) -> None:
        """Until the connection is closed, or has to be renewed."""
        limit, wait = self.feed.max_connection_seconds, None
        if limit is not None:
            share = random.uniform(*self._limits.renew_share)
            wait = max(0.0, connection.opened_at + share * limit - self._clock())
        slot.renew.clear()
        await _first_of(slot.renew, [connection.closed], wait)

    async def _hand_over(self, slot: ConnectionSlot, old: Connection, new: Connection) -> Connection:
        """Let the new connection take the symbols over, one by one; whichever carries them afterwards."""
        slot.handed.clear()
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.successor, route.handover = new, SymbolHandover(self.feed.link, route.target.last_id)
        try:
            await _first_of(slot.handed, [old.closed, new.closed], self._limits.handover)
        except asyncio.CancelledError:
            new.end("the symbols are not wanted any more")
            await self._shut(new)
            raise
        if new.closed.done() and not old.closed.done():
            for symbol in slot.symbols:
                route = self._routes[symbol]
                route.successor = route.handover = None
                if route.connection is new:
                    # It had been handed over already: the old connection's later messages were not read.
                    route.connection = old
                    self._resyncs.interrupt(symbol, route, f"the new connection ended: {new.closed.result()}")
            await self._shut(new)
            return old
        for symbol in slot.symbols:
            route = self._routes[symbol]
            if route.handover is not None:
                self._switch(symbol, route, route.handover.at_last())
            route.connection = new
        slot.connection, slot.fault = new, ""
        # Symbols that came or went while both were open.
        self._align(slot, new)
        self.numbers.handovers += 1
        old.end("handed over")
        await self._shut(old)
        return new

    def _lost(self, slot: ConnectionSlot, reason: str) -> None:
        self.numbers.disconnects += 1
        slot.connection = None
        self._say(slot, reason)
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection = route.successor = route.handover = None
            # Its answer would be older than what the next connection brings first.
            route.stop_fetching()
            route.target.interrupted(reason)

    def _say(self, slot: ConnectionSlot, fault: str) -> None:
        if slot.said != fault:
            logger.warning("%s: %s (%d symbols)", self.source, fault, len(slot.symbols))
        slot.fault = slot.said = fault

    # Messages

    def _frame(self, slot: ConnectionSlot, connection: Connection, received_ns: int, frame: bytes) -> None:
        numbers = self.numbers
        numbers.frames += 1
        numbers.bytes += len(frame)
        numbers.last_frame_ns = received_ns
        try:
            messages = connection.decode(frame)
        except MalformedFrame as error:
            self._malformed(slot, connection, frame, error)
            return
        for message in messages:
            if isinstance(message, Notice):
                self._notice(slot, connection, message)
                continue
            symbol = message.symbol
            if symbol is None or (route := self._routes.get(symbol)) is None:
                continue
            if isinstance(message, Delta) and message.exchange_ms is not None:
                connection.lag.saw(message.exchange_ms, received_ns / 1e9)
            if route.connection is connection:
                self._deliver(symbol, route, message, received_ns, frame)
                if route.handover is not None:
                    self._switch(symbol, route, route.handover.from_old(message))
            elif route.successor is connection and route.handover is not None:
                self._switch(symbol, route, route.handover.from_new(message, received_ns))

    def _deliver(self, symbol: str, route: Route, message: Message, received_ns: int, frame: bytes = b"") -> None:
        route.count += 1
        needs_snapshot = False
        if isinstance(message, Snapshot):
            # Of no use until it has shown that it is.
            route.asked_at, route.useless = None, True
        try:
            needs_snapshot = route.target.message(message, received_ns)
            route.said = ""
            if isinstance(message, Snapshot):
                route.useless = needs_snapshot
        except MalformedFrame as error:
            self.numbers.malformed += 1
            self._evidence(frame or repr(message).encode(), str(error))
            self._resyncs.interrupt(symbol, route, "an update could not be read")
        except Exception as error:
            # A fault of ours in one book: it is not to be trusted, the others go on.
            text = f"internal error: {type(error).__name__}: {error}"
            if route.said != text:
                logger.exception("%s %s broke", self.source, symbol)
            route.said = text
            self._resyncs.interrupt(symbol, route, text)
        if needs_snapshot:
            self._resyncs.ask(symbol, route)

    def _switch(self, symbol: str, route: Route, arrived: list[Arrived] | None) -> None:
        """The successor takes the symbol over, with what it brought so far; None: not yet."""
        if arrived is None or route.successor is None:
            return
        route.connection, route.successor, route.handover = route.successor, None, None
        for message, received_ns in arrived:
            self._deliver(symbol, route, message, received_ns)
        connection = route.connection
        if all(self._routes[other].connection is connection for other in connection.symbols if other in self._routes):
            for slot in self._slots.values():
                if symbol in slot.symbols:
                    slot.handed.set()

    def _malformed(self, slot: ConnectionSlot, connection: Connection, frame: bytes, error: MalformedFrame) -> None:
        self.numbers.malformed += 1
        self._evidence(frame, str(error))
        if not self.feed.proofs & {Proof.SEQUENCE, Proof.CHECKSUM}:
            # Nothing would show later that an update is missing.
            self._interrupt_all(slot, connection, "a frame could not be read")

    def _interrupt_all(self, slot: ConnectionSlot, connection: Connection, reason: str) -> None:
        """Any book of a connection may have missed something."""
        for symbol in slot.symbols:
            route = self._routes[symbol]
            if route.connection is connection:
                self._resyncs.interrupt(symbol, route, reason)

    def _notice(self, slot: ConnectionSlot, connection: Connection, notice: Notice) -> None:
        if notice.kind is NoticeKind.RECONNECT:
            if connection is slot.connection:
                slot.renew.set()
        elif notice.kind is NoticeKind.REFUSED:
            self._refuse(slot, connection, notice)
        elif notice.kind is NoticeKind.LOST_MESSAGES:
            self.numbers.lost_messages += 1
            self._interrupt_all(slot, connection, notice.text or "the connection's numbering has a hole")
        elif notice.kind is NoticeKind.HEARTBEAT:
            for symbol in notice.symbols:
                if (route := self._routes.get(symbol)) and route.connection is connection:
                    route.count += 1

    def _refuse(self, slot: ConnectionSlot, connection: Connection, notice: Notice) -> None:
        """The symbols that the venue names are left out; the others of their request must not suffer for it."""
        self.numbers.refused += 1
        logger.warning("%s refused %s: %s", self.source, ", ".join(notice.symbols) or "a request", notice.text)
        refused = [symbol for symbol in notice.symbols if symbol in slot.symbols]
        if refused:
            self._leave_out(slot, connection, refused, f"the venue refuses it: {notice.text}")
        again = {other for symbol in notice.symbols for other in connection.together.pop(symbol, ())} & slot.symbols
        if again and connection.live:
            connection.request(sorted(again))
        # Of a request that names nobody, and of venues that may give up half-way.
        connection.rest_due = self._clock() + self._limits.refused_rest


async def _first_of(event: asyncio.Event, futures: Collection[asyncio.Future[str]], seconds: float | None) -> None:
    """Wait for the event or one of the futures, at most so long."""
    happening = asyncio.ensure_future(event.wait())
    waiting: list[asyncio.Future[Any]] = [happening, *futures]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        happening.cancel()
