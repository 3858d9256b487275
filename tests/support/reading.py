"""Lines of a process's output, read with a time limit."""

from __future__ import annotations

import queue
import threading
from typing import IO


class Lines:
    """A thread reads them until the output ends, so that the process never waits for its reader."""

    def __init__(self, output: IO[str]) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._output = output
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._output:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self, seconds: float) -> str:
        """The next line. Raises TimeoutError where none came in time, EOFError where the output has ended."""
        try:
            line = self._queue.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"no line came within {seconds:g} s") from None
        if line is None:
            self._queue.put(None)
            raise EOFError("the output has ended")
        return line
