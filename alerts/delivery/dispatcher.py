"""The dispatcher: one worker thread per channel, woken by NOTIFY, with polling for whatever NOTIFY missed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
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


def utc_now() -> datetime:
    """Our time, which does not jump with the machine's clock; see `events.clock`."""
    return clock.now()


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
        fleet = _Fleet(self._loop)
        # The database may be away; what is configured can be waited for without it.
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
        return _ChannelLoop(ChannelWorker(receiver.channel, transport, self._config, self._clock), self._clock)

    def _look_for_receivers(self, fleet: _Fleet) -> None:
        """Take up what admins added, changed or switched off. Without the database everything stays as it is."""
        try:
            close_old_connections()
            clock_repair.mend(self._clock())
            # In this order: a receiver that is added meanwhile is not taken for one that is gone.
            waited_for = transitions.waiting_channels(self._clock())
            receivers = all_receivers(self._config)
            fleet.follow(receivers)
            for channel in waited_for - receivers.keys():
                logger.warning("channel %s is gone: %d alerts are dropped", channel, self._drop(channel))
            transitions.forget_suspensions(receivers, self._clock())
        except (DatabaseError, InterfaceError) as error:
            connections.close_all()
            logger.debug("receivers cannot be read: %s", str(error).strip())

    def _drop(self, channel: str) -> int:
        return transitions.drop_for(channel, self._clock())


class _Fleet:
    """The loops of all channels, kept in step with the receivers that there are. Used by one thread."""

    def __init__(self, open_loop: Callable[[Receiver], _ChannelLoop], until_idle: bool = False) -> None:
        self._open_loop = open_loop
        self._until_idle = until_idle
        self._receivers: dict[str, Receiver] = {}
        self._loops: dict[str, _ChannelLoop] = {}
        self._threads: list[threading.Thread] = []

    def follow(self, receivers: Mapping[str, Receiver]) -> None:
        """Start what is new, end what is gone, and start anew what has changed.

        One that still sends goes on to the end of its request beside its successor: claims keep the two apart.
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
        """That of a channel, or all."""
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
                # Its alert's lease ends by itself; whoever runs then takes it over.
                logger.warning("%s is still waiting for its receiver and is left behind", thread.name)


class _ChannelLoop:
    """Runs a worker in a thread of its own, so that a channel that hangs delays no other."""

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
        """Finish what is in hand and take nothing more."""
        self._stop.set()
        self.wake.set()

    def _run(self, until_idle: bool) -> None:
        failures, stop = 0, self._stop
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
                    stop.wait(backoff(failures, 0.5, _MAX_BACKOFF_SECONDS))
                    continue
                except Exception:
                    # A channel that stops silently is worse than one that says what is wrong with it.
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

    def _say_failure(self, failures: int, what: str) -> None:
        level = logging.WARNING if failures == 1 else logging.DEBUG
        logger.log(level, "channel %s waits for %s", self._worker.channel, what)


def _listen(fleet: _Fleet, look_for_receivers: Callable[[_Fleet], None], stop: StopFlag) -> None:
    """Wake the channel that a notification names. Without a connection the workers go on by polling."""
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
            # What was queued while nobody listened.
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
