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
    high, low and close at the last close, None where no trade was ever seen. n_buys, buy_volume: None where the venue
    does not tell the taker's side. complete: no trade between this row and the one before it was missed, by the
    venue's trade ids. first_id, last_id: of its raw trades, None where it has none or the venue does not number them.
    revision: 0 for the first row of a minute, one more for each that replaces it.
    """

    venue: str
    symbol: str
    minute_ms: int
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal | None
    n_trades: int
    n_buys: int | None
    volume: Decimal
    buy_volume: Decimal | None
    complete: bool
    source: MinuteSource
    first_id: int | None = None
    last_id: int | None = None
    revision: int = 0
