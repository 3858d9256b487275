"""A pretended tape of trades, and what its minutes come to by a plain reckoning without any of our own code."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from streams.feeds.base import ExactTrade
from trades.records import Kline, TradeMinute

MINUTE = 60_000
START = 1_700_000_040_000 // MINUTE * MINUTE


@dataclass(frozen=True)
class Fill:
    """What one order did at one price: raw trades `first` to `last`."""

    symbol: str
    first: int
    last: int
    price: str
    size: str
    buys: bool
    at: int

    @property
    def exact(self) -> ExactTrade:
        count = self.last - self.first + 1
        return ExactTrade(
            self.symbol, Decimal(self.price), Decimal(self.size), self.buys, self.at, self.first, self.last, count
        )

    @property
    def frame(self) -> str:
        """As Binance tells it."""
        data = {"e": "aggTrade", "E": self.at + 3, "s": self.symbol, "a": self.first, "p": self.price, "q": self.size}
        data |= {"f": self.first, "l": self.last, "T": self.at, "m": not self.buys, "M": True}
        return json.dumps({"stream": f"{self.symbol.lower()}@aggTrade", "data": data}, separators=(",", ":"))


class Figures(NamedTuple):
    open: Fraction
    high: Fraction
    low: Fraction
    close: Fraction
    trades: int
    buys: int
    volume: Fraction
    buy_volume: Fraction


def tape(
    source: random.Random,
    symbol: str,
    number: int,
    first_id: int = 1000,
    start: int = START + 7_000,
    pause: int = 4_000,
) -> list[Fill]:
    """`number` fills in the venue's order. pause: milliseconds between two of them, at most, now and then far more."""
    fills, at, next_id = [], start, first_id
    for _ in range(number):
        at += source.choice([0, 0, source.randint(0, pause), source.randint(0, pause), source.randint(0, 10 * pause)])
        count = source.choice([1, 1, 1, 2, 5])
        price = f"{100 + source.randint(-300, 300) / 100:.2f}"
        size = f"{source.randint(1, 10**6) / 10**5:.5f}"
        fills.append(Fill(symbol, next_id, next_id + count - 1, price, size, source.random() < 0.5, at))
        next_id += count
    return fills


def reckoned(fills: Iterable[Fill]) -> dict[tuple[str, int], Figures]:
    """The minutes with trades, by symbol and start."""
    minutes: dict[tuple[str, int], list[Fill]] = {}
    for fill in fills:
        minutes.setdefault((fill.symbol, fill.at // MINUTE * MINUTE), []).append(fill)
    found = {}
    for key, those in minutes.items():
        those.sort(key=lambda fill: fill.first)
        prices = [Fraction(fill.price) for fill in those]
        values = [Fraction(fill.price) * Fraction(fill.size) for fill in those]
        counts = [fill.last - fill.first + 1 for fill in those]
        found[key] = Figures(
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            sum(counts),
            sum(count for fill, count in zip(those, counts, strict=True) if fill.buys),
            sum(values, Fraction()),
            sum((value for fill, value in zip(those, values, strict=True) if fill.buys), Fraction()),
        )
    return found


def figures(row: TradeMinute) -> Figures:
    """A row with trades, to compare with what was reckoned."""
    assert row.open is not None and row.high is not None and row.low is not None and row.close is not None
    assert row.n_trades is not None and row.n_buys is not None and row.buy_volume is not None
    first, high, low, last = (Fraction(price) for price in (row.open, row.high, row.low, row.close))
    return Figures(first, high, low, last, row.n_trades, row.n_buys, Fraction(row.volume), Fraction(row.buy_volume))


def kline(venue: str, symbol: str, minute_ms: int, those: Figures | None, close: Fraction) -> Kline:
    """The venue's candle of a minute. those: its figures, None without trades. close: the last one before."""
    prices = those[:4] if those else (close,) * 4
    numbers = (those.volume, those.buy_volume) if those else (Fraction(), Fraction())
    opened, high, low, closed = map(exact, prices)
    volume, bought = map(exact, numbers)
    count = those.trades if those else 0
    return Kline(
        venue, symbol, minute_ms, MINUTE, opened, high, low, closed, volume / 100, volume, count, bought, final=True
    )  # fmt: skip


def buys_of(those: Figures | None) -> int:
    """How many trades of takers bought, which no candle tells: so that all else of a repaired row is compared."""
    return 0 if those is None else those.buys


def exact(number: Fraction) -> Decimal:
    return Decimal(int(number * 10**12)).scaleb(-12)
