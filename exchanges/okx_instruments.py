"""OKX's instrument lists, and the question whether it knows a single instrument.

A linear swap or future (margined in a dollar coin) is on the venue OKX_USDM, an inverse one on OKX_COINM, as Binance's
are on BINANCE_USDM and BINANCE_COINM: the watch lists, announcements and quotes speak of contracts in these words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crypto_ews.conf import Config
from events.errors import SchemaDrift
from events.http import Payload, json_body
from exchanges.base import BadRow
from exchanges.binance import milliseconds
from exchanges.instrument_states import OKX_STATUSES, UnknownStatus, known
from exchanges.okx_api import okx_data
from exchanges.venues import venue_name
from markets.knowledge import InstrumentRow

SOURCE = "okx.instruments"
SPOT, USDM, COINM = (venue_name("okx", market) for market in ("spot", "usdm", "coinm"))
# OKX's answer to the question for an instrument that it does not list (any more).
_UNKNOWN_INSTRUMENT = "51001"


@dataclass(frozen=True)
class OkxList:
    """One of OKX's lists, and the venues that its rows are of."""

    kind: str
    venues: tuple[str, ...]
    url: str


def okx_lists(config: Config) -> tuple[OkxList, ...]:
    """GET /api/v5/public/instruments?instType=… (https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments)."""
    prefix = config.okx_base_trading_url.rstrip("/") + "/api/v5/public/instruments?instType="
    contracts = (USDM, COINM)
    return (
        OkxList("SPOT", (SPOT,), prefix + "SPOT"),
        OkxList("SWAP", contracts, prefix + "SWAP"),
        OkxList("FUTURES", contracts, prefix + "FUTURES"),
    )


def parse_instruments(payload: Payload, kind: str) -> tuple[Sequence[InstrumentRow], Sequence[BadRow]]:
    """The rows of one list; kind: SPOT, SWAP or FUTURES.

    Raises RetryableError and PermanentError as OKX's code says (51001 for a whole list is an error, not an empty list),
    SchemaDrift where the list is empty or most of its rows cannot be read. Some regions have no futures.
    """
    data = okx_data(payload)
    if not data and kind == "SPOT":
        raise SchemaDrift(payload.source, "data", "a list of instruments that is not empty", data)
    rows: list[InstrumentRow] = []
    bad_rows: list[BadRow] = []
    unknown = 0
    for item in data:
        try:
            rows.append(_row(item, kind))
        except (ValueError, TypeError, AttributeError) as error:
            symbol = item.get("instId") if isinstance(item, dict) else None
            bad_rows.append(BadRow(str(symbol or item)[:200], "", str(error), str(item)[:500]))
            unknown += isinstance(error, UnknownStatus)
    if (data and not rows) or (len(bad_rows) - unknown) * 10 > len(data):
        raise SchemaDrift(payload.source, "data[]", "rows with instId and a known state", bad_rows[0].error)
    return rows, bad_rows


def parse_single(payload: Payload, kind: str) -> InstrumentRow | None:
    """The answer to the question for one instrument; None where OKX does not know it. Raises as `parse_instruments`."""
    answer = json_body(payload)
    if isinstance(answer, dict) and str(answer.get("code")) == _UNKNOWN_INSTRUMENT:
        return None
    data = okx_data(payload)
    if not data:
        return None
    try:
        return _row(data[0], kind)
    except (ValueError, TypeError, AttributeError) as error:
        raise SchemaDrift(payload.source, "data[0]", "an instrument", str(error)) from None


def list_of(row: InstrumentRow) -> str:
    """The list that an instrument stands in."""
    return row.contract_type or "SPOT"


def _row(item: Any, kind: str) -> InstrumentRow:
    symbol = _text(item, "instId")
    status = known(_text(item, "state"), OKX_STATUSES)
    if kind == "SPOT":
        venue, base, quote = SPOT, _text(item, "baseCcy"), _text(item, "quoteCcy")
    else:
        # BTC-USD-SWAP, BTC-USDT-241227, BTC-USD_UM-SWAP: what follows the base says what it is quoted in.
        parts = symbol.split("-")
        if len(parts) < 3:
            raise ValueError(f"instId was {symbol!r:.80}, expected BASE-QUOTE-{kind}")
        base, quote = parts[0], parts[1].removesuffix("_UM")
        venue = COINM if item.get("ctType") == "inverse" else USDM
    return InstrumentRow(
        venue=venue,
        symbol=symbol,
        base=base,
        quote=quote,
        token=base.upper(),
        status=status,
        live=status == "live",
        contract_type="" if kind == "SPOT" else kind,
        ends_at=milliseconds(item.get("expTime") or None),
    )


def _text(item: Any, name: str) -> str:
    value = item[name] if isinstance(item, dict) and name in item else None
    if not isinstance(value, str) or not value or len(value) > 64 or "\0" in value:
        raise ValueError(f"{name} was {value!r:.80}, expected a text")
    return value
