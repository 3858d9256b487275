"""The scheduled jobs of a leading daemon: one per source, and the housekeeping that no source owns."""

from __future__ import annotations

import logging
import os
import socket
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from threading import Event as StopFlag

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from django.db import DatabaseError, close_old_connections

from crypto_ews.conf import Config
from events import archive, audit, health, registry, risk_view
from events.bot_guard import ROLE_SECONDS, SESSIONS_SECONDS, BotGuard
from events.errors import UpstreamError
from events.http import HttpClient
from events.lifecycle import expire
from events.models import Heartbeat
from events.updater import EventUpdater, read_through

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
REFRESH_SECONDS = 30.0
_BACKGROUND_PREFIX = "housekeeping."


def beat(now: datetime) -> None:
    """Write the heartbeat that bots read as `token_risk_view_status.heartbeat_at`."""
    Heartbeat.objects.update_or_create(
        only_row=True, defaults={"beat_at": now, "daemon": f"{socket.gethostname()} {os.getpid()}"}
    )


def _unit_of_work(work: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        close_old_connections()
        try:
            work()
        finally:
            close_old_connections()

    return run


class Jobs:
    """An APScheduler with the daemon's jobs, each on an interval of its own, the first run at once."""

    def __init__(
        self,
        config: Config,
        updaters: Sequence[EventUpdater],
        client: HttpClient,
        now: Callable[[], datetime],
        stop: StopFlag,
    ) -> None:
        self._config, self._updaters, self._client, self._now, self._stop = config, updaters, client, now, stop
        self._last_error: dict[str, str] = {}
        self._bots = BotGuard(config.bot_connection_limit)
        housekeeping = self._housekeeping()
        # A pool smaller than the number of jobs would let one slow upstream delay another's interval.
        pool = ThreadPoolExecutor(max_workers=len(updaters) + len(housekeeping) + 2)
        self._scheduler = BackgroundScheduler(
            executors={"default": pool},
            timezone="UTC",
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._on_error, EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._on_overrun, EVENT_JOB_MAX_INSTANCES)
        for updater in updaters:
            self._add(updater.name, self._source_job(updater), updater.interval_seconds)
        for name, work, seconds in housekeeping:
            self._add(_BACKGROUND_PREFIX + name, work, seconds)

    def _housekeeping(self) -> list[tuple[str, Callable[[], object], float]]:
        config = self._config
        jobs: list[tuple[str, Callable[[], object], float]] = [
            ("heartbeat", lambda: beat(self._now()), HEARTBEAT_SECONDS),
            ("expire", lambda: expire(self._now()), min(60.0, config.manager_refresh_minutes * 60)),
            ("refresh_view", risk_view.refresh_now, REFRESH_SECONDS),
            ("stale_sources", lambda: health.mark_stale(self._now()), 15.0),
            (
                "prune_archive",
                lambda: archive.prune(self._now(), config.archive_keep_days, config.archive_max_gb * 1e9),
                3600.0,
            ),
            ("bot_sessions", self._bots.end_old_sessions, SESSIONS_SECONDS),
            ("bot_role", lambda: self._bots.keep_role(self._now()), ROLE_SECONDS),
            ("prune_audit", lambda: audit.prune(self._now(), config.audit_keep_days), 3600.0),
        ]
        for timer in registry.timers():
            jobs.append((timer.name, partial(self._run_timer, timer), timer.seconds))
        if config.dead_man_ping_url:
            jobs.append(("dead_man_ping", self._ping, 60.0))
        return jobs

    def _run_timer(self, timer: registry.Timer) -> object:
        return timer.run(self._config, self._now())

    def _ping(self) -> None:
        try:
            self._client.get(str(self._config.dead_man_ping_url), source="dead_man_ping")
        except UpstreamError as error:
            logger.warning("the dead-man ping failed: %s", type(error).__name__)

    def _source_job(self, updater: EventUpdater) -> Callable[[], None]:
        def run() -> None:
            if self._stop.is_set():
                return
            report = updater.run()
            self._last_error.pop(updater.name, None)
            if report is not None:
                changed = report.ok and any(
                    count for kind, count in report.outcomes.items() if kind not in ("unchanged", "rolled_forward")
                )
                logger.log(logging.INFO if changed else logging.DEBUG, "%s", report)

        return run

    def _add(self, name: str, work: Callable[[], object], seconds: float) -> None:
        self._scheduler.add_job(_unit_of_work(work), "interval", seconds=seconds, id=name, next_run_time=self._now())

    def _on_error(self, event: JobExecutionEvent) -> None:
        """A fault of ours, not of the upstream: say it once with its trace, and show it in the source's health."""
        message = f"{type(event.exception).__name__}: {event.exception}"
        if self._last_error.get(event.job_id) != message:
            self._last_error[event.job_id] = message
            trace = "".join(traceback.format_exception(event.exception))
            logger.error("job %s failed: %s\n%s", event.job_id, message, trace)
        if not event.job_id.startswith(_BACKGROUND_PREFIX):
            close_old_connections()
            try:
                health.failed(event.job_id, self._now(), f"internal error: {message}", 0, None, False, None)
            except DatabaseError as error:
                logger.debug("the health of %s could not be written: %s", event.job_id, error)
            finally:
                close_old_connections()

    def _on_overrun(self, event: JobSubmissionEvent) -> None:
        logger.warning("job %s still runs; this turn of it is left out", event.job_id)

    def start(self) -> None:
        now = self._now()
        feeds = read_through(self._updaters)
        health.forget_unknown({*registry.updater_factories(), *feeds}, prefixes=("streams.",), now=now)
        for source, seconds in ({updater.name: updater.interval_seconds for updater in self._updaters} | feeds).items():
            health.watch(source, seconds, now)
        self._scheduler.start()

    def shutdown(self) -> None:
        """Start no more jobs. Those that run go on until they notice the stop flag; see `Daemon`."""
        self._scheduler.remove_all_jobs()
        self._scheduler.shutdown(wait=False)
