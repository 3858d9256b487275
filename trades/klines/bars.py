"""What a candle is to the tables: its volume in quote currency, its minute row, and candles of nothing where a venue
leaves out intervals without trades."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal

from trades.records import Kline, MinuteSource, TradeMinute

_NONE = Decimal(0)
# Wide enough that a product is never rounded.
_EXACT = Context(prec=120)


def quote_volume(kline: Kline) -> Decimal:
    """In quote currency; where the venue tells the base currency's alone, that times the close."""
    if kline.quote_volume is not None:
        return kline.quote_volume
    return _NONE if kline.volume is None else _EXACT.multiply(kline.volume, kline.close)


def minute_of(kline: Kline) -> TradeMinute:
    """The row of a minute that only its candle tells about.

    The venue has counted all of its trades: it is complete. The number of buys is in no venue's candle.
    """
    return TradeMinute(
        kline.venue, kline.symbol, kline.open_ms, kline.open, kline.high, kline.low, kline.close, kline.n_trades, None,
        quote_volume(kline), kline.taker_buy_quote, True, MinuteSource.KLINE,
    )  # fmt: skip


def filled(klines: Sequence[Kline], end_ms: int) -> list[Kline]:
    """Candles in order of time, with empty ones where an interval is missing between the first and `end_ms`.

    For venues that leave out intervals without trades. Before the first nothing is added: whether the pair was listed
    then is unknown.
    """
    result: list[Kline] = []
    for position, kline in enumerate(klines):
        until = klines[position + 1].open_ms if position + 1 < len(klines) else end_ms
        result.append(kline)
        for open_ms in range(kline.open_ms + kline.interval_ms, until, kline.interval_ms):
            empty = kline._replace(
                open_ms=open_ms, open=kline.close, high=kline.close, low=kline.close, volume=_NONE, quote_volume=_NONE,
                n_trades=0, taker_buy_quote=None if kline.taker_buy_quote is None else _NONE, final=True,
            )  # fmt: skip
            result.append(empty)
    return result
