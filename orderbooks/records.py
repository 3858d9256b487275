"""What the collector gives to storage, pages and detection: plain immutable records. Sizes are in units of the base
asset (contracts converted where the venue's contract value is known), prices in the quote."""

from __future__ import annotations

from typing import NamedTuple, Protocol

BANDS_PERCENT = (0.1, 0.5, 1.0, 2.0, 4.0)
MINUTE_MS = 60_000
# Connections of a venue are not equally fast, and trades travel apart from the book.
GRACE_MS = 3_000


class ScoredOrder(NamedTuple):
    """A new or grown level and its whale score.

    size: what was added. level_size: the level's size now. sigmas: distance of log(size) from the mean in standard
    deviations, None while the distribution is too young. distance: |price − mid| / mid. score: 0 … 6.
    """

    venue: str
    symbol: str
    bid: bool
    price: float
    size: float
    level_size: float
    mid: float
    distance: float
    sigmas: float | None
    score: int
    exchange_ms: int
    received_ns: int


class Band(NamedTuple):
    """Depth within a distance of the mid. bid, ask: in quote currency, of the known levels: at least so much.
    *_coverage: share of the band that the known book reaches (1.0: all of it)."""

    percent: float
    bid: float
    ask: float
    bid_coverage: float
    ask_coverage: float

    @property
    def bias(self) -> float | None:
        """(bid − ask) / (bid + ask); None for an empty band, and where a side is not known to the end of the band.

        Sums of unequal reach cannot be compared, and a reach that changes would make minutes incomparable.
        """
        both = self.bid + self.ask
        known = self.bid_coverage >= 1 and self.ask_coverage >= 1
        return (self.bid - self.ask) / both if known and both > 0 else None


class MinuteRow(NamedTuple):
    """One minute of one book, with the book's state at the minute's end by exchange time.

    minute_ms: start of the minute. partial: the book was not in sync during all of the minute, or part of the minute
    was not seen; values are None where they are unknown. order_flow_imbalance: in base units, summed over the minute
    (Cont, Kukanov, Stoikov 2014). last_update_ms: exchange time of the last update.
    """

    venue: str
    symbol: str
    minute_ms: int
    partial: bool
    mid: float | None
    best_bid: float | None
    best_bid_size: float | None
    best_ask: float | None
    best_ask_size: float | None
    micro_price: float | None
    bands: tuple[Band, ...]
    bid_levels: int
    ask_levels: int
    order_flow_imbalance: float
    updates: int
    trades: int
    buy_volume: float
    sell_volume: float
    last_update_ms: int | None


Ladder = tuple[tuple[float, float], ...]
"""(price, size in base units), the best first."""


class ReadableBook(Protocol):
    """What metrics and pages read of a book. Only passed to listeners while the book is in sync."""

    @property
    def best(self) -> tuple[float, float, float, float] | None:
        """bid, bid size, ask, ask size; None while a side is empty."""
        ...

    def bands(self, percents: tuple[float, ...] = BANDS_PERCENT) -> tuple[Band, ...]:
        """Depth by band around the present mid; the cost grows with the levels, so not for every update."""
        ...

    def level_counts(self) -> tuple[int, int]: ...

    def ladder(self, levels: int, walls: int) -> tuple[Ladder, Ladder]:
        """Bids and asks: the best levels, and the largest behind them; the cost grows with the levels."""
        ...


class BookListener(Protocol):
    """Called with everything that happens to one symbol's book, in order, in the thread (or loop) that feeds it.

    `before_apply` comes before an update changes the book, with the update's exchange time, so that a minute can be
    closed on its last state; `applied` comes after it. Nothing is called between `lost_sync` and `synced`.
    """

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        """orders: only those that score at least one point."""
        ...

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        """The level of a stored whale is gone or has shrunk below half of it."""
        ...

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None: ...

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None: ...


class WhaleEnd(NamedTuple):
    """order: the whale's first order. spoof: whether it may have been one, None where that is unknown."""

    order: ScoredOrder
    ended_ms: int
    spoof: bool | None


class WhalesUnknown(NamedTuple):
    """The pair's book was lost: whether its whales are still there is unknown."""

    venue: str
    symbol: str


WhaleObservation = ScoredOrder | WhaleEnd | WhalesUnknown
