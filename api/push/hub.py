"""The streams of one event loop: what happens is encoded once for each distinct subscription, and handed to its readers.

Risk comes from the picture of the Runtime: a first change goes out at once, what follows within 250 ms is merged. The
ledger is read at each look of the Runtime, whales come from the order books while somebody asks for them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import asyncpg

from api.connection import connect
from api.freshness import Freshness
from api.picture import Picture
from api.push import counters
from api.push.ledger import CannotReplay, Feed, LedgerRow, Missed, missed_since
from api.push.messages import PIECE, Message, body_of, rows_member
from api.push.position import Position, position_of
from api.push.reader import Budget, Reader
from api.push.subscription import Subscription
from api.push.whales import WhaleFeed
from api.runtime import Runtime

logger = logging.getLogger(__name__)

MERGE_SECONDS = 0.25
HEARTBEAT_SECONDS = 5.0
_TICK_SECONDS = 0.25
_RECONNECT_SECONDS = 0.5
_PATIENCE_SECONDS = 4.0
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Hub:
    """Its tasks and its connection exist while it has readers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.budget = Budget()
        self._readers: dict[Subscription, dict[Reader, Callable[[], str]]] = {}
        self._feed = Feed()
        self._ready = asyncio.Event()
        self._looked = asyncio.Event()
        self._published = Picture()
        self._published_at = -MERGE_SECONDS
        self._uncounted = -1
        self._merging: asyncio.TimerHandle | None = None
        self._said: tuple[str, tuple[str, ...]] = ("", ())
        self._snapshots: dict[Subscription, tuple[object, Message]] = {}
        self._whales = WhaleFeed(self._whale)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def readers(self) -> int:
        return sum(map(len, self._readers.values()))

    @property
    def tasks(self) -> int:
        """Tasks that run for the streams."""
        return sum(not task.done() for task in self._tasks) + self._whales.running

    # ------------------------------------------------------------------------------------------------------- readers

    def add(self, reader: Reader, may_go_on: Callable[[], str]) -> None:
        """From now on messages come, and wait until `welcome`. may_go_on: asked each second; "" or why the stream ends."""
        if not self._tasks:
            self._begin()
        self._readers.setdefault(reader.subscription, {})[reader] = may_go_on
        self._whales.follow(self._readers)

    async def remove(self, reader: Reader) -> None:
        """The reader gets no more messages."""
        self._take_out(reader)
        if not self._readers and self._tasks:
            await self._stop()

    def change(self, reader: Reader, subscription: Subscription) -> None:
        """Another subscription, for messages from now on."""
        may_go_on = self._take_out(reader)
        reader.subscription = subscription
        self._readers.setdefault(subscription, {})[reader] = may_go_on
        self._whales.follow(self._readers)

    async def welcome(self, reader: Reader, last_id: str) -> None:
        """What the reader gets first: what it has missed since `last_id`, else a snapshot."""
        with suppress(TimeoutError):
            # Before the ledger was looked at, no message could say how far it came.
            await asyncio.wait_for(self._ready.wait(), _PATIENCE_SECONDS)
        try:
            if last_id:
                await self._replay(reader, last_id)
            else:
                reader.send_now(self._snapshot(reader.subscription))
        except CannotReplay as reason:
            self._resync(reader, str(reason))
        except AWAY as error:
            logger.info("a replay failed: %s", error)
            self._resync(reader, "the database does not answer")
        reader.release()

    async def _replay(self, reader: Reader, last_id: str) -> None:
        position = position_of(last_id)
        if position is None:
            raise CannotReplay("the id is none of ours")
        if not self._feed.database:
            raise CannotReplay("the database does not answer")
        await self._catch_up(position)
        if position.seq > self._position().seq:
            raise CannotReplay("the id is from the future")
        if position.seq <= self._uncounted:
            raise CannotReplay("the view changed without being counted")
        # Taken before the read: what comes later waits in the reader's queue.
        published, mine = self._published, self._position()
        async with asyncio.timeout(_PATIENCE_SECONDS), (await self._runtime.pool()).acquire() as connection:
            missed = await missed_since(connection, position)
        for message in self._missed(reader.subscription, missed, published, position, mine):
            reader.send_now(message)
            while reader.busy and not reader.ended:
                await asyncio.sleep(0.01)

    async def _catch_up(self, position: Position) -> None:
        """Another process may have been faster by a moment."""
        for _ in range(20):
            if position.database != self._feed.database or position.seq <= self._position().seq:
                return
            await asyncio.sleep(0.05)

    def _missed(
        self, subscription: Subscription, missed: Missed, published: Picture, since: Position, until: Position
    ) -> Iterable[Message]:
        if "risk" in subscription.kinds and missed.tokens:
            rows = {token: published.rows[token] for token in missed.tokens if token in published.rows}
            changed = [row for row in rows.values() if subscription.takes(row)]
            # What the reader holds of the others is not known: each may have left what it asked for.
            gone = [token for token in missed.tokens if token not in rows or not subscription.takes(rows[token])]
            gone = [token for token in gone if subscription.assets is None or token in subscription.assets]
            behind = until._replace(xid=since.xid, n=since.n)
            yield self._risk_message(behind, changed, sorted(gone))
        yield from self._bundles(subscription, missed.rows, since._replace(seq=until.seq), until)

    def _take_out(self, reader: Reader) -> Callable[[], str]:
        group = self._readers.get(reader.subscription, {})
        may_go_on = group.pop(reader, str)
        if not group:
            self._readers.pop(reader.subscription, None)
            self._snapshots.pop(reader.subscription, None)
        self._whales.follow(self._readers)
        return may_go_on

    def caught_up(self, reader: Reader) -> None:
        """The reader has taken what it had, after its queue was dropped."""
        self._resync(reader, "the reader was too slow")

    def _resync(self, reader: Reader, why: str) -> None:
        counters.resyncs.inc()
        position = self._position()
        body = body_of("resync", position, self._now(), {"why": why, "seq": position.seq})
        reader.behind = ""
        reader.send_now(Message([(str(position), body)]))
        reader.send_now(self._snapshot(reader.subscription))

    # ------------------------------------------------------------------------------------------------------ messages

    def _now(self) -> datetime:
        """The database's time, as far as it is known."""
        seen = self._runtime.picture.seen
        if seen is None:
            return datetime.now(UTC)
        return seen.database_now + timedelta(seconds=time.monotonic() - seen.looked_at)

    def _position(self) -> Position:
        seen = self._published.seen
        feed = self._feed
        return Position(feed.database or "0" * 12, seen.seq if seen else 0, feed.xid, feed.n)

    def _standing(self) -> dict[str, Any]:
        now = self._freshness()
        return {"as_of": now.as_of, "status": now.status, "stale_sources": now.stale_sources}

    def _freshness(self) -> Freshness:
        return self._runtime.picture.freshness()

    def _snapshot(self, subscription: Subscription) -> Message:
        """Of the published picture: what was merged is still to come for everybody. Made once for many readers."""
        position, standing = self._position(), self._standing()
        key = (self._published.rows, position, tuple(standing.values()))
        kept = self._snapshots.get(subscription)
        if kept is not None and kept[0] == key:
            return kept[1]
        rows = [row for row in self._published.rows.values() if subscription.takes(row)]
        fields = {"seq": position.seq, **standing}
        message = Message(
            [(str(position), body_of("snapshot", position, self._now(), fields, rows_member("tokens", rows)))]
        )
        self._snapshots[subscription] = (key, message)
        return message

    def _risk_message(self, position: Position, changed: list[bytes], removed: list[str]) -> Message:
        fields = {"seq": position.seq, **self._standing(), "removed": removed}
        body = body_of("risk", position, self._now(), fields, rows_member("changed", changed))
        return Message([(str(position), body)])

    def _bundles(
        self, subscription: Subscription, rows: Iterable[LedgerRow], since: Position, until: Position
    ) -> Iterable[Message]:
        """Rows of the ledger, several in a message. Only the last one says that all were read."""
        taken = [row for row in rows if subscription.takes_any(row.kind, row.places)]
        events: list[tuple[str, bytes]] = []
        size = 0
        for number, row in enumerate(taken):
            position = until if number == len(taken) - 1 else since
            events.append((str(position), _ledger_body(row, position)))
            size += len(events[-1][1])
            if size > PIECE:
                yield Message(events)
                events, size = [], 0
        if events:
            yield Message(events)

    # ---------------------------------------------------------------------------------------------------- what comes

    def _begin(self) -> None:
        self._published = self._runtime.picture
        self._ready.clear()
        now = self._freshness()
        self._said = (now.status, now.stale_sources)
        self._runtime.listeners.append(self._on_look)
        self._tasks = [
            asyncio.create_task(self._keep_beating(), name="streams: heartbeat"),
            asyncio.create_task(self._keep_reading(), name="streams: ledger"),
        ]

    async def _stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        with suppress(ValueError):
            self._runtime.listeners.remove(self._on_look)
        if self._merging is not None:
            self._merging.cancel()
            self._merging = None
        self._feed = Feed()
        self._whales.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_look(self, before: Picture, now: Picture) -> None:
        self._looked.set()
        if now.rows is before.rows and now.rows is self._published.rows:
            self._published = now
            return
        if before.seen and now.seen and before.seen.seq == now.seen.seq and now.rows != before.rows:
            # Somebody refreshed the view by hand: its history does not know.
            self._uncounted = now.seen.seq
        if self._merging is None:
            waits = self._published_at + MERGE_SECONDS - time.monotonic()
            if waits <= 0:
                self._publish_risk()
            else:
                self._merging = asyncio.get_running_loop().call_later(waits, self._publish_risk)

    def _publish_risk(self) -> None:
        self._merging = None
        self._published_at = time.monotonic()
        before, self._published = self._published, self._runtime.picture
        if before.seen and self._published.seen and self._published.seen.seq < before.seen.seq:
            self._resync_all("the view is another one: its numbers went back")
            return
        old, new = before.rows, self._published.rows
        different = [token for token in new if old.get(token) != new[token]]
        gone = [token for token in old if token not in new]
        position = self._position()
        for subscription, group in list(self._readers.items()):
            if "risk" not in subscription.kinds:
                continue
            changed = [new[token] for token in different if subscription.takes(new[token])]
            removed = [token for token in gone if subscription.takes(old[token])]
            removed += [
                token for token in different
                if token in old and subscription.takes(old[token]) and not subscription.takes(new[token])
            ]  # fmt: skip
            if changed or removed:
                _offer(group, self._risk_message(position, changed, sorted(removed)), "risk")

    def _resync_all(self, why: str) -> None:
        for group in list(self._readers.values()):
            for reader in list(group):
                reader.drop(why)
                if not reader.busy and not reader.held:
                    reader.release()

    async def _keep_beating(self) -> None:
        due = checked = time.monotonic() + HEARTBEAT_SECONDS
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                now, freshness = time.monotonic(), self._freshness()
                said = (freshness.status, freshness.stale_sources)
                if now >= due or said != self._said:
                    due, self._said = now + HEARTBEAT_SECONDS, said
                    self._beat(freshness)
                if now >= checked:
                    checked = now + 1.0
                    self._check_readers()
            except Exception:
                # A fault of ours must not let readers believe in an old picture: without heartbeats they do not.
                logger.exception("the heartbeat of the streams failed")

    def _beat(self, freshness: Freshness) -> None:
        position = self._position()
        fields = {"seq": position.seq, **self._standing(), "age_ms": freshness.age_ms}
        message = Message([(str(position), body_of("heartbeat", position, self._now(), fields))])
        for group in list(self._readers.values()):
            _offer(group, message, "heartbeat")

    def _check_readers(self) -> None:
        for group in list(self._readers.values()):
            for reader, may_go_on in list(group.items()):
                why = may_go_on()
                if why:
                    reader.end(why)

    async def _keep_reading(self) -> None:
        said = False
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await connect("crypto_ews streams", command_timeout=_PATIENCE_SECONDS)
                before = self._feed.database
                if await self._feed.begin(connection) and before:
                    self._resync_all("the database is another one")
                said = False
                self._ready.set()
                while True:
                    self._looked.clear()
                    await self._read(connection)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._looked.wait(), 0.5)
            except AWAY as error:
                if not said:
                    logger.warning("the streams cannot read the ledger: %s", error)
                    said = True
            except Exception:
                logger.exception("reading the ledger for the streams failed")
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _read(self, connection: asyncpg.Connection[Any]) -> None:
        while True:
            since = self._position()
            rows = await self._feed.rows(connection)
            if not rows:
                return
            until = self._position()
            for part in _parts(rows):
                last = part[-1] is rows[-1]
                self._publish_rows(part, since, until if last else since)
                # Hundreds of readers take a while, and others are waiting.
                await asyncio.sleep(0)

    def _publish_rows(self, rows: list[LedgerRow], since: Position, until: Position) -> None:
        made: dict[tuple[int, ...], Message] = {}
        for subscription, group in list(self._readers.items()):
            taken = [row for row in rows if subscription.takes_any(row.kind, row.places)]
            key = tuple(row.n for row in taken)
            if not key:
                continue
            if key not in made:
                events = [
                    (str(position), _ledger_body(row, position))
                    for row in taken
                    for position in (until if row is taken[-1] else since,)
                ]
                made[key] = Message(events)
            _offer(group, made[key], *(row.kind for row in taken))

    def _whale(self, kind: str, places: tuple[tuple[str, str], ...], fields: Mapping[str, Any]) -> None:
        position = self._position()
        message: Message | None = None
        for subscription, group in list(self._readers.items()):
            if subscription.takes_any(kind, places):
                message = message or Message([(str(position), body_of(kind, position, self._now(), fields))])
                _offer(group, message, kind)


def _offer(group: Iterable[Reader], message: Message, *kinds: str) -> None:
    readers = list(group)
    for reader in readers:
        reader.offer(message)
    for kind in kinds:
        counters.messages.labels(kind).inc(len(readers))


def _parts(rows: list[LedgerRow]) -> Iterable[list[LedgerRow]]:
    """Rows of some 64 kB at a time."""
    part: list[LedgerRow] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row.body)
        if size > PIECE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _ledger_body(row: LedgerRow, position: Position) -> bytes:
    fields = {"n": row.n, "what": row.what, "event_id": row.event_id}
    return body_of(row.kind, position, row.at, fields, b'"body":' + row.body)


_hubs: WeakKeyDictionary[Runtime, Hub] = WeakKeyDictionary()


def hub_of(runtime: Runtime) -> Hub:
    """The hub of an event loop."""
    hub = _hubs.get(runtime)
    if hub is None:
        hub = _hubs[runtime] = Hub(runtime)
    return hub
