"""A day of streams in minutes: `python -m benchmarks.stream_soak [--hours 24] [--speed max|50] [--pairs 2]`.

The recorded BTC and ETH books are looped over real WebSockets on loopback, with the exchange's time running ahead, and
the collector works as in production (books, scores, minute rows, whales, events, PostgreSQL). At every hour of the
exchange's time memory, file descriptors, threads, tasks and connections are noted. At 50 × a day takes half an hour, at
`max` as long as the machine needs. Bounds: after the warm-up (a quarter of the run: the first whale loads the full path
of an event) memory stays within 5 %, nothing else grows, no book is lost, every minute has its row, and the end of the
day has created a new partition.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.worlds.stream_world import CAPTURES, Generator, database, watch

MEMORY_BOUND = 0.05


@dataclass(frozen=True)
class Look:
    """The state of the process at an hour of the exchange's time."""

    hour: float
    memory: int
    files: int
    threads: int
    tasks: int
    messages: int

    def __str__(self) -> str:
        return (
            f"hour {self.hour:5.1f}: {self.memory / 1e6:6.1f} MB, {self.files} files, {self.threads} threads, "
            f"{self.tasks} tasks, {self.messages:,} updates"
        )


class Clock:
    """A listener that follows the exchange's time and counts updates."""

    def __init__(self) -> None:
        self.first_ms = self.last_ms = 0
        self.updates = 0
        self.synced_times = self.lost_times = 0
        self.tasks = 0

    @property
    def hours(self) -> float:
        return (self.last_ms - self.first_ms) / 3_600_000

    def before_apply(self, symbol: str, book: object, exchange_ms: int) -> None:
        """Not counted."""

    def applied(self, symbol: str, book: object, exchange_ms: int, orders: object) -> None:
        self.updates += 1
        self.last_ms = exchange_ms
        self.first_ms = self.first_ms or exchange_ms
        if self.updates % 1000 == 0:
            self.tasks = len(asyncio.all_tasks())

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        """Not counted."""

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        """Not counted."""

    def synced(self, symbol: str, book: object, exchange_ms: int) -> None:
        self.synced_times += 1

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self.lost_times += 1


def memory_bytes() -> int:
    """Resident memory now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--speed", default="max")
    parser.add_argument("--pairs", type=int, default=2)
    options = parser.parse_args()
    if not all(path.exists() for path in CAPTURES):
        print("the recorded streams are not available: nothing is measured")
        return 0
    with database():
        return soak(options.hours, options.speed, options.pairs)


def soak(hours: float, speed: str, pairs: int) -> int:
    from crypto_ews.conf import parse_config
    from orderbooks.collector.service import collect
    from streams.feeds.binance import BinanceSpot

    coins = [f"P{number}" for number in range(pairs)]
    watch(coins)
    clock, started = Clock(), time.monotonic()
    looks: list[Look] = []
    step = min(1.0, hours / 24)
    with Generator("--pairs", str(pairs), "--speed", speed, "--seconds", str(hours * 3600)) as generator:
        address = f"127.0.0.1:{generator.port}"
        config = parse_config(
            {
                "SPOT_CURRENCIES": " ".join(coins),
                "BINANCE_STREAM_URL": f"ws://{address}/stream",
                "BINANCE_DEPTH_URL": f"http://{address}/api/v3/depth",
            }
        )
        stop = threading.Event()

        def observe() -> None:
            try:
                while not generator.ended.wait(0.1):
                    if clock.first_ms and clock.hours >= len(looks) * step:
                        look = Look(
                            clock.hours, memory_bytes(), open_files(), threading.active_count(), clock.tasks,
                            clock.updates,
                        )  # fmt: skip
                        looks.append(look)
                        print(look, flush=True)
                # The last minutes are written once a second.
                time.sleep(3)
            finally:
                stop.set()

        watcher = threading.Thread(target=observe)
        watcher.start()
        collect(config, stop, [BinanceSpot()], more_listeners=[lambda venue: clock])
        watcher.join()
    print(f"{clock.hours:.1f} hours of exchange time in {(time.monotonic() - started) / 60:.1f} minutes")
    return evaluate(looks, clock, pairs)


def evaluate(looks: list[Look], clock: Clock, pairs: int) -> int:
    from django.db import connection

    warm = looks[len(looks) // 4 :]
    if len(warm) < 2:
        print("the run is too short for a result")
        return 1
    least, most = min(look.memory for look in warm), max(look.memory for look in warm)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE partial) FROM orderbooks_bookminute")
        minutes, partial = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'orderbooks_bookminute'::regclass")
        (partitions,) = cursor.fetchone()
    days = {ms // 86_400_000 for ms in (clock.first_ms, clock.last_ms)}
    expected = pairs * (clock.last_ms // 60_000 - clock.first_ms // 60_000 - 1)
    checks = {
        f"memory from {least / 1e6:.1f} to {most / 1e6:.1f} MB ({most / least - 1:+.1%}, bound "
        f"{MEMORY_BOUND:.0%})": most <= (1 + MEMORY_BOUND) * least,
        f"files {warm[0].files} to {warm[-1].files}": warm[-1].files <= warm[0].files,
        f"threads {warm[0].threads} to {warm[-1].threads}": warm[-1].threads <= warm[0].threads,
        f"tasks {warm[0].tasks} to {warm[-1].tasks}": warm[-1].tasks <= warm[0].tasks,
        f"books came up {clock.synced_times} times, {pairs} pairs": clock.synced_times == pairs,
        f"{minutes} minute rows, {expected} expected, {partial} partial": expected <= minutes and partial <= 2 * pairs,
        f"{partitions} partitions, {len(days)} days": partitions >= len(days),
    }
    for what, within in checks.items():
        print(f"{'ok' if within else 'EXCEEDED'}: {what}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
