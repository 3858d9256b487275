"""DeFiLlama's stablecoins and its daily rates of other currencies: bytes in, records out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift

STABLECOINS_SOURCE, RATES_SOURCE = "defillama.stablecoins", "defillama.rates"

# DeFiLlama's own word for a currency where it is not the usual code.
_CURRENCIES = {"REAL": "BRL"}


@dataclass(frozen=True)
class Stablecoin:
    """A row of the list.

    coin_id: DeFiLlama's id, the only thing that tells namesakes apart. currency: of the peg ("USD", "EUR", "VAR" for
    one that moves). price: in US dollars, None where there is none (null and 0 both mean that). supply,
    supply_day_ago: in units of the peg. lost_chains: what was a day ago on chains that are not reported any more; it is
    the report that broke there, as no chain is emptied in a day. retired: why the row no longer counts ("deadFrom
    2022-05-13"), else empty.
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
class UnreadableRow:
    """A row that could not be read: put aside, while the others go on."""

    key: str
    title: str
    error: str
    excerpt: str


@dataclass(frozen=True)
class Rate:
    """Units of a currency for one US dollar, and the day that they are of."""

    per_dollar: float
    dated: datetime


def parse_stablecoins(payload: Payload) -> tuple[Sequence[Stablecoin], Sequence[UnreadableRow]]:
    """The answer of `stablecoins?includePrices=true`: `peggedAssets[]{id, symbol, name, pegType, price, …}`.

    Raises SchemaDrift where there is no list, an empty one, one without a single readable row, or one without any
    price: it was asked without `includePrices=true`, or prices are gone.
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


def _stablecoin(row: Any) -> Stablecoin:
    if not isinstance(row, dict):
        raise ValueError(f"a row was {type(row).__name__}, expected an object")
    coin_id = row.get("id")
    if isinstance(coin_id, bool) or not isinstance(coin_id, int | str) or not 0 < len(str(coin_id).strip()) <= 64:
        raise ValueError(f"id was {coin_id!r:.80}, expected a number or a short text")
    symbol = _text(row, "symbol", 64)
    peg_type = _text(row, "pegType", 40)
    currency = peg_type.removeprefix("pegged").upper()
    if not currency or currency == peg_type.upper():
        raise ValueError(f"pegType was {peg_type!r:.80}, expected one such as peggedUSD")
    return Stablecoin(
        coin_id=str(coin_id).strip(),
        symbol=symbol,
        name=_text(row, "name", 200) if row.get("name") else symbol,
        currency=_CURRENCIES.get(currency, currency),
        price=_amount("price", row.get("price")),
        supply=_supply(row, "circulating", peg_type),
        supply_day_ago=_supply(row, "circulatingPrevDay", peg_type),
        lost_chains=_lost_chains(row, peg_type),
        retired=_retired(row),
        yield_bearing=bool(row.get("yieldBearing")),
    )


def _text(row: Mapping[str, Any], name: str, length: int) -> str:
    value = row.get(name)
    # PostgreSQL stores no NUL, and lone surrogates cannot be encoded.
    text = value.replace("\0", "").encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= length:
        raise ValueError(f"{name} was {value!r:.80}, expected a text of 1 to {length} characters")
    return text


def _amount(name: str, value: Any) -> float | None:
    """A number that is not negative, None for null and 0. Raises ValueError that says what was found."""
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


def _supply(row: Mapping[str, Any], name: str, peg_type: str) -> float | None:
    """Supply is a help, never a condition: what cannot be read is not known."""
    amounts = row.get(name)
    try:
        return _amount(name, amounts.get(peg_type) if isinstance(amounts, dict) else amounts)
    except ValueError:
        return None


def _lost_chains(row: Mapping[str, Any], peg_type: str) -> float:
    chains = row.get("chainCirculating")
    reported = [chain for chain in chains.values() if isinstance(chain, dict)] if isinstance(chains, dict) else []
    return sum(
        _supply(chain, "circulatingPrevDay", peg_type) or 0.0
        for chain in reported
        if _supply(chain, "current", peg_type) is None
    )


def _retired(row: Mapping[str, Any]) -> str:
    if row.get("deadFrom"):
        return f"deadFrom {row['deadFrom']}"[:60]
    return next((name for name in ("delisted", "deprecated") if row.get(name)), "")


def parse_rates(payload: Payload) -> Mapping[str, Rate]:
    """The newest day of `[{date (epoch seconds), rates: {currency: units per US dollar}}]`, by currency.

    Raises SchemaDrift where no day can be read.
    """
    answer = json_body(payload)
    if not isinstance(answer, list) or not answer:
        raise SchemaDrift(payload.source, "(top)", "a list of days", answer)
    days: list[tuple[datetime, Mapping[str, Any]]] = []
    for entry in answer:
        if isinstance(entry, dict) and isinstance(entry.get("rates"), dict):
            dated = _day(entry.get("date"))
            if dated is not None:
                days.append((dated, entry["rates"]))
    if not days:
        raise SchemaDrift(payload.source, "[].rates", "days with date and rates", answer[-1])
    dated, rates = max(days, key=lambda day: day[0])
    try:
        # They are quoted against one of them; by its own rate every other one becomes units per dollar.
        dollar = _amount("USD", rates.get("USD", 1)) or 1.0
        read = {str(name).upper(): _amount(str(name), value) for name, value in rates.items()}
    except ValueError as error:
        raise SchemaDrift(payload.source, "[].rates", "numbers", str(error)) from None
    return {name: Rate(value / dollar, dated) for name, value in read.items() if value and len(name) <= 16}


def _day(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
