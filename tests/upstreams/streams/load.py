"""Plays recorded Binance spot streams over real WebSockets, as many pairs and as fast as asked:

    python -m tests.upstreams.streams.load CAPTURE… --pairs 400 --every-ms 100   # each pair has an update every 100 ms
    python -m tests.upstreams.streams.load CAPTURE… --pairs 2 --speed 50         # at 50 × the recorded times
    python -m tests.upstreams.streams.load CAPTURE… --pairs 2 --speed max --seconds 86400

Pair number n is P<n>USDT, a copy of the n-th recording (in turn). Its depth snapshots are served on the same port. At
the end of a recording an update turns the book back into what it was at the beginning, and the numbers go on: there is
no gap, however long it plays. With `--every-ms` the exchange's time is the clock's, otherwise a virtual one that runs
at the given speed. The first line of output names the port; then one line a second: messages and bytes so far, and how
late the sender is in milliseconds. It ends after `--seconds` (of exchange time), or with SIGTERM, with code 0.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

from streams.capture import LineKind, read_lines

_CHECKPOINT_EVERY = 200
_STREAM_PATH, _DEPTH_PATH = "/stream", "/api/v3/depth"


@dataclass
class Update:
    """One depth update of a recording. at_ms: after its beginning. first, last: relative to the snapshot's number."""

    at_ms: int
    first: int
    last: int
    bids: dict[str, str]
    asks: dict[str, str]
    levels: bytes
    """`"b":[…],"a":[…]}}` as it was recorded."""


@dataclass
class Recording:
    """Updates that follow a snapshot, the last one turning the book back into that snapshot."""

    updates: list[Update]
    length_ms: int
    checkpoints: list[tuple[dict[str, str], dict[str, str]]]

    @property
    def ids(self) -> int:
        """How many sequence numbers a round uses."""
        return self.updates[-1].last

    def book_before(self, position: int) -> tuple[dict[str, str], dict[str, str]]:
        """Both sides, price → size, as they are before the update at `position`."""
        place = position // _CHECKPOINT_EVERY
        bids, asks = (dict(side) for side in self.checkpoints[place])
        for update in self.updates[place * _CHECKPOINT_EVERY : position]:
            _change(bids, update.bids)
            _change(asks, update.asks)
        return bids, asks


