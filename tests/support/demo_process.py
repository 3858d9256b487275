"""`make demo` as a child process on a terminal of its own, so that it goes on until somebody ends it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.support.daemon_process import ROOT


class Demo:
    """The demo on a terminal of its own, so that it goes on. Reads what it prints."""

    def __init__(self) -> None:
        self.text = ""
        master, slave = pty.openpty()
        environment = {**os.environ, "PORT": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo.play"],
            cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._master = master
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65_536)
            except OSError:
                return
            self.text += piece.decode(errors="replace")

    def wait(self, pattern: str, seconds: float) -> re.Match[str]:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = re.search(pattern, self.text)
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"not within {seconds:g} s: {pattern}; the demo says {self.text[-2000:]}")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        os.close(self._master)


@contextmanager
def running() -> Iterator[Demo]:
    demo = Demo()
    try:
        yield demo
    finally:
        demo.end()


def story_of(demo: Demo) -> tuple[str, str]:
    """The address of the pages and the admin's password, once the story is told."""
    found = demo.wait(r"(http://127\.0\.0\.1:\d+)/admin/events/event/ \(user demo, password (\S+)\)", 120)
    demo.wait("the daemon goes on", 60)
    return found[1], found[2]
