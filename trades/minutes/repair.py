"""A minute against the venue's own candle: which of the two is kept, and how far they differ. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trades.minutes.exact import EXACT
from trades.records import MINUTE_MS, Kline, MinuteSource, TradeMinute


class Verdict(StrEnum):
    EQUAL = "equal"
    """To the last digit, in all that the candle tells."""
    REPLACED = "replaced"
    """The row was not the venue's minute, or there was none: the candle's values stand."""
    BESIDE_STREAM = "beside the stream"
    """The candle has trades that the stream leaves out by its rule, and no others: both are right, and its values
    stand."""
    UNUSABLE = "unusable"
    """The candle does not tell the volume in quote currency: nothing is changed."""


@dataclass(frozen=True)
class Difference:
    """The candle's value less the row's; None where one of them has none. prices: those that differ, by name."""

    trades: int | None
    volume: Decimal | None
    buy_volume: Decimal | None
    prices: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.trades or self.volume or self.buy_volume or self.prices)

    def __str__(self) -> str:
        values = {"trades": self.trades, "volume": self.volume, "taker's purchases": self.buy_volume}
        parts = [f"{number:+} in {name}" for name, number in values.items() if number]
        return ", ".join([*parts, *(f"another {name}" for name in self.prices)]) or "none"


@dataclass(frozen=True)
class Checked:
    """row: the one that stands, None where there is none. reason: why, in one line."""

    row: TradeMinute | None
    verdict: Verdict
    difference: Difference
    reason: str


# Binance USD-M: "the insurance fund trades and ADL trades won't be aggregated" (developers.binance.com, "Aggregate
# Trade Streams" of USD-M futures): the candle has them.
_LEAVES_TRADES_OUT = frozenset({"BINANCE_USDM"})
_NO_DIFFERENCE = Difference(None, None, None, ())


def checked(row: TradeMinute | None, kline: Kline) -> Checked:
    """Hold a row against the candle of its minute. Raises ValueError for another minute's candle, or an open one."""
    if kline.interval_ms != MINUTE_MS or not kline.final:
        raise ValueError(
            f"the candle of {kline.venue}:{kline.symbol} at {kline.open_ms} has {kline.interval_ms} ms and is "
            f"{'' if kline.final else 'not '}final, expected a final one of {MINUTE_MS} ms"
        )
    if row is None:
        if kline.quote_volume is None:
            return Checked(None, Verdict.UNUSABLE, _NO_DIFFERENCE, _no_volume(kline))
        return Checked(_of_kline(kline, 0), Verdict.REPLACED, _NO_DIFFERENCE, "the minute was not seen")
    if (row.venue, row.symbol, row.minute_ms) != (kline.venue, kline.symbol, kline.open_ms):
        raise ValueError(
            f"the candle was of {kline.venue}:{kline.symbol} at {kline.open_ms}, expected {row.venue}:{row.symbol} at "
            f"{row.minute_ms}"
        )
    difference = _difference(row, kline)
    if kline.quote_volume is None:
        return Checked(row, Verdict.UNUSABLE, difference, _no_volume(kline))
    if not difference:
        if row.complete:
            return Checked(row, Verdict.EQUAL, difference, "equal to the candle")
        # Every trade has a volume, so none is missing.
        return Checked(_revised(row, complete=True), Verdict.EQUAL, difference, "equal to the candle")
    if row.venue in _LEAVES_TRADES_OUT and _only_more(difference):
        return Checked(
            _revised(
                _of_kline(kline, row.revision),
                source=MinuteSource.MIXED,
                n_buys=row.n_buys if not difference.trades else None,
                first_id=row.first_id,
                last_id=row.last_id,
            ),
            Verdict.BESIDE_STREAM,
            difference,
            f"trades that the stream leaves out: {difference}",
        )
    return Checked(
        _of_kline(kline, row.revision + 1), Verdict.REPLACED, difference, f"not the venue's minute: {difference}"
    )


def _only_more(difference: Difference) -> bool:
    """Whether the candle has further trades, and nothing less."""
    parts = (difference.trades, difference.volume, difference.buy_volume)
    return all(part is None or part >= 0 for part in parts) and bool(difference.volume)


def _difference(row: TradeMinute, kline: Kline) -> Difference:
    # A candle without trades repeats a close that the row may not know.
    without_trades = row.n_trades == 0 and kline.volume == 0
    prices = () if without_trades else ("open", "high", "low", "close")
    return Difference(
        None if kline.n_trades is None or row.n_trades is None else kline.n_trades - row.n_trades,
        _less(kline.quote_volume, row.volume),
        _less(kline.taker_buy_quote, row.buy_volume),
        tuple(name for name in prices if getattr(row, name) != getattr(kline, name)),
    )


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else EXACT.subtract(one, other)


def _of_kline(kline: Kline, revision: int) -> TradeMinute:
    """All that a candle tells: of the taker's trades it has no number."""
    assert kline.quote_volume is not None
    return TradeMinute(
        kline.venue,
        kline.symbol,
        kline.open_ms,
        kline.open,
        kline.high,
        kline.low,
        kline.close,
        kline.n_trades,
        0 if kline.quote_volume == 0 else None,
        kline.quote_volume,
        kline.taker_buy_quote if kline.quote_volume else kline.quote_volume,
        True,
        MinuteSource.KLINE,
        revision=revision,
    )


def _revised(row: TradeMinute, **changes: object) -> TradeMinute:
    return row._replace(**{"revision": row.revision + 1, **changes})  # type: ignore[arg-type]


def _no_volume(kline: Kline) -> str:
    return f"candles of {kline.venue} have no volume in quote currency"