def load(path: Path) -> Recording:
    """The first book with a snapshot and updates in a capture. Raises ValueError where there is none."""
    snapshot: dict[str, Any] | None = None
    found: list[tuple[int, dict[str, Any]]] = []
    for line in read_lines(path):
        if line.kind is LineKind.CONNECT:
            continue
        document = json.loads(line.content)
        if "lastUpdateId" in document:
            snapshot = snapshot or document
        elif document.get("data", {}).get("e") == "depthUpdate":
            found.append((line.received_ns, document["data"]))
    if snapshot is None or not found:
        raise ValueError(f"{path}: expected a depth snapshot and depth updates of Binance spot")
    last_id = snapshot["lastUpdateId"]
    found = [(at, data) for at, data in found if data["u"] > last_id]
    begun = found[0][0]
    updates = [_update((at - begun) // 1_000_000, data, last_id) for at, data in found]
    bids, asks = dict(snapshot["bids"]), dict(snapshot["asks"])
    checkpoints = []
    beginning = dict(bids), dict(asks)
    for number, update in enumerate(updates):
        if number % _CHECKPOINT_EVERY == 0:
            checkpoints.append((dict(bids), dict(asks)))
        _change(bids, update.bids)
        _change(asks, update.asks)
    if len(updates) % _CHECKPOINT_EVERY == 0:
        checkpoints.append((dict(bids), dict(asks)))
    back = {
        "U": updates[-1].last + last_id + 1,
        "u": updates[-1].last + last_id + 1,
        "b": _way_back(bids, beginning[0]),
        "a": _way_back(asks, beginning[1]),
    }
    length = updates[-1].at_ms + 100
    return Recording([*updates, _update(length, back, last_id)], length + 100, checkpoints)


def _update(at_ms: int, data: dict[str, Any], last_id: int) -> Update:
    levels = json.dumps({"b": data["b"], "a": data["a"]}, separators=(",", ":"))[1:] + "}"
    # The first update may begin before the snapshot.
    first = max(1, data["U"] - last_id)
    return Update(at_ms, first, data["u"] - last_id, dict(data["b"]), dict(data["a"]), levels.encode())


def _change(side: dict[str, str], levels: dict[str, str]) -> None:
    for price, size in levels.items():
        if float(size):
            side[price] = size
        else:
            side.pop(price, None)


def _way_back(end: dict[str, str], beginning: dict[str, str]) -> list[tuple[str, str]]:
    gone = [(price, "0.00000000") for price in end if price not in beginning]
    return gone + [(price, size) for price, size in beginning.items() if end.get(price) != size]


@dataclass
class Pair:
    """A symbol that plays a recording, round after round."""

    symbol: str
    recording: Recording
    position: int = 0
    rounds: int = 0
    offset_ms: int = field(init=False)
    """Where in its recording it begins."""
    head: bytes = b""
    tail: bytes = b""
    subscribers: set[ServerConnection] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.offset_ms = self.recording.updates[self.position].at_ms
        name = self.symbol.lower()
        self.head = f'{{"stream":"{name}@depth@100ms","data":{{"e":"depthUpdate","E":'.encode()
        self.tail = f',"s":"{self.symbol}","U":'.encode()

    @property
    def due_ms(self) -> int:
        """When its next update is due, after the beginning."""
        return self.rounds * self.recording.length_ms + self.recording.updates[self.position].at_ms - self.offset_ms

    def next_frame(self, exchange_ms: int) -> bytes:
        update = self.recording.updates[self.position]
        base = self.rounds * self.recording.ids
        frame = b'%s%d%s%d,"u":%d,%s' % (
            self.head, exchange_ms, self.tail, base + update.first, base + update.last, update.levels,
        )  # fmt: skip
        self.position += 1
        if self.position == len(self.recording.updates):
            self.position, self.rounds = 0, self.rounds + 1
        return frame

    def snapshot(self, limit: int) -> bytes:
        bids, asks = self.recording.book_before(self.position)
        before = self.recording.updates[self.position - 1].last if self.position else 0
        answer = {
            "lastUpdateId": self.rounds * self.recording.ids + before,
            "bids": sorted(bids.items(), key=lambda level: -float(level[0]))[:limit],
            "asks": sorted(asks.items(), key=lambda level: float(level[0]))[:limit],
        }
        return json.dumps(answer, separators=(",", ":")).encode()


class Load:
    """The venue. `speed`: of the virtual time, None: as fast as the clients read."""

    def __init__(self, pairs: list[Pair], every_ms: float | None, speed: float | None, seconds: float) -> None:
        self.pairs = {pair.symbol: pair for pair in pairs}
        self.messages = self.bytes = 0
        self.late_ms = 0.0
        self._every_ms, self._speed, self._seconds = every_ms, speed, seconds

    async def run(self, port: int, stop: asyncio.Event) -> None:
        server = await serve(
            self._serve, "127.0.0.1", port, compression=None, ping_interval=None, process_request=self._request
        )
        async with server:
            print(f"listening on {next(iter(server.sockets)).getsockname()[1]}", flush=True)
            play = self._beat if self._every_ms is not None else self._replay
            tasks = [asyncio.create_task(task) for task in (play(), self._tell(), stop.wait())]
            await asyncio.wait([tasks[0], tasks[2]], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise outcome

    def _request(self, connection: ServerConnection, request: Any) -> Response | None:
        parts = urlsplit(request.path)
        if parts.path == _STREAM_PATH:
            return None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        pair = self.pairs.get(query.get("symbol", ""))
        if parts.path != _DEPTH_PATH or pair is None:
            return connection.respond(404, "not here\n")
        body = pair.snapshot(int(query.get("limit", 100)))
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"})
        return Response(200, "OK", headers, body)

    async def _serve(self, connection: ServerConnection) -> None:
        try:
            async for frame in connection:
                request = json.loads(frame)
                names = [name for name in request["params"] if "@depth" in name]
                pairs = [self.pairs[name.partition("@")[0].upper()] for name in names]
                for pair in pairs:
                    if request["method"] == "SUBSCRIBE":
                        pair.subscribers.add(connection)
                    else:
                        pair.subscribers.discard(connection)
                await connection.send(json.dumps({"result": None, "id": request["id"]}))
        except ConnectionClosed:
            pass
        finally:
            for pair in self.pairs.values():
                pair.subscribers.discard(connection)

    async def _send(self, pair: Pair, exchange_ms: int) -> None:
        frame = pair.next_frame(exchange_ms)
        for connection in list(pair.subscribers):
            try:
                await connection.send(frame, text=True)
            except ConnectionClosed:
                pair.subscribers.discard(connection)
            else:
                self.messages += 1
                self.bytes += len(frame)

    async def _everybody_is_there(self) -> None:
        while not all(pair.subscribers for pair in self.pairs.values()):
            await asyncio.sleep(0.05)

    async def _beat(self) -> None:
        """Every pair once in `every_ms`, evenly spread over it; the exchange's time is the clock's."""
        assert self._every_ms is not None
        await self._everybody_is_there()
        pairs = list(self.pairs.values())
        step = self._every_ms / 1000 / len(pairs)
        begun = time.perf_counter()
        number = 0
        while time.perf_counter() - begun < self._seconds:
            due = begun + number * step
            wait = due - time.perf_counter()
            # Sleeps are a millisecond long at least: several updates that are due by then go out together.
            if wait > 0:
                await asyncio.sleep(wait)
            self.late_ms = max(self.late_ms, -wait * 1000)
            await self._send(pairs[number % len(pairs)], time.time_ns() // 1_000_000)
            number += 1

    async def _replay(self) -> None:
        """At the recorded times, `speed` times as fast; the exchange's time is virtual and begins now."""
        await self._everybody_is_there()
        pairs = list(self.pairs.values())
        begun, began_ms = time.perf_counter(), time.time_ns() // 1_000_000
        sent = 0
        while True:
            pair = min(pairs, key=lambda each: each.due_ms)
            at_ms = pair.due_ms
            if at_ms > self._seconds * 1000:
                return
            if self._speed is not None:
                wait = begun + at_ms / 1000 / self._speed - time.perf_counter()
                if wait > 0:
                    await asyncio.sleep(wait)
                self.late_ms = max(self.late_ms, -wait * 1000)
            await self._send(pair, began_ms + at_ms)
            sent += 1
            if sent % 50 == 0:
                # Sending alone never lets the others have their turn.
                await asyncio.sleep(0)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(1)
            print(f"{self.messages} messages, {self.bytes} bytes, {self.late_ms:.0f} ms late", flush=True)
            self.late_ms = 0.0


def pairs_of(captures: list[Path], number: int) -> list[Pair]:
    recordings = [load(path) for path in captures]
    pairs = []
    for index in range(number):
        recording = recordings[index % len(recordings)]
        # Copies are apart in their recording: 200 equal books would move as one.
        position = index * len(recording.updates) // max(number, len(recordings))
        pairs.append(Pair(f"P{index}USDT", recording, position))
    return pairs


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="+", type=Path)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of exchange time")
    pace = parser.add_mutually_exclusive_group(required=True)
    pace.add_argument("--every-ms", type=float, help="each pair sends its next update in this step")
    pace.add_argument("--speed", help="times the recorded speed, or max")
    options = parser.parse_args(arguments)
    try:
        speed = None if options.speed in (None, "max") else float(options.speed)
        pairs = pairs_of(options.captures, options.pairs)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    load_run = Load(pairs, options.every_ms, speed, options.seconds)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await load_run.run(options.port, stop)

    asyncio.run(run())
    print(f"{load_run.messages} messages, {load_run.bytes} bytes, the end", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
