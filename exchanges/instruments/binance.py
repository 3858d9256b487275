"""Binance's instrument lists: `exchangeInfo` of spot, USD-M and COIN-M."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from crypto_ews.conf import Config
from events.sources.content import ContentRule
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from exchanges.content import BINANCE_INSTRUMENT_AGES, instruments
from exchanges.instrument_status import Meaning, declare_statuses, known
from exchanges.instruments.lists import InstrumentList, ReadRows, end_of, named, read_rows, symbol_of, text
from exchanges.instruments.unchanged_lists import server_time
from exchanges.instruments.updater import InstrumentUpdater
from exchanges.venues import venue_name
from markets.knowledge import InstrumentRow
from markets.symbols import SymbolSplitter
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
    )
)
# "status" of exchangeInfo (spot) and of its futures' (COIN-M says "contractStatus"), as the API documentation lists
# them under enum definitions. 134 of 924 USD-M contracts stood in SETTLING in October 2026: that is where delisted
# perpetuals stay, as spot pairs stay in BREAK.
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
    """The instruments of an exchangeInfo. Raises SchemaDrift where `symbols` is not a list of usable rows."""
    answer = json_body(payload)
    symbols = answer.get("symbols") if isinstance(answer, dict) else None
    if not isinstance(symbols, list) or not symbols:
        raise SchemaDrift(payload.source, "symbols", "a list of instruments", f"{type(symbols).__name__}")
    expected = "rows with symbol, baseAsset, quoteAsset"
    items, at = named(symbols, "symbol"), payload.received_at
    return read_rows(items, lambda item: _row(item, venue, at), payload.source, "symbols[]", expected)


class BinanceInstrumentUpdater(InstrumentUpdater):
    """Spot, USD-M and COIN-M; a market that cannot be read leaves the others as they are."""

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


def _row(item: Any, venue: str, read_at: datetime) -> InstrumentRow:
    status_name = "contractStatus" if "contractStatus" in item else "status"
    symbol = symbol_of(item, "symbol", status_name, STATUSES)
    status = known(text(item, status_name), STATUSES)
    base, quote = text(item, "baseAsset"), text(item, "quoteAsset")
    # Only contracts are quoted by the thousand; on spot a prefixed name is the asset's own.
    token = base if venue == SPOT else _SPLITTER.token(base)
    return InstrumentRow(
        venue=venue,
        symbol=symbol,
        base=base,
        quote=quote,
        token=token,
        status=status,
        live=status == "TRADING",
        multiplier=_multiplier(base, token),
        contract_type=str(item.get("contractType") or "")[:32],
        # Of a perpetual a time in the next century, until a delisting is announced.
        ends_at=end_of(item.get("deliveryDate"), read_at),
        settle=_settle(item, venue, base, quote),
    )


def _settle(item: Any, venue: str, base: str, quote: str) -> str:
    """`marginAsset`, which lists of the first years do not have."""
    if venue == SPOT:
        return ""
    if "marginAsset" in item:
        return text(item, "marginAsset")
    return base if venue == COINM else quote


def _multiplier(base: str, token: str) -> Decimal:
    factor = base.upper().replace(token, "", 1) if token != base.upper() else ""
    return Decimal({"": "1", "1M": "1000000"}.get(factor, factor))
