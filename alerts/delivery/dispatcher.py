"""The dispatcher: one worker thread per channel, woken by NOTIFY; polling finds what NOTIFY missed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg2
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from alerts.channels import transport_for
from alerts.channels.base import TransportFactory
from alerts.delivery import clock_repair
from alerts.delivery.claims import Wait
from alerts.delivery.worker import ChannelWorker, Clock
from alerts.outbox import NOTIFY_CHANNEL
from alerts.receiver import Receiver
from alerts.receivers import all_receivers, configured_receivers
from alerts.suppression import transitions
from crypto_ews.backoff import backoff
from events import clock
from events.database.dedicated import dedicated_connection, notifications

if TYPE_CHECKING:
    from threading import Event as StopFlag

    from psycopg2.extensions import connection as PgConnection

    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

POLL_SECONDS = 5.0
_SHORTEST_WAIT = 0.02
_MAX_BACKOFF_SECONDS = 5.0
_STOP_SECONDS = 6.5
_LOOK_FOR_STOP_SECONDS = 0.25


def run(config: Config, stop: StopFlag) -> None:
    """The daemon's service: deliver until `stop` is set, then finish the current requests."""
    Dispatcher(config).run(stop)


def drain(config: Config, deadline_s: float) -> None:
    """Deliver what is due now and return, after `deadline_s` seconds at the latest. Failed alerts stay queued."""
    Dispatcher(config).drain(deadline_s)


class Dispatcher:
    """Delivers every channel. Several may run on one database, in one process or in many."""

    def __init__(self, config: Config, clock: Clock = clock.now, transports: TransportFactory = transport_for) -> None:
        self._config = config
        self._clock = clock
        self._transports = transports

    def run(self, stop: StopFlag) -> None:
        fleet = _Fleet(self._loop)
        # The configured receivers are known even if the database is unavailable.
        fleet.follow(configured_receivers(self._config))
        try:
            _listen(fleet, self._look_for_receivers, stop)
        finally:
            fleet.stop(time.monotonic() + _STOP_SECONDS)
            connections.close_all()

    def drain(self, deadline_s: float) -> None:
        ends = time.monotonic() + deadline_s
        clock_repair.mend(self._clock())
        fleet = _Fleet(self._loop, until_idle=True)
        fleet.follow(all_receivers(self._config))
        fleet.join(ends)
        fleet.stop(min(ends, time.monotonic() + _STOP_SECONDS))

    def _loop(self, receiver: Receiver) -> _ChannelLoop:
        transport = self._transports(receiver, self._config)
        return _ChannelLoop(
            ChannelWorker(receiver.channel, transport, self._config, self._clock, kind=receiver.kind), self._clock
        )

    def _look_for_receivers(self, fleet: _Fleet) -> None:
        """Follow the receivers that admins added, changed or disabled. Without the database, nothing changes."""
        try:
            close_old_connections()
            clock_repair.mend(self._clock())
            # In this order, so that a receiver that is added meanwhile does not count as deleted.
            waited_for = transitions.waiting_channels(self._clock())
            receivers = all_receivers(self._config)
            fleet.follow(receivers)
            for channel in waited_for - receivers.keys():
                logger.warning("channel %s has no receiver: %d alerts cancelled", channel, self._cancel(channel))
            transitions.clear_orphaned_suspensions(receivers, self._clock())
        except (DatabaseError, InterfaceError) as error:
            connections.close_all()
            logger.debug("receivers cannot be read: %s", str(error).strip())

    def _cancel(self, channel: str) -> int:
        return transitions.cancel_for(channel, self._clock())


