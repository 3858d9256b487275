"""From a venue's trades to minute rows in memory: `python -m benchmarks.trades [--pairs N] [--rate R] [--seconds S]`.

1. Decoder and minutes alone: aggregates of 400 pairs, as fast as they go, on one core.
2. Over real WebSockets on loopback, from a venue in a second process: 5,000 messages a second of 400 pairs, each a
   frame of its own, some pairs far busier than others, through the engine of streams. A message's latency is from the
   venue's stamp to the moment when its minute has it; venue and engine read the same clock. The run lasts over the end
   of a minute, so that 400 rows are closed in it. The CPU share is that of the engine's process, and only valid on a
   machine without other load.

Bounds: p99 20 ms, 40 % of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import sys
import time
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import Pipe as pipe
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from crypto_ews.conf import parse_config
from events.upstream.client import HttpClient
from streams.engine.frames import FrameScheduler
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.venue_streams import VenueStreams
from streams.feeds.base import ExactTrade, Message
from streams.feeds.trades import trade_feed_for
from trades.minutes.venue import MinutesTarget, VenueMinutes
from trades.records import MINUTE_MS, TradeMinute

BOUND_P99_MS, BOUND_CPU = 20.0, 0.40
_TICK_SECONDS = 0.01


def symbol(number: int) -> str:
    return f"P{number}USDT"


class Tape:
    """Aggregates of many pairs, a few of them far busier than the rest, each pair numbered one by one."""

    def __init__(self, pairs: int, seed: int = 3) -> None:
        self._source = random.Random(seed)
        self._next = [1000 + number * 7 for number in range(pairs)]
        weights = [1 / (number + 3) for number in range(pairs)]
        self._order = self._source.choices(range(pairs), weights, k=1 << 16)
        self._place = 0

    def frame(self, at_ms: int) -> str:
        number = self._order[self._place]
        self._place = (self._place + 1) & 0xFFFF
        count = 1 if self._place % 3 else 3
        first = self._next[number]
        self._next[number] = first + count
        name = symbol(number)
        price = f"{100 + (first % 997) / 100:.8f}"
        return (
            f'{{"stream":"{name.lower()}@aggTrade","data":{{"e":"aggTrade","E":{at_ms},"s":"{name}","a":{first},'
            f'"p":"{price}","q":"0.{first % 99999 + 1:08d}","f":{first},"l":{first + count - 1},"T":{at_ms},'
            f'"m":{"true" if first % 2 else "false"},"M":true}}}}'
        )


def play(pairs: int, rate: int, seconds: float, port: Pipe) -> None:
    """The venue's process: begins with the subscription, and ends after `seconds`."""

    async def serve_trades(connection: ServerConnection) -> None:
        await connection.recv()
        tape = Tape(pairs)
        begun = time.monotonic()
        sent, late = 0, 0.0
        try:
            while (passed := time.monotonic() - begun) < seconds:
                due = int(passed * rate)
                at_ms = time.time_ns() // 1_000_000
                while sent < due:
                    await connection.send(tape.frame(at_ms))
                    sent += 1
                late = max(late, time.monotonic() - begun - passed)
                await asyncio.sleep(_TICK_SECONDS)
        except ConnectionClosed:
            pass
        port.send((sent, late))

    async def main() -> None:
        async with serve(serve_trades, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            port.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.sleep(seconds + 10)

    asyncio.run(main())


class Timed(MinutesTarget):
    """Writes down how old each trade was when its minute had it, in milliseconds; the last bin is open."""

    bins = [0] * 2001
    of_closing = [0] * 2001
    """Those of the second in which the rows of a minute are closed."""

    def take(self, message: Message, received_ns: int) -> bool:
        super().take(message, received_ns)
        if isinstance(message, ExactTrade):
            late = min(max(time.time_ns() // 1_000_000 - message.exchange_ms, 0), 2000)
            self.bins[late] += 1
            if 3_000 <= message.exchange_ms % MINUTE_MS < 4_000:
                self.of_closing[late] += 1
        return False


def percentile(bins: list[int], share: float) -> int:
    """In milliseconds, rounded up; 0 without any."""
    target, seen = share * sum(bins), 0
    for late, count in enumerate(bins):
        seen += count
        if seen >= target and seen:
            return late + 1
    return 0


def alone(pairs: int, count: int) -> bool:
    """Microseconds a message, without sockets."""
    tape, feed = Tape(pairs), trade_feed_for("binance", "spot")
    start = 1_700_000_000_000
    frames = [tape.frame(start + place * 1000 // 5000).encode() for place in range(count)]
    rows: list[TradeMinute] = []
    minutes = VenueMinutes(feed.venue, feed.numbering, rows.append, lambda *args: None)
    for number in range(pairs):
        minutes.add(symbol(number))
    decode, traded = feed.decoder().decode, minutes.traded
    begun = time.process_time()
    for place, frame in enumerate(frames):
        for message in decode(frame):
            traded(message, place // 5)  # type: ignore[arg-type]
    taken = time.process_time() - begun
    counted = minutes.counters
    # The beginning of each pair is its only gap.
    assert (counted.duplicates, counted.gaps) == (0, pairs), counted
    print(
        f"  decoder and minutes: {taken / count * 1e6:.1f} µs a message, {count / taken:,.0f} messages/s, "
        f"{taken / count * 5000:.1%} of a core at 5,000/s; {len(rows):,} rows"
    )
    return taken / count * 5000 < BOUND_CPU


async def follow(pairs: int, seconds: float, port: int) -> tuple[float, VenueMinutes, list[TradeMinute]]:
    """Returns the share of a core, the minutes and the rows that were given."""
    config = parse_config({"BINANCE_STREAM_URL": f"ws://127.0.0.1:{port}/stream"})
    limits = EngineLimits().of_trades()
    feed = trade_feed_for("binance", "spot")
    scheduler = FrameScheduler(limits.slice)
    fetcher = SnapshotFetcher(HttpClient(deadline_s=2, user_agent="benchmark"), config, limits)
    rows: list[TradeMinute] = []
    minutes = VenueMinutes(feed.venue, feed.numbering, rows.append, lambda *args: None)
    symbols = [symbol(number) for number in range(pairs)]
    for name in symbols:
        minutes.add(name)
    faults: list[str] = []
    streams = VenueStreams(
        feed,
        config,
        scheduler,
        fetcher,
        lambda name: Timed(minutes, name, lambda: time.monotonic_ns() // 1_000_000),
        lambda frame, error: faults.append(error),
        limits,
    )
    reading = asyncio.create_task(scheduler.run())
    streams.set_symbols(symbols)
    while not minutes.counters.trades:
        await asyncio.sleep(0.01)
    begun, used = time.monotonic(), time.process_time()
    while (passed := time.monotonic() - begun) < seconds:
        await asyncio.sleep(min(1.0, seconds - passed))
        minutes.elapsed(time.monotonic_ns() // 1_000_000)
    share = (time.process_time() - used) / (time.monotonic() - begun)
    await asyncio.sleep(0.5)
    assert not faults, faults[:3]
    await streams.close()
    reading.cancel()
    fetcher.close()
    return share, minutes, rows


def over_sockets(pairs: int, rate: int, seconds: float) -> bool:
    ours, theirs = pipe()
    context: Any = multiprocessing.get_context("spawn")
    venue = context.Process(target=play, args=(pairs, rate, seconds, theirs))
    venue.start()
    try:
        share, minutes, rows = asyncio.run(follow(pairs, seconds - 0.5, ours.recv()))
        sent, late = ours.recv()
    finally:
        venue.terminate()
        venue.join()
    bins, closing = Timed.bins, Timed.of_closing
    p50, p99, worst = (percentile(bins, part) for part in (0.5, 0.99, 1.0))
    print(
        f"  {sum(bins):,} of {sent:,} messages of {pairs} pairs in {seconds:g} s ({sum(bins) / seconds:,.0f}/s; the "
        f"venue's process was at most {late * 1000:.0f} ms late): p50 {p50} ms, p99 {p99} ms (bound "
        f"{BOUND_P99_MS:g}), longest {worst} ms; in the second that closes a minute p99 {percentile(closing, 0.99)} ms"
    )
    print(f"  {share:.1%} of a core (bound {BOUND_CPU:.0%}); {len(rows):,} rows, {minutes.counters}")
    whole = minutes.counters.duplicates == 0 and sum(bins) == sent
    if not whole:
        print("  messages are missing")
    return whole and p99 <= BOUND_P99_MS and share <= BOUND_CPU


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--rate", type=int, default=5000, help="messages a second")
    parser.add_argument("--seconds", type=float, default=70.0, help="over the end of a minute")
    options = parser.parse_args()
    results = [alone(options.pairs, 300_000), over_sockets(options.pairs, options.rate, options.seconds)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
