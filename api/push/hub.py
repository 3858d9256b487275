"""The streams of one event loop: what happens is encoded once for each distinct subscription and handed to readers.

Risk comes from the picture of the Runtime: a first change goes out at once, what follows within 250 ms is merged. The
ledger is read at each look of the Runtime, whales come from the order books while somebody asks for them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

import asyncpg

from api.connection import UNAVAILABLE, close, connect
from api.picture import Picture
from api.push import compose, metrics
from api.push.census import Census
from api.push.ledger import CannotReplay, Feed, LedgerRow
from api.push.messages import Message
from api.push.position import NOWHERE, Position, position_of
from api.push.reader import Budget, Reader, offer_all
from api.push.replay import now_of, send_missed
from api.push.subscription import Subscription
from api.push.whales import WhaleFeed
from api.runtime import Runtime

logger = logging.getLogger(__name__)

MERGE_SECONDS = 0.25
HEARTBEAT_SECONDS = 5.0
_TICK_SECONDS = 0.25
_READ_SECONDS = 0.5
_RECONNECT_SECONDS = 0.5
_PATIENCE_SECONDS = 4.0
_SLICE = 10
"""Readers that get up to 64 kB each before others have their turn."""
_TURN_SECONDS = 0.002
"""Hundreds of readers take a while, and others are waiting."""
_REPLAYS = 3
"""At a time: after a restart hundreds come back in the same second, and /can-trade needs the database as well."""
_MOST_SNAPSHOTS = 16
"""Encoded ones that are kept: a snapshot of everything can have megabytes."""

SESSIONS_SECONDS = 5.0
CATCH_UP_SECONDS = 1.0


class MayGoOn(Protocol):
    """How long a reader may listen."""

    def why_not(self) -> str:
        """ "" while it may go on. Asked each second."""

    async def renew(self) -> None:
        """Look again at what only the database knows. Asked every five seconds."""


class Hub:
    """Its tasks and its connection exist while it has readers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.budget = Budget()
        self.census = Census()
        self._members: set[Reader] = set()
        self._readers: dict[Subscription, dict[Reader, MayGoOn]] = {}
        self._feed = Feed()
        self._published = Picture()
        self._published_at = -MERGE_SECONDS
        self._position = NOWHERE
        self._uncounted = -1
        self._merging: asyncio.TimerHandle | None = None
        self._reported: tuple[str, tuple[str, ...]] = ("", ())
        self._snapshots: dict[object, Message] = {}
        self._snapshots_of: object = None
        self._whales = WhaleFeed(self._on_whale, runtime.pool)
        self._replays = asyncio.Semaphore(_REPLAYS)
        self._ready, self._looked = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        runtime.at_stop.append(self.stop)

    @property
    def readers(self) -> int:
        return len(self._members)

    @property
    def tasks(self) -> int:
        """Tasks that run for the streams."""
        return sum(not task.done() for task in self._tasks) + self._whales.running

    # ------------------------------------------------------------------------------------------------------- readers

    async def join(self, reader: Reader, may_go_on: MayGoOn, last_id: str, full: bool = False) -> None:
        """From now on messages come. First of all: what the reader has missed since `last_id`, else a snapshot.

        full: also a snapshot, because the reader's rows are those of another subscription.
        """
        self._members.add(reader)
        if not self._tasks:
            self._begin()
        with suppress(TimeoutError):
            # Before the ledger was looked at, no message could say how far it came.
            await asyncio.wait_for(self._ready.wait(), _PATIENCE_SECONDS)
        since = position_of(last_id) if last_id else None
        if since is not None:
            await self._catch_up(since)
        if reader.ended:
            return
        self._put_in(reader, may_go_on)
        if not last_id:
            reader.send_now(self._snapshot(reader.subscription))
        else:
            await self._replay(reader, since, full)
        reader.release()

    def leave(self, reader: Reader) -> None:
        """The reader gets no more messages."""
        self._take_out(reader)
        self._members.discard(reader)
        if not self._members:
            self._rest()

    async def change(self, reader: Reader, may_go_on: MayGoOn, subscription: Subscription, last_id: str) -> None:
        """Another subscription, which begins like a new one."""
        had = reader.subscription if reader in self._members else None
        self._take_out(reader)
        reader.drop("")
        reader.pause()
        reader.subscription = subscription
        await self.join(reader, may_go_on, last_id, had is not None and had.rows_asked != subscription.rows_asked)

    def _put_in(self, reader: Reader, may_go_on: MayGoOn) -> None:
        self._readers.setdefault(reader.subscription, {})[reader] = may_go_on
        self._whales.follow(self._readers)

    def _take_out(self, reader: Reader) -> None:
        group = self._readers.get(reader.subscription, {})
        group.pop(reader, None)
        if not group:
            self._readers.pop(reader.subscription, None)
        self._whales.follow(self._readers)

    async def _catch_up(self, since: Position) -> None:
        """Another process may have been faster by a moment."""
        ends = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < ends:
            if since.database != self._position.database or since.seq <= self._position.seq:
                return
            await asyncio.sleep(0.05)

    async def _replay(self, reader: Reader, since: Position | None, full: bool) -> None:
        # Of now: what comes later waits in the reader's queue.
        rows, until = self._published.rows, self._position
        try:
            if since is not None and since.seq <= self._uncounted:
                raise CannotReplay("the view changed without being counted")
            await send_missed(self._runtime, reader, since, rows, until, self._replays, full)
        except CannotReplay as reason:
            self._resync(reader, str(reason))
        except UNAVAILABLE as error:
            logger.info("a replay failed: %s: %s", type(error).__name__, error)
            self._resync(reader, "the database does not answer")

    def caught_up(self, reader: Reader, why: str) -> None:
        """The reader has taken what it had, after its queue was dropped."""
        self._resync(reader, why)

    def _resync(self, reader: Reader, why: str) -> None:
        metrics.resyncs.inc()
        reader.drop("")
        reader.send_now(compose.resync(self._position, now_of(self._runtime.picture), why))
        reader.send_now(self._snapshot(reader.subscription))

    def _resync_all(self, why: str) -> None:
        for group in list(self._readers.values()):
            for reader in list(group):
                reader.drop(why)
                reader.resume()

    # ------------------------------------------------------------------------------------------------------ messages

    def _snapshot(self, subscription: Subscription) -> Message:
        """Of the published picture: what was merged is still to come for everybody. Made once for many readers."""
        freshness = self._runtime.picture.freshness()
        now = (self._published.digest, self._position, freshness.as_of, freshness.status, freshness.stale_sources)
        if now != self._snapshots_of or len(self._snapshots) >= _MOST_SNAPSHOTS:
            self._snapshots, self._snapshots_of = {}, now
        key = (subscription.assets, subscription.venues)
        found = self._snapshots.get(key)
        if found is None:
            found = compose.snapshot(
                self._position, now_of(self._runtime.picture), freshness, self._published.rows, subscription
            )
            self._snapshots[key] = found
        return found

    def _show(self, picture: Picture) -> None:
        self._published = picture
        if picture.seen is not None:
            self._position = self._position._replace(seq=picture.seen.seq)

    def _on_look(self, before: Picture, now: Picture) -> None:
        self._looked.set()
        if now.rows is before.rows and now.rows is self._published.rows:
            self._show(now)
            return
        if before.seen and now.seen and before.seen.seq == now.seen.seq and now.rows is not before.rows:
            # Somebody refreshed the view by hand: its history does not know.
            self._uncounted = now.seen.seq
        if self._merging is None:
            waits = self._published_at + MERGE_SECONDS - time.monotonic()
            if waits > 0:
                self._merging = asyncio.get_running_loop().call_later(waits, self._publish_risk)
            else:
                self._publish_risk()

    def _publish_risk(self) -> None:
        self._merging = None
        self._published_at = time.monotonic()
        old, seq = self._published.rows, self._position.seq
        self._show(self._runtime.picture)
        if self._position.seq < seq:
            self._resync_all("the view is another one: its numbers went back")
            return
        new, freshness = self._published.rows, self._runtime.picture.freshness()
        different = [token for token in {**old, **new} if old.get(token) != new.get(token)]
        for subscription, group in list(self._readers.items()):
            if "risk" in subscription.kinds:
                changed, removed = compose.changes(old, new, different, subscription)
                if changed or removed:
                    offer_all(
                        group,
                        compose.risk(self._position, now_of(self._runtime.picture), freshness, changed, removed),
                        "risk",
                    )

    def _on_whale(self, kind: str, places: tuple[tuple[str, str], ...], fields: Mapping[str, Any]) -> None:
        message: Message | None = None
        for subscription, group in list(self._readers.items()):
            if subscription.takes_any(kind, places):
                message = message or compose.other(kind, self._position, now_of(self._runtime.picture), fields)
                offer_all(group, message, kind)

    # --------------------------------------------------------------------------------------------------------- tasks

    def _begin(self) -> None:
        self._show(self._runtime.picture)
        self._ready.clear()
        freshness = self._runtime.picture.freshness()
        self._reported = (freshness.status, freshness.stale_sources)
        self._runtime.listeners.append(self._on_look)
        self._tasks = [
            asyncio.create_task(self._keep_beating(), name="streams: heartbeat"),
            asyncio.create_task(self._keep_reading(), name="streams: ledger"),
            asyncio.create_task(self._keep_renewing(), name="streams: sessions"),
        ]

    def _rest(self) -> list[asyncio.Task[None]]:
        """Nobody listens: end the tasks, and forget how far the ledger was read. Returns the tasks that are ending."""
        tasks, self._tasks = self._tasks, []
        if tasks:
            self._runtime.listeners.remove(self._on_look)
        if self._merging is not None:
            self._merging.cancel()
            self._merging = None
        self._feed = Feed()
        self._whales.stop()
        for task in tasks:
            task.cancel()
        return tasks

    async def stop(self) -> None:
        """The loop ends."""
        for group in list(self._readers.values()):
            for reader in list(group):
                reader.end("the server stops")
        await asyncio.gather(*self._rest(), return_exceptions=True)
        _hubs.pop(self._runtime, None)

    async def _keep_beating(self) -> None:
        due = time.monotonic() + HEARTBEAT_SECONDS
        checked = 0.0
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                now, freshness = time.monotonic(), self._runtime.picture.freshness()
                reported = (freshness.status, freshness.stale_sources)
                if now >= due or reported != self._reported:
                    due, self._reported = now + HEARTBEAT_SECONDS, reported
                    message = compose.heartbeat(self._position, now_of(self._runtime.picture), freshness)
                    for group in list(self._readers.values()):
                        offer_all(group, message, "heartbeat")
                if now - checked >= 1.0:
                    checked = now
                    self._check_readers()
            except Exception:
                # Without heartbeats readers do not believe in an old picture.
                logger.exception("the heartbeat of the streams failed")

    def _check_readers(self) -> None:
        for group in list(self._readers.values()):
            for reader, may_go_on in list(group.items()):
                why = may_go_on.why_not()
                if why:
                    reader.end(why)

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(SESSIONS_SECONDS)
            for group in list(self._readers.values()):
                for may_go_on in list(group.values()):
                    try:
                        await may_go_on.renew()
                    except Exception:
                        logger.exception("a session of a stream cannot be looked up")

    async def _keep_reading(self) -> None:
        reported = False
        while True:
            connection: asyncpg.Connection[Any] | None = None
            try:
                connection = await connect("crypto_ews streams", command_timeout=_PATIENCE_SECONDS)
                await self._follow_ledger(connection)
            except asyncio.CancelledError:
                await close(connection)
                raise
            except UNAVAILABLE as error:
                if not reported:
                    logger.warning("the streams cannot read the ledger: %s: %s", type(error).__name__, error)
                    reported = True
            except Exception:
                logger.exception("reading the ledger for the streams failed")
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _follow_ledger(self, connection: asyncpg.Connection[Any]) -> None:
        feed = self._feed
        known = feed.database
        if await feed.begin(connection):
            self._position = Position(feed.database, self._position.seq, feed.xid, feed.n)
            self._uncounted = -1
            # Whoever joined while the database was away has seen an unknown picture, and nothing of what came since.
            self._resync_all("the database is another one" if known else "the database did not answer")
        self._ready.set()
        while True:
            self._looked.clear()
            while rows := await feed.rows(connection):
                await self._publish_rows(rows)
            self._position = self._position._replace(xid=feed.xid, n=feed.n)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._looked.wait(), _READ_SECONDS)

    async def _publish_rows(self, rows: list[LedgerRow]) -> None:
        """The position moves on when everybody has been given all of them."""
        feed = self._feed
        for part in compose.parts(rows):
            since = until = self._position
            if part[-1] is rows[-1]:
                until = since._replace(xid=feed.xid, n=feed.n)
            made: dict[tuple[int, ...], Message] = {}
            for subscription, group in list(self._readers.items()):
                taken = [row for row in part if subscription.takes_any(row.kind, row.places)]
                key = tuple(row.n for row in taken)
                if not key:
                    continue
                if key not in made:
                    made[key] = compose.bundle(taken, since, until)
                began = time.monotonic()
                for some in _slices(group):
                    offer_all((one for one in some if one.subscription == subscription), made[key])
                    if time.monotonic() - began > _TURN_SECONDS:
                        await asyncio.sleep(0)
                        began = time.monotonic()
                for row in taken:
                    metrics.messages.labels(row.kind).inc(len(group))
            self._position = compose.since_after(self._position, part)
        self._position = self._position._replace(xid=feed.xid, n=feed.n)


def _slices(group: Iterable[Reader]) -> Iterator[list[Reader]]:
    readers = list(group)
    for begin in range(0, len(readers), _SLICE):
        yield readers[begin : begin + _SLICE]


_hubs: dict[Runtime, Hub] = {}


def hub_of(runtime: Runtime) -> Hub:
    """The hub of an event loop."""
    hub = _hubs.get(runtime)
    if hub is None:
        hub = _hubs[runtime] = Hub(runtime)
    return hub
