"""A webhook on loopback, and a deadline to wait by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from alerts.delivery.dispatcher import Dispatcher
from crypto_ews.conf import Config
from tests.alerts.factories import make_config
from tests.upstreams.server import UpstreamServer
from tests.upstreams.teams import Card, TeamsSink
from tests.upstreams.wire import Request

SECRET = "s3cr3tSignatureValue"
CHANNELS = ("cex", "defi", "stablecoin", "token_volatility", "token_liquidity")


class Hooks:
    """A webhook per channel on one server; each accepts with a 202 unless it is set otherwise."""

    def __init__(self, server: UpstreamServer) -> None:
        self.server = server
        self.sinks = {
            channel: TeamsSink(server, path=f"/workflows/{SECRET}/{channel}", secret=SECRET) for channel in CHANNELS
        }

    def answers(self, channel: str, *script: Any) -> None:
        self.sinks[channel].answers(*script)

    def config(self, *channels: str, **variables: str) -> Config:
        """Webhooks for these channels (all when none is named); the others print to the console."""
        hooks = {f"{channel.upper()}_WEBHOOK_URL": self.sinks[channel].url for channel in channels or CHANNELS}
        return make_config(**hooks, **variables)

    def requests(self, channel: str) -> list[Request]:
        return self.server.requests_to(self.sinks[channel].path)

    def cards(self, channel: str) -> list[str]:
        """What came, as text."""
        return [request.body.decode() for request in self.requests(channel)]

    def wait_for(self, count: int, channel: str, deadline: float = 8.0) -> list[Card]:
        return self.sinks[channel].wait_for(count, deadline)


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with UpstreamServer() as server:
        hooks = Hooks(server)
        yield hooks
        faults = {channel: sink.faults for channel, sink in hooks.sinks.items() if sink.faults}
        assert not faults, "Teams would not have shown these cards"


@contextmanager
def running(*dispatchers: Dispatcher) -> Iterator[None]:
    """Dispatchers at work in threads; stopped, and seen to have stopped, at the end."""
    stop = threading.Event()
    threads = [threading.Thread(target=dispatcher.run, args=(stop,)) for dispatcher in dispatchers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in threads)


def eventually(condition: Callable[[], bool], what: str, deadline: float = 8.0) -> None:
    ends = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < ends, f"not within {deadline} s: {what}"
        time.sleep(0.02)
