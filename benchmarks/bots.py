"""Commit → the memory of a real freqtrade, by push: `python -m benchmarks.bots [COMMITS]` (after `make test-peers`).

A venue with some 1,350 live pairs; each commit denies a token. Four processes: this one commits, one serves (held to
one core), freqtrade's own ExternalMessageConsumer and DataProvider run in their environment (held to another), one is
further bots. From the return of COMMIT to the moment at which freqtrade's memory had the list without the pair, by the
clock that all processes share. First with freqtrade alone, then beside 300 further bots.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from benchmarks.push import Child, hold_to
from benchmarks.worlds.stream_world import database
from tests.support.peers import python_of

LIMIT_MS, MANY = 20.0, 300


class _Bot(asyncio.Protocol):
    """Listens, and takes what it gets."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._head)

    def data_received(self, data: bytes) -> None:
        if not self.bytes:
            self._transport.write(b"\x81\x96\0\0\0\0" + b'{"type": "subscribe" }')
        self.bytes += len(data)


async def _listen(url: str, ws_token: str, count: int) -> None:
    """So many bots, until the end of stdin."""
    place, loop = urlsplit(url), asyncio.get_running_loop()
    assert place.hostname and place.port
    head = (
        f"GET /api/v1/message/ws?token={ws_token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
    bots = []
    for _ in range(count):
        _, bot = await loop.create_connection(lambda: _Bot(head), place.hostname, place.port)
        bots.append(bot)
        # A token may ask 200 times a second.
        await asyncio.sleep(0.006)
    while any(bot.bytes < 1_000 for bot in bots):
        await asyncio.sleep(0.01)
    print(json.dumps("ready"), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main(commits: int) -> int:
    try:
        python_of("freqtrade")
    except FileNotFoundError as missing:
        print(f"not measured: {missing}")
        return 0
    with database():
        return _measure(commits)


def _measure(commits: int) -> int:
    from datetime import UTC, datetime

    from api.tokens.store import make_token
    from tests.api.support import beating
    from tests.peers.freqtrade.consuming import Consumer
    from tests.peers.freqtrade.latency import VENUE, bases, many_pairs, spans_ms

    many_pairs()
    ws_token = f"{make_token('benchmark', ['pairs'], datetime.now(UTC), 'benchmark')}&venue={VENUE}"
    server = Child("serve")
    holds = True
    try:
        with beating(), Consumer({"ews": (server.first, ws_token)}) as consumer:
            os.sched_setaffinity(consumer.pid, {sorted(os.sched_getaffinity(0))[-1]})
            pairs = consumer.until(lambda pairs: len(pairs) > 1000)
            tokens = bases(pairs)
            print(f"{VENUE}: {len(pairs):,} pairs of {len(tokens)} assets may be opened")
            spans_ms(consumer, tokens[:10], 0.1)
            alone, beside = tokens[10 : 10 + commits], tokens[10 + commits : 10 + commits + 100]
            holds &= _report("freqtrade alone", spans_ms(consumer, alone, 0.1), LIMIT_MS)
            bots = Child("listen", server.first, ws_token, str(MANY), module="benchmarks.bots")
            before = server.ask()["mb"]
            holds &= _report(f"beside {MANY} further bots", spans_ms(consumer, beside, 0.1), LIMIT_MS)
            print(f"the server has {before:.0f} MB, and {server.ask()['mb']:.0f} MB after that")
            bots.end()
    finally:
        server.end()
    return 0 if holds else 1


def _report(what: str, spans: Sequence[float], limit: float) -> bool:
    p50, p99 = spans[len(spans) // 2], spans[min(len(spans) - 1, round(0.99 * len(spans)))]
    print(
        f"commit to freqtrade's memory, {what}, {len(spans)} commits: p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"worst {spans[-1]:.1f} ms (limit of p99: {limit:g} ms)"
    )
    return p99 <= limit


if __name__ == "__main__":
    if sys.argv[1:2] == ["listen"]:
        hold_to(1)
        asyncio.run(_listen(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
