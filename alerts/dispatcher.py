"""The dispatcher: one worker thread per channel, woken by NOTIFY, with polling for whatever NOTIFY missed."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg2
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from alerts.claims import Wait
from alerts.outbox import NOTIFY_CHANNEL
from alerts.transports import TransportFactory, transport_for
from alerts.worker import ChannelWorker, Clock

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

POLL_SECONDS = 5.0
_SHORTEST_WAIT = 0.02
_MAX_BACKOFF_SECONDS = 5.0
_STOP_SECONDS = 6.5
_LOOK_FOR_STOP_SECONDS = 0.25


def utc_now() -> datetime:
    return datetime.now(UTC)


def run(config: Config, stop: StopFlag) -> None:
    """Deliver until `stop` is set, then finish what is in hand. The daemon's service."""
    Dispatcher(config).run(stop)


def drain(config: Config, deadline_s: float) -> None:
    """Deliver what is due now and return, after `deadline_s` seconds at the latest. What failed stays queued."""
    Dispatcher(config).drain(deadline_s)


class Dispatcher:
    """Several may run on one database, in one process or in many."""

    def __init__(self, config: Config, clock: Clock = utc_now, transports: TransportFactory = transport_for) -> None:
        self._config = config
        self._clock = clock
        self._transports = transports

    def run(self, stop: StopFlag) -> None:
        loops = self._loops()
        threads = [loop.start(stop) for loop in loops.values()]
        try:
            _listen(loops, stop)
        finally:
            self._end(loops, threads, time.monotonic() + _STOP_SECONDS)

    def drain(self, deadline_s: float) -> None:
        ends = time.monotonic() + deadline_s
        stop = threading.Event()
        loops = self._loops()
        threads = [loop.start(stop, until_idle=True) for loop in loops.values()]
        for thread in threads:
            thread.join(max(ends - time.monotonic(), 0))
        stop.set()
        self._end(loops, threads, min(ends, time.monotonic() + _STOP_SECONDS))

    def _loops(self) -> dict[str, _ChannelLoop]:
        return {
            channel: _ChannelLoop(
                ChannelWorker(
                    channel,
                    self._transports(channel, url, self._config.request_deadline_seconds),
                    self._config,
                    self._clock,
                ),
                self._clock,
            )
            for channel, url in self._config.webhook_urls.items()
        }

    @staticmethod
    def _end(loops: Mapping[str, _ChannelLoop], threads: list[threading.Thread], ends: float) -> None:
        for loop in loops.values():
            loop.wake.set()
        for thread in threads:
            thread.join(max(ends - time.monotonic(), 0))
            if thread.is_alive():
                # Its alert's lease ends by itself; whoever runs then takes it over.
                logger.warning("%s is still waiting for its receiver and is left behind", thread.name)


class _ChannelLoop:
    """Runs a worker in a thread of its own, so that a channel that hangs delays no other."""

    def __init__(self, worker: ChannelWorker, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self.wake = threading.Event()

    def start(self, stop: StopFlag, until_idle: bool = False) -> threading.Thread:
        name = f"dispatcher-{self._worker.channel}"
        thread = threading.Thread(target=self._run, args=(stop, until_idle), name=name, daemon=True)
        thread.start()
        return thread

    def _run(self, stop: StopFlag, until_idle: bool) -> None:
        failures = 0
        try:
            while not stop.is_set():
                # Cleared before the look at the queue: what is queued after it wakes us again.
                self.wake.clear()
                try:
                    close_old_connections()
                    wait = self._worker.step().wait
                    failures = 0
                except (DatabaseError, InterfaceError) as error:
                    connections.close_all()
                    failures += 1
                    self._say_failure(failures, f"the database: {str(error).strip()}")
                    stop.wait(min(0.5 * 2 ** (failures - 1), _MAX_BACKOFF_SECONDS))
                    continue
                except Exception:
                    # A channel that stops silently is worse than one that says what is wrong with it.
                    failures += 1
                    logger.exception("channel %s: unexpected fault", self._worker.channel)
                    stop.wait(min(2.0**failures, _MAX_BACKOFF_SECONDS))
                    continue
                if wait is None:
                    continue
                if until_idle and not wait.due:
                    return
                self.wake.wait(self._seconds(wait))
        finally:
            self._worker.close()
            connections.close_all()

    def _seconds(self, wait: Wait) -> float:
        if wait.until is None:
            return POLL_SECONDS
        return min(max((wait.until - self._clock()) / timedelta(seconds=1), _SHORTEST_WAIT), POLL_SECONDS)

    def _say_failure(self, failures: int, what: str) -> None:
        level = logging.WARNING if failures == 1 else logging.DEBUG
        logger.log(level, "channel %s waits for %s", self._worker.channel, what)


def _listen(loops: Mapping[str, _ChannelLoop], stop: StopFlag) -> None:
    """Wake the channel that a notification names. Without a connection the workers go on by polling."""
    failures = 0
    while not stop.is_set():
        try:
            connection = _connect()
        except (psycopg2.Error, DatabaseError) as error:
            failures += 1
            if failures == 1:
                logger.warning("no LISTEN connection, alerts are polled for: %s", str(error).strip())
            stop.wait(min(0.5 * 2 ** (failures - 1), _MAX_BACKOFF_SECONDS))
            continue
        failures = 0
        try:
            # What was queued while nobody listened.
            for loop in loops.values():
                loop.wake.set()
            _wait_for_notifications(connection, loops, stop)
        except (psycopg2.Error, OSError) as error:
            logger.warning("the LISTEN connection was lost: %s", str(error).strip())
            stop.wait(_LOOK_FOR_STOP_SECONDS)
        finally:
            connection.close()


def _connect() -> Any:
    """A connection of our own: Django's is closed by `close_old_connections()`, and the LISTEN with it."""
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters["application_name"] = "crypto_ews dispatcher"
    connection = psycopg2.connect(**parameters)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
    return connection


def _wait_for_notifications(connection: Any, loops: Mapping[str, _ChannelLoop], stop: StopFlag) -> None:
    while not stop.is_set():
        readable, _, _ = select.select([connection], [], [], _LOOK_FOR_STOP_SECONDS)
        if not readable:
            continue
        connection.poll()
        while connection.notifies:
            channel = connection.notifies.pop(0).payload
            for name, loop in loops.items():
                if channel in ("", name):
                    loop.wake.set()
