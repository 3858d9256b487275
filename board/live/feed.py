"""What changes on the board, read once for all who have it open, encoded once, and handed to each of them.

The ledger says which events changed; their rows are read again in one thread of Django's. Once a minute, and when a
deadline passes, everything is compared: what no row of the ledger tells is found then.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
from django.db import DatabaseError, close_old_connections, connection

from api.connection import UNAVAILABLE, close, connect
from api.picture import Picture
from api.push.hub import MayGoOn
from api.push.ledger import Feed, LedgerRow
from api.push.messages import Message, body_of
from api.push.reader import Budget, Reader, offer_all
from api.runtime import Runtime
from board import reviews, state, trust
from board import rows as board_rows
from events import clock

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

BEAT_SECONDS = 1.0
RESYNC_SECONDS = 60.0
REVIEWS_SECONDS = 1.0
"""Notices that wait for a person are in no message of the ledger's stream: their small table is looked at."""
EXTRAS_SECONDS = 1.0
"""What belongs to all rows is read for all of them: not for each change of a storm."""
LINGER_SECONDS = 24 * 3600.0
"""How long what was read is kept up to date after the last board was closed: whoever opens it in an alarm must not wait
until a thousand events are put into words."""
_UNSEEN_RESYNC_SECONDS = 900.0
STUCK_SECONDS = 8.0
"""A reading that takes longer hangs, at a lock or a network: what is shown may be old."""
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 1.0
_PATIENCE_SECONDS = 4.0


