"""DeFiLlama's stablecoins and its daily rates of currencies: bytes in, records out.

GET https://stablecoins.llama.fi/stablecoins?includePrices=true and GET https://stablecoins.llama.fi/rates.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from defillama.rows import UnreadableRow
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import row_of
from events.upstream.text import storable

STABLECOINS_SOURCE, RATES_SOURCE = "defillama.stablecoins", "defillama.rates"

# DeFiLlama's name of a currency, if it is not the ISO 4217 code.
_CURRENCIES = {"REAL": "BRL"}


class _ListedCoin(msgspec.Struct, gc=False):
    """A row of `peggedAssets` as it is sent."""

    coin_id: int | str = msgspec.field(name="id")
    symbol: str
    peg_type: str = msgspec.field(name="pegType")
    price: int | float | str | None = None
    # Of any type: a row is not lost for an empty name, its supply or a mark.
    name: Any = None
    circulating: Any = None
    circulating_day_ago: Any = msgspec.field(name="circulatingPrevDay", default=None)
    by_chain: Any = msgspec.field(name="chainCirculating", default=None)
    dead_from: Any = msgspec.field(name="deadFrom", default=None)
    delisted: Any = None
    deprecated: Any = None
    yield_bearing: Any = msgspec.field(name="yieldBearing", default=None)


class _RateDay(msgspec.Struct):
    """A day of the rates as it is sent. date: seconds since 1970. rates: units of each currency for one US dollar."""

    date: int | float | str
    rates: dict[str, Any]


@dataclass(frozen=True)
class Stablecoin:
    """A stablecoin as DeFiLlama lists it.

    coin_id: DeFiLlama's id; symbols are not unique. currency: of the peg ("USD", "EUR"; "VAR" for one that moves).
    price: US dollars, None if there is none (null or 0). supply, supply_day_ago: in units of the peg. lost_chains: the
    supply of a day ago on chains that the report lacks now; the report is at fault, as no chain is emptied in a day.
    retired: why the row no longer counts ("deadFrom 2022-05-13"), else "".
    """

    coin_id: str
    symbol: str
    name: str
    currency: str
    price: float | None
    supply: float | None = None
    supply_day_ago: float | None = None
    lost_chains: float = 0.0
    retired: str = ""
    yield_bearing: bool = False


@dataclass(frozen=True)
class Rate:
    """Units of a currency for one US dollar, and the day of the rate."""

    per_dollar: float
    dated: datetime


def parse_stablecoins(payload: Payload) -> tuple[Sequence[Stablecoin], Sequence[UnreadableRow]]:
    """The answer of `stablecoins?includePrices=true`: `peggedAssets[]{id, symbol, name, pegType, price, …}`.

    Raises SchemaDrift if there is no list, if it is empty, if none of its rows is readable, or if none has a price
    (asked without `includePrices=true`, or prices are gone).
    """
    answer = json_body(payload)
    rows = answer.get("peggedAssets") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not rows:
        raise SchemaDrift(payload.source, "peggedAssets", "a list of stablecoins", answer if rows is None else rows)
    coins: dict[str, Stablecoin] = {}
    bad_rows: list[UnreadableRow] = []
    for row in rows:
        try:
            coin = _stablecoin(row)
        except ValueError as error:
            bad_rows.append(_unreadable(row, error))
        else:
            coins.setdefault(coin.coin_id, coin)
    if not coins:
        raise SchemaDrift(payload.source, "peggedAssets[]", "rows with id, symbol and pegType", bad_rows[0].error)
    if not any(isinstance(row, dict) and "price" in row for row in rows):
        raise SchemaDrift(payload.source, "peggedAssets[].price", "prices (includePrices=true)", rows[0])
    return tuple(coins.values()), tuple(bad_rows)


def _unreadable(row: Any, error: ValueError) -> UnreadableRow:
    excerpt = json.dumps(row, ensure_ascii=True, default=str)[:500]
    known = row if isinstance(row, dict) else {}
    key = str(known.get("id") or excerpt)[:200]
    return UnreadableRow(key, str(known.get("name") or "")[:300], str(error), excerpt)


def _stablecoin(item: Any) -> Stablecoin:
    """A row as the rest of the app uses it. Raises ValueError that names the field, its value and what is expected."""
    row = row_of(item, _ListedCoin)
    coin_id = str(row.coin_id).strip()
    if not 0 < len(coin_id) <= 64:
        raise ValueError(f"id was {row.coin_id!r:.80}, expected a number or a text of 1 to 64 characters")
    symbol = _text("symbol", row.symbol, 64)
    peg_type = _text("pegType", row.peg_type, 40)
    currency = peg_type.removeprefix("pegged").upper()
    if not currency or currency == peg_type.upper():
        raise ValueError(f"pegType was {peg_type!r:.80}, expected one such as peggedUSD")
    return Stablecoin(
        coin_id=coin_id,
        symbol=symbol,
        name=_text("name", row.name, 200) if row.name else symbol,
        currency=_CURRENCIES.get(currency, currency),
        price=_amount("price", row.price),
        supply=_supply(row.circulating, peg_type),
        supply_day_ago=_supply(row.circulating_day_ago, peg_type),
        lost_chains=_lost_chains(row.by_chain, peg_type),
        retired=_retired(row),
        yield_bearing=bool(row.yield_bearing),
    )


def _text(name: str, value: Any, length: int) -> str:
    text = storable(value) if isinstance(value, str) else ""
    if not 0 < len(text) <= length:
        raise ValueError(f"{name} was {value!r:.80}, expected a text of 1 to {length} characters")
    return text


def _amount(name: str, value: Any) -> float | None:
    """A number above 0; None for null and 0. Raises ValueError that names the field and the value."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name} was {value!r:.80}, expected a number or null")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} was {value!r:.80}, expected a number or null") from None
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{name} was {value!r:.80}, expected a finite number, 0 or more")
    return number or None


