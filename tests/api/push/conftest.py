"""A web server of which the tests see the hub, the lines and the role."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.db import connections

from api.push import hub as hubs
from api.push.hub import Hub
from events.daemon.endpoints import health
from events.daemon.web_guard import Limits
from events.daemon.webserver import Role, WebServer


@dataclass
class Served:
    """url: without a slash at its end."""

    url: str
    server: WebServer
    role: Role

    @property
    def hub(self) -> Hub:
        """Of the server's loop, once it has had a reader."""
        (hub,) = hubs._hubs.values()
        return hub

    @property
    def readers(self) -> int:
        return self.hub.readers if hubs._hubs else 0

    def has(self, readers: int) -> bool:
        """Whether it has so many."""
        return self.readers == readers

    @property
    def loop_tasks(self) -> Counter[str]:
        """The tasks of the server's loop by what they run; waiting with a timeout makes one of its own."""
        loop = self.hub._tasks[0].get_loop()
        names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks(loop))
        return Counter(name for name in names if name != "Event.wait")


@pytest.fixture
def served(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A stream that takes nothing is cut off after half a second."""
    from crypto_ews.asgi import application

    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    role = Role()
    role.leading = True
    limits = Limits(connections=20, stream_seconds=0.5, streams=60)
    server = WebServer("127.0.0.1", 0, role, application, health, limits)
    server.start()
    assert not hubs._hubs, "a hub outlived its server"
    yield Served(server.url.rstrip("/"), server, role)
    server.stop()


def eventually(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.01)
