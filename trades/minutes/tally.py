"""What has been counted of one minute."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from streams.feeds.base import ExactTrade
from trades.minutes.exact import EXACT, ZERO
from trades.records import TradeMinute


class Tally:
    """The trades of one minute of one pair. Open and close are those of the first and last trade in the venue's order,
    whatever order they came in.

    row: as it was emitted last, None before. asked: its repair was requested. names: of trades that have no
    consecutive numbers, by which repetitions are found.
    """

    __slots__ = (
        "asked", "buy_volume", "buys", "close", "first_id", "first_place", "high", "last_id", "last_place", "low",
        "names", "open", "row", "trades", "volume",
    )  # fmt: skip

    def __init__(self) -> None:
        self.open = self.high = self.low = self.close = ZERO
        self.trades = self.buys = 0
        self.volume = self.buy_volume = ZERO
        self.first_id: int | None = None
        self.last_id: int | None = None
        # Where in the venue's order open and close stand.
        self.first_place: Any = None
        self.last_place: Any = None
        self.row: TradeMinute | None = None
        self.asked = False
        self.names: set[int | str] | None = None

    def add(self, trade: ExactTrade, value: Decimal, place: Any) -> None:
        """value: in quote currency. place: comes in the venue's order."""
        price = trade.price
        if not self.trades:
            self.open = self.high = self.low = self.close = price
            self.first_place = self.last_place = place
        else:
            if price > self.high:
                self.high = price
            elif price < self.low:
                self.low = price
            if place >= self.last_place:
                self.close, self.last_place = price, place
            elif place < self.first_place:
                self.open, self.first_place = price, place
        self.trades += trade.count
        self.volume = EXACT.add(self.volume, value)
        if trade.taker_buys:
            self.buys += trade.count
            self.buy_volume = EXACT.add(self.buy_volume, value)

    def covers(self, first_id: int, last_id: int) -> None:
        if self.first_id is None or first_id < self.first_id:
            self.first_id = first_id
        if self.last_id is None or last_id > self.last_id:
            self.last_id = last_id
