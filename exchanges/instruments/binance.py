"""Binance's instrument lists: `exchangeInfo` of spot, USD-M and COIN-M."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from crypto_ews.conf import Config
from events.sources.content import ContentRule
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.text import encodable
from exchanges.content import BINANCE_INSTRUMENT_AGES, instruments
from exchanges.instrument_status import Meaning, declare_statuses
from exchanges.instruments.lists import (
    InstrumentList,
    Listed,
    ReadRows,
    end_of,
    listed_row,
    named,
    read_rows,
    server_time,
)
from exchanges.instruments.updater import InstrumentUpdater
from exchanges.venues import venue_name
from exchanges.wire import Name
from markets.knowledge import InstrumentRow
from markets.symbols import SymbolSplitter, multiplier
from markets.venues import Exchange, declare

EXCHANGE = "binance"
SPOT, USDM, COINM = (venue_name(EXCHANGE, market) for market in ("spot", "usdm", "coinm"))
declare(
    Exchange(
        EXCHANGE,
        "Binance",
        {
            SPOT: "Binance spot",
            USDM: "Binance USDⓈ-M",
            COINM: "Binance COIN-M",
            venue_name(EXCHANGE, "margin"): "Binance margin",
            venue_name(EXCHANGE, "options"): "Binance options",
        },
        in_ccxt={"YOYO": "YOYOW"},
    )
)
# "status" of exchangeInfo (spot) and of its futures' (COIN-M: "contractStatus"), as the API documentation lists
# them under enum definitions. Delisted perpetuals stay in SETTLING (134 of 924 USD-M contracts in October 2026), as
# spot pairs stay in BREAK.
STATUSES: Mapping[str, Meaning] = {
    "TRADING": Meaning.LIVE,
    "PRE_TRADING": Meaning.PENDING,
    "PENDING_TRADING": Meaning.PENDING,
    "POST_TRADING": Meaning.HALTED,
    "END_OF_DAY": Meaning.HALTED,
    "HALT": Meaning.HALTED,
    "AUCTION_MATCH": Meaning.HALTED,
    "BREAK": Meaning.HALTED,
    "CANCEL_ONLY": Meaning.HALTED,
    "TRADING_HALT": Meaning.HALTED,
    "TRADING_CANCEL_ONLY": Meaning.HALTED,
    "PRE_DELIVERING": Meaning.ENDED,
    "DELIVERING": Meaning.ENDED,
    "DELIVERED": Meaning.ENDED,
    "PRE_SETTLE": Meaning.ENDED,
    "SETTLING": Meaning.ENDED,
    "CLOSE": Meaning.ENDED,
}
declare_statuses(EXCHANGE, STATUSES)

_SPLITTER = SymbolSplitter()


def instrument_lists(config: Config) -> tuple[InstrumentList, ...]:
    """Endpoints as Binance documents them: GET /api/v3/exchangeInfo, /fapi/v1/exchangeInfo, /dapi/v1/exchangeInfo."""
    spot = config.binance_base_trading_url.rstrip("/")
    usdm = config.binance_usdm_base_trading_url.rstrip("/")
    coinm = config.binance_coinm_base_trading_url.rstrip("/")
    return (
        InstrumentList(SPOT, "binance.instruments", (SPOT,), f"{spot}/api/v3/exchangeInfo"),
        InstrumentList(USDM, "binance.instruments.usdm", (USDM,), f"{usdm}/fapi/v1/exchangeInfo"),
        InstrumentList(COINM, "binance.instruments.coinm", (COINM,), f"{coinm}/dapi/v1/exchangeInfo"),
    )


def parse_exchange_info(payload: Payload, venue: str) -> ReadRows:
    """The instruments of an exchangeInfo. Raises SchemaDrift if `symbols` is not a list of usable rows."""
    answer = json_body(payload)
    symbols = answer.get("symbols") if isinstance(answer, dict) else None
    if not isinstance(symbols, list) or not symbols:
        raise SchemaDrift(payload.source, "symbols", "a list of instruments", f"{type(symbols).__name__}")
    expected = "rows with symbol, baseAsset, quoteAsset"
    items, at = named(symbols, "symbol"), payload.received_at
    return read_rows(items, lambda item: _row(item, venue, at), payload.source, "symbols[]", expected)


class BinanceInstrumentUpdater(InstrumentUpdater):
    """Spot, USD-M and COIN-M. If one list fails, the others are still read."""

    name = "binance.instruments"
    exchange = EXCHANGE
    venues = (SPOT, USDM, COINM)

    def lists(self) -> Sequence[InstrumentList]:
        return instrument_lists(self.config)

    def content(self) -> ContentRule:
        return instruments(EXCHANGE, *BINANCE_INSTRUMENT_AGES)

    def made_at(self, payload: Payload) -> datetime | None:
        return server_time(payload)

    def parse(self, payload: Payload, instrument_list: InstrumentList) -> ReadRows:
        return parse_exchange_info(payload, instrument_list.name)


class _Pair(Listed):
    """A row of spot, and the fields that contracts add. deliveryDate: epoch ms; of a perpetual in the next century."""

    base: Name = msgspec.field(name="baseAsset")
    quote: Name = msgspec.field(name="quoteAsset")
    contract_type: Any = msgspec.field(name="contractType", default=None)
    delivery_date: int | float | str | None = msgspec.field(name="deliveryDate", default=None)


class _Contract(_Pair):
    """A row of USD-M. `marginAsset` is missing in lists of the first years."""

    margin: Name | UnsetType = msgspec.field(name="marginAsset", default=UNSET)


class _CoinmContract(_Contract):
    """A row of COIN-M, whose status has another name."""

    status: Name = msgspec.field(name="contractStatus")


def _row(item: Any, venue: str, read_at: datetime) -> InstrumentRow:
    kind: type[_Pair] = _Pair if venue == SPOT else _Contract
    if isinstance(item, dict) and "contractStatus" in item:
        kind = _CoinmContract
    row = listed_row(item, kind, STATUSES)
    # Only contracts are quoted by the thousand; on spot a prefixed name is the asset's own.
    token = row.base if venue == SPOT else _SPLITTER.token(row.base)
    factor = multiplier(row.base, token)
    if factor is None:
        raise ValueError(
            f"baseAsset was {row.base!r:.80}, expected an asset in upper case or a multiple of {token!r:.80}"
        )
    return InstrumentRow(
        venue=venue,
        symbol=row.symbol,
        base=row.base,
        quote=row.quote,
        token=token,
        status=row.status,
        live=row.status == "TRADING",
        multiplier=factor,
        contract_type=encodable(str(row.contract_type or ""))[:32],
        ends_at=end_of(row.delivery_date, read_at),
        settle=_settle(row, venue),
    )


def _settle(row: _Pair, venue: str) -> str:
    if venue == SPOT or not isinstance(row, _Contract):
        return ""
    if row.margin is not UNSET:
        return row.margin
    return row.base if venue == COINM else row.quote
