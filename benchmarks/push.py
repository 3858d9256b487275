"""Streams of the API: commit → reader, with one reader and with 500; a burst; readers that take nothing; 1,000 that go.

Run: `python -m benchmarks.push [COMMITS]`. Three processes: this one commits, one serves (held to one core), one reads
(held to another). Latency is from the return of COMMIT to the moment at which a reader's socket was found readable
with the `risk` message, by the clock that all processes share.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import selectors
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from benchmarks.worlds.stream_world import database

LIMIT_ONE_MS, LIMIT_MANY_MS, LIMIT_MUTE_S, LIMIT_OTHERS_MS = 20.0, 25.0, 15.0, 1000.0
MANY, BURST, BURST_BYTES, GONE = 500, 900, 7_000, 1_000
_NAME = re.compile(rb'"token":"BENCH(\d+)"')


class Child:
    """A process that answers lines with lines of JSON."""

    def __init__(self, *arguments: str, module: str = "benchmarks.push") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.first = self._line()

    def ask(self, **question: Any) -> Any:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._line()

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(15)

    def _line(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
    import django

    django.setup()


def hold_to(core: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def _resident_mb() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def serve() -> None:
    """Serve until the end of stdin; each line is answered with what is left of readers."""
    hold_to(0)
    _django()
    from api.push import hub as hubs
    from crypto_ews.asgi import application
    from events.daemon.endpoints import health
    from events.daemon.webserver import Role, WebServer

    role = Role()
    role.leading = True
    server = WebServer("127.0.0.1", 0, role, application, health)
    server.start()
    print(json.dumps(server.url.rstrip("/")), flush=True)
    for _ in sys.stdin:
        found = list(hubs._hubs.values())
        hub = found[0] if found else None
        state: dict[str, Any] = {"mb": _resident_mb(), "readers": hub.readers if hub else 0}
        if hub is not None:
            state |= {"tasks": hub.tasks, "held": hub.budget.used, "counted": len(hub.census)}
        print(json.dumps(state), flush=True)
    server.stop()


class _Selector(selectors.DefaultSelector):
    """Notes when it found sockets readable: what 500 readers of one process do with their bytes is not ours."""

    at = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(timeout)
        self.at = time.monotonic()
        return found


_selector = _Selector()


class _Reader(asyncio.Protocol):
    def __init__(self, head: bytes, kind: bytes) -> None:
        self.head, self.kind = head, kind
        self.arrived: dict[int, float] = {}
        self.rows = self.resyncs = self.bytes = 0
        self.cut = self.counts = False
        self._tail = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if not self.counts:
            # As little as can be: what 500 readers of one process do themselves is not ours.
            if self.kind in data:
                now = _selector.at
                for found in _NAME.finditer(data):
                    self.arrived.setdefault(int(found[1]), now)
            return
        text = self._tail + data
        self.rows += text.count(b'"kind":"source"')
        self.resyncs += text.count(b'"kind":"resync"')
        # What a message's beginning needs to be found, and less than what was counted.
        self._tail = data[-14:]

    def connection_lost(self, error: Exception | None) -> None:
        self.cut = True


async def _read(url: str, token: str, path: str = "/api/v1/stream", kind: str = "risk") -> None:
    """Readers of a stream, as the lines on stdin say. kind: of the messages that count."""
    loop = asyncio.get_running_loop()
    place = urlsplit(url)
    assert place.hostname and place.port
    named = f'"kind":"{kind}"'.encode()
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    readers: list[_Reader] = []
    mute: list[socket.socket] = []
    print(json.dumps("ready"), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        question = json.loads(line)
        what = question["what"]
        answer: Any = None
        if what == "open":
            for _ in range(question["count"]):
                _, reader = await loop.create_connection(lambda: _Reader(head, named), place.hostname, place.port)
                readers.append(reader)
                # A token may ask 200 times a second.
                await asyncio.sleep(0.006)
            while any(not reader.bytes for reader in readers):
                await asyncio.sleep(0.01)
        elif what == "mute":
            for reader in readers:
                reader.counts = True
            for _ in range(question["count"]):
                silent = socket.socket()
                silent.connect((place.hostname, place.port))
                silent.sendall(head)
                mute.append(silent)
        elif what == "close":
            for reader in readers:
                reader.transport.abort()
            readers.clear()
        elif what == "come and go":
            for number in range(question["count"]):
                _, reader = await loop.create_connection(lambda: _Reader(head, named), place.hostname, place.port)
                while number % 2 and not reader.bytes:
                    await asyncio.sleep(0)
                await asyncio.sleep(0.004)
                reader.transport.abort() if number % 3 else reader.transport.close()
        elif what == "arrived":
            answer = [[reader.arrived.get(number, 0.0) for number in question["numbers"]] for reader in readers]
        elif what == "rows":
            ends = time.monotonic() + question["seconds"]
            while time.monotonic() < ends and any(reader.rows < question["count"] for reader in readers):
                await asyncio.sleep(0.05)
            answer = {
                "least": min(reader.rows for reader in readers),
                "complete": sum(reader.rows >= question["count"] for reader in readers),
                "resyncs": sum(reader.resyncs for reader in readers),
                "cut": sum(reader.cut for reader in readers),
            }
        print(json.dumps(answer), flush=True)


def main(commits: int) -> int:
    with database():
        return _measure(commits)


def _measure(commits: int) -> int:
    from datetime import UTC, datetime

    from api.tokens.store import make_token

    token = make_token("benchmark", ["read"], datetime.now(UTC), "benchmark")
    server = Child("serve")
    readers = Child("read", server.first, token)
    holds = True
    try:
        for count, limit in ((1, LIMIT_ONE_MS), (MANY, LIMIT_MANY_MS)):
            readers.ask(what="open", count=count)
            time.sleep(1)
            holds &= _latency(readers, commits, limit)
            if count == 1:
                readers.ask(what="close")
        before = server.ask()
        readers.ask(what="mute", count=5)
        while server.ask()["readers"] < MANY + 5:
            time.sleep(0.05)
        _burst()
        burst_at = time.monotonic()
        with ThreadPoolExecutor(1) as waiting, _Others(server.first, token) as others:
            reading = waiting.submit(readers.ask, what="rows", count=BURST, seconds=60)
            while server.ask()["readers"] > MANY and time.monotonic() - burst_at < 60:
                time.sleep(0.05)
            mute = time.monotonic() - burst_at
            found = reading.result()
            took = time.monotonic() - burst_at
        print(f"burst of {BURST} × {BURST_BYTES:,} bytes to {MANY} readers: {took:.1f} s, {found}")
        holds &= others.report()
        after = server.ask()
        print(f"five readers that take nothing are gone after {mute:.1f} s; server {before} → {after}")
        holds &= found["cut"] == 0 and mute <= LIMIT_MUTE_S and after["held"] == 0
        readers.ask(what="close")
        began = time.monotonic()
        readers.ask(what="come and go", count=GONE)
        while (left := server.ask())["readers"] and time.monotonic() - began < 60:
            time.sleep(0.05)
        time.sleep(1)
        left = server.ask()
        print(f"{GONE:,} readers that came and went, in {time.monotonic() - began:.1f} s: {left}")
        holds &= left["readers"] == left["tasks"] == left["held"] == left["counted"] == 0
    finally:
        readers.end()
        server.end()
    return 0 if holds else 1


class _Others:
    """Asks for /healthz and /can-trade while streams are busy."""

    def __init__(self, url: str, token: str) -> None:
        self._place, self._token = urlsplit(url), token
        self._over = threading.Event()
        self._spans: dict[str, list[float]] = {"/healthz": [], "/api/v1/can-trade?exchange=binance&symbol=BTCUSDT": []}
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> _Others:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def report(self) -> bool:
        """Print how long they took, and say whether that holds."""
        self.__exit__()
        for path, spans in self._spans.items():
            spans.sort()
            print(
                f"meanwhile {path.partition('?')[0]}: {len(spans)} answers, p50 {spans[len(spans) // 2]:.1f} ms, "
                f"worst {spans[-1]:.1f} ms"
            )
        return all(spans[-1] < LIMIT_OTHERS_MS for spans in self._spans.values())

    def _ask(self) -> None:
        line = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=30)
        while not self._over.is_set():
            for path, spans in self._spans.items():
                began = time.monotonic()
                line.request("GET", path, headers={"Authorization": f"Bearer {self._token}"})
                line.getresponse().read()
                spans.append((time.monotonic() - began) * 1000)
            time.sleep(0.05)


_number = 0


def _latency(readers: Child, commits: int, limit: float) -> bool:
    global _number
    committed = {}
    for _ in range(commits):
        _number += 1
        committed[_number] = _open_event(_number)
        # Longer than changes of risk are merged.
        time.sleep(0.3)
    time.sleep(0.5)
    numbers = list(committed)
    arrived = readers.ask(what="arrived", numbers=numbers)
    spans = sorted(
        (at - committed[number]) * 1000 for one in arrived for number, at in zip(numbers, one, strict=True) if at
    )
    lost = commits * len(arrived) - len(spans)
    p50, p99 = spans[len(spans) // 2], spans[min(len(spans) - 1, round(0.99 * len(spans)))]
    print(
        f"commit to {len(arrived)} reader(s), {commits} commits: p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"worst {spans[-1]:.1f} ms, {lost} not arrived"
    )
    return p99 <= limit and not lost


def _open_event(number: int) -> float:
    from django.db import transaction

    from events import clock
    from events.lifecycle import open_manual_event
    from events.models import Heartbeat

    now = clock.database_now()
    Heartbeat.objects.update_or_create(defaults={"beat_at": now})
    with transaction.atomic():
        open_manual_event(now, by="benchmark", tokens=(f"BENCH{number}",), title=f"event {number}")
    return time.monotonic()


def _burst() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_append('source.ok', NULL, NULL, jsonb_build_object('source', 'burst', 'text', "
            "repeat('x', %s))) FROM generate_series(1, %s)",
            [BURST_BYTES, BURST],
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve()
    elif sys.argv[1:2] == ["read"]:
        hold_to(1)
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(_selector)) as runner:
            runner.run(_read(*sys.argv[2:6]))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
