"""OKX's instrument lists, and the request for a single instrument.

A linear swap or future (margined in a dollar coin) is on the venue OKX_USDM, an inverse one on OKX_COINM, as Binance's
are on BINANCE_USDM and BINANCE_COINM: watch lists, announcements and quotes use the same venues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from exchanges.instrument_status import Meaning, declare_statuses
from exchanges.instruments.lists import (
    InstrumentList,
    Listed,
    ReadRows,
    end_of,
    listed_row,
    named,
    read_rows,
    text,
    without_nul,
)
from exchanges.instruments.updater import InstrumentUpdater
from exchanges.venues import venue_name
from exchanges.wire import Name, okx_data
from markets.knowledge import InstrumentRow
from markets.venues import Exchange, declare

EXCHANGE = "okx"
SOURCE = "okx.instruments"
SPOT, USDM, COINM = (venue_name(EXCHANGE, market) for market in ("spot", "usdm", "coinm"))
declare(
    Exchange(
        EXCHANGE,
        "OKX",
        {SPOT: "OKX", USDM: "OKX linear contracts", COINM: "OKX inverse contracts"},
        in_ccxt={"AE": "AET"},
    )
)
# "state" of GET /api/v5/public/instruments.
STATUSES: Mapping[str, Meaning] = {
    "live": Meaning.LIVE,
    "preopen": Meaning.PENDING,
    "post_only": Meaning.RESTRICTED,
    "suspend": Meaning.HALTED,
    "rebase": Meaning.HALTED,
    "test": Meaning.HALTED,
    "expired": Meaning.ENDED,
}
declare_statuses(EXCHANGE, STATUSES)
# OKX's error code for an instrument that it does not list (any more).
_UNKNOWN_INSTRUMENT = "51001"


def okx_lists(config: Config) -> tuple[InstrumentList, ...]:
    """GET /api/v5/public/instruments?instType=… (https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments)."""
    prefix = config.okx_base_trading_url.rstrip("/") + "/api/v5/public/instruments?instType="
    contracts = (USDM, COINM)
    return (
        InstrumentList("SPOT", SOURCE, (SPOT,), prefix + "SPOT"),
        InstrumentList("SWAP", SOURCE, contracts, prefix + "SWAP"),
        InstrumentList("FUTURES", SOURCE, contracts, prefix + "FUTURES"),
    )


def parse_instruments(payload: Payload, kind: str) -> ReadRows:
    """The rows of one list; kind: SPOT, SWAP or FUTURES.

    Raises RetryableError or PermanentError by OKX's code (51001 for a full list is an error, not an empty list),
    SchemaDrift where the list is empty or too few rows can be read. Swaps and futures may be empty: some regions have
    none.
    """
    data = okx_data(payload)
    if not data and kind == "SPOT":
        raise SchemaDrift(payload.source, "data", "a list of instruments that is not empty", data)
    expected = "rows with instId and a known state"
    at = payload.received_at
    return read_rows(_named(data), lambda item: _row(item, kind, at), payload.source, "data[]", expected)


def parse_single(payload: Payload, kind: str) -> InstrumentRow | None:
    """The answer to the request for one instrument; None if OKX does not know it. Raises as `parse_instruments`."""
    answer = json_body(payload)
    if isinstance(answer, dict) and str(answer.get("code")) == _UNKNOWN_INSTRUMENT:
        return None
    data = okx_data(payload)
    if not data:
        return None
    try:
        return without_nul(_row(data[0], kind, payload.received_at))
    except (ValueError, TypeError, AttributeError) as error:
        raise SchemaDrift(payload.source, "data[0]", "an instrument", str(error)) from None


class OkxInstrumentUpdater(InstrumentUpdater):
    """OKX's spot pairs, swaps and futures."""

    name = SOURCE
    exchange = EXCHANGE
    venues = (SPOT, USDM, COINM)

    def lists(self) -> Sequence[InstrumentList]:
        return okx_lists(self.config)

    def parse(self, payload: Payload, instrument_list: InstrumentList) -> ReadRows:
        return parse_instruments(payload, instrument_list.name)

    def is_of(self, row: InstrumentRow, instrument_list: InstrumentList) -> bool:
        # Swaps and futures share their venues.
        return row.venue in instrument_list.venues and (row.contract_type or "SPOT") == instrument_list.name

    def ask(self, row: InstrumentRow, instrument_list: InstrumentList) -> InstrumentRow | None:
        return parse_single(self.fetch(SOURCE, f"{instrument_list.url}&instId={row.symbol}"), instrument_list.name)


def _named(data: Sequence[Any]) -> list[tuple[object, Any]]:
    """(symbol, row); a placeholder goes by its family, as the rest of the row changes from day to day."""
    families = [item.get("instFamily") or item.get("uly") if isinstance(item, dict) else None for item in data]
    return [(name or family, item) for (name, item), family in zip(named(data, "instId"), families, strict=True)]


class _Instrument(Listed):
    """A row of any list. expTime: epoch ms as text, or nothing."""

    symbol: Name = msgspec.field(name="instId")
    status: Name = msgspec.field(name="state")
    expires: int | float | str | None = msgspec.field(name="expTime", default=None)


class _Pair(_Instrument, kw_only=True):
    base: Name = msgspec.field(name="baseCcy")
    quote: Name = msgspec.field(name="quoteCcy")


class _Contract(_Instrument):
    """A swap or future. ctType: linear or inverse. settleCcy: empty in some rows."""

    contract_type: Any = msgspec.field(name="ctType", default=None)
    settle: Any = msgspec.field(name="settleCcy", default=None)


def _row(item: Any, kind: str, read_at: datetime) -> InstrumentRow:
    row: _Pair | _Contract
    if kind == "SPOT":
        row = listed_row(item, _Pair, STATUSES)
        venue, base, quote, settle = SPOT, row.base, row.quote, ""
    else:
        row = listed_row(item, _Contract, STATUSES)
        # BTC-USD-SWAP, BTC-USDT-241227, BTC-USD_UM-SWAP: the quote follows the base.
        parts = row.symbol.split("-")
        if len(parts) < 3:
            raise ValueError(f"instId was {row.symbol!r:.80}, expected BASE-QUOTE-{kind}")
        base, quote = parts[0], parts[1].removesuffix("_UM")
        venue = COINM if row.contract_type == "inverse" else USDM
        settle = text(row.settle, "settleCcy") if row.settle else _settled_in(venue, base, parts[1])
    return InstrumentRow(
        venue=venue,
        symbol=row.symbol,
        base=base,
        quote=quote,
        token=base.upper(),
        status=row.status,
        live=row.status == "live",
        contract_type="" if kind == "SPOT" else kind,
        ends_at=end_of(row.expires, read_at),
        settle=settle,
    )


def _settled_in(venue: str, base: str, quote: str) -> str:
    """The settlement asset of a row without one. Linear dollar contracts settle in various coins: not guessed."""
    if venue == COINM:
        return base
    return "" if quote.endswith("_UM") else quote
