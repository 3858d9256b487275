"""Loopback servers of one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from fake_api import FakeApi, Reply, Request


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that was cut is opened again at once."""
    monkeypatch.setattr("ews_client.listener.FIRST_WAIT_SECONDS", 0.02)


@pytest.fixture
def serve() -> Iterator[Callable[..., FakeApi]]:
    servers: list[AbstractContextManager[FakeApi]] = []

    def begin(answer: Callable[[Request], Reply] | Reply, **more: Any) -> FakeApi:
        server = FakeApi(answer if callable(answer) else lambda request: answer, **more)
        servers.append(server)
        return server.__enter__()

    yield begin
    for server in servers:
        server.__exit__(None, None, None)