def _supply(value: Any, peg_type: str) -> float | None:
    """Units of the peg, None if there are none or they are unreadable: a coin is watched without its supply too."""
    try:
        return _amount("supply", value.get(peg_type) if isinstance(value, dict) else value)
    except ValueError:
        return None


def _lost_chains(by_chain: Any, peg_type: str) -> float:
    reported = [chain for chain in by_chain.values() if isinstance(chain, dict)] if isinstance(by_chain, dict) else []
    return sum(
        _supply(chain.get("circulatingPrevDay"), peg_type) or 0.0
        for chain in reported
        if _supply(chain.get("current"), peg_type) is None
    )


def _retired(row: _ListedCoin) -> str:
    if row.dead_from:
        return f"deadFrom {row.dead_from}"[:60]
    return "delisted" if row.delisted else "deprecated" if row.deprecated else ""


def parse_rates(payload: Payload) -> Mapping[str, Rate]:
    """The newest day of `[{date (epoch seconds), rates: {currency: units per US dollar}}]`, by currency.

    Raises SchemaDrift if no day is readable.
    """
    answer = json_body(payload)
    if not isinstance(answer, list) or not answer:
        raise SchemaDrift(payload.source, "(top)", "a list of days", answer)
    days = [day for item in answer if (day := _rate_day(item)) is not None]
    if not days:
        raise SchemaDrift(payload.source, "[].rates", "days with date and rates", answer[-1])
    dated, rates = max(days, key=lambda day: day[0])
    try:
        # The rates are quoted against one of the currencies; divided by the dollar's they are units per dollar.
        dollar = _amount("USD", rates.get("USD", 1)) or 1.0
        amounts = {name.upper(): _amount(name, value) for name, value in rates.items()}
    except ValueError as error:
        raise SchemaDrift(payload.source, "[].rates", "numbers", str(error)) from None
    return {name: Rate(value / dollar, dated) for name, value in amounts.items() if value and len(name) <= 16}


def _rate_day(item: Any) -> tuple[datetime, Mapping[str, Any]] | None:
    """A day and its rates, None if the item is no day."""
    try:
        day = row_of(item, _RateDay)
        return datetime.fromtimestamp(float(day.date), UTC), day.rates
    except (ValueError, OverflowError, OSError):
        return None