class BoardFeed:
    """Of one event loop. Its tasks, its thread and its connection exist while a board is open, and a while after."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.budget = Budget()
        self._readers: dict[Reader, MayGoOn] = {}
        self._rows: dict[int, board_rows.Row] = {}
        self._encoded: dict[int, bytes] = {}
        self._extras: dict[str, Any] = {}
        self._extras_asked, self._extras_at = False, 0.0
        self._sources: list[dict[str, Any]] = []
        self._reviews: dict[str, Any] = {}
        self._silences: list[tuple[int, datetime]] = []
        self._reviews_at, self._silences_at, self._turned = 0.0, 0.0, 0.0
        self._full: Message | None = None
        self._looked, self._ready = asyncio.Event(), asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._thread: ThreadPoolExecutor | None = None
        self._resting: asyncio.TimerHandle | None = None
        runtime.at_stop.append(self.stop)

    # ------------------------------------------------------------------------------------------------------- readers

    async def join(self, reader: Reader, may_go_on: MayGoOn) -> None:
        """First the whole board, then what changes."""
        if not self._tasks:
            self._begin()
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._readers[reader] = may_go_on
        if self._ready.is_set():
            reader.send_now(self._everything())
        else:
            # The first reading is sent to everybody who waits for it.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), _PATIENCE_SECONDS)
        reader.send_now(self._beat())
        reader.release()

    def leave(self, reader: Reader) -> None:
        self._readers.pop(reader, None)
        if not self._readers and self._tasks and self._resting is None:
            # Whoever loads the page again must not wait until everything was read again.
            self._resting = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._rest)

    def caught_up(self, reader: Reader, _why: str) -> None:
        """It was too slow, and its queue was dropped: it begins again with everything."""
        reader.drop("")
        reader.send_now(self._everything())

    # ------------------------------------------------------------------------------------------------------ messages

    def _everything(self) -> Message:
        if self._full is None:
            fields = {
                **self._extras,
                "sources": self._sources,
                "reviews": self._reviews,
                "cut": len(self._rows) >= board_rows.MOST_ROWS,
            }
            rows = b'"rows":[' + b",".join(self._encoded.values()) + b"]"
            self._full = Message([("", body_of("full", "", clock.now(), fields, rows))])
        return self._full

    def _beat(self) -> Message:
        freshness = self._runtime.picture.freshness()
        fields = {
            "status": freshness.status,
            "stale_sources": freshness.stale_sources,
            "age_ms": freshness.age_ms,
            "seq": freshness.seq,
            # Whether the rows themselves are known: without them the rest says nothing.
            "rows_known": self._ready.is_set() and time.monotonic() - self._turned < STUCK_SECONDS,
        }
        return Message([("", body_of("beat", "", clock.now(), fields))])

    def _send(self, kind: str, fields: dict[str, Any], *raw: bytes) -> None:
        self._full = None
        message = Message([("", body_of(kind, "", clock.now(), fields, *raw))])
        offer_all(self._readers, message, "board")

    # --------------------------------------------------------------------------------------------------------- tasks

    def _begin(self) -> None:
        self._ready.clear()
        self._thread = ThreadPoolExecutor(1, "board")
        self._runtime.listeners.append(self._on_look)
        self._tasks = [
            asyncio.create_task(self._keep_beating(), name="board: heartbeat"),
            asyncio.create_task(self._keep_following(), name="board: ledger"),
        ]

    def _rest(self) -> list[asyncio.Task[None]]:
        """Nobody looks: end the tasks, and forget what was read. Returns the tasks that are ending."""
        tasks, self._tasks = self._tasks, []
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        if tasks:
            self._runtime.listeners.remove(self._on_look)
        for task in tasks:
            task.cancel()
        if self._thread is not None:
            self._thread.submit(_close)
            self._thread.shutdown(wait=False)
            self._thread = None
        self._ready.clear()
        self._rows, self._encoded, self._full = {}, {}, None
        return tasks

    async def stop(self) -> None:
        """The loop ends."""
        for reader in list(self._readers):
            reader.end("the server stops")
        thread = self._thread
        await asyncio.gather(*self._rest(), return_exceptions=True)
        if thread is not None:
            # Its connection is closed then: a database with open sessions cannot be dropped or restored.
            await asyncio.to_thread(thread.shutdown)
        _feeds.pop(self._runtime, None)

    def _on_look(self, _before: Picture, _now: Picture) -> None:
        self._looked.set()

    async def _keep_beating(self) -> None:
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            offer_all(self._readers, self._beat(), "board")
            for reader, may_go_on in list(self._readers.items()):
                if why := may_go_on.why_not():
                    reader.end(why)
            if time.monotonic() - renewed >= 5:
                renewed = time.monotonic()
                for may_go_on in list(self._readers.values()):
                    await may_go_on.renew()

    async def _keep_following(self) -> None:
        said = False
        while True:
            session: asyncpg.Connection[Any] | None = None
            try:
                session = await connect("crypto_ews board", command_timeout=_PATIENCE_SECONDS)
                said = False
                await self._follow(session)
            except asyncio.CancelledError:
                await close(session)
                raise
            except (*UNAVAILABLE, DatabaseError) as error:
                if not said:
                    logger.warning("the board cannot read the database: %s: %s", type(error).__name__, error)
                    said = True
            except Exception:
                logger.exception("following the ledger for the board failed")
            finally:
                if session is not None:
                    session.terminate()
            # What is shown may be old: the next beat says that the rows are not known.
            self._ready.clear()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _follow(self, session: asyncpg.Connection[Any]) -> None:
        feed = Feed()
        await feed.begin(session)
        await self._compare()
        self._turned = time.monotonic()
        self._ready.set()
        offer_all(self._readers, self._everything(), "board")
        compared = time.monotonic()
        while True:
            self._looked.clear()
            self._turned = time.monotonic()
            changed: list[LedgerRow] = []
            while found := await feed.rows(session):
                changed += found
            if changed:
                await self._take(changed)
            if self._extras_asked and time.monotonic() - self._extras_at > EXTRAS_SECONDS:
                await self._read_extras()
            if time.monotonic() - self._reviews_at > REVIEWS_SECONDS:
                await self._read_reviews()
            if await self._silences_changed():
                compared = 0.0
            patience = RESYNC_SECONDS if self._readers else _UNSEEN_RESYNC_SECONDS
            if time.monotonic() - compared > patience or self._deadline_passed():
                compared = time.monotonic()
                await self._compare()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._looked.wait(), _LOOK_SECONDS)

    def _deadline_passed(self) -> bool:
        now = clock.now()
        return any(
            now - timedelta(seconds=1) > row["deadline"] > row["read_at"]
            for row in self._rows.values()
            if row["deadline"] is not None
        )

    async def _take(self, changed: Collection[LedgerRow]) -> None:
        """Read again what rows of the ledger are about."""
        if any(row.kind == "event" and row.event_id is None for row in changed):
            await self._compare()
            return
        ids = {row.event_id for row in changed if row.kind == "event" and row.event_id is not None}
        if ids:
            now = clock.now()
            found = await self._read(lambda: board_rows.rows_of(ids, now))
            self._publish(found, now, ids)
        if any(row.kind == "source" for row in changed):
            await self._read_sources()
        # Alerts decide when somebody else is told; and a coin that is new here has a past.
        self._extras_asked = True

    async def _compare(self) -> None:
        now = clock.now()
        found = await self._read(lambda: board_rows.open_rows(now))
        self._publish(found, now, {*self._rows, *found})
        await self._read_sources()
        await self._read_reviews()
        await self._read_extras()

    def _publish(self, found: dict[int, board_rows.Row], now: datetime, ids: Collection[int]) -> None:
        """Take over the rows of these events, and send what differs."""
        gone = [pk for pk in ids if pk in self._rows and pk not in found]
        changed: list[bytes] = []
        for pk, row in found.items():
            body = state.encoded(row)
            if self._encoded.get(pk) != body:
                changed.append(body)
            self._rows[pk], self._encoded[pk] = {**row, "read_at": now}, body
        for pk in gone:
            del self._rows[pk], self._encoded[pk]
        if self._ready.is_set() and (changed or gone):
            self._send("rows", {"gone": gone}, b'"changed":[' + b",".join(changed) + b"]")

    async def _read_sources(self) -> None:
        found = await self._read(trust.sources)
        if found != self._sources:
            self._sources = found
            if self._ready.is_set():
                self._send("sources", {"sources": found})
        self._full = None

    async def _read_reviews(self) -> None:
        self._reviews_at = time.monotonic()
        found = await self._read(reviews.waiting)
        if found != self._reviews:
            self._reviews = found
            if self._ready.is_set():
                self._send("reviews", {"reviews": found})
        self._full = None

    async def _silences_changed(self) -> bool:
        """Whether a silence was made, ended or ran out: no row of the ledger names the events that it is about."""
        if self._reviews_at <= self._silences_at:
            return False
        self._silences_at, now = self._reviews_at, clock.now()
        found = await self._read(lambda: board_rows.silences_now(now))
        changed, self._silences = found != self._silences, found
        return changed

    async def _read_extras(self) -> None:
        self._extras_asked, self._extras_at = False, time.monotonic()
        rows, now = self._rows, clock.now()
        found = await self._read(lambda: state.extras(rows, now))
        if found != self._extras:
            self._extras = found
            if self._ready.is_set():
                self._send("extras", found)
        self._full = None

    async def _read(self, ask: Callable[[], Found]) -> Found:
        """What a question of Django's answers, in the board's own thread."""
        if self._thread is None:
            raise asyncio.CancelledError
        return await asyncio.get_running_loop().run_in_executor(self._thread, _asked, ask)


def _close() -> None:
    # Of this thread: the bound method would be that of the thread which asks for it.
    connection.close()


def _asked(ask: Callable[[], Found]) -> Found:
    close_old_connections()
    try:
        return ask()
    except DatabaseError:
        connection.close()
        raise


_feeds: dict[Runtime, BoardFeed] = {}


def feed_of(runtime: Runtime) -> BoardFeed:
    """The feed of an event loop."""
    feed = _feeds.get(runtime)
    if feed is None:
        feed = _feeds[runtime] = BoardFeed(runtime)
    return feed
