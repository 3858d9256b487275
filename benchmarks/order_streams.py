"""Latency from the exchange's send to the metrics: `python -m benchmarks.order_streams [--pairs N] [--seconds S]`.

400 pairs (copies of the recorded BTC and ETH books, 1.3 kB an update) with an update every 100 ms each, over real
WebSockets on loopback, from a generator in a second process: connection, decoding, book, whale scores, minute metrics,
storage in a temporary PostgreSQL. An update's latency is from the generator's time stamp to the moment when every
listener has been called; generator and collector read the same clock. The CPU share is that of the collector's process
with its database threads, and is only valid on a machine without other load.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

from benchmarks.worlds.stream_world import CAPTURES, Generator, database, watch

BOUND_P99_MS, BOUND_CPU = 50.0, 0.60


class Latencies:
    """The last listener: counts updates by their age in milliseconds; the last bin is open."""

    def __init__(self) -> None:
        self.bins = [0] * 2001
        self.counting = False
        self.synced_symbols: set[str] = set()

    def before_apply(self, symbol: str, book: object, exchange_ms: int) -> None:
        """Not measured."""

    def applied(self, symbol: str, book: object, exchange_ms: int, orders: object) -> None:
        if self.counting:
            late = time.time_ns() // 1_000_000 - exchange_ms
            self.bins[min(max(late, 0), 2000)] += 1

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        """Not measured."""

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        """Not measured."""

    def synced(self, symbol: str, book: object, exchange_ms: int) -> None:
        self.synced_symbols.add(symbol)

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self.synced_symbols.discard(symbol)

    def percentile(self, share: float) -> int:
        """In milliseconds, rounded up."""
        target, seen = share * sum(self.bins), 0
        for late, count in enumerate(self.bins):
            seen += count
            if seen >= target:
                return late + 1
        return len(self.bins)


def cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--every-ms", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    if not all(path.exists() for path in CAPTURES):
        print("the recorded streams are not available: nothing is measured")
        return 0
    with database():
        return measure(options.pairs, options.every_ms, options.seconds)


def measure(pairs: int, every_ms: float, seconds: float) -> int:
    from crypto_ews.conf import parse_config
    from orderbooks.collector.service import collect
    from streams.engine.limits import EngineLimits
    from streams.feeds.binance import BinanceSpot

    class LoadFeed(BinanceSpot):
        max_symbols_per_connection = 100
        # The generator's REST side has no limits.
        rest_weight_per_minute = 10_000_000

    coins = [f"P{number}" for number in range(pairs)]
    watch(coins)
    latencies = Latencies()
    with Generator("--pairs", str(pairs), "--every-ms", str(every_ms)) as generator:
        address = f"127.0.0.1:{generator.port}"
        config = parse_config(
            {
                "SPOT_CURRENCIES": " ".join(coins),
                "BINANCE_STREAM_URL": f"ws://{address}/stream",
                "BINANCE_DEPTH_URL": f"http://{address}/api/v3/depth",
            }
        )
        stop = threading.Event()
        limits = EngineLimits(connects_per_second=10.0)
        figures: list[str] = []

        def observe() -> None:
            try:
                deadline = time.monotonic() + 120
                while len(latencies.synced_symbols) < pairs and time.monotonic() < deadline:
                    time.sleep(0.2)
                # Every minute closes at least once, and the first one is the slowest.
                time.sleep(5)
                figures.append(f"{len(latencies.synced_symbols)} of {pairs} books in sync")
                cpu, wall = cpu_seconds(), time.monotonic()
                latencies.counting = True
                time.sleep(seconds)
                latencies.counting = False
                cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
                figures.append(f"{cpu / wall:.3f}")
            finally:
                stop.set()

        watcher = threading.Thread(target=observe)
        watcher.start()
        collect(config, stop, [LoadFeed()], more_listeners=[lambda venue: latencies], limits=limits)
        watcher.join()
        load = generator.lines[-1] if generator.lines else "nothing"
    updates = sum(latencies.bins)
    in_sync, share = figures[0], float(figures[1])
    p50, p99, p999 = (latencies.percentile(share) for share in (0.5, 0.99, 0.999))
    print(f"{in_sync}; {updates / seconds:,.0f} updates a second over {seconds:g} s; generator: {load}")
    print(f"send to metrics: p50 {p50} ms, p99 {p99} ms (bound {BOUND_P99_MS:g}), p99.9 {p999} ms; "
          f"CPU {share:.0%} of one core (bound {BOUND_CPU:.0%})")  # fmt: skip
    expected = pairs * 1000 / every_ms * seconds
    within = p99 < BOUND_P99_MS and share <= BOUND_CPU and updates >= 0.98 * expected
    print("within all bounds" if within else "A BOUND IS EXCEEDED")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
