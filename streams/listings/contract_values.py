"""The value of one contract, where a venue counts in contracts, from the venue's own instrument list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import struct_of
from streams.feeds.base import ContractValue

Contracts = Mapping[str, ContractValue]
Row = TypeVar("Row", bound=msgspec.Struct)
Number = int | float | str


@dataclass(frozen=True)
class ContractSource:
    """The URL of a venue's contract values, and the parser of its answer."""

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


class _CoinmSymbol(msgspec.Struct, rename="camel"):
    symbol: str
    contract_size: Number


class _OkxSwap(msgspec.Struct, rename="camel"):
    inst_id: str
    ct_val: Number
    ct_type: Any
    # Of any type: empty means 1.
    ct_mult: Any = None


class _BybitInverse(msgspec.Struct):
    symbol: str


def _coinm(payload: Payload) -> Contracts:
    """GET /dapi/v1/exchangeInfo: contractSize is in the quote, 100 USD for BTC and 10 for the others."""

    def value(row: _CoinmSymbol) -> tuple[str, ContractValue]:
        return row.symbol, ContractValue(_positive(row.contract_size), True)

    return _collect(payload, "symbols", _answered(payload, "symbols"), _CoinmSymbol, value)


def _okx(payload: Payload) -> Contracts:
    """GET /api/v5/public/instruments: ctVal × ctMult, in the base (linear) or dollars (inverse)."""

    def value(row: _OkxSwap) -> tuple[str, ContractValue]:
        amount = _positive(row.ct_val) * _positive(row.ct_mult or 1)
        return row.inst_id, ContractValue(amount, row.ct_type == "inverse")

    return _collect(payload, "data", _answered(payload, "data"), _OkxSwap, value)


def _bybit(payload: Payload) -> Contracts:
    """GET /v5/market/instruments-info: sizes of inverse contracts are dollars."""
    result = _answered(payload, "result")
    listed = result.get("list") if isinstance(result, dict) else None
    return _collect(payload, "result.list", listed, _BybitInverse, lambda row: (row.symbol, ContractValue(1.0, True)))


def _answered(payload: Payload, name: str) -> Any:
    answer = json_body(payload)
    return answer.get(name) if isinstance(answer, dict) else None


def _collect(
    payload: Payload, path: str, rows: Any, kind: type[Row], value: Callable[[Row], tuple[str, ContractValue]]
) -> Contracts:
    """The readable rows: a venue also lists test contracts, without a value. Raises SchemaDrift where none is."""
    found: dict[str, ContractValue] = {}
    for row in rows if isinstance(rows, list) else ():
        try:
            symbol, contract = value(struct_of(row, kind))
        except ValueError:
            # msgspec's errors are ValueErrors too.
            continue
        found[symbol] = contract
    if not found:
        raise SchemaDrift(payload.source, path, "contracts with their value", rows)
    return found


def _positive(value: object) -> float:
    number = float(str(value))
    if not 0 < number < 1e12:
        raise ValueError(f"a contract value was {value!r}, expected a number above 0")
    return number
