"""Answers in flight and messages of the stream in every order, against a server that knows the truth.

No sockets: what matters is which of them comes first, and that is chosen here.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
from typing import Any

import pytest
from fake_api import TOKEN, can_trade, message, risk_row, stamp

from ews_client import Answer, AsyncClient
from ews_client.messages import message_of
from ews_client.transport import Reply

COINS = ("BTC", "LUNA", "ICX")
QUOTES = ("USDT", "USDC")


@dataclasses.dataclass
class Truth:
    """What is wrong with a name, and with one that nobody watches: that is in no row of the view."""

    seq: int = 7
    risky: frozenset[str] = frozenset()
    quiet: frozenset[str] = frozenset()
    version: int = 0
    """Counts every change; answers carry it as an event's number."""

    def opens(self, base: str, quote: str) -> bool:
        return not {base, quote} & (self.risky | self.quiet)


class Server:
    """Computes an answer when it is asked; the test says when it arrives. `sent` are messages on their way."""

    def __init__(self, now: list[float]) -> None:
        self.now = now
        self.truth = Truth()
        self.heard = Truth()
        """What the messages that have arrived say."""
        self.sent: list[tuple[dict[str, Any], Truth]] = []
        self.waiting: list[tuple[asyncio.Future[Reply], dict[str, Any]]] = []

    def freshness(self) -> dict[str, Any]:
        return {"seq": self.truth.seq, "as_of": stamp(self.now[0])}

    def send(self, kind: str, **more: Any) -> None:
        self.sent.append((message(kind, **self.freshness(), **more), self.truth))

    def connect(self) -> None:
        """A new connection: what was on its way is lost, and a snapshot comes first."""
        self.sent = []
        self.send("snapshot", tokens=[risk_row(name) for name in sorted(self.truth.risky)])
        self.send("heartbeat")

    def change(self, name: str) -> None:
        risky = self.truth.risky ^ {name}
        self.truth = dataclasses.replace(
            self.truth, seq=self.truth.seq + 1, risky=risky, version=self.truth.version + 1
        )
        if name in risky:
            self.send("risk", changed=[risk_row(name)])
        else:
            self.send("risk", removed=[name])

    def change_quietly(self, name: str) -> None:
        self.truth = dataclasses.replace(self.truth, quiet=self.truth.quiet ^ {name}, version=self.truth.version + 1)
        self.send("event", n=1)

    def merge(self) -> None:
        """Two changes become one message, as the server does it within 250 ms."""
        for at in range(len(self.sent) - 1):
            (first, _), (second, truth) = self.sent[at : at + 2]
            if first["kind"] == second["kind"] == "risk":
                later = {row["token"] for row in second["changed"]} | set(second["removed"])
                changed = [row for row in first["changed"] if row["token"] not in later]
                removed = [token for token in first["removed"] if token not in later]
                second = {**second, "changed": changed + second["changed"], "removed": removed + second["removed"]}
                self.sent[at : at + 2] = [(second, truth)]
                return

    async def ask(self, method: str, path: str, *, params: dict[str, str], **_: Any) -> Reply:
        base, quote = params["symbol"].split("/")
        opens = self.truth.opens(base, quote)
        changes: dict[str, Any] = {
            "base": base,
            "quote": quote,
            "may_open": opens,
            "action": "none" if opens else "exit",
        }
        changes["event_ids"] = [self.truth.version]
        body = can_trade(params["exchange"], params["symbol"], **changes, **self.freshness())
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.waiting.append((reply, body))
        return await reply

    def distrust(self) -> None:
        raise AssertionError("nothing here is to be doubted")

    async def close(self) -> None:
        pass


async def run(chance: random.Random, steps: int) -> int:
    """One story; how many answers memory gave."""
    now = [0.0]
    server = Server(now)
    client = AsyncClient("http://127.0.0.1:1", TOKEN, fail="closed", cache_for=60.0, push=True, clock=lambda: now[0])
    client._transport = server  # type: ignore[assignment]
    client._listener = asyncio.get_running_loop().create_task(asyncio.sleep(0))
    asked: list[tuple[asyncio.Task[Answer], tuple[str, str]]] = []
    served = 0
    server.connect()
    for _ in range(steps):
        step = chance.choices(
            ["ask", "arrive", "hear", "change", "quiet", "merge", "beat", "wait", "cut"],
            [30, 20, 30, 6, 2, 3, 10, 4, 1],
        )[0]
        if step == "ask":
            pair = chance.choice(COINS), chance.choice(QUOTES)
            asked.append((asyncio.ensure_future(client.can_trade("binance", "/".join(pair))), pair))
        elif step == "arrive" and server.waiting:
            reply, body = server.waiting.pop(chance.randrange(len(server.waiting)))
            reply.set_result(Reply(body, 300, 0))
        elif step == "hear" and server.sent:
            body, server.heard = server.sent.pop(0)
            client._heard.take(message_of(json.dumps(body)))
        elif step == "change":
            server.change(chance.choice(COINS + QUOTES))
        elif step == "quiet":
            server.change_quietly(chance.choice(COINS))
        elif step == "merge":
            server.merge()
        elif step == "beat":
            server.send("heartbeat")
        elif step == "wait":
            now[0] += chance.random()
        elif step == "cut":
            client._heard.picture.lost()
            server.connect()
        for _ in range(4):
            await asyncio.sleep(0)
        for task, pair in [one for one in asked if one[0].done()]:
            answer = task.result()
            if answer.source == "cache":
                served += 1
                # All that was heard is in it; what is on its way yet may be missing.
                newer = answer.event_ids[0] > server.heard.version
                assert newer or answer.may_open <= server.heard.opens(*pair), (pair, answer, server.heard)
        asked = [one for one in asked if not one[0].done()]
    for task, _ in asked:
        task.cancel()
    await asyncio.gather(*(task for task, _ in asked), return_exceptions=True)
    return served


@pytest.mark.parametrize("stories", [12, pytest.param(150, marks=pytest.mark.long)])
def test_memory_never_knows_less_than_what_was_heard(stories: int) -> None:
    served = [asyncio.run(run(random.Random(seed), 120)) for seed in range(stories)]
    assert sum(served) > stories
