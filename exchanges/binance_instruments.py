"""Binance's instrument lists: `exchangeInfo` of spot, USD-M and COIN-M."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from crypto_ews.conf import Config
from events.errors import SchemaDrift
from events.http import Payload, json_body
from exchanges.base import BadRow
from exchanges.binance import milliseconds
from exchanges.instrument_states import BINANCE_STATUSES, UnknownStatus, known
from markets.knowledge import InstrumentRow
from markets.models import Venue
from markets.symbols import SymbolSplitter

_SPLITTER = SymbolSplitter()
# What a perpetual's deliveryDate is until a delisting is announced.
PERPETUAL_DELIVERY_MS = 4133404800000


@dataclass(frozen=True)
class InstrumentList:
    """One of Binance's lists: the venue it is of, its archive source, and where it is asked for."""

    venue: str
    source: str
    url: str


def instrument_lists(config: Config) -> tuple[InstrumentList, ...]:
    """Endpoints as Binance documents them: GET /api/v3/exchangeInfo, /fapi/v1/exchangeInfo, /dapi/v1/exchangeInfo."""
    spot = config.binance_base_trading_url.rstrip("/")
    usdm = config.binance_usdm_base_trading_url.rstrip("/")
    coinm = config.binance_coinm_base_trading_url.rstrip("/")
    return (
        InstrumentList(Venue.BINANCE, "binance.instruments", f"{spot}/api/v3/exchangeInfo"),
        InstrumentList(Venue.BINANCE_USDM, "binance.instruments.usdm", f"{usdm}/fapi/v1/exchangeInfo"),
        InstrumentList(Venue.BINANCE_COINM, "binance.instruments.coinm", f"{coinm}/dapi/v1/exchangeInfo"),
    )


def parse_exchange_info(payload: Payload, venue: str) -> tuple[Sequence[InstrumentRow], Sequence[BadRow]]:
    """The instruments of an exchangeInfo. Raises SchemaDrift where `symbols` is not a list of usable rows."""
    answer = json_body(payload)
    symbols = answer.get("symbols") if isinstance(answer, dict) else None
    if not isinstance(symbols, list) or not symbols:
        raise SchemaDrift(payload.source, "symbols", "a list of instruments", f"{type(symbols).__name__}")
    rows: list[InstrumentRow] = []
    bad_rows: list[BadRow] = []
    unknown = 0
    for item in symbols:
        try:
            rows.append(_row(item, venue))
        except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
            symbol = item.get("symbol") if isinstance(item, dict) else None
            bad_rows.append(BadRow(str(symbol or item)[:200], "", str(error), str(item)[:500]))
            unknown += isinstance(error, UnknownStatus)
    if not rows or (len(bad_rows) - unknown) * 10 > len(symbols):
        raise SchemaDrift(payload.source, "symbols[]", "rows with symbol, baseAsset, quoteAsset", bad_rows[0].error)
    return rows, bad_rows


def _row(item: Any, venue: str) -> InstrumentRow:
    status = known(_text(item, "contractStatus" if "contractStatus" in item else "status"), BINANCE_STATUSES)
    base, quote = _text(item, "baseAsset"), _text(item, "quoteAsset")
    # Only contracts are quoted by the thousand; on spot a prefixed name is the asset's own.
    token = base if venue == Venue.BINANCE else _SPLITTER.token(base)
    ends_at: datetime | None = None
    delivery = item.get("deliveryDate")
    if delivery is not None and not (isinstance(delivery, int) and delivery >= PERPETUAL_DELIVERY_MS):
        ends_at = milliseconds(delivery)
    return InstrumentRow(
        venue=venue,
        symbol=_text(item, "symbol"),
        base=base,
        quote=quote,
        token=token,
        status=status,
        live=status == "TRADING",
        multiplier=_multiplier(base, token),
        contract_type=str(item.get("contractType") or "")[:32],
        ends_at=ends_at,
    )


def _multiplier(base: str, token: str) -> Decimal:
    factor = base.upper().replace(token, "", 1) if token != base.upper() else ""
    return Decimal({"": "1", "1M": "1000000"}.get(factor, factor))


def _text(item: Any, name: str) -> str:
    value = item[name] if isinstance(item, dict) and name in item else None
    if not isinstance(value, str) or not value or len(value) > 64 or "\0" in value:
        raise ValueError(f"{name} was {value!r:.80}, expected a text")
    return value
