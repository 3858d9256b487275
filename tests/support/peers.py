"""Programs of others that tests talk to: each in a virtual environment of its own, made by `make test-peers`.

Their licences and their packages stay outside the default install; a test never imports them, it starts them.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.support.reading import Lines

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = Path(os.environ.get("EWS_PEERS_DIR") or ROOT / ".peers")
"""A folder with one virtual environment for each file of tests/peers/requirements."""


def reason_file(peer: str) -> Path:
    """Where tests.peers.environments says why this machine cannot have a peer; missing where it can."""
    return ENVIRONMENTS / f"{peer}.skipped"


def python_of(peer: str) -> Path:
    """The Python that has a peer. Raises FileNotFoundError."""
    found = ENVIRONMENTS / peer / "bin" / "python"
    if not found.exists():
        raise FileNotFoundError(f"{found} is missing, expected the environment of {peer}: make test-peers makes it")
    return found


class Peer:
    """A script that runs in a peer's environment and talks in lines of JSON, on standard input and output."""

    def __init__(self, peer: str, script: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [str(python_of(peer)), "-u", str(script), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "clients/python/src"), **(environment or {})},
        )  # fmt: skip
        assert self.process.stdout is not None
        self._lines = Lines(self.process.stdout)

    def tell(self, message: Any) -> None:
        """Send one message."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def hear(self, seconds: float = 30.0) -> Any:
        """The next message; lines that are no JSON (logs) are passed over. Raises TimeoutError, EOFError."""
        while True:
            line = self._lines.next(seconds)
            if line.startswith(("{", "[")):
                return json.loads(line)

    def ask(self, message: Any, seconds: float = 30.0) -> Any:
        """Send one message and wait for the next one."""
        self.tell(message)
        return self.hear(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
