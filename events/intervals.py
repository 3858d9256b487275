"""Jobs on intervals, by the monotonic clock: setting the wall clock neither delays nor hurries one.

Each job has an interval of its own and runs at once, then every so many seconds. One that still runs when it is due
again is left out that time; turns that were missed are one. All are started from one thread and run in a pool that has
room for every one of them, so that a slow job delays no other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

logger = logging.getLogger(__name__)

Job = Callable[[], None]
_LONGEST_WAIT = 1.0


@dataclass
class _Scheduled:
    """due, started_at, finished_at: monotonic. finished_at: of the last run without an error."""

    name: str
    work: Job
    seconds: float
    due: float
    running: bool = False
    started_at: float | None = None
    finished_at: float | None = None


@dataclass(frozen=True)
class Progress:
    """How long ago, in seconds, a job last ended well, and by how much its next turn is late.

    idle: since its last good end, or since it was first due. late: 0 while it runs or is not due.
    """

    name: str
    seconds: float
    idle: float
    late: float
    running: bool = False


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
        self._changed = threading.Condition()
        self._stopped = False
        self._began = steady()
        self._pool: ThreadPoolExecutor | None = None

    def add(self, name: str, work: Job, seconds: float) -> None:
        """Raises ValueError for a name that is taken or an interval that is not above 0."""
        if name in self._jobs or not seconds > 0:
            raise ValueError(f"job {name!r} every {seconds!r} s; expected a name of its own and seconds above 0")
        self._jobs[name] = _Scheduled(name, work, seconds, self._steady())

    @property
    def names(self) -> list[str]:
        return list(self._jobs)

    def start(self) -> None:
        # A pool smaller than the number of jobs would let one slow upstream delay another's interval.
        self._pool = ThreadPoolExecutor(len(self._jobs) + 2, thread_name_prefix="job")
        self._began = self._steady()
        for job in self._jobs.values():
            job.due = self._began
        threading.Thread(target=self._run, name="intervals", daemon=True).start()

    def run_now(self, *names: str) -> None:
        """Let these jobs, or all, begin at once where they do not run, and count their intervals from here."""
        with self._changed:
            now = self._steady()
            for job in self._jobs.values():
                if not job.running and (not names or job.name in names):
                    job.due = min(job.due, now)
            self._changed.notify_all()

    def stop(self) -> None:
        """Start no more jobs. Those that run go on."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def progress(self) -> list[Progress]:
        with self._changed:
            now = self._steady()
            return [
                Progress(
                    job.name,
                    job.seconds,
                    now - (self._began if job.finished_at is None else job.finished_at),
                    0.0 if job.running else max(0.0, now - job.due),
                    job.running,
                )
                for job in self._jobs.values()
            ]

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopped:
                    return
                skipped = self._start_due()
                earliest = min((job.due for job in self._jobs.values()), default=self._steady() + _LONGEST_WAIT)
                if not skipped:
                    self._changed.wait(min(max(earliest - self._steady(), 0.0), _LONGEST_WAIT))
            for name in skipped:
                self._on_overrun(name)

    def _start_due(self) -> list[str]:
        """Hand over what is due; those whose turn is left out because they still run."""
        now, skipped = self._steady(), []
        for job in self._jobs.values():
            if job.due > now:
                continue
            # Never counted step by step: after a long stop the next turn is simply one interval away.
            job.due = max(job.due + job.seconds, now + job.seconds / 2)
            if job.running:
                skipped.append(job.name)
                continue
            assert self._pool is not None
            job.running, job.started_at = True, now
            self._pool.submit(self._work, job)
        return skipped

    def _work(self, job: _Scheduled) -> None:
        failed = True
        try:
            job.work()
            failed = False
        except Exception as error:  # noqa: BLE001 (whatever it is, the owner of the job is told)
            self._on_error(job.name, error)
        finally:
            with self._changed:
                job.running = False
                if not failed:
                    job.finished_at = self._steady()
