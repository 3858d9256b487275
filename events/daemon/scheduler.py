"""The scheduled jobs of a leading daemon: one per source, and the background jobs that belong to no source."""

from __future__ import annotations

import logging
import math
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from threading import Event as StopFlag

from django.db import DatabaseError, close_old_connections

from crypto_ews.conf import Config
from events import clock, registry, retention
from events.daemon.clock_watch import ClockWatch, beat, is_untrusted
from events.daemon.intervals import Intervals
from events.daemon.work_done import undone, unproven
from events.database import view_refresh
from events.database.bot_guard import ROLE_SECONDS, SESSIONS_SECONDS, BotGuard
from events.lifecycle import expire
from events.sources import health
from events.updater import EventUpdater, read_through
from events.upstream import archive
from events.upstream.client import HttpClient
from events.upstream.errors import UpstreamError

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
REFRESH_SECONDS = 30.0
PING_SECONDS, PING_LOOK_SECONDS = 60.0, 5.0
_BACKGROUND_PREFIX = "housekeeping."
# They do nothing, or not all, while the clock is not trusted, and run as soon as it is.
_WAIT_FOR_THE_CLOCK = [_BACKGROUND_PREFIX + name for name in ("expire", "prune_archive", "prune_audit")]


def _unit_of_work(work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        close_old_connections()
        try:
            work()
        finally:
            close_old_connections()

    return run


def _once_settled(work: Callable[[], object]) -> Callable[[], object]:
    """Skip runs in the first seconds of a daemon, whose clock may be wrong from the start."""
    return lambda: work() if clock.is_settled() else None


def _if_clock_trusted(work: Callable[[], object]) -> Callable[[], object]:
    """Skip runs while the clock is not trusted: a wrong clock would delete too much."""
    return lambda: None if is_untrusted() else work()


class Jobs:
    """The daemon's jobs, each on its interval, the first run at once.

    watch: writes the heartbeat together with its check of the clocks; without it only the heartbeat is written.
    """

    def __init__(
        self,
        config: Config,
        updaters: Sequence[EventUpdater],
        client: HttpClient,
        now: Callable[[], datetime],
        stop: StopFlag,
        watch: ClockWatch | None = None,
    ) -> None:
        self._config, self._updaters, self._client, self._now, self._stop = config, updaters, client, now, stop
        self._watch = watch
        self._last_error: dict[str, str] = {}
        self._ping_at = -math.inf
        self._bots = BotGuard(config.bot_connection_limit)
        self._intervals = Intervals(self._on_error, self._on_overrun)
        for updater in updaters:
            self._add(updater.name, self._source_job(updater), updater.interval_seconds)
        for name, work, seconds in self._housekeeping():
            self._add(_BACKGROUND_PREFIX + name, work, seconds)

    def _housekeeping(self) -> list[tuple[str, Callable[[], object], float]]:
        config = self._config
        jobs: list[tuple[str, Callable[[], object], float]] = [
            ("heartbeat", self._beat, HEARTBEAT_SECONDS),
            (
                "expire",
                _once_settled(self._expire),
                min(60.0, config.manager_refresh_minutes * 60),
            ),
            ("refresh_view", view_refresh.refresh_now, REFRESH_SECONDS),
            ("stale_sources", lambda: health.mark_stale(self._now()), 15.0),
            (
                "prune_archive",
                _if_clock_trusted(
                    lambda: archive.prune(self._now(), config.archive_keep_days, config.archive_max_gb * 1e9)
                ),
                3600.0,
            ),
            ("bot_sessions", self._bots.end_old_sessions, SESSIONS_SECONDS),
            ("bot_role", lambda: self._bots.keep_role(self._now()), ROLE_SECONDS),
            ("prune_audit", _if_clock_trusted(lambda: retention.prune(self._now(), config.audit_keep_days)), 3600.0),
        ]
        for timer in registry.timers():
            run = partial(self._run_timer, timer)
            jobs.append((timer.name, _once_settled(run) if timer.by_clock else run, timer.seconds))
        if config.dead_man_ping_url:
            jobs.append(("dead_man_ping", self._ping, PING_LOOK_SECONDS))
        return jobs

    def _expire(self) -> object:
        # Asked before the time is read: a time that was read while the clock was wrong must close nothing.
        closing = not is_untrusted()
        return expire(self._now(), closing)

    def _beat(self) -> None:
        self._watch.beat() if self._watch else beat()
        # No upstream has contradicted the clock for long enough: rounds that waited for that run now.
        if clock.is_settled() and any(updater.put_off for updater in self._updaters):
            self._intervals.run_now(*self._take_put_off())

    def _run_timer(self, timer: registry.Timer) -> object:
        return timer.run(self._config, self._now())

    def _ping(self) -> None:
        """Once a minute, and only while the daemon does its work; see `work_done`."""
        now = time.monotonic()
        if now < self._ping_at or unproven(self._intervals.progress()):
            return
        self._ping_at = now + PING_SECONDS
        if undone_now := self.undone():
            logger.error("no dead-man ping: %s", "; ".join(undone_now))
            return
        try:
            self._client.get(str(self._config.dead_man_ping_url), source="dead_man_ping")
        except UpstreamError as error:
            logger.warning("the dead-man ping failed: %s", type(error).__name__)

    def _source_job(self, updater: EventUpdater) -> Callable[[], None]:
        def run() -> None:
            if self._stop.is_set():
                return
            report = updater.run()
            if updater.put_off and clock.is_settled():
                updater.put_off = False
                report = updater.run()
            self._last_error.pop(updater.name, None)
            if report is not None:
                changed = report.ok and any(
                    count for kind, count in report.outcomes.items() if kind not in ("unchanged", "rolled_forward")
                )
                logger.log(logging.INFO if changed else logging.DEBUG, "%s", report)

        return run

    def _add(self, name: str, work: Callable[[], object], seconds: float) -> None:
        self._intervals.add(name, _unit_of_work(work), seconds)

    def _on_error(self, name: str, error: Exception) -> None:
        """A fault of ours, not of the upstream: log it once with its traceback, and store it in the source's health."""
        message = f"{type(error).__name__}: {error}"
        if self._last_error.get(name) != message:
            self._last_error[name] = message
            trace = "".join(traceback.format_exception(error))
            logger.error("job %s failed: %s\n%s", name, message, trace)
        if not name.startswith(_BACKGROUND_PREFIX):
            close_old_connections()
            try:
                health.failed(name, self._now(), f"internal error: {message}", 0, None, False, None)
            except DatabaseError as failure:
                logger.debug("the health of %s could not be written: %s", name, failure)
            finally:
                close_old_connections()

    def _on_overrun(self, name: str) -> None:
        logger.warning("job %s is still running; this run was skipped", name)

    def start(self) -> None:
        """Raises OperationalError where the database cannot be reached."""
        if self._watch:
            self._watch.on_step = self._intervals.run_now
            self._watch.on_trust = self._make_up
            self._watch.begin()
        now = self._now()
        feeds = read_through(self._updaters)
        health.unregister_unknown({*registry.updater_factories(), *feeds}, prefixes=("streams.", "trades."), now=now)
        for source, seconds in ({updater.name: updater.interval_seconds for updater in self._updaters} | feeds).items():
            health.register(source, seconds, now)
        self._intervals.start()

    def _make_up(self) -> None:
        """The clocks are trusted: run now what waited for that."""
        timers = [_BACKGROUND_PREFIX + timer.name for timer in registry.timers()]
        self._intervals.run_now(*_WAIT_FOR_THE_CLOCK, *timers, *self._take_put_off())

    def _take_put_off(self) -> list[str]:
        """The names of sources whose rounds were put off; clears their mark."""
        taken = [updater for updater in self._updaters if updater.put_off]
        for updater in taken:
            updater.put_off = False
        return [updater.name for updater in taken]

    def shutdown(self) -> None:
        """Start no more jobs. Running ones go on until they see the stop flag; see `Daemon`."""
        self._intervals.stop()

    @property
    def names(self) -> list[str]:
        return self._intervals.names

    def undone(self) -> list[str]:
        """Jobs that are late or fail, in words; see `work_done`."""
        return undone(self._intervals.progress(), _BACKGROUND_PREFIX)
