"""The markets of the exchanges that the test plays: BTC and ETH, spot and contracts, as ccxt would have read them."""

from __future__ import annotations

from typing import Any

ORDER_TYPES = (
    "LIMIT MARKET LIMIT_MAKER STOP STOP_MARKET STOP_LOSS STOP_LOSS_LIMIT TAKE_PROFIT TAKE_PROFIT_LIMIT "
    "TAKE_PROFIT_MARKET TRAILING_STOP_MARKET"
).split()


def _market(
    name: str, base: str, quote: str, kind: str = "spot", settle: str | None = None, code: int | None = None
) -> Any:
    contract = kind != "spot"
    return {
        "id": name, "symbol": f"{base}/{quote}" + (f":{settle}" if contract else ""), "base": base, "quote": quote,
        "baseId": base, "quoteId": quote, "settle": settle, "settleId": settle, "type": kind, "spot": not contract,
        "margin": not contract, "swap": contract, "future": False, "option": False, "active": True,
        "contract": contract, "linear": settle == quote if contract else None,
        "inverse": settle == base if contract else None, "contractSize": 1.0 if contract else None,
        "taker": 0.001, "maker": 0.001, "expiry": None, "instIdCode": code,
        "precision": {"amount": 0.0001, "price": 0.01, "cost": 0.01},
        "limits": {"amount": {"min": 0.0001, "max": None}, "price": {"min": None, "max": None},
                   "cost": {"min": None, "max": None}, "leverage": {"min": 1, "max": 10}},
        "info": {"instIdCode": code, "symbol": name, "status": "TRADING", "orderTypes": ORDER_TYPES},
    }  # fmt: skip


def markets_of(exchange: str) -> list[Any]:
    """What `set_markets` takes."""
    found = []
    for number, base in enumerate(("BTC", "ETH")):
        if exchange == "kraken":
            found.append(_market({"BTC": "XXBTZUSD", "ETH": "XETHZUSD"}[base], base, "USD"))
        elif exchange == "okx":
            found.append(_market(f"{base}-USDT", base, "USDT", code=10 + number))
            found.append(_market(f"{base}-USDT-SWAP", base, "USDT", "swap", "USDT", code=20 + number))
            found.append(_market(f"{base}-USD-SWAP", base, "USD", "swap", base, code=30 + number))
        else:
            found.append(_market(f"{base}USDT", base, "USDT"))
            found.append(_market(f"{base}USDT", base, "USDT", "swap", "USDT"))
            found.append(_market(f"{base}USD_PERP", base, "USD", "swap", base))
    return found
