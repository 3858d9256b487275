"""The daemon: waits for leadership, runs jobs and services while it leads, and stops within ten seconds."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from threading import Event as StopFlag
from types import FrameType

import psycopg2
import sdnotify
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections

from crypto_ews.conf import Config
from events import clock, registry
from events.daemon.clock_watch import ClockWatch
from events.daemon.leader import LeaderLock
from events.daemon.readiness import is_empty, migrate_first, pending_migrations, unreachable
from events.daemon.scheduler import Jobs
from events.daemon.webserver import Role, WebServer
from events.database.pooler import PoolerError
from events.lifecycle import expire
from events.sources.content import ContentRule
from events.updater import EventUpdater
from events.upstream.archive import ArchivingFetcher
from events.upstream.client import HttpClient

logger = logging.getLogger(__name__)

EXIT_OK, EXIT_SOME_FAILED, EXIT_BAD_REQUEST, EXIT_ANOTHER_LEADS = 0, 1, 2, 3
USER_AGENT = "crypto-ews/0.1 (early-warning daemon)"
# Running work may finish in this time; with the database's shutdown the total stays below the promised ten seconds.
_GRACE_SECONDS = 7.0
_LOCK_CHECK_SECONDS = 1.0


Clock = Callable[[], datetime]


def unknown_sources(unknown: Sequence[str], known: Iterable[str]) -> str:
    """The message for a person who named unknown sources."""
    named = f"source {unknown[0]!r}" if len(unknown) == 1 else f"sources {', '.join(map(repr, unknown))}"
    return f"unknown {named}, expected some of: {', '.join(known)}"


def build_updaters(
    config: Config, client: HttpClient, only: Sequence[str], now: Clock = clock.now
) -> list[EventUpdater]:
    """The registered sources, or those named. Raises ValueError that lists the known names for an unknown one."""
    factories = registry.updater_factories()
    unknown = [name for name in only if name not in factories]
    if unknown:
        raise ValueError(unknown_sources(unknown, factories))
    chosen = [name for name in factories if not only or name in only]
    # One fetcher per source: it has the clock skew of its last answer.
    updaters = [factories[name](config, ArchivingFetcher(client), now) for name in chosen]
    check_bounds(config, declared(config, updaters))
    return updaters


def declared(config: Config, updaters: Iterable[EventUpdater]) -> dict[str, ContentRule]:
    """The content rules of all sources, by source. A source without one is logged as an error."""
    rules = registry.feed_rules(config)
    for updater in updaters:
        rule = updater.content()
        if rule is None:
            logger.error("%s declares no content rule, so old content will not be noticed", updater.name)
        else:
            rules[updater.name] = rule
    return rules


def check_bounds(config: Config, rules: Mapping[str, ContentRule]) -> list[str]:
    """Warn of CONTENT_MAX_AGE entries for unknown sources or parts, a typing error perhaps; returns them."""
    known = set(registry.updater_factories()) | set(rules)
    parts = {f"{name}/{age.part}".lower() for name, rule in rules.items() for age in rule.ages if age.part}
    unknown = [name for name in config.content_max_age if name not in known and name not in parts]
    for name in unknown:
        logger.warning("CONTENT_MAX_AGE names %s, expected a source or one of %s", name, ", ".join(sorted(parts)))
    return unknown


def run_once(config: Config, only: Sequence[str], write_line: Callable[[str], None], now: Clock = clock.now) -> int:
    """Run every source once, one after another, then expiry, timers and delivery; returns the exit code."""
    guard = clock.Guard()
    client = HttpClient(config.request_deadline_seconds, user_agent=USER_AGENT, now=now, on_date=guard.add_date)
    try:
        updaters = build_updaters(config, client, only, now)
    except ValueError as error:
        write_line(str(error))
        return EXIT_BAD_REQUEST
    try:
        pending = pending_migrations()
    except OperationalError as error:
        write_line(unreachable(error))
        return EXIT_BAD_REQUEST
    if pending and config.database_url is None and is_empty():
        # The embedded database is ours alone and empty: nobody has to decide about a migration.
        call_command("migrate", verbosity=0)
        write_line("the embedded database was empty; its schema was created")
        pending = 0
    if pending:
        write_line(migrate_first(pending))
        return EXIT_BAD_REQUEST
    lock = LeaderLock()
    try:
        leads = lock.try_acquire()
    except psycopg2.Error as error:
        write_line(str(error).strip())
        return EXIT_BAD_REQUEST
    if not leads:
        write_line("another daemon leads on this database; nothing was done")
        return EXIT_ANOTHER_LEADS
    try:
        failed = []
        for updater in updaters:
            try:
                report = updater.run(even_if_backing_off=True)
            except Exception as error:
                # A fault of ours in one source: the others are polled and queued alerts delivered all the same.
                logger.exception("%s failed with an internal error", updater.name)
                write_line(f"{updater.name}: FAILED, internal error: {type(error).__name__}: {error}")
                failed.append(updater.name)
                continue
            if report is not None:
                write_line(str(report))
                if not report.ok:
                    failed.append(report.source)
        # A clock that the caller passes is trusted.
        closing = now is not clock.now or _clocks_agree(guard)
        if not closing:
            write_line("no upstream confirmed the clock: no event was closed by time")
        expire(now(), closing=closing)
        for timer in registry.timers():
            timer.run(config, now())
        for service in registry.services():
            if service.drain:
                service.drain(config, 30.0)
        if failed:
            write_line(f"failed: {', '.join(failed)}")
        return EXIT_SOME_FAILED if failed else EXIT_OK
    finally:
        lock.release()


def _clocks_agree(guard: clock.Guard) -> bool:
    """Whether an upstream that was just polled agrees with the database's clock; else nothing is closed by time."""
    _, clocks = guard.look(clock.database_time()[0])
    return clocks.distrust is None


