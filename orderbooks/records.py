"""What the collector gives to whoever stores, shows or judges it: plain immutable records, sizes in units of the base
asset (contracts converted where the venue's contract value is known), prices in the quote."""

from __future__ import annotations

from typing import NamedTuple, Protocol

BANDS_PERCENT = (0.1, 0.5, 1.0, 2.0, 4.0)
MINUTE_MS = 60_000
# Connections of a venue are not equally fast, and trades travel apart from the book.
GRACE_MS = 3_000


class ScoredOrder(NamedTuple):
    """A new or grown level and its whale score.

    size: what was added. level_size: what stands there now. sigmas: distance of log(size) from the mean in standard
    deviations, None while the distribution is too young to judge. distance: |price − mid| / mid. score: 0 … 6.
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
    """Depth within a distance of the mid. bid, ask: in quote currency, of what is known: at least so much.
    *_coverage: which part of the band the known book reaches (1.0: all of it)."""

    percent: float
    bid: float
    ask: float
    bid_coverage: float
    ask_coverage: float

    @property
    def bias(self) -> float | None:
        """(bid − ask) / (bid + ask); None for an empty band, and where a side is not known to the end of the band.

        Sums of unequal reach say nothing of each other, and a reach that changes would make minutes incomparable.
        """
        both = self.bid + self.ask
        known = self.bid_coverage >= 1 and self.ask_coverage >= 1
        return (self.bid - self.ask) / both if known and both > 0 else None


class MinuteRow(NamedTuple):
    """One minute of one book, as it stood at the minute's end by exchange time.

    minute_ms: start of the minute. partial: the book was not in sync all the minute long, or the minute was not seen
    whole; values are None where nothing true is known. order_flow_imbalance: in base units, summed over the minute
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


class ReadableBook(Protocol):
    """The side of a book that metrics and pages read. Only ever handed out while it is in sync."""

    @property
    def best(self) -> tuple[float, float, float, float] | None:
        """bid, bid size, ask, ask size; None while a side is empty."""
        ...

    def bands(self, percents: tuple[float, ...] = BANDS_PERCENT) -> tuple[Band, ...]:
        """Depth by band around the present mid; cost grows with the levels read, so not for every update."""
        ...

    def level_counts(self) -> tuple[int, int]: ...


class BookListener(Protocol):
    """Told of everything that happens to one symbol's book, in order, from the thread (or loop) that feeds it.

    `before_apply` comes before the first change of an update with its exchange time, so that a minute can be closed on
    the state that it ended with; `applied` after it. Nothing is told between `lost_sync` and `synced`.
    """

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        """orders: only those that score at least one point."""
        ...

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        """A level that held a stored whale is gone or shrunk below half of it."""
        ...

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None: ...

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None: ...


class WhaleEnd(NamedTuple):
    """order: the one that ended, as it was placed. spoof: None where it cannot be told."""

    order: ScoredOrder
    ended_ms: int
    spoof: bool | None


class WhalesUnknown(NamedTuple):
    """The pair's book was lost: whether its whales stand is not known any more."""

    venue: str
    symbol: str


WhaleNews = ScoredOrder | WhaleEnd | WhalesUnknown
