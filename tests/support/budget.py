"""A pytest plugin: the suite's budget of time, enforced where the Makefile gives one (EWS_SUITE_SECONDS).

The budget is for the two cores on which it was set. A machine that is slower at the moment gets as much more as it
takes for a fixed piece of work; one that is faster gets no less.
"""

from __future__ import annotations

import os
import time

import pytest

# The piece of work on the machine that the budget was set on, in seconds; the least of five.
_REFERENCE_SECONDS = 0.020


class Budget:
    """Counts from the start of the session. Only the process that begins it judges, never a worker."""

    def __init__(self, seconds: float) -> None:
        self._started = time.monotonic()
        slowness = max(1.0, work_seconds() / _REFERENCE_SECONDS)
        self.allowed = seconds * slowness
        self.took = 0.0

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.took = time.monotonic() - self._started
        if self.took > self.allowed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        words = f"the suite took {self.took:.0f} s of {self.allowed:.0f} s"
        over = self.took > self.allowed
        terminalreporter.section("budget", red=over, green=not over)
        terminalreporter.line(words + (": too long; the slowest are printed above" if over else ""))


def work_seconds() -> float:
    """How long a fixed piece of work takes now, in seconds: the least of five tries."""
    return min(_one_piece() for _ in range(5))


def _one_piece() -> float:
    started = time.perf_counter()
    table: dict[int, str] = {}
    for number in range(150_000):
        table[number % 1009] = str(number)
    return time.perf_counter() - started


def pytest_configure(config: pytest.Config) -> None:
    seconds = os.environ.get("EWS_SUITE_SECONDS")
    if seconds and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Budget(float(seconds)), "suite-budget")
