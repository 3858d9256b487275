"""What keeping order books costs: `python -m benchmarks.orderbooks`.

On the recorded sessions of Binance (8 August 2024), on one core, in one run, side by side:

- ours: decode, sequence rule, book, best bid and ask, near depth, and every order scored;
- decode and book alone: python-binance's DepthCache as its manager feeds it (with orjson, which it takes where it can),
  never asked for its best price, and asked for it after every update as a trader must; sortedcontainers, with the same
  typed decoder as ours and with orjson; and the C `order-book`, where it happens to be importable (GPL: a peer here,
  never a dependency).

Each is timed in turn, round by round, in CPU time of this process; the least of the rounds counts.
"""

from __future__ import annotations

import gzip
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from binance.ws.depthcache import DepthCache

from orderbooks.feeds import feed_for
from orderbooks.session import FeedSession

_STREAMS = Path(__file__).resolve().parent.parent.parent / "shared/captures/streams"
_CAPTURES = (
    ("spot_btcusdt_20240808.gz", "spot", "BTCUSDT"),
    ("spot_ethusdt_20240808.gz", "spot", "ETHUSDT"),
    ("usdm_btcusdt_20240808_first60k.gz", "usdm", "BTCUSDT"),
)
BYTES_PER_SECOND_BOUND = 28e6
# The best price of a cache that sorts all its levels is asked for in so many updates only, and the time scaled up.
_READ_UPDATES = 150

Line = tuple[int, bytes]
Loads = Callable[[bytes], Any]


def _lines(path: Path) -> list[Line]:
    with gzip.open(path) as file:
        return [(int(received), frame.rstrip()) for received, frame in (line.split(b" ", 1) for line in file)]


def _ours(lines: Sequence[Line], market: str, symbol: str) -> None:
    session = FeedSession(feed_for("binance", market))
    for received_ns, frame in lines:
        if frame.startswith(b'{"lastUpdateId"'):
            session.take_rest_snapshot(frame, symbol, received_ns)
        else:
            session.take(frame, received_ns)
    session.settle()
    if not session.keepers[symbol].in_sync or session.counters.gaps:
        raise SystemExit(f"the book of {symbol} was not in sync at the end: {session.counters}")


def _depth_cache(lines: Sequence[Line], loads: Loads, updates: int | None = None, read: bool = False) -> None:
    """As DepthCacheManager applies what it receives; the check of ids left out."""
    cache = DepthCache("")
    for _, frame in lines:
        message = loads(frame)
        message = message.get("data", message)
        if message.get("e") != "depthUpdate" and "lastUpdateId" not in message:
            continue
        if updates is not None:
            updates -= 1
            if updates < 0:
                return
        for bid in message.get("b", []) + message.get("bids", []):
            cache.add_bid(bid)
        for ask in message.get("a", []) + message.get("asks", []):
            cache.add_ask(ask)
        if read:
            cache.get_bids()[:1]
            cache.get_asks()[:1]


def _sorted_dict(lines: Sequence[Line], loads: Loads) -> None:
    from sortedcontainers import SortedDict

    bids, asks = SortedDict(), SortedDict()
    for _, frame in lines:
        message = loads(frame)
        message = message.get("data", message)
        if message.get("e") != "depthUpdate" and "lastUpdateId" not in message:
            continue
        for book, levels in ((bids, "b"), (asks, "a")):
            for price, size in message.get(levels, ()) or message.get(f"{levels}ids", ()) or message.get("asks", ()):
                amount = float(size)
                if amount:
                    book[float(price)] = amount
                else:
                    book.pop(float(price), None)
        if bids and asks:
            bids.peekitem(-1)
            asks.peekitem(0)


def _c_order_book(lines: Sequence[Line], loads: Loads) -> None:
    book = importlib.import_module("order_book").OrderBook()
    for _, frame in lines:
        message = loads(frame)
        message = message.get("data", message)
        if message.get("e") != "depthUpdate" and "lastUpdateId" not in message:
            continue
        for side, levels in ((book.bids, "b"), (book.asks, "a")):
            for price, size in message.get(levels, ()) or message.get(f"{levels}ids", ()) or message.get("asks", ()):
                key, amount = float(price), float(size)
                if amount:
                    side[key] = amount
                elif key in side:
                    del side[key]
        if len(book.bids) and len(book.asks):
            book.bids.index(0)
            book.asks.index(0)
