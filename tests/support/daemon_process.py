"""The real daemon in a process of its own, for tests that kill it, and for the demo."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]


def clean_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without anything that configures us, and with `changes`."""
    from crypto_ews.conf import variables

    ours = {name for _, variable in variables() for name in (variable.name, *variable.aliases)}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "EWS_ENV_FILE": "", "PYTHONUNBUFFERED": "1", **changes}


def manage(*arguments: str, environment: Mapping[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    """A management command that must succeed, or CalledProcessError."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
        text=True,
        check=options.pop("check", True),
        timeout=options.pop("timeout", 120),
        **options,
    )


class DaemonProcess:
    """`manage.py runschedulers` as a child; ended by its own process id only."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *arguments: str,
        output: IO[Any] | int | None = subprocess.DEVNULL,
        migrate: bool = False,
    ) -> None:
        if migrate:
            manage("migrate", "--verbosity", "0", environment=environment)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "runschedulers", *arguments],
            cwd=ROOT,
            env=clean_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds: float = 10.0) -> int:
        """SIGTERM, and the exit code. Raises subprocess.TimeoutExpired if it does not end in time."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def __enter__(self) -> DaemonProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.process.poll() is None:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()


def eventually(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true value of `condition` within `seconds`; AssertionError naming `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)
