"""From the collector's process to that of the web pages: PostgreSQL's NOTIFY, only for pairs that somebody watches.

A page's process names the pairs it wants every few seconds (channel `orderbooks_wanted`, payload VENUE:SYMBOL); the
collector's sends what its hub publishes of them in batches (channel `orderbooks_live`). A wish that is not renewed
lapses. Nothing is stored, and nothing waits: what does not fit is dropped and counted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import psycopg2
from django.db import DatabaseError

from events.database.dedicated import dedicated_connection, notifications
from orderbooks.live.hub import BookState, Hub, LiveItem, Pair, Subscription, TradeSum
from orderbooks.records import MinuteRow, ScoredOrder

logger = logging.getLogger(__name__)

WANTED, LIVE = "orderbooks_wanted", "orderbooks_live"
RENEW_SECONDS = 3.0
LAPSES_AFTER_SECONDS = 10.0
_STEP_SECONDS = 0.1
# PostgreSQL refuses payloads of 8,000 bytes and more.
_MOST_BYTES = 7_900
# A step's worth of notifications: NOTIFY takes a lock that every committing writer of the database shares.
_MOST_BATCHES = 20
_RECONNECT_SECONDS = 2.0
_TAGS: dict[str, type[Any]] = {"order": ScoredOrder, "minute": MinuteRow, "state": BookState, "trades": TradeSum}
_TAG_OF = {kind: tag for tag, kind in _TAGS.items()}


def packed(items: Iterable[LiveItem]) -> list[bytes]:
    """The items in as few payloads as fit: JSON lists of [tag, values]."""
    payloads: list[bytes] = []
    rows: list[bytes] = []
    size = 2
    for item in items:
        row = msgspec.json.encode((_TAG_OF[type(item)], tuple(item)))
        if len(row) + 2 > _MOST_BYTES:
            # A reason of thousands of characters; a page can do without.
            continue
        if rows and size + len(row) + 1 > _MOST_BYTES:
            payloads.append(b"[" + b",".join(rows) + b"]")
            rows, size = [], 2
        rows.append(row)
        size += len(row) + 1
    return [*payloads, b"[" + b",".join(rows) + b"]"] if rows else payloads


def unpacked(payload: str | bytes) -> list[LiveItem]:
    """The items of a payload. Raises msgspec.DecodeError or msgspec.ValidationError, or KeyError for a tag of later."""
    rows = msgspec.json.decode(payload, type=list[tuple[str, Any]])
    return [msgspec.convert(values, _TAGS[tag]) for tag, values in rows]


class RelaySender:
    """In the collector's process: a thread that sends what is wanted elsewhere."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._clock = hub, clock
        self._wanted: dict[Pair, tuple[float, Subscription]] = {}
        self.dropped = 0

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; a lost database connection is opened again."""
        try:
            _with_connection("crypto_ews live relay", WANTED, stop, self._step)
        finally:
            for _, subscription in self._wanted.values():
                subscription.close()
            self._wanted.clear()

    def _step(self, connection: Any, notified: list[str]) -> None:
        now = self._clock()
        for name in notified:
            venue, _, symbol = name.partition(":")
            held = self._wanted.get((venue, symbol))
            subscription = held[1] if held else self._hub.subscribe([(venue, symbol)])
            self._wanted[venue, symbol] = (now, subscription)
        for pair, (renewed, subscription) in list(self._wanted.items()):
            if now - renewed > LAPSES_AFTER_SECONDS:
                subscription.close()
                del self._wanted[pair]
        items = [item for _, subscription in self._wanted.values() for item in subscription.take()]
        payloads = packed(items)
        self.dropped += max(0, len(payloads) - _MOST_BATCHES)
        with connection.cursor() as cursor:
            # The newest are worth most.
            for payload in payloads[-_MOST_BATCHES:]:
                cursor.execute("SELECT pg_notify(%s, %s)", [LIVE, payload.decode()])


class RelayReceiver:
    """In a web process without a collector: a thread that asks for what its hub's subscribers want, and publishes."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._clock = hub, clock
        self._asked: dict[Pair, float] = {}

    def run(self, stop: threading.Event) -> None:
        _with_connection("crypto_ews live pages", LIVE, stop, self._step)

    def _step(self, connection: Any, notified: list[str]) -> None:
        now, wanted = self._clock(), self._hub.pairs()
        due = [pair for pair in wanted if now - self._asked.get(pair, -RENEW_SECONDS) >= RENEW_SECONDS]
        self._asked = {pair: now if pair in due else self._asked[pair] for pair in wanted}
        with connection.cursor() as cursor:
            for venue, symbol in due:
                cursor.execute("SELECT pg_notify(%s, %s)", [WANTED, f"{venue}:{symbol}"])
        for payload in notified:
            try:
                items = unpacked(payload)
            except (msgspec.DecodeError, KeyError) as error:
                logger.warning("a payload of another version of the collector: %s", error)
                continue
            for item in items:
                self._hub.publish(item)


_starting = threading.Lock()
_receiving: dict[int, threading.Thread] = {}


def ensure_receiver(hub: Hub, stop: threading.Event) -> None:
    """Make a hub's subscribers hear what another process collects, until `stop` is set; nothing where this one does."""
    with _starting:
        held = _receiving.get(id(hub))
        if hub.collecting or (held is not None and held.is_alive()):
            return
        thread = threading.Thread(target=RelayReceiver(hub).run, args=(stop,), name="live relay", daemon=True)
        _receiving[id(hub)] = thread
        thread.start()


def _with_connection(name: str, channel: str, stop: threading.Event, step: Callable[[Any, list[str]], None]) -> None:
    """Call `step` with a listening connection and what was notified, ten times a second until `stop` is set."""
    said = False
    while not stop.is_set():
        connection = None
        try:
            connection = dedicated_connection(name, channel)
            said = False
            while not stop.is_set():
                ends = time.monotonic() + _STEP_SECONDS
                step(connection, notifications(connection, _STEP_SECONDS))
                stop.wait(max(0.0, ends - time.monotonic()))
        except (psycopg2.Error, DatabaseError, OSError) as error:
            if not said:
                logger.warning("%s: the database: %s", name, str(error).strip())
                said = True
            stop.wait(_RECONNECT_SECONDS)
        finally:
            if connection is not None:
                connection.close()