class Daemon:
    """A daemon process. `run` returns the exit code."""

    def __init__(
        self,
        config: Config,
        only: Sequence[str],
        web: Callable[[Role], WebServer] | None = None,
        also: Collection[str] = (),
    ) -> None:
        """web: makes the server of the web pages. also: services that run on request only, by name.

        Raises ValueError for a source that there is not, and what `web` raises.
        """
        self._config = config
        self._services = [service for service in registry.services() if not service.on_request or service.name in also]
        self._stop = StopFlag()
        self._guard = clock.Guard()
        clock.install(self._guard)
        self._client = HttpClient(
            config.request_deadline_seconds, user_agent=USER_AGENT, now=clock.now, on_date=clock.add_date
        )
        self._updaters = build_updaters(config, self._client, only)
        self._role = Role()
        self._web = web(self._role) if web else None
        self._notifier = sdnotify.SystemdNotifier()
        self._undone = ""

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        if self._web:
            self._web.start()
        lock = LeaderLock()
        code = EXIT_OK
        try:
            while not self._stop.is_set():
                if self._wait_for_leadership(lock):
                    self._lead(lock)
        except PoolerError as error:
            logger.error("%s", error)
            code = EXIT_BAD_REQUEST
        finally:
            self._notifier.notify("STOPPING=1")
            if self._web:
                self._web.stop()
            lock.release()
            leave_threads_behind()
        logger.info("stopped")
        return code

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        logger.info("%s received, stopping", signal.Signals(number).name)
        self._stop.set()

    def _wait_for_leadership(self, lock: LeaderLock) -> bool:
        last_message = ""
        migrated = False
        while not self._stop.is_set():
            try:
                pending = 0 if migrated else pending_migrations()
                migrated = not pending
                if pending:
                    message = obstacle = migrate_first(pending)
                elif lock.try_acquire():
                    return True
                else:
                    message, obstacle = "another daemon leads on this database; standing by", ""
            except (psycopg2.Error, OperationalError, InterfaceError) as error:
                close_old_connections()
                lock.release()
                if isinstance(error, PoolerError):
                    raise
                # The server may come back with another database: its migrations are checked again.
                migrated = False
                message = unreachable(error)
                obstacle = message.splitlines()[0]
            self._role.looked(obstacle)
            if message != last_message:
                logger.warning(message)
                last_message = message
                # A stand-by is healthy: systemd must not take it for a failed start.
                self._notifier.notify(f"READY=1\nSTATUS={message}")
            # Each turn of this loop has queried the database, which is all the work of a stand-by.
            self._notifier.notify("WATCHDOG=1")
            self._guard.look()
            self._stop.wait(_LOCK_CHECK_SECONDS)
        return False

    def _lead(self, lock: LeaderLock) -> None:
        """Run jobs and services until the process stops or the lock is lost."""
        halt = StopFlag()
        for updater in self._updaters:
            updater.stop = halt
        watch = ClockWatch(self._guard)
        jobs = Jobs(self._config, self._updaters, self._client, clock.now, halt, watch)
        threads = [
            threading.Thread(target=service.run, args=(self._config, halt), name=service.name, daemon=True)
            for service in self._services
        ]
        try:
            jobs.start()
        except OperationalError as error:
            logger.error("the database cannot be reached: %s", str(error).strip())
            lock.release()
            return
        for thread in threads:
            thread.start()
        self._role.leading = True
        self._notifier.notify("READY=1\nSTATUS=leading")
        sources = ", ".join(updater.name for updater in self._updaters) or "no sources"
        logger.info("leading; sources: %s", sources)
        if self._web:
            logger.info("web pages on %s", self._web.url)
        while not self._stop.wait(_LOCK_CHECK_SECONDS):
            watch.look()
            self._feed_watchdog(jobs)
            if not lock.still_acquired():
                logger.error("leadership is lost; sources stop first")
                break
        stopping = self._stop.is_set()
        self._role.ends("this daemon stops" if stopping else "leadership was lost; nobody is known to lead")
        # Sources first: without the lock another daemon may write already.
        halt.set()
        jobs.shutdown()
        deadline = time.monotonic() + _GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        for updater in self._updaters:
            updater.wait_until_idle(max(0.0, deadline - time.monotonic()))
        lock.release()
        close_old_connections()

    def _feed_watchdog(self, jobs: Jobs) -> None:
        """Only while jobs succeed: systemd restarts a daemon whose threads live and whose jobs never end."""
        undone = "; ".join(jobs.undone())
        if not undone:
            self._notifier.notify("WATCHDOG=1")
        elif undone != self._undone:
            logger.error("the watchdog is not fed: %s", undone)
        self._undone = undone


def leave_threads_behind() -> None:
    """End the process although a request ignores its deadline; its result is no longer of use."""
    stuck = [
        thread.name
        for thread in threading.enumerate()
        if thread is not threading.main_thread() and not thread.daemon and thread.is_alive()
    ]
    if stuck:
        logger.debug("threads still alive at the end: %s", ", ".join(stuck))
        timer = threading.Timer(1.5, os._exit, args=(EXIT_OK,))
        timer.daemon = True
        timer.start()
