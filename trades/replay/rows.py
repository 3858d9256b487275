"""A minute row as JSON: the form of `volumereplay` and of what is exported."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from trades.records import TradeMinute

Json = str | int | bool | None


def row_as_json(row: TradeMinute) -> dict[str, Json]:
    """instrument: VENUE:SYMBOL. minute: its start, ISO 8601 in UTC. Prices and volumes: texts, digit by digit, without
    an exponent and without zeros that say nothing."""
    return {
        "instrument": f"{row.venue}:{row.symbol}",
        "minute": datetime.fromtimestamp(row.minute_ms / 1000, UTC).isoformat(),
        "open": digits(row.open),
        "high": digits(row.high),
        "low": digits(row.low),
        "close": digits(row.close),
        "n_trades": row.n_trades,
        "n_buys": row.n_buys,
        "volume": digits(row.volume),
        "buy_volume": digits(row.buy_volume),
        "complete": row.complete,
        "source": row.source.value,
        "first_id": row.first_id,
        "last_id": row.last_id,
        "revision": row.revision,
    }


def digits(number: Decimal | None) -> str | None:
    """A number as text. `Decimal.normalize` would round to the digits of the thread's context."""
    if number is None:
        return None
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
