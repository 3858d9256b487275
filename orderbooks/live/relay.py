"""Live items from the collector's process to a web process, by PostgreSQL's NOTIFY and only for watched pairs.

A web process requests its pairs every few seconds (channel `orderbooks_wanted`, payload VENUE:SYMBOL). The collector's
process sends the published items of these pairs in batches (channel `orderbooks_live`). A request that is not renewed
expires. Nothing is stored and nothing waits: items beyond the limits are dropped and counted.
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
from orderbooks.live.hub import BookState, Depth, Hub, LiveItem, Pair, Subscription, TradeSum
from orderbooks.records import MinuteRow, ScoredOrder

logger = logging.getLogger(__name__)

REQUESTED, LIVE = "orderbooks_wanted", "orderbooks_live"
RENEW_SECONDS = 3.0
EXPIRES_AFTER_SECONDS = 10.0
_STEP_SECONDS = 0.1
# PostgreSQL refuses payloads of 8,000 bytes and more.
_MOST_BYTES = 7_900
# Notifications a step: NOTIFY takes a lock that every committing writer of the database shares.
_MOST_BATCHES = 20
_RECONNECT_SECONDS = 2.0
_TAGS: dict[str, type[Any]] = {
    "order": ScoredOrder,
    "minute": MinuteRow,
    "state": BookState,
    "trades": TradeSum,
    "depth": Depth,
}
_TAG_OF = {kind: tag for tag, kind in _TAGS.items()}


def packed(items: Iterable[LiveItem]) -> list[bytes]:
    """The items in as few payloads as fit: JSON lists of [tag, values]."""
    payloads: list[bytes] = []
    rows: list[bytes] = []
    size = 2
    for item in items:
        row = msgspec.json.encode((_TAG_OF[type(item)], tuple(item)))
        if len(row) + 2 > _MOST_BYTES:
            # A reason of thousands of characters, which a page does not need.
            continue
        if rows and size + len(row) + 1 > _MOST_BYTES:
            payloads.append(b"[" + b",".join(rows) + b"]")
            rows, size = [], 2
        rows.append(row)
        size += len(row) + 1
    return [*payloads, b"[" + b",".join(rows) + b"]"] if rows else payloads


def unpacked(payload: str | bytes) -> list[LiveItem]:
    """The items of a payload. Raises msgspec.DecodeError or ValidationError; KeyError for an unknown tag."""
    rows = msgspec.json.decode(payload, type=list[tuple[str, Any]])
    return [msgspec.convert(values, _TAGS[tag]) for tag, values in rows]


class RelaySender:
    """In the collector's process: a thread that sends the items of requested pairs."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._clock = hub, clock
        self._requested: dict[Pair, tuple[float, Subscription]] = {}
        self.dropped = 0

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; a lost database connection is opened again."""
        try:
            _with_connection("crypto_ews live relay", REQUESTED, stop, self._step)
        finally:
            for _, subscription in self._requested.values():
                subscription.close()
            self._requested.clear()

    def _step(self, connection: Any, notified: list[str]) -> None:
        now = self._clock()
        for name in notified:
            venue, _, symbol = name.partition(":")
            known = self._requested.get((venue, symbol))
            subscription = known[1] if known else self._hub.subscribe([(venue, symbol)])
            self._requested[venue, symbol] = (now, subscription)
        for pair, (renewed, subscription) in list(self._requested.items()):
            if now - renewed > EXPIRES_AFTER_SECONDS:
                subscription.close()
                del self._requested[pair]
        items = [item for _, subscription in self._requested.values() for item in subscription.take()]
        payloads = packed(items)
        self.dropped += max(0, len(payloads) - _MOST_BATCHES)
        with connection.cursor() as cursor:
            # The newest are worth most.
            for payload in payloads[-_MOST_BATCHES:]:
                cursor.execute("SELECT pg_notify(%s, %s)", [LIVE, payload.decode()])


class RelayReceiver:
    """In a web process without a collector: a thread that requests the pairs of its hub's subscribers and publishes
    what arrives."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._clock = hub, clock
        self._asked: dict[Pair, float] = {}

    def run(self, stop: threading.Event) -> None:
        _with_connection("crypto_ews live pages", LIVE, stop, self._step)

    def _step(self, connection: Any, notified: list[str]) -> None:
        now, requested = self._clock(), self._hub.pairs()
        due = [pair for pair in requested if now - self._asked.get(pair, -RENEW_SECONDS) >= RENEW_SECONDS]
        self._asked = {pair: now if pair in due else self._asked[pair] for pair in requested}
        with connection.cursor() as cursor:
            for venue, symbol in due:
                cursor.execute("SELECT pg_notify(%s, %s)", [REQUESTED, f"{venue}:{symbol}"])
        for payload in notified:
            try:
                items = unpacked(payload)
            except (msgspec.DecodeError, KeyError) as error:
                logger.warning("live pages: a payload of another version of the collector: %s", error)
                continue
            for item in items:
                self._hub.publish(item)


_starting = threading.Lock()
_receiving: dict[int, threading.Thread] = {}


def ensure_receiver(hub: Hub, stop: threading.Event) -> None:
    """Feed the hub from another process's collector until `stop` is set; nothing where this process collects."""
    with _starting:
        running = _receiving.get(id(hub))
        if hub.collecting or (running is not None and running.is_alive()):
            return
        thread = threading.Thread(target=RelayReceiver(hub).run, args=(stop,), name="live relay", daemon=True)
        _receiving[id(hub)] = thread
        thread.start()


def _with_connection(name: str, channel: str, stop: threading.Event, step: Callable[[Any, list[str]], None]) -> None:
    """Call `step` with a LISTEN connection and the payloads received, ten times a second until `stop` is set."""
    logged = False
    while not stop.is_set():
        connection = None
        try:
            connection = dedicated_connection(name, channel)
            logged = False
            while not stop.is_set():
                ends = time.monotonic() + _STEP_SECONDS
                step(connection, notifications(connection, _STEP_SECONDS))
                stop.wait(max(0.0, ends - time.monotonic()))
        except (psycopg2.Error, DatabaseError, OSError) as error:
            if not logged:
                logger.warning("%s: the database: %s", name, str(error).strip())
                logged = True
            stop.wait(_RECONNECT_SECONDS)
        finally:
            if connection is not None:
                connection.close()
