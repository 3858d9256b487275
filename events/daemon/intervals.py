"""Jobs on intervals: APScheduler on the monotonic clock.

APScheduler reads the wall clock. When that is set back an hour every job waits for an hour; when it is set ahead ten
years each run in between is counted. So APScheduler is given a zone whose time is the monotonic clock's (`SteadyZone`),
which nobody can set, and a trigger that does not count missed runs one by one (`Every`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

Job = Callable[[], None]
# The monotonic clock may begin at 0, where timestamps are not portable.
_BEGIN = datetime(2000, 1, 1)  # noqa: DTZ001 (it gets the zone below)


class SteadyZone(tzinfo):
    """A zone in which it is always `_BEGIN` plus the monotonic clock, whatever the wall clock shows.

    `datetime.now(zone)` is how APScheduler reads the time, and asks the zone to translate it.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady

    def at(self, steady: float) -> datetime:
        return (_BEGIN + timedelta(seconds=steady)).replace(tzinfo=self)

    def fromutc(self, _moment: datetime) -> datetime:
        return self.at(self._steady())

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _moment: datetime | None) -> str:
        return "monotonic"


class Every(BaseTrigger):
    """A run at once, then one every so many seconds; missed runs are skipped, however many there are."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        if previous_fire_time is None:
            return now
        return max(previous_fire_time + self._interval, now + self._interval / 2)


@dataclass
class _Scheduled:
    """running: runs that have begun and after which the next may not begin yet. finished_at: of the last run that
    succeeded, in seconds of the monotonic clock.
    """

    name: str
    work: Job
    seconds: float
    running: int = 0
    finished_at: float | None = None


@dataclass(frozen=True)
class Progress:
    """When a job last succeeded, and by how much its next run is late, in seconds.

    idle: since its last success, or since it was first due. late: 0 while it runs or is not due. ended: whether it has
    ever succeeded.
    """

    name: str
    seconds: float
    idle: float
    late: float
    running: bool = False
    ended: bool = True


class Intervals:
    """Runs jobs on their intervals. on_error: called with what a job raised. on_overrun: called for a skipped run.

    All jobs are added before `start`.
    """

    def __init__(
        self,
        on_error: Callable[[str, Exception], None],
        on_overrun: Callable[[str], None],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_error, self._on_overrun, self._steady = on_error, on_overrun, steady
        self._jobs: dict[str, _Scheduled] = {}
        self._guard = threading.Lock()
        self._began = steady()
        self._zone = SteadyZone(steady)
        self._scheduler: BackgroundScheduler | None = None

    def add(self, name: str, work: Job, seconds: float) -> None:
        """Raises ValueError for a name that is taken or an interval that is not above 0."""
        if name in self._jobs or not seconds > 0:
            raise ValueError(f"job {name!r} every {seconds!r} s; expected a unique name and seconds above 0")
        self._jobs[name] = _Scheduled(name, work, seconds)

    @property
    def names(self) -> list[str]:
        return list(self._jobs)

    def start(self) -> None:
        # In a pool smaller than the number of jobs one slow upstream would delay another's interval.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max_workers=len(self._jobs) + 2)},
            timezone=self._zone,
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._on_ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        self._scheduler.add_listener(self._on_left_out, EVENT_JOB_MAX_INSTANCES)
        self._began = self._steady()
        for job in self._jobs.values():
            self._scheduler.add_job(
                partial(self._run, job),
                Every(job.seconds),
                id=job.name,
                name=job.name,
                next_run_time=self._zone.at(self._began),
            )
        self._scheduler.start()

    def run_now(self, *names: str) -> None:
        """Start these jobs, or all, at once unless they run already; their intervals count from now."""
        scheduler = self._scheduler
        if scheduler is None or not scheduler.running:
            return
        now = self._zone.at(self._steady())
        with self._guard:
            resting = [job.name for job in self._jobs.values() if not job.running]
        for job in scheduler.get_jobs():
            if job.id in resting and (not names or job.id in names) and job.next_run_time > now:
                # A scheduler that stops at the same time has no jobs any more.
                with suppress(JobLookupError):
                    scheduler.modify_job(job.id, next_run_time=now)
        scheduler.wakeup()

    def stop(self) -> None:
        """Start no more jobs. Running ones go on."""
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=False)

    def progress(self) -> list[Progress]:
        now = self._steady()
        jobs = self._scheduler.get_jobs() if self._scheduler is not None else []
        due = {job.id: (now - (job.next_run_time - self._zone.at(0.0)).total_seconds()) for job in jobs}
        with self._guard:
            return [
                Progress(
                    job.name,
                    job.seconds,
                    now - (self._began if job.finished_at is None else job.finished_at),
                    0.0 if job.running else max(0.0, due.get(job.name, 0.0)),
                    job.running > 0,
                    job.finished_at is not None,
                )
                for job in self._jobs.values()
            ]

    def _run(self, job: _Scheduled) -> bool:
        """Whether the job succeeded. Errors are reported here: `_on_ended` may run in the scheduler's thread."""
        with self._guard:
            job.running += 1
        try:
            job.work()
        except Exception as error:  # noqa: BLE001 (any error is reported to the job's owner)
            self._on_error(job.name, error)
            return False
        with self._guard:
            job.finished_at = self._steady()
        return True

    def _on_ended(self, event: JobExecutionEvent) -> None:
        """Called when the job may run again: a moment after it has returned or raised."""
        job = self._jobs[event.job_id]
        with self._guard:
            # The next run may have begun in the meantime.
            job.running -= 1

    def _on_left_out(self, event: JobSubmissionEvent) -> None:
        self._on_overrun(event.job_id)
