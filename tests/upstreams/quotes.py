"""Best bid and ask of Binance and OKX, and DeFiLlama's daily rates, made from prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_HALF_SPREAD = 0.0001


def book_tickers(prices: Mapping[str, float]) -> list[dict[str, str]]:
    """The answer of Binance's `ticker/bookTicker` for symbols such as `LUNAUSDT`."""
    return [
        {
            "symbol": symbol,
            "bidPrice": f"{price * (1 - _HALF_SPREAD):.8f}",
            "bidQty": "10.00000000",
            "askPrice": f"{price * (1 + _HALF_SPREAD):.8f}",
            "askQty": "12.00000000",
        }
        for symbol, price in prices.items()
    ]


def okx_tickers(prices: Mapping[str, float]) -> dict[str, Any]:
    """The answer of OKX's `market/tickers` for instruments such as `LUNA-USDT`."""
    rows = [
        {
            "instId": name,
            "last": f"{price:.8f}",
            "bidPx": f"{price * (1 - _HALF_SPREAD):.8f}",
            "bidSz": "10",
            "askPx": f"{price * (1 + _HALF_SPREAD):.8f}",
            "askSz": "12",
        }
        for name, price in prices.items()
    ]
    return {"code": "0", "msg": "", "data": rows}


def daily_rates(day: datetime, rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """The answer of DeFiLlama's `rates`: units per dollar on a day."""
    return [{"date": round(day.timestamp()), "rates": {"USD": 1.0, **rates}}]
