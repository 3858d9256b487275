"""A plain book, and a pair whose updates are told to a listener as a keeper tells them."""

from __future__ import annotations

from typing import Any

from orderbooks.records import BANDS_PERCENT, Band, BookListener, Ladder, MinuteRow, ScoredOrder
from orderbooks.records import MINUTE_MS as MINUTE_MS

# 2026-10-01 12:00:00 UTC, the start of a minute.
NOON = 1_790_856_000_000


class PlainBook:
    """Levels as two dictionaries. known: how far from the mid the book is known, as a share of it."""

    def __init__(self, known: float = 1.0) -> None:
        self.bids: dict[float, float] = {}
        self.asks: dict[float, float] = {}
        self.known = known

    @property
    def best(self) -> tuple[float, float, float, float] | None:
        if not self.bids or not self.asks:
            return None
        bid, ask = max(self.bids), min(self.asks)
        return bid, self.bids[bid], ask, self.asks[ask]

    def bands(self, percents: tuple[float, ...] = BANDS_PERCENT) -> tuple[Band, ...]:
        best = self.best
        if best is None:
            return ()
        mid = (best[0] + best[2]) / 2
        found = []
        for percent in percents:
            width = mid * percent / 100
            bid = sum(price * size for price, size in self.bids.items() if price >= mid - width)
            ask = sum(price * size for price, size in self.asks.items() if price <= mid + width)
            coverage = min(1.0, self.known * 100 / percent)
            found.append(Band(percent, bid, ask, coverage, coverage))
        return tuple(found)

    def level_counts(self) -> tuple[int, int]:
        return len(self.bids), len(self.asks)

    def ladder(self, levels: int, walls: int) -> tuple[Ladder, Ladder]:
        return tuple(sorted(self.bids.items(), reverse=True)[:levels]), tuple(sorted(self.asks.items())[:levels])


class PlainPair:
    """One pair of a venue: what is done to its book, the listener is told."""

    def __init__(self, listener: BookListener, symbol: str = "btcusdt", known: float = 1.0) -> None:
        self.listener, self.symbol, self.book = listener, symbol, PlainBook(known)

    def sync(self, at_ms: int, bids: dict[float, float], asks: dict[float, float]) -> None:
        self.book.bids, self.book.asks = dict(bids), dict(asks)
        self.listener.synced(self.symbol, self.book, at_ms)

    def update(
        self,
        at_ms: int,
        bids: dict[float, float] | None = None,
        asks: dict[float, float] | None = None,
        orders: list[ScoredOrder] | None = None,
    ) -> None:
        """Size 0 deletes."""
        self.listener.before_apply(self.symbol, self.book, at_ms)
        for side, changes in ((self.book.bids, bids), (self.book.asks, asks)):
            for price, size in (changes or {}).items():
                if size:
                    side[price] = size
                else:
                    side.pop(price, None)
        self.listener.applied(self.symbol, self.book, at_ms, orders or [])

    def trade(self, at_ms: int, price: float, size: float, taker_buys: bool) -> None:
        self.listener.traded(self.symbol, price, size, taker_buys, at_ms)

    def lose(self, reason: str = "gap") -> None:
        self.listener.lost_sync(self.symbol, reason, None)


def order(
    at_ms: int,
    price: float,
    *,
    bid: bool = True,
    size: float = 50.0,
    score: int = 5,
    distance: float = 0.005,
    symbol: str = "btcusdt",
    venue: str = "BINANCE",
) -> ScoredOrder:
    return ScoredOrder(venue, symbol, bid, price, size, size, 100.0, distance, 3.5, score, at_ms, at_ms * 1_000_000)


def minute_row(minute: int = 0, symbol: str = "btcusdt", depth: float = 1000.0, **fields: Any) -> MinuteRow:
    """A complete row, `minute` minutes after noon, with the same depth on both sides of every band."""
    bands = tuple(Band(percent, depth, depth, 1.0, 1.0) for percent in BANDS_PERCENT)
    row = MinuteRow(
        "BINANCE", symbol, NOON + minute * 60_000, False, 100.5, 100.0, 2.0, 101.0, 3.0, 100.4, bands, 10, 12,
        1.5, 600, 7, 2.5, 1.25, NOON + minute * 60_000 + 59_900,
    )  # fmt: skip
    return row._replace(**fields)
