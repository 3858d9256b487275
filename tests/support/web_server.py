"""The daemon's own web server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from events.daemon.endpoints import health
from events.daemon.webserver import Role, WebServer


@contextmanager
def serving(application: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL of a leading daemon's web server, without a slash at its end."""
    # A thread of Django's would keep its connection open for a minute, and the database could not be dropped.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    role = Role()
    role.leading = True
    server = WebServer("127.0.0.1", 0, role, application, health)
    server.start()
    try:
        yield server.url.rstrip("/")
    finally:
        server.stop()
