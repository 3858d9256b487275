"""The cost of order books: `python -m benchmarks.orderbooks`.

On the recorded sessions of Binance (8 August 2024), on one core, in one run, side by side:

- ours: decode, sequence rule, book, best bid and ask, near depth, and every order scored;
- decode and book alone: python-binance's DepthCache as its manager feeds it, with json and with orjson (which it uses
  where installed), and read for its best prices after every update, as a trader needs them; sortedcontainers, given
  numbers that are typed in C like ours; and the C `order-book`, where it is importable (GPL: measured here, never a
  dependency).

A DepthCache whose best prices are never read is an unordered dictionary: it is shown, but is no bound.

The contenders take turns, round by round; the CPU time of this process counts, the least of all rounds.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import orjson
from binance.ws.depthcache import DepthCache

from orderbooks.books.session import FeedSession
from orderbooks.records import ReadableBook, ScoredOrder
from orderbooks.replay.replay import BookReplay
from streams.capture import read_lines
from streams.feeds import feed_for

_STREAMS = Path(__file__).resolve().parent.parent.parent / "shared/captures/streams"
_CAPTURES = (
    ("spot_btcusdt_20240808.gz", "spot", "BTCUSDT"),
    ("spot_ethusdt_20240808.gz", "spot", "ETHUSDT"),
    ("usdm_btcusdt_20240808_first60k.gz", "usdm", "BTCUSDT"),
)
BYTES_PER_SECOND_BOUND = 28e6
# The contenders that ours must beat.
BARS = ("DepthCache, json", "DepthCache, orjson, asked for its best", "sortedcontainers")
# Best prices of a cache that sorts all its levels are read for this many updates only, and the time is scaled up.
_READ_UPDATES = 150

Line = tuple[int, bytes]
Levels = list[tuple[float, float]]


class _Event(msgspec.Struct, gc=False):
    """The update for sortedcontainers and the C book, typed in C like ours: the fastest decoding available."""

    e: str = ""
    b: Levels | str = ""
    a: Levels | str = ""


class _Frame(msgspec.Struct, gc=False):
    data: _Event = msgspec.field(default_factory=_Event)
    bids: Levels = []
    asks: Levels = []


_typed = msgspec.json.Decoder(_Frame, strict=False).decode


def _lines(path: Path) -> list[Line]:
    with gzip.open(path) as file:
        return [(int(received), frame.rstrip()) for received, frame in (line.split(b" ", 1) for line in file)]


def _ours(lines: Sequence[Line], market: str, symbol: str) -> None:
    session = FeedSession(feed_for("binance", market))
    # The snapshot came over REST and is a line of the recording: frames of the socket need no check of their kind.
    at = next(place for place, (_, frame) in enumerate(lines) if frame.startswith(b'{"lastUpdateId"'))
    for received_ns, frame in lines[:at]:
        session.take(frame, received_ns)
    session.take_rest_snapshot(lines[at][1], symbol, lines[at][0])
    for received_ns, frame in lines[at + 1 :]:
        session.take(frame, received_ns)
    session.flush()
    if not session.synchronizers[symbol].in_sync or session.counters.gaps:
        raise SystemExit(f"the book of {symbol} was not in sync at the end: {session.counters}")


def _depth_cache(loads: Callable[[bytes], Any], read: bool) -> Callable[[Sequence[Line]], None]:
    """Updates as DepthCacheManager applies them, without its check of ids."""

    def run(lines: Sequence[Line]) -> None:
        cache = DepthCache("")
        for _, frame in lines:
            message = loads(frame)
            message = message.get("data", message)
            if message.get("e") == "depthUpdate" or "lastUpdateId" in message:
                for bid in message.get("b", []) + message.get("bids", []):
                    cache.add_bid(bid)
                for ask in message.get("a", []) + message.get("asks", []):
                    cache.add_ask(ask)
                if read:
                    cache.get_bids()[:1]
                    cache.get_asks()[:1]

    return run


def _mappings(new_book: Callable[[], tuple[Any, Any]], best: Callable[[Any, Any], Any]) -> Callable[[Any], None]:
    """A pair of sorted mappings from price to size."""

    def run(lines: Sequence[Line]) -> None:
        bids, asks = new_book()
        for _, frame in lines:
            message = _typed(frame)
            event = message.data
            changes: Any
            if event.e == "depthUpdate":
                changes = (bids, event.b), (asks, event.a)
            elif message.bids:
                changes = (bids, message.bids), (asks, message.asks)
            else:
                continue
            for side, levels in changes:
                for price, size in levels:
                    if size:
                        side[price] = size
                    elif price in side:
                        del side[price]
            best(bids, asks)

    return run


def _sorted_dicts() -> Callable[[Any], None]:
    sorted_dict = importlib.import_module("sortedcontainers").SortedDict

    def best(bids: Any, asks: Any) -> None:
        if bids and asks:
            bids.peekitem(-1)
            asks.peekitem(0)

    return _mappings(lambda: (sorted_dict(), sorted_dict()), best)


def _c_order_book() -> Callable[[Any], None] | None:
    try:
        module = importlib.import_module("order_book")
    except ImportError:
        return None

    def new_book() -> tuple[Any, Any]:
        book = module.OrderBook()
        return book.bids, book.asks

    def best(bids: Any, asks: Any) -> None:
        if len(bids) and len(asks):
            bids.index(0)
            asks.index(0)

    return _mappings(new_book, best)


def _peers() -> dict[str, Callable[[Any], None]]:
    peers = {
        "DepthCache, json": _depth_cache(json.loads, read=False),
        "DepthCache, orjson": _depth_cache(orjson.loads, read=False),
        "sortedcontainers": _sorted_dicts(),
    }
    c_book = _c_order_book()
    if c_book is not None:
        peers["C order-book"] = c_book
    return peers


def _cpu_seconds(run: Callable[[Any], None], lines: Sequence[Line]) -> float:
    started = time.process_time()
    run(lines)
    return time.process_time() - started


def _measure(lines: Sequence[Line], market: str, symbol: str, rounds: int) -> dict[str, float]:
    """Seconds by contender."""
    contenders = {"ours": lambda given: _ours(given, market, symbol), **_peers()}
    least = dict.fromkeys(contenders, math.inf)
    for _ in range(rounds):
        for contender, run in contenders.items():
            least[contender] = min(_cpu_seconds(run, lines), least[contender])
    few = _first_updates(lines)
    share = sum(len(frame) for _, frame in few) / sum(len(frame) for _, frame in lines)
    least["DepthCache, orjson, asked for its best"] = _cpu_seconds(_depth_cache(orjson.loads, read=True), few) / share
    return least


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="each contender is timed so often, the least counts")
    options = parser.parse_args()
    failed = False
    for name, market, symbol in _CAPTURES:
        path = _STREAMS / name
        if not path.exists():
            print(f"{name} is not here ({_STREAMS} is absent): nothing was measured")
            continue
        lines = _lines(path)
        size = sum(len(frame) for _, frame in lines)
        least = _measure(lines, market, symbol, options.rounds)
        ours = least["ours"]
        print(f"\n{name}: {len(lines):,} messages, {size / 1e6:.1f} MB, CPU time")
        for contender, seconds in sorted(least.items(), key=lambda pair: pair[1]):
            print(f"  {contender:42} {seconds:8.3f} s {size / seconds / 1e6:8.1f} MB/s {seconds / ours:8.2f} × ours")
        _print_scores(path, market)
        failed |= size / ours < BYTES_PER_SECOND_BOUND or ours >= min(least[peer] for peer in BARS)
    print("\nours decodes, checks the sequence, keeps the book and scores every order; the others decode and keep it")
    if failed:
        print(f"FAILED: below {BYTES_PER_SECOND_BOUND / 1e6:.0f} MB/s, or slower than one of {', '.join(BARS)}")
    return 1 if failed else 0


class _Scores:
    """A listener that counts orders by their score."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.began_ms, self.ended_ms = 0, 0

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        self.began_ms = self.began_ms or exchange_ms
        self.ended_ms = exchange_ms
        self.counts.update(order.score for order in orders)

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None: ...

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None: ...

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None: ...


def _print_scores(path: Path, market: str) -> None:
    scores = _Scores()
    replay = BookReplay(feed_for("binance", market), listener=scores)
    replay.play(read_lines(path))
    # The first minute is not scored.
    minutes = (scores.ended_ms - scores.began_ms) / 60_000 - 1
    orders = replay.session.counters.orders_scored
    above = {bar: sum(n for points, n in scores.counts.items() if points >= bar) for bar in range(1, 7)}
    shown = ", ".join(f"≥ {bar}: {count} ({count / minutes:.1f})" for bar, count in above.items())
    print(f"  whale scores of {orders:,} orders in {minutes:.1f} min, orders of so many points (a minute): {shown}")


def _first_updates(lines: Sequence[Line]) -> Sequence[Line]:
    """The first lines with this many updates: reading the best prices of a cache that sorts its levels takes long."""
    updates = 0
    for place, (_, frame) in enumerate(lines):
        updates += b"depthUpdate" in frame
        if updates == _READ_UPDATES:
            return lines[: place + 1]
    return lines


if __name__ == "__main__":
    sys.exit(main())
