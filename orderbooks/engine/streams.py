"""The streams of one venue: as many connections as its limits ask for, each kept up, each symbol on one of them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
from websockets.exceptions import WebSocketException

from crypto_ews.conf import Config
from events.errors import UpstreamError
from orderbooks.engine.connection import Connection
from orderbooks.engine.handover import Arrived, SymbolHandover
from orderbooks.engine.numbers import StreamNumbers
from orderbooks.engine.pacing import Backoff, FramePace
from orderbooks.engine.pool import plan
from orderbooks.engine.pump import Pump
from orderbooks.engine.snapshots import MalformedSnapshot, SnapshotFetcher
from orderbooks.engine.target import BookTarget
from orderbooks.engine.times import EngineLimits
from orderbooks.feeds.base import Delta, Feed, MalformedFrame, Message, Notice, NoticeKind, Proof, Snapshot

logger = logging.getLogger(__name__)

Evidence = Callable[[bytes, str], None]
"""Keeps a frame or answer that could not be read; must return at once."""


@dataclass(slots=True)
class _Route:
    """Where a symbol's messages come from and go to. Only those of `connection` count."""

    target: BookTarget
    connection: Connection | None = None
    successor: Connection | None = None
    handover: SymbolHandover | None = None
    count: int = 0
    since: float = 0.0
    """When its present connection began to carry it."""
    asked_at: float | None = None
    """When a snapshot was asked for over the stream, until it comes."""
    fetching: asyncio.Task[None] | None = None
    fault: str = ""


@dataclass(eq=False)
class _Slot:
    """Symbols that share a connection, over all its reconnects."""

    symbols: set[str]
    connection: Connection | None = None
    renew: asyncio.Event = field(default_factory=asyncio.Event)
    handed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    fault: str = ""
    said: str = ""
    """The fault that was logged last: one line when it begins, none for each repeat."""


