"""Jobs on intervals by the monotonic clock, and what proves that the daemon works."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from events.daemon.intervals import Intervals, Progress
from events.daemon.work_done import undone
from tests.support.daemon_process import eventually


class Steady:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def jobs(steady: Steady, told: list[str]) -> Iterator[Intervals]:
    jobs = Intervals(lambda name, error: told.append(f"{name}: {error}"), lambda name: told.append(name), steady)
    yield jobs
    jobs.stop()


def is_running(jobs: Intervals, name: str) -> bool:
    return any(progress.running for progress in jobs.progress() if progress.name == name)


def at_rest(jobs: Intervals, name: str = "a") -> None:
    """What a job did is seen before it has ended."""
    eventually(lambda: not is_running(jobs, name), 2, f"{name} has ended")


def test_turns_that_were_missed_are_one_however_long_the_clock_stood(
    jobs: Intervals, steady: Steady, told: list[str]
) -> None:
    runs: list[float] = []
    jobs.add("a", lambda: runs.append(steady.now), 5)
    jobs.start()
    eventually(lambda: len(runs) == 1, 2, "the first run is at once")
    at_rest(jobs)
    steady.now += 10 * 365 * 86_400
    jobs.run_now()
    eventually(lambda: len(runs) == 2, 2, "one run for ten years")
    at_rest(jobs)
    steady.now += 5
    jobs.run_now()
    eventually(lambda: len(runs) == 3, 2, "and one an interval later")
    assert told == []


def test_a_job_that_still_runs_is_left_out_and_delays_no_other(
    jobs: Intervals, steady: Steady, told: list[str]
) -> None:
    gate, runs = threading.Event(), []

    def wait() -> None:
        gate.wait(5)

    jobs.add("slow", wait, 5)
    jobs.add("quick", lambda: runs.append(1), 5)
    jobs.start()
    eventually(lambda: runs and is_running(jobs, "slow"), 2, "both run")
    at_rest(jobs, "quick")
    steady.now += 6
    jobs.run_now()
    eventually(lambda: len(runs) == 2 and told == ["slow"], 3, "the turn is left out")
    gate.set()


def test_what_a_job_raises_is_told_and_its_next_turn_comes(jobs: Intervals, steady: Steady, told: list[str]) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    jobs.add("a", fail, 1)
    jobs.start()
    eventually(lambda: told == ["a: no"], 2, "it is told")
    at_rest(jobs)
    steady.now += 2
    jobs.run_now()
    eventually(lambda: told == ["a: no", "a: no"], 2, "it runs again")
    at_rest(jobs)
    [progress] = jobs.progress()
    assert progress.idle == 2, "a run that failed is no work done"


@pytest.mark.parametrize(("name", "seconds"), [("a", 1.0), ("b", 0.0)])
def test_a_name_that_is_taken_and_an_interval_of_nothing_are_refused(
    jobs: Intervals, name: str, seconds: float
) -> None:
    jobs.add("a", lambda: None, 1)
    with pytest.raises(ValueError, match="expected a name of its own and seconds above 0"):
        jobs.add(name, lambda: None, seconds)


def progress(name: str, idle: float, late: float = 0.0, seconds: float = 5.0) -> Progress:
    return Progress(name, seconds, idle, late)


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([("housekeeping.heartbeat", 19, 0), ("s.a", 3, 0)], []),
        ([("housekeeping.heartbeat", 21, 0), ("s.a", 3, 0)], ["housekeeping.heartbeat has not succeeded for 21 s"]),
        ([("housekeeping.refresh_view", 151, 0)], ["housekeeping.refresh_view has not succeeded for 151 s"]),
        ([("housekeeping.expire", 301, 0)], ["housekeeping.expire has not succeeded for 301 s"]),
        ([("s.a", 500, 0), ("s.b", 3, 0)], []),
        ([("s.a", 500, 0), ("s.b", 121, 0)], ["no source has ended a round"]),
        ([("s.a", 3, 31)], ["s.a is 31 s late"]),
    ],
)
def test_the_watchdog_is_fed_by_work_that_was_done(jobs: list[tuple[str, float, float]], expected: list[str]) -> None:
    found = undone([progress(*job) for job in jobs], "housekeeping.")
    assert len(found) == len(expected) and all(
        line.startswith(start) for line, start in zip(found, expected, strict=True)
    )


def test_a_job_that_was_ended_by_force_and_one_whose_error_could_not_be_told_are_at_rest_and_run_again(
    steady: Steady,
) -> None:
    runs: list[str] = []

    def forced() -> None:
        runs.append("forced")
        raise SystemExit

    def failing() -> None:
        runs.append("failing")
        raise ValueError

    def untold(_name: str, _error: Exception) -> None:
        raise KeyError("no row of health")

    jobs = Intervals(untold, lambda _name: None, steady)
    jobs.add("forced", forced, 3600)
    jobs.add("failing", failing, 3600)
    jobs.start()
    try:
        for turn in (1, 2):
            eventually(lambda turn=turn: len(runs) == 2 * turn, 2, "both ran")  # type: ignore[misc]
            for name in ("forced", "failing"):
                at_rest(jobs, name)
            jobs.run_now()
    finally:
        jobs.stop()


def test_an_error_is_told_by_the_thread_of_the_job_and_never_by_the_schedulers(steady: Steady) -> None:
    """Telling it writes to the database: one that hangs must hold up no other job."""
    tellers: list[str] = []

    def fail() -> None:
        raise ValueError

    jobs = Intervals(lambda *_: tellers.append(threading.current_thread().name), lambda _name: None, steady)
    for number in range(20):
        jobs.add(f"{number}", fail, 3600)
    jobs.start()
    try:
        eventually(lambda: len(tellers) == 20, 2, "each is told")
        assert not [name for name in tellers if "APScheduler" in name]
        assert all(progress.idle >= 0 and not progress.late for progress in jobs.progress())
    finally:
        jobs.stop()
