"""What one contract is worth, where a venue counts in contracts: from the venue's own instrument list. Pure parsing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from streams.feeds.base import ContractValue

Contracts = Mapping[str, ContractValue]


@dataclass(frozen=True)
class ContractSource:
    """Where a venue's contract values are asked for, and what reads the answer."""

    url: str
    parse: Callable[[Payload], Contracts]


def contract_source(config: Config, venue: str) -> ContractSource | None:
    """None for venues that count in coins."""
    if venue == "BINANCE_COINM":
        return ContractSource(f"{config.binance_coinm_base_trading_url.rstrip('/')}/dapi/v1/exchangeInfo", _coinm)
    if venue in ("OKX_USDM", "OKX_COINM"):
        url = f"{config.okx_base_trading_url.rstrip('/')}/api/v5/public/instruments?instType=SWAP"
        return ContractSource(url, _okx)
    if venue == "BYBIT_COINM":
        url = f"{config.bybit_base_trading_url.rstrip('/')}/v5/market/instruments-info?category=inverse&limit=1000"
        return ContractSource(url, _bybit)
    return None


def _coinm(payload: Payload) -> Contracts:
    """GET /dapi/v1/exchangeInfo: contractSize is in the quote, 100 USD for BTC and 10 for the others."""
    return _collect(
        payload, "symbols", lambda row: (row["symbol"], ContractValue(_positive(row["contractSize"]), True))
    )


def _okx(payload: Payload) -> Contracts:
    """GET /api/v5/public/instruments: ctVal × ctMult, in the base (linear) or dollars (inverse)."""

    def value(row: Any) -> tuple[str, ContractValue]:
        amount = _positive(row["ctVal"]) * _positive(row.get("ctMult") or "1")
        return row["instId"], ContractValue(amount, row["ctType"] == "inverse")

    return _collect(payload, "data", value)


def _bybit(payload: Payload) -> Contracts:
    """GET /v5/market/instruments-info: sizes of inverse contracts are dollars."""
    answer = json_body(payload)
    result = answer.get("result") if isinstance(answer, dict) else None
    listed = result.get("list") if isinstance(result, dict) else None
    return _rows(payload, "result.list", listed, lambda row: (row["symbol"], ContractValue(1.0, True)))


def _collect(payload: Payload, name: str, value: Callable[[Any], tuple[str, ContractValue]]) -> Contracts:
    answer = json_body(payload)
    return _rows(payload, name, answer.get(name) if isinstance(answer, dict) else None, value)


def _rows(payload: Payload, name: str, rows: Any, value: Callable[[Any], tuple[str, ContractValue]]) -> Contracts:
    """The rows that can be read: a venue lists test contracts without a value. Raises SchemaDrift where none can."""
    found: dict[str, ContractValue] = {}
    for row in rows if isinstance(rows, list) else ():
        try:
            symbol, worth = value(row)
        except (KeyError, TypeError, ValueError):
            continue
        found[symbol] = worth
    if not found:
        raise SchemaDrift(payload.source, name, "contracts with their value", rows)
    return found


def _positive(text: object) -> float:
    number = float(str(text))
    if not 0 < number < 1e12:
        raise ValueError(f"a contract value was {text!r}, expected a number above 0")
    return number