class VenueStreams:
    """Everything about one feed's connections. All of it runs in one loop; nothing here blocks.

    target_for: makes the book of a symbol that is new.
    """

    def __init__(
        self,
        feed: Feed,
        config: Config,
        pump: Pump,
        fetcher: SnapshotFetcher,
        target_for: Callable[[str], BookTarget],
        evidence: Evidence,
        limits: EngineLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.feed = feed
        self.source = f"streams.{feed.venue.lower()}"
        self.numbers = StreamNumbers()
        self._config, self._pump, self._fetcher = config, pump, fetcher
        self._target_for, self._evidence, self._clock = target_for, evidence, clock
        self._limits = limits or EngineLimits()
        self._routes: dict[str, _Route] = {}
        self._slots: dict[int, _Slot] = {}
        self._keys = count()
        self._refused: dict[str, float] = {}
        self._opening = FramePace(self._limits.connects_per_second)
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._adds_while_open = bool(feed.subscribe(["X"]))

    # What is wanted

    @property
    def targets(self) -> dict[str, BookTarget]:
        return {symbol: route.target for symbol, route in self._routes.items()}

    @property
    def live_connections(self) -> int:
        return sum(slot.connection is not None and slot.connection.live for slot in self._slots.values())

    def faults(self) -> list[str]:
        """What is wrong at this moment, one clause each; empty while every connection is up and speaks."""
        return [slot.fault for slot in self._slots.values() if slot.fault]

    def set_symbols(self, wanted: Collection[str]) -> None:
        """Carry these symbols from now on; those that stay are not disturbed."""
        now = self._clock()
        wanted = {symbol for symbol in wanted if self._refused.get(symbol, now) <= now}
        if self._ticker is None:
            self._ticker = asyncio.create_task(self._watch())
        carried = {key: slot.symbols for key, slot in self._slots.items()}
        change = plan(carried, wanted, self.feed.max_symbols_per_connection, self._adds_while_open)
        for key, symbols in change.remove.items():
            self._remove(self._slots[key], symbols)
        for key, symbols in change.add.items():
            self._add(self._slots[key], symbols)
        for symbols in change.open:
            slot = _Slot(set())
            self._slots[next(self._keys)] = slot
            self._add(slot, symbols)
            slot.task = asyncio.create_task(self._keep(slot))
        for key in [key for key, slot in self._slots.items() if not slot.symbols]:
            slot = self._slots.pop(key)
            if slot.task:
                slot.task.cancel()

    def _add(self, slot: _Slot, symbols: Iterable[str]) -> None:
        symbols = list(symbols)
        slot.symbols |= set(symbols)
        for symbol in symbols:
            self._routes[symbol] = _Route(self._target_for(symbol), slot.connection, since=self._clock())
        if slot.connection and slot.connection.live:
            slot.connection.symbols |= set(symbols)
            for symbol in symbols:
                slot.connection.watch.subscribed(symbol, 0, self._clock())
            slot.connection.send(self.feed.subscribe(symbols))

    def _remove(self, slot: _Slot, symbols: Iterable[str]) -> None:
        gone = [symbol for symbol in symbols if symbol in slot.symbols]
        slot.symbols -= set(gone)
        for symbol in gone:
            route = self._routes.pop(symbol)
            if route.fetching:
                route.fetching.cancel()
            route.target.interrupted("not wanted any more")
        if slot.connection and slot.connection.live:
            slot.connection.symbols -= set(gone)
            for symbol in gone:
                slot.connection.watch.forget(symbol)
            slot.connection.send(self.feed.unsubscribe(gone, slot.connection.decoder))

    async def close(self) -> None:
        """End every connection and task."""
        tasks = [task for task in (self._ticker, *(slot.task for slot in self._slots.values()), *self._tasks) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for route in self._routes.values():
            route.target.interrupted("the collector stops")
        self._slots.clear()
        self._routes.clear()

    # Connections

    async def _keep(self, slot: _Slot) -> None:
        """Keep the slot's symbols connected, until cancelled."""
        limits = self._limits
        backoff = Backoff(limits.backoff_base, limits.backoff_cap, random.random)
        connection: Connection | None = None
        try:
            while True:
                connection = await self._open(slot)
                if connection is not None:
                    self._carry(slot, connection)
                    connection = await self._until_closed(slot, connection)
                    reason = connection.closed.result()
                    if self._clock() - connection.opened_at >= limits.stable_after:
                        backoff.succeeded()
                        slot.said = ""
                    self._lost(slot, connection, reason)
                    await self._shut(connection)
                    connection = None
                await asyncio.sleep(backoff.failed())
        finally:
            for left in (connection, slot.connection):
                if left is not None:
                    left.end("the symbols are not wanted any more")
                    await self._shut(left)

    async def _open(self, slot: _Slot) -> Connection | None:
        """A new connection with all the slot's symbols; None where that failed."""
        await asyncio.sleep(self._opening.reserve(self._clock()))
        connection = Connection(self.feed, self._config, slot.symbols, self._limits, self._pump.ready, self._clock)
        try:
            await connection.open()
        except (OSError, TimeoutError, WebSocketException) as error:
            self._say(slot, f"cannot connect: {type(error).__name__}: {error}")
            return None
        self.numbers.connects += 1
        # The watch lists may have changed meanwhile.
        connection.send(self.feed.subscribe(sorted(missing)) if (missing := slot.symbols - connection.symbols) else ())
        connection.symbols = set(slot.symbols)
        for symbol in slot.symbols:
            connection.watch.subscribed(symbol, self._routes[symbol].count, self._clock())
        self._pump.add(connection.queue, lambda at, frame: self._frame(slot, connection, at, frame))
        return connection

    async def _shut(self, connection: Connection) -> None:
        self._pump.remove(connection.queue)
        await connection.shut()

    def _carry(self, slot: _Slot, connection: Connection) -> None:
        slot.connection = connection
        slot.fault = ""
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection, route.since = connection, self._clock()
            if not self.feed.snapshot_over_rest:
                route.asked_at = self._clock()

    async def _until_closed(self, slot: _Slot, connection: Connection) -> Connection:
        """Wait for the end, renewing the connection before the venue ends it; the connection that ended."""
        while True:
            slot.renew.clear()
            renew = asyncio.create_task(slot.renew.wait())
            try:
                await asyncio.wait(
                    {connection.closed, renew}, timeout=self._renew_in(connection), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                renew.cancel()
            if connection.closed.done():
                return connection
            successor = await self._open(slot)
            if successor is None:
                # The old one still serves; try again in a while, sooner than the venue's limit.
                await asyncio.wait({connection.closed}, timeout=self._limits.backoff_cap)
                slot.renew.set()
                continue
            connection = await self._hand_over(slot, connection, successor)

    def _renew_in(self, connection: Connection) -> float | None:
        limit = self.feed.max_connection_seconds
        if limit is None:
            return None
        share = random.uniform(*self._limits.renew_share)
        return max(0.0, connection.opened_at + share * limit - self._clock())

    async def _hand_over(self, slot: _Slot, old: Connection, new: Connection) -> Connection:
        """Let the new connection take the symbols over, one by one; whichever carries them afterwards."""
        slot.handed.clear()
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.successor, route.handover = new, SymbolHandover(self.feed.link, route.target.last_id)
        handed = asyncio.create_task(slot.handed.wait())
        try:
            await asyncio.wait(
                {handed, old.closed, new.closed},
                timeout=self._limits.handover,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            handed.cancel()
        if new.closed.done() and not old.closed.done():
            for symbol in slot.symbols:
                route = self._routes[symbol]
                if route.connection is new:
                    # It had been handed over already: the old connection's later messages were not read.
                    route.connection = old
                    self._interrupt(symbol, f"the new connection ended: {new.closed.result()}")
                route.successor = route.handover = None
            await self._shut(new)
            return old
        for symbol in slot.symbols:
            route = self._routes[symbol]
            if route.handover is not None:
                self._switch(symbol, route, route.handover.at_last())
            # Symbols that came while both were open.
            route.connection = new
        slot.connection = new
        self.numbers.handovers += 1
        old.end("handed over")
        await self._shut(old)
        return new

    def _lost(self, slot: _Slot, connection: Connection, reason: str) -> None:
        self.numbers.disconnects += 1
        slot.connection = None
        self._say(slot, reason)
        for symbol in slot.symbols:
            route = self._routes[symbol]
            route.connection = route.successor = route.handover = None
            if route.fetching:
                # Its answer would be older than what the next connection brings first.
                route.fetching.cancel()
                route.fetching = None
            route.target.interrupted(reason)

    def _say(self, slot: _Slot, fault: str) -> None:
        if slot.said != fault:
            logger.warning("%s: %s (%d symbols)", self.source, fault, len(slot.symbols))
        slot.fault = slot.said = fault

    # Messages

    def _frame(self, slot: _Slot, connection: Connection, received_ns: int, frame: bytes) -> None:
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
            route = self._routes.get(symbol) if symbol is not None else None
            if route is None:
                continue
            if isinstance(message, Delta) and message.exchange_ms is not None:
                connection.lag.saw(message.exchange_ms, received_ns / 1e9)
            if route.connection is connection:
                self._deliver(symbol, route, message, received_ns, frame)
                if route.handover is not None:
                    self._switch(symbol, route, route.handover.from_old(message))
            elif route.successor is connection and route.handover is not None:
                self._switch(symbol, route, route.handover.from_new(message, received_ns))

    def _deliver(self, symbol: str, route: _Route, message: Message, received_ns: int, frame: bytes = b"") -> None:
        route.count += 1
        needs_snapshot = False
        try:
            needs_snapshot = route.target.message(message, received_ns)
            route.fault = ""
        except MalformedFrame as error:
            self.numbers.malformed += 1
            self._evidence(frame or repr(message).encode(), str(error))
            self._interrupt(symbol, "an update could not be read")
        except Exception as error:
            # A fault of ours in one book: it is not to be trusted, the others go on.
            text = f"internal error: {type(error).__name__}: {error}"
            if route.fault != text:
                logger.exception("%s %s broke", self.source, symbol)
            route.fault = text
            self._interrupt(symbol, text)
        if isinstance(message, Snapshot):
            route.asked_at = None
        if needs_snapshot:
            self._resync(symbol, route)

    def _switch(self, symbol: str, route: _Route, arrived: list[Arrived] | None) -> None:
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

    def _malformed(self, slot: _Slot, connection: Connection, frame: bytes, error: MalformedFrame) -> None:
        self.numbers.malformed += 1
        self._evidence(frame, str(error))
        if not self.feed.proofs & {Proof.SEQUENCE, Proof.CHECKSUM}:
            # Nothing would show later that an update is missing.
            for symbol in slot.symbols:
                if self._routes[symbol].connection is connection:
                    self._interrupt(symbol, "a frame could not be read")

    def _notice(self, slot: _Slot, connection: Connection, notice: Notice) -> None:
        if notice.kind is NoticeKind.RECONNECT:
            if connection is slot.connection:
                slot.renew.set()
        elif notice.kind is NoticeKind.REFUSED:
            self.numbers.refused += 1
            logger.warning("%s refused %s: %s", self.source, ", ".join(notice.symbols) or "a request", notice.text)
            until = self._clock() + self._limits.refused_again
            for symbol in notice.symbols:
                if symbol in slot.symbols:
                    self._refused[symbol] = until
            self._remove(slot, [symbol for symbol in notice.symbols if symbol in slot.symbols])
        elif notice.kind is NoticeKind.LOST_MESSAGES:
            # Numbered by connection: any of its books may have missed something.
            self.numbers.lost_messages += 1
            for symbol in slot.symbols:
                if self._routes[symbol].connection is connection:
                    self._interrupt(symbol, notice.text or "the connection's numbering has a hole")
        elif notice.kind is NoticeKind.HEARTBEAT:
            for symbol in notice.symbols:
                if (route := self._routes.get(symbol)) and route.connection is connection:
                    route.count += 1

    # Snapshots

    def resync(self, symbol: str) -> None:
        """Bring a new snapshot of one symbol; no other is disturbed."""
        if route := self._routes.get(symbol):
            self._resync(symbol, route)

    def _interrupt(self, symbol: str, reason: str) -> None:
        """Messages of one symbol are missing, on a connection that goes on."""
        route = self._routes[symbol]
        route.target.interrupted(reason)
        self._resync(symbol, route)

    def _resync(self, symbol: str, route: _Route) -> None:
        connection = route.connection
        if connection is None or not connection.live:
            # The next connection begins with a snapshot in any case.
            return
        if self.feed.snapshot_over_rest:
            if route.fetching is None or route.fetching.done():
                route.fetching = self._start(self._fetch(symbol, route))
            return
        frames = self.feed.resubscribe(symbol, connection.decoder)
        if not frames:
            connection.end(f"{symbol} is out of sync, and only a new connection brings a snapshot")
            return
        if route.asked_at is None:
            route.asked_at = self._clock()
            connection.send(frames)

    async def _fetch(self, symbol: str, route: _Route) -> None:
        """Ask until a snapshot comes, and deliver it."""
        backoff = Backoff(self._limits.backoff_base, self._limits.backoff_cap, random.random)
        while (snapshot := await self._ask(symbol)) is None:
            await asyncio.sleep(backoff.failed())
        # Before the delivery: a snapshot that is too old is followed by the next request.
        route.fetching = None
        self._deliver(symbol, route, snapshot, time.time_ns())

    async def _ask(self, symbol: str) -> Snapshot | None:
        try:
            snapshot = await self._fetcher.fetch(self.feed, symbol, f"{self.source}.snapshot")
        except MalformedSnapshot as error:
            self._evidence(error.payload.body, str(error))
            fault = str(error)
        except UpstreamError as error:
            fault = str(error)
        else:
            self.numbers.snapshots += 1
            return snapshot if snapshot.symbol else msgspec.structs.replace(snapshot, symbol=symbol)
        self.numbers.snapshot_failures += 1
        logger.warning("%s: no snapshot of %s: %s", self.source, symbol, fault)
        return None

    # Silence and lag

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._limits.tick)
            now = self._clock()
            numbers = self.numbers
            lags = []
            numbers.queue = 0
            for slot in list(self._slots.values()):
                if slot.connection is None or not slot.connection.live:
                    continue
                numbers.queue += len(slot.connection.queue)
                lag = slot.connection.lag.take()
                if lag is not None:
                    lags.append(lag)
                self._look(slot, slot.connection, lag, now)
            numbers.longest_queue = max(numbers.longest_queue, numbers.queue)
            numbers.lag_seconds = max(lags, default=None)

    def _look(self, slot: _Slot, connection: Connection, lag: float | None, now: float) -> None:
        limits, queue = self._limits, connection.queue
        waited = (time.time_ns() - queue.oldest_ns) / 1e9 if queue.oldest_ns else 0.0
        late = max(waited, lag or 0.0) > limits.max_lag
        connection.late_ticks = connection.late_ticks + 1 if late else 0
        if connection.late_ticks >= limits.lag_ticks:
            self.numbers.dropped += len(queue)
            connection.end(f"too far behind: {max(waited, lag or 0.0):.1f} s, {len(queue)} frames dropped")
            return
        if queue:
            # What is heard but not yet read is no silence.
            return
        if now - connection.heard_at > self.feed.silence_seconds:
            self.numbers.silent_connections += 1
            connection.end(f"silent for {now - connection.heard_at:.0f} s")
            return
        suspects = []
        for symbol in connection.symbols & slot.symbols:
            route = self._routes[symbol]
            if connection.watch.look(symbol, route.count, now):
                suspects.append(symbol)
            elif self.feed.snapshot_over_rest and not route.target.in_sync and now - route.since > limits.first_update:
                # A quiet pair is not left without a book until somebody trades it.
                self._resync(symbol, route)
            elif route.asked_at is not None and now - route.asked_at > limits.quiet_symbol:
                # The snapshot that was asked for has not come.
                route.asked_at = None
                self._resync(symbol, route)
        if len(suspects) > max(2, len(connection.symbols) // 2):
            self.numbers.silent_connections += 1
            connection.end(f"{len(suspects)} of {len(connection.symbols)} symbols are silent")
            return
        for symbol in suspects:
            self._suspect(symbol, connection)

    def _suspect(self, symbol: str, connection: Connection) -> None:
        """A symbol is silent: quiet, or is the connection deaf for it?"""
        route = self._routes[symbol]
        if connection.watch.asked(symbol) > 3 and not self.feed.snapshot_over_rest:
            connection.end(f"{symbol} stays silent though it was subscribed anew")
        elif not self.feed.snapshot_over_rest:
            # The snapshot that follows a subscription is the answer.
            self.numbers.silent_symbols += 1
            route.asked_at = None
            self._resync(symbol, route)
        elif not route.target.in_sync:
            self._resync(symbol, route)
        else:
            self._start(self._probe(symbol, route, connection))

    async def _probe(self, symbol: str, route: _Route, connection: Connection) -> None:
        """Hold a silent symbol's book against a fresh snapshot: where they differ and no update comes, it is deaf."""
        before = route.count
        snapshot = await self._ask(symbol)
        if snapshot is None or route.target.agrees(snapshot):
            return
        await asyncio.sleep(self._limits.probe_patience)
        if route.count != before or route.connection is not connection or not connection.live:
            return
        self.numbers.silent_symbols += 1
        if connection.watch.asked(symbol) > 3 or not self._adds_while_open:
            connection.end(f"deaf for {symbol}")
            return
        connection.send([*self.feed.unsubscribe([symbol], connection.decoder), *self.feed.subscribe([symbol])])
        # The first update asks for the snapshot: one that came before the new subscription would not meet it.
        route.target.interrupted("the stream was silent while the book moved on")
        route.since = self._clock()

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s: a task broke", self.source, exc_info=error)