class _Fleet:
    """The loops of all channels, one per receiver. Used by one thread."""

    def __init__(self, open_loop: Callable[[Receiver], _ChannelLoop], until_idle: bool = False) -> None:
        self._open_loop = open_loop
        self._until_idle = until_idle
        self._receivers: dict[str, Receiver] = {}
        self._loops: dict[str, _ChannelLoop] = {}
        self._threads: list[threading.Thread] = []

    def follow(self, receivers: Mapping[str, Receiver]) -> None:
        """Start a loop per new receiver, end those of deleted ones, and restart those of changed ones.

        A loop that is sending finishes its request beside its successor; leases keep the two apart.
        """
        for channel, known in list(self._receivers.items()):
            if receivers.get(channel) != known:
                del self._receivers[channel]
                self._loops.pop(channel).end()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for channel, receiver in receivers.items():
            if channel not in self._receivers:
                self._receivers[channel] = receiver
                self._loops[channel] = loop = self._open_loop(receiver)
                self._threads.append(loop.start(self._until_idle))

    def wake(self, channel: str = "") -> None:
        """Wake the loop of a channel, or all of them."""
        for name, loop in self._loops.items():
            if channel in ("", name):
                loop.wake.set()

    def join(self, ends: float) -> None:
        for thread in self._threads:
            thread.join(max(ends - time.monotonic(), 0))

    def stop(self, ends: float) -> None:
        for loop in self._loops.values():
            loop.end()
        self.join(ends)
        for thread in self._threads:
            if thread.is_alive():
                # Another dispatcher takes the alert over when the lease expires.
                logger.warning("%s did not stop in time; its lease will expire", thread.name)


class _ChannelLoop:
    """Runs a worker in a thread, so that a channel that hangs delays no other."""

    def __init__(self, worker: ChannelWorker, clock: Clock) -> None:
        self._worker = worker
        self._clock = clock
        self._stop = threading.Event()
        self.wake = threading.Event()

    def start(self, until_idle: bool = False) -> threading.Thread:
        name = f"dispatcher-{self._worker.channel}"
        thread = threading.Thread(target=self._run, args=(until_idle,), name=name, daemon=True)
        thread.start()
        return thread

    def end(self) -> None:
        """Finish the current request and take nothing more."""
        self._stop.set()
        self.wake.set()

    def _run(self, until_idle: bool) -> None:
        failures, stop = 0, self._stop
        try:
            while not stop.is_set():
                # Cleared before the queue is read: an alert queued afterwards wakes the loop again.
                self.wake.clear()
                try:
                    close_old_connections()
                    wait = self._worker.step().wait
                    failures = 0
                except (DatabaseError, InterfaceError) as error:
                    connections.close_all()
                    failures += 1
                    self._log_failure(failures, f"the database: {str(error).strip()}")
                    stop.wait(backoff(failures, 0.5, _MAX_BACKOFF_SECONDS))
                    continue
                except Exception:
                    # A fault must not stop the channel silently.
                    failures += 1
                    logger.exception("channel %s: unexpected fault", self._worker.channel)
                    stop.wait(backoff(failures, 2.0, _MAX_BACKOFF_SECONDS))
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

    def _log_failure(self, failures: int, what: str) -> None:
        level = logging.WARNING if failures == 1 else logging.DEBUG
        logger.log(level, "channel %s waits for %s", self._worker.channel, what)


def _listen(fleet: _Fleet, look_for_receivers: Callable[[_Fleet], None], stop: StopFlag) -> None:
    """Wake the channel named in a notification. Without a connection, the workers poll."""
    failures = 0
    while not stop.is_set():
        try:
            look_for_receivers(fleet)
            connection = dedicated_connection("crypto_ews dispatcher", NOTIFY_CHANNEL)
        except (psycopg2.Error, DatabaseError) as error:
            failures += 1
            if failures == 1:
                logger.warning("no LISTEN connection, alerts are polled for: %s", str(error).strip())
            stop.wait(backoff(failures, 0.5, _MAX_BACKOFF_SECONDS))
            continue
        failures = 0
        try:
            # Alerts may have been queued while nothing listened.
            fleet.wake()
            _wait_for_notifications(connection, fleet, look_for_receivers, stop)
        except (psycopg2.Error, OSError) as error:
            logger.warning("the LISTEN connection was lost: %s", str(error).strip())
            stop.wait(_LOOK_FOR_STOP_SECONDS)
        finally:
            connection.close()


def _wait_for_notifications(
    connection: PgConnection, fleet: _Fleet, look_for_receivers: Callable[[_Fleet], None], stop: StopFlag
) -> None:
    looked_at = time.monotonic()
    while not stop.is_set():
        if time.monotonic() - looked_at >= POLL_SECONDS:
            look_for_receivers(fleet)
            looked_at = time.monotonic()
        for channel in notifications(connection, _LOOK_FOR_STOP_SECONDS):
            fleet.wake(channel)
