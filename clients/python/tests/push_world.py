"""A server with a stream, and a client that listens to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from fake_api import TOKEN, FakeApi, Reply, Request, Stream, can_trade, message

from ews_client import Client
from ews_client.picture import Picture

PAIR = ("binance", "BTC/USDT")
FIRST = (message("snapshot"), message("heartbeat"))


class World:
    """A server with a stream; `answer` is what it says about any pair, None: it is down."""

    def __init__(self, serve: Callable[..., FakeApi], *first: dict[str, Any]) -> None:
        self.stream = Stream(*(first or FIRST))
        self.answer: dict[str, Any] | None = {}
        self.stream_is_down = False
        self.server = serve(self._reply)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/stream":
            # A stream that came back would bring a snapshot, which takes every answer away.
            return Reply(503) if self.stream_is_down else self.stream.reply()
        if self.answer is None:
            return Reply(503)
        return Reply(body=can_trade(request.query["exchange"], request.query["symbol"], **self.answer))

    def asked(self) -> int:
        return len(self.server.paths("/can-trade"))

    def client(self, **options: Any) -> Client:
        client = Client(self.server.url, TOKEN, **{"fail": "closed", "cache_for": 60.0, **options})
        assert client.wait_for_push(5)
        heard(client, lambda picture: picture.complete(time.monotonic()))
        return client


def heard(client: Client, condition: Callable[[Picture], bool]) -> None:
    ends = time.monotonic() + 5
    while not condition(client._inner._heard.picture):
        assert time.monotonic() < ends, "push did not come"
        time.sleep(0.002)


def changes(client: Client) -> int:
    return client._inner._heard.memory.changes


def sent(world: World, client: Client, *bodies: dict[str, Any]) -> None:
    """Sends messages, and waits until the client has heard them: a heartbeat follows that nothing else sends."""
    mark = 200 + changes(client) % 90 + len(world.server.requests)
    world.stream.send(
        *bodies,
        {**message("heartbeat"), **(bodies[-1] if "seq" in bodies[-1] else {}), "kind": "heartbeat", "age_ms": mark},
    )
    heard(client, lambda picture: picture._age_ms == mark)
