"""10,000 alerts through claim, render, send and record by four dispatchers to a loopback channel without limits.

Run: `python -m benchmarks.alert_throughput [ALERTS [DISPATCHERS]]`. It starts a temporary PostgreSQL, a webhook, and
each dispatcher as a process. Bounds: 500 alerts a second, and none sent twice. CPU is that of the dispatchers.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.support.postgres_cluster import ThrowawayCluster

REQUIRED_PER_SECOND = 500
_LONGEST_S = 240.0


def main(alerts: int, dispatchers: int) -> int:
    with ThrowawayCluster() as url:
        os.environ.update(DATABASE_URL=url, EWS_ENV_FILE="", LOG_LEVEL="WARNING")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crypto_ews.settings")
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            return _measure(alerts, dispatchers)
        finally:
            connections.close_all()


class Receiver:
    """A cheap webhook that keeps the requests: it shares the machine with the dispatchers that are measured."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self._first: float | None = None
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._protocol, "127.0.0.1", 0))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    def _protocol(self) -> asyncio.Protocol:
        return _Connection(self._receive)

    def _receive(self, body: bytes) -> None:
        self._first = self._first or time.monotonic()
        self.bodies.append(body)

    def wait_for_first(self, seconds: float) -> float:
        ends = time.monotonic() + seconds
        while self._first is None:
            if time.monotonic() > ends:
                raise TimeoutError(f"nothing was sent within {seconds:g} s")
            time.sleep(0.01)
        return self._first

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class _Connection(asyncio.Protocol):
    """The part of HTTP that a POST with Content-Length and keep-alive needs."""

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self._receive = receive
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"content-length: *(\d+)", self._buffer[:end], re.IGNORECASE)
            length_bytes = end + 4 + int(length[1] if length else 0)
            if len(self._buffer) < length_bytes:
                return
            self._receive(self._buffer[end + 4 : length_bytes])
            self._buffer = self._buffer[length_bytes:]
            self._transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")


def _measure(alerts: int, dispatchers: int) -> int:
    from alerts.models import Alert
    from tests.upstreams.teams import events_on

    _queue(alerts)
    with Receiver() as receiver:
        command = [sys.executable, "-m", "benchmarks.alert_throughput", "--dispatch", receiver.url]
        started = time.monotonic()
        before = os.times()
        children = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(dispatchers)]
        try:
            first = receiver.wait_for_first(60)
            while Alert.objects.filter(state__in=["pending", "sending"]).exists():
                if time.monotonic() - started > _LONGEST_S:
                    print(f"not done within {_LONGEST_S:g} s")
                    return 1
                time.sleep(0.2)
            ended = time.monotonic()
        finally:
            for child in children:
                child.communicate(timeout=20)
        after = os.times()
        sent = Counter(number for body in receiver.bodies for number in events_on(json.loads(body)))
    duplicates = sum(count - 1 for count in sent.values())
    rate = alerts / (ended - first)
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    print(
        f"{alerts} alerts, {dispatchers} dispatchers: {rate:.0f} a second ({ended - first:.1f} s, "
        f"{cpu / alerts * 1000:.2f} ms of CPU an alert), {len(sent)} events delivered, {duplicates} duplicates"
    )
    return 0 if rate >= REQUIRED_PER_SECOND and not duplicates and len(sent) == alerts else 1


def _queue(alerts: int) -> None:
    """Delistings with their effects and queued alerts, as after a storm of events."""
    from django.db import transaction
    from django.utils import timezone

    from alerts.models import Alert
    from events.models import Effect, Event

    now = timezone.now()
    # One transaction: the view is refreshed once.
    with transaction.atomic():
        events = [
            Event.objects.create(
                source="binance",
                category="delisting",
                priority="high",
                natural_key=f"benchmark:{number}",
                title=f"Exchange will remove TOKEN{number} and its pairs",
                url="https://exchange.example/notice",
                important_dates=[{"at": now.isoformat(), "what": "trading ends", "tickers": []}],
                seen_at=now,
                opened_at=now,
                updated_at=now,
            )
            for number in range(alerts)
        ]
    Effect.objects.bulk_create(
        Effect(
            event=event,
            token=f"TOKEN{number}",
            scope="venue",
            venue="BINANCE",
            tickers=[f"BINANCE:TOKEN{number}USDT", f"BINANCE:TOKEN{number}USDC"],
            action="reduce_only",
            trading_status="delisting",
            trading_ends_at=now,
        )
        for number, event in enumerate(events)
    )
    Alert.objects.bulk_create(
        Alert(event=event, reason="opened", channel="cex", urgency=40, queued_at=now, due_at=now) for event in events
    )


def dispatch(url: str) -> int:
    """Run one dispatcher with that webhook until its stdin is closed."""
    import django

    os.environ.update(CEX_WEBHOOK_URL=url)
    django.setup()
    from alerts.channels import transport_for
    from alerts.channels.base import Transport
    from alerts.delivery.dispatcher import Dispatcher
    from crypto_ews.conf import get_config

    def without_limits(*arguments: Any) -> Transport:
        transport = transport_for(*arguments)
        transport.throttled = False
        return transport

    stop = threading.Event()
    thread = threading.Thread(target=Dispatcher(get_config(), transports=without_limits).run, args=(stop,))
    thread.start()
    sys.stdin.read()
    stop.set()
    thread.join(10)
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--dispatch"]:
        sys.exit(dispatch(arguments[1]))
    counts = [int(argument) for argument in arguments]
    sys.exit(main(*counts, *(10_000, 4)[len(counts) :]))
