"""Jobs on intervals: APScheduler, made to go by the monotonic clock.

APScheduler asks the wall clock what time it is. Set back an hour it lets every job wait an hour; set ahead ten years it
counts each turn in between. So it is given a zone whose time is the monotonic clock's (`SteadyZone`), which nobody
sets, and a trigger that never counts turns one by one (`Every`).
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
# The monotonic clock may begin at 0, where time stamps are not portable.
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
    """A turn at once, then one every so many seconds; those that were missed are none, however many they are."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        if previous_fire_time is None:
            return now
        return max(previous_fire_time + self._interval, now + self._interval / 2)


@dataclass
class _Scheduled:
    """running: how many, from the first line until the next may begin. finished_at: monotonic, of the last that ended
    well.
    """

    name: str
    work: Job
    seconds: float
    running: int = 0
    finished_at: float | None = None


@dataclass(frozen=True)
class Progress:
    """How long ago, in seconds, a job last ended well, and by how much its next turn is late.

    idle: since its last good end, or since it was first due. late: 0 while it runs or is not due. ended: whether it
    ever did.
    """

    name: str
    seconds: float
    idle: float
    late: float
    running: bool = False
    ended: bool = True


class Intervals:
    """add: before `start`. on_error: told of what a job raised; on_overrun: of a turn that was left out."""

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
            raise ValueError(f"job {name!r} every {seconds!r} s; expected a name of its own and seconds above 0")
        self._jobs[name] = _Scheduled(name, work, seconds)

    @property
    def names(self) -> list[str]:
        return list(self._jobs)

    def start(self) -> None:
        # A pool smaller than the number of jobs would let one slow upstream delay another's interval.
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
                partial(self._run, job), Every(job.seconds), id=job.name, next_run_time=self._zone.at(self._began)
            )
        self._scheduler.start()

    def run_now(self, *names: str) -> None:
        """Let these jobs, or all, begin at once where they do not run, and count their intervals from here."""
        scheduler = self._scheduler
        if scheduler is None or not scheduler.running:
            return
        now = self._zone.at(self._steady())
        with self._guard:
            resting = [job.name for job in self._jobs.values() if not job.running]
        for job in scheduler.get_jobs():
            if job.id in resting and (not names or job.id in names) and job.next_run_time > now:
                # One that is being stopped has no jobs any more.
                with suppress(JobLookupError):
                    scheduler.modify_job(job.id, next_run_time=now)
        scheduler.wakeup()

    def stop(self) -> None:
        """Start no more jobs. Those that run go on."""
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
        """Whether it ended well. What it raised is told here: who hears of the end may be the scheduler's thread."""
        with self._guard:
            job.running += 1
        try:
            job.work()
        except Exception as error:  # noqa: BLE001 (whatever it is, the owner of the job is told)
            self._on_error(job.name, error)
            return False
        with self._guard:
            job.finished_at = self._steady()
        return True

    def _on_ended(self, event: JobExecutionEvent) -> None:
        """Called when the job may run again, which is a moment after it has returned, however it did."""
        job = self._jobs[event.job_id]
        with self._guard:
            # The next run may have begun in the meantime.
            job.running -= 1

    def _on_left_out(self, event: JobSubmissionEvent) -> None:
        self._on_overrun(event.job_id)
