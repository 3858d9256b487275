"""DeFiLlama's list of hacks: rows as its API gives them, and as the pages of its site do.

API: GET https://api.llama.fi/hacks, a JSON array. Site: `pageProps.data` of the page's data file, the same rows under
other names (`chains`, `target`, `bridge`, `link`), without identifiers, and with 0 where the API has no amount.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift, excerpt

# Thefts that are reported at all run from thousands to a few billions. A list whose middle lies outside is in another
# unit, a single amount outside is a slip of the pen. The middle of 528 amounts of ten years is 3.15 M.
_LEAST_USD, _MOST_USD = 1_000, 100_000_000_000
_LEAST_MEDIAN_USD, _MOST_MEDIAN_USD = 20_000, 500_000_000
_ENOUGH_FOR_A_MEDIAN = 20
_NO_NUMBER_OF_USD = 1e18
_FIRST_DAY, _LAST_DAY = datetime(2009, 1, 3, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class HackRow:
    """One row of the list: one technique by which one target lost money on one day (UTC; there are no hours).

    amount_usd: whole US dollars, None where unknown. doubtful_amount: what the row says where that can be no amount in
    US dollars. identifiers: DeFiLlama's of the protocol and of its family, as text whatever the type they come in.
    """

    name: str
    day: date
    amount_usd: int | None
    technique: str = ""
    classification: str = ""
    chains: tuple[str, ...] = ()
    bridge_hack: bool = False
    target_type: str = ""
    url: str = ""
    identifiers: tuple[str, ...] = ()
    returned_usd: int | None = None
    doubtful_amount: float | None = None


@dataclass(frozen=True)
class UnreadableRow:
    key: str
    error: str
    excerpt: str


@dataclass(frozen=True)
class HackList:
    """What an answer holds. `from_site`: rows of the site, which lack identifiers."""

    rows: Sequence[HackRow]
    unreadable: Sequence[UnreadableRow]
    from_site: bool
    # Of the whole answer, rows that are no bridge's included: how much it holds, and how new it is.
    whole: int = 0
    newest: date | None = None


def parse_hacks(payload: Payload, bridges_only: bool = False) -> HackList:
    """The rows of an answer of the API or of the site.

    bridges_only: a list of bridge hacks, in which a row that does not say what it is is one.
    Raises SchemaDrift for anything but a filled list, for one where more than a tenth cannot be read, and for one whose
    amounts are in another unit than US dollars.
    """
    answer = json_body(payload)
    from_site = isinstance(answer, dict)
    items = _at(answer, "pageProps", "data") if from_site else answer
    where = "pageProps.data" if from_site else "[]"
    if not isinstance(items, list) or not items:
        raise SchemaDrift(payload.source, where, "a list of hacks that is not empty", answer)
    rows: list[HackRow] = []
    unreadable: list[UnreadableRow] = []
    for item in items:
        try:
            rows.append(_row(item, bridges_only))
        except ValueError as error:
            unreadable.append(UnreadableRow(excerpt(item), str(error), excerpt(item, 500)))
    if len(unreadable) * 10 > len(items):
        raise SchemaDrift(payload.source, f"{where}[]", "rows with a name and a date", unreadable[0].error)
    _check_unit(payload.source, f"{where}[].amount", rows)
    wanted = [row for row in rows if row.bridge_hack or not bridges_only]
    today = payload.received_at.date()
    newest = max((row.day for row in rows if row.day <= today), default=None)
    return HackList(wanted, unreadable, from_site, len(items), newest)


def _check_unit(source: str, where: str, rows: Sequence[HackRow]) -> None:
    stated = [row.doubtful_amount or row.amount_usd for row in rows]
    amounts = [amount for amount in stated if amount]
    if not amounts:
        return
    if len(amounts) >= _ENOUGH_FOR_A_MEDIAN:
        median = statistics.median(amounts)
        plausible = _LEAST_MEDIAN_USD <= median <= _MOST_MEDIAN_USD
        got = f"a median of {median:g} over {len(amounts)} rows"
    else:
        plausible = any(row.amount_usd for row in rows)
        got = ", ".join(f"{amount:g}" for amount in amounts)
    if not plausible:
        raise SchemaDrift(source, where, "amounts in US dollars", got)


def _row(item: Any, bridges_only: bool) -> HackRow:
    if not isinstance(item, dict):
        raise ValueError(f"a row was {item!r:.80}, expected an object")
    amount, doubtful = _amount(item)
    identifiers = (item.get("defillamaId"), item.get("parentProtocolId"))
    return HackRow(
        name=_name(item),
        day=_day(item.get("date")),
        amount_usd=amount,
        technique=_text(item, "technique"),
        classification=_text(item, "classification"),
        chains=_chains(item),
        bridge_hack=_bridge(item, bridges_only),
        target_type=_text(item, "targetType", "target"),
        url=_text(item, "source", "link"),
        identifiers=tuple(str(value) for value in identifiers if value not in (None, "")),
        returned_usd=_number(item, "returnedFunds"),
        doubtful_amount=doubtful,
    )


def _name(item: dict[str, Any]) -> str:
    name = _text(item, "name")
    if not name or len(name) > 300:
        raise ValueError(f"name was {item.get('name')!r:.80}, expected a text")
    return name


def _day(value: Any) -> date:
    number = value
    if isinstance(value, str) and value.strip().isdigit():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int | float) or not _FIRST_DAY <= number <= _LAST_DAY:
        raise ValueError(f"date was {value!r:.80}, expected seconds since 1970")
    return datetime.fromtimestamp(number, UTC).date()


def _amount(item: dict[str, Any]) -> tuple[int | None, float | None]:
    """The amount in US dollars, and the number that was given where it can be none."""
    amount = _number(item, "amount")
    if not amount:
        # The site writes 0 for what is not known, and a theft of nothing is none.
        return None, None
    if not _LEAST_USD <= amount <= _MOST_USD:
        return None, float(item["amount"])
    return amount, None


def _number(item: dict[str, Any], name: str) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _NO_NUMBER_OF_USD:
        raise ValueError(f"{name} was {value!r:.80}, expected a number of US dollars or null")
    # A fraction of a dollar must not become the 0 that means unknown.
    return math.ceil(value)


def _chains(item: dict[str, Any]) -> tuple[str, ...]:
    value: Any = next((item[name] for name in ("chain", "chains") if item.get(name) is not None), [])
    if not isinstance(value, list) or not all(isinstance(chain, str) for chain in value):
        raise ValueError(f"chain was {value!r:.80}, expected a list of names or null")
    return tuple(sorted({" ".join(chain.split()) for chain in value} - {""}))


def _bridge(item: dict[str, Any], bridges_only: bool) -> bool:
    value = next((item[name] for name in ("bridgeHack", "bridge") if item.get(name) is not None), bridges_only)
    if not isinstance(value, bool):
        raise ValueError(f"bridgeHack was {value!r:.80}, expected true or false")
    return value


def _text(item: dict[str, Any], *names: str) -> str:
    """The first of these fields that is there, on one line; "" where none is."""
    value = next((item[name] for name in names if item.get(name) is not None), "")
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{names[0]} was {value!r:.80}, expected a text or null")
    value.encode()  # A lone surrogate, which no database takes, is a ValueError too.
    return " ".join(value.split())


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
