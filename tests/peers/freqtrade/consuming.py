"""freqtrade's consumer in a process of its own, as a test sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.peers import Peer

SCRIPT = Path(__file__).with_name("inside") / "consumer.py"
QUICK = {"wait_timeout": 1, "ping_timeout": 1, "sleep_time": 1}
"""Seconds; whole ones only."""


class Consumer:
    """What freqtrade has in its memory, and what it logs.

    producers: name → our server, or what stands in front of it, and the `ws_token` as it stands in freqtrade's
    configuration. settings: of its section `external_message_consumer`.
    """

    def __init__(self, producers: Mapping[str, tuple[str, str]], **settings: int) -> None:
        self.lists: list[dict[str, Any]] = []
        """Every list that came, with the moment (`at`, of time.monotonic) at which it was in memory."""
        self.log: list[str] = []
        self._memory: list[str] | None = None
        self._peer = Peer("freqtrade", SCRIPT, environment={"NO_PROXY": "*"})
        listed = []
        for name, (url, ws_token) in producers.items():
            place = urlsplit(url)
            listed.append({"name": name, "host": place.hostname, "port": place.port, "ws_token": ws_token})
        self._peer.tell({"config": {"enabled": True, "producers": listed, **QUICK, **settings}})

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._peer.process.pid

    def read(self, seconds: float) -> None:
        """Read what comes within so many seconds, at most one line. Raises EOFError where the process has ended."""
        try:
            said = self._peer.hear(seconds)
        except TimeoutError:
            return
        if "at" in said:
            self.lists.append(said)
        elif "log" in said:
            self.log.append(said["log"])
        elif "pairs" in said:
            self._memory = said["pairs"]

    def listen(self, seconds: float) -> None:
        """Read all that comes for so long."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self.read(left)

    def memory(self, producer: str = "ews") -> set[str]:
        """What is in its memory now."""
        self._memory = None
        self._peer.tell(producer)
        ends = time.monotonic() + 20
        while self._memory is None:
            assert time.monotonic() < ends, "freqtrade does not answer"
            self.read(1.0)
        return set(self._memory)

    def until(self, holds: Callable[[set[str]], bool], seconds: float = 30.0, producer: str = "ews") -> set[str]:
        """Wait until something holds of its memory, and return that."""
        ends = time.monotonic() + seconds
        while not holds(found := self.memory(producer)):
            assert time.monotonic() < ends, f"{producer}: {sorted(found)[:10]}; the log: {self.log[-12:]}"
            self.read(0.05)
        return found

    def until_logged(self, text: str, seconds: float = 30.0) -> None:
        """Wait until a line of its log has this text."""
        ends = time.monotonic() + seconds
        while not any(text in line for line in self.log):
            assert time.monotonic() < ends, f"freqtrade did not log {text!r}; its log: {self.log[-5:]}"
            self.read(0.2)

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.__exit__()
