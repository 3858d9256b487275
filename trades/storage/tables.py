"""The tables of minutes and bars: columns, and which of two rows of a minute stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

from events.database.tables import Table
from trades.klines.bars import quote_volume
from trades.records import Kline, TradeMinute

Number = Callable[[str, str], int]
"""Venue and symbol → the instrument's number."""
FIVE_MINUTES_MS, HOUR_MS = 300_000, 3_600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MINUTE_NAMES = (
    "instrument_id", "minute", "open", "high", "low", "close", "n_trades", "n_buys", "volume", "buy_volume", "complete",
    "source", "first_id", "last_id", "revision",
)  # fmt: skip
_minute_values = attrgetter(*MINUTE_NAMES[2:])
BAR_NAMES = ("instrument_id", "open_at", "open", "high", "low", "close", "n_trades", "volume", "buy_volume")
_MINUTES = "trades_minutebar"


def moment_of(exchange_ms: int) -> datetime:
    """Milliseconds since 1970 as aware UTC. Raises OverflowError for a time that no calendar has."""
    return _EPOCH + timedelta(milliseconds=exchange_ms)


def milliseconds_of(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@lru_cache(maxsize=8192)
def _text(exchange_ms: int) -> str:
    return moment_of(exchange_ms).isoformat()


def minute_table(number: Number) -> Table[TradeMinute]:
    """Of two rows of a minute the one stands that the venue's candle has settled in a repair; then the higher revision;
    then the complete one; then that of the stream, which also knows ids and the number of buys. So in whatever order
    rows come, and however often, the same one is there in the end."""

    def values(row: TradeMinute) -> list[Any]:
        return [number(row.venue, row.symbol), _text(row.minute_ms), *_minute_values(row)]

    def rank(row: str) -> tuple[str, ...]:
        settled = f"({row}source <> 'stream' AND {row}revision > 0)"
        return settled, f"{row}revision", f"{row}complete", f"{row}source <> 'kline'"

    updates = ", ".join(f"{name} = excluded.{name}" for name in MINUTE_NAMES[2:])
    return Table(
        _MINUTES,
        MINUTE_NAMES,
        f"(instrument_id, minute) DO UPDATE SET {updates}"
        f" WHERE ({', '.join(rank('excluded.'))}) > ({', '.join(rank(f'{_MINUTES}.'))})",
        lambda row: row.minute_ms,
        values,
        best_first=", ".join(f"{part} DESC" for part in (*rank(""), "line")),
    )


def bar_table(interval_ms: int, number: Number) -> Table[Kline]:
    """The table of five-minute or hourly bars. A bar that is there stands: candles are stored when they have ended.

    Raises ValueError for another interval.
    """
    names = {FIVE_MINUTES_MS: "trades_fiveminutebar", HOUR_MS: "trades_hourbar"}
    if interval_ms not in names:
        raise ValueError(f"interval was {interval_ms} ms, expected {' or '.join(map(str, names))}")

    def values(bar: Kline) -> list[Any]:
        return [
            number(bar.venue, bar.symbol), _text(bar.open_ms), bar.open, bar.high, bar.low, bar.close, bar.n_trades,
            quote_volume(bar), bar.taker_buy_quote,
        ]  # fmt: skip

    return Table(
        names[interval_ms],
        BAR_NAMES,
        "(instrument_id, open_at) DO NOTHING",
        lambda bar: bar.open_ms,
        values,
        by_day=interval_ms == FIVE_MINUTES_MS,
    )
