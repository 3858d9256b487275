"""What the parts of this app give each other: plain immutable records. Prices and volumes are in the quote currency."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

MINUTE_MS = 60_000


class MinuteSource(StrEnum):
    """Where a minute's row is from."""

    STREAM = "stream"
    KLINE = "kline"
    MIXED = "mixed"
    """Counted from the stream, with values that only the kline has."""


class TradeMinute(NamedTuple):
    """One minute of trades of one instrument, cut by trade time.

    minute_ms: its start, by the exchange's clock. n_trades: raw trades (an aggregated one counts all that it holds).
    n_buys: those whose taker bought. volume, buy_volume: in quote currency, exact. A minute without trades has open,
    high, low and close at the last close, None where no trade was ever seen. n_trades, n_buys, buy_volume: None where
    the row is from a candle that does not tell them. complete: no trade between this row and the one before it was
    missed, by the venue's trade ids, or by its candle of the minute. first_id, last_id: of its raw trades, None where
    it has none or the venue does not number them. revision: 0 for the first row of a minute, one more for each that
    replaces it.
    """

    venue: str
    symbol: str
    minute_ms: int
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    n_trades: int | None
    n_buys: int | None
    volume: Decimal
    buy_volume: Decimal | None
    complete: bool
    source: MinuteSource
    first_id: int | None = None
    last_id: int | None = None
    revision: int = 0


class Kline(NamedTuple):
    """A candle as a venue gives it. Prices are in the quote currency, as written.

    open_ms: its start, by the exchange's clock; interval_ms: its length. volume: in the base currency, quote_volume:
    in the quote currency; None where the venue does not tell it. n_trades: raw trades; taker_buy_quote: the quote
    volume of the trades whose taker bought; None where the venue does not tell. final: the candle has ended, by the
    venue's clock, so that its values stand.
    """

    venue: str
    symbol: str
    open_ms: int
    interval_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None
    quote_volume: Decimal | None
    n_trades: int | None
    taker_buy_quote: Decimal | None
    final: bool
