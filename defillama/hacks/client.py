"""DeFiLlama's list of hacks, from its API or from its site.

API: GET https://api.llama.fi/hacks, a JSON array. Site, if the API fails: `pageProps.data` of the page's data file. It
has the same rows under other names (`chains`, `target`, `bridge`, `link`), without identifiers, and with 0 for the
amounts that the API leaves out.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from defillama.rows import UnreadableRow
from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift, excerpt
from events.upstream.rows import row_of

# Reported thefts are between thousands and a few billions of US dollars. A list with a median outside is in another
# unit; a single amount outside is a typing error. The median of 528 amounts of ten years is 3.15 M.
_LEAST_USD, _MOST_USD = 1_000, 100_000_000_000
_LEAST_MEDIAN_USD, _MOST_MEDIAN_USD = 20_000, 500_000_000
_ENOUGH_FOR_A_MEDIAN = 20
_NO_NUMBER_OF_USD = 1e18
# The site's name of a field → the API's.
_API_NAMES = {"chains": "chain", "bridge": "bridgeHack", "target": "targetType", "link": "source"}
# The build id of the site: in the page's state, else in the address of the manifest that every page loads.
_BUILD_IDS = (
    re.compile(r'"buildId"\s*:\s*"([\w.~-]{1,100})"'),
    re.compile(r"/_next/static/([\w.~-]{1,100})/_(?:build|ssg)Manifest\.js"),
)
_FIRST_DAY, _LAST_DAY = datetime(2009, 1, 3, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp()


class _ListedHack(msgspec.Struct, gc=False):
    """A row as the API sends it; the site's names are translated first."""

    name: str
    date: int | float | str
    amount: int | float | None = None
    technique: str | None = None
    classification: str | None = None
    chain: list[str] | None = None
    bridge_hack: bool | None = msgspec.field(name="bridgeHack", default=None)
    target_type: str | None = msgspec.field(name="targetType", default=None)
    source: str | None = None
    returned_funds: int | float | None = msgspec.field(name="returnedFunds", default=None)
    # Of any type: a row is not lost for an identifier.
    protocol_id: Any = msgspec.field(name="defillamaId", default=None)
    family_id: Any = msgspec.field(name="parentProtocolId", default=None)


@dataclass(frozen=True)
class HackRow:
    """One row of the list: one technique by which one target lost money on one day (UTC; there are no hours).

    amount_usd: US dollars, rounded up; None if unknown. doubtful_amount: the number in the row if it cannot be one of
    US dollars. identifiers: DeFiLlama's ids of the protocol and of its family, as text.
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
class HackList:
    """A parsed answer.

    rows: of bridges only, if only those were asked for. from_site: the rows have no identifiers. count, newest: of all
    rows of the answer, the number and the latest day that is not in the future.
    """

    rows: Sequence[HackRow]
    unreadable: Sequence[UnreadableRow]
    from_site: bool
    count: int = 0
    newest: date | None = None


def parse_hacks(payload: Payload, bridges_only: bool = False) -> HackList:
    """The rows of an answer of the API or of the site.

    bridges_only: the list is one of bridge hacks; a row without the field is taken for one.
    Raises SchemaDrift if there is no list or an empty one, if more than a tenth of the rows is unreadable, and if the
    amounts are not in US dollars.
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
            rows.append(_hack(item, bridges_only))
        except ValueError as error:
            key = excerpt(item)
            unreadable.append(UnreadableRow(key, key, str(error), excerpt(item, 500)))
    if len(unreadable) * 10 > len(items):
        raise SchemaDrift(payload.source, f"{where}[]", "rows with a name and a date", unreadable[0].error)
    _check_unit(payload.source, f"{where}[].amount", rows)
    concerned = [row for row in rows if row.bridge_hack or not bridges_only]
    today = payload.received_at.date()
    newest = max((row.day for row in rows if row.day <= today), default=None)
    return HackList(concerned, unreadable, from_site, len(items), newest)


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


def _hack(item: Any, bridges_only: bool) -> HackRow:
    """A row as the rest of the app uses it. Raises ValueError that names the field, its value and what is expected."""
    row = row_of(_with_api_names(item), _ListedHack)
    amount, doubtful = _amount(row.amount)
    identifiers = (row.protocol_id, row.family_id)
    return HackRow(
        name=_name(row.name),
        day=_day(row.date),
        amount_usd=amount,
        technique=_text("technique", row.technique),
        classification=_text("classification", row.classification),
        chains=tuple(sorted({" ".join(chain.split()) for chain in row.chain or ()} - {""})),
        bridge_hack=bridges_only if row.bridge_hack is None else row.bridge_hack,
        target_type=_text("targetType", row.target_type),
        url=_text("source", row.source),
        identifiers=tuple(str(value) for value in identifiers if value not in (None, "")),
        returned_usd=_dollars("returnedFunds", row.returned_funds),
        doubtful_amount=doubtful,
    )


def _with_api_names(item: Any) -> Any:
    """The row with the site's fields under the API's names, unless it has those too."""
    if not isinstance(item, dict):
        return item
    return item | {api: item.get(site) for site, api in _API_NAMES.items() if item.get(api) is None}


def _name(value: str) -> str:
    name = _text("name", value)
    if not name or len(name) > 300:
        raise ValueError(f"name was {value!r:.80}, expected a text of 1 to 300 characters")
    return name


def _day(value: int | float | str) -> date:
    number = int(value) if isinstance(value, str) and value.strip().isdigit() else value
    if isinstance(number, str) or not _FIRST_DAY <= number <= _LAST_DAY:
        raise ValueError(f"date was {value!r:.80}, expected seconds since 1970")
    return datetime.fromtimestamp(number, UTC).date()


def _amount(value: int | float | None) -> tuple[int | None, float | None]:
    """The amount in US dollars, and the number in the row if it cannot be one."""
    amount = _dollars("amount", value)
    if not amount or value is None:
        # The site has 0 for an unknown amount, and nobody lists a theft of nothing.
        return None, None
    if not _LEAST_USD <= amount <= _MOST_USD:
        return None, float(value)
    return amount, None


def _dollars(name: str, value: int | float | None) -> int | None:
    if value is None:
        return None
    if not 0 <= value < _NO_NUMBER_OF_USD:
        raise ValueError(f"{name} was {value!r:.80}, expected a number of US dollars or null")
    # Rounded up: a fraction of a dollar must not become the 0 that means unknown.
    return math.ceil(value)


def _text(name: str, value: str | None) -> str:
    """The text on one line, "" for null. Raises ValueError for a text that the database cannot store."""
    text = value or ""
    if "\0" in text:
        raise ValueError(f"{name} was {value!r:.80}, expected a text without NUL")
    text.encode()  # Raises UnicodeEncodeError, a ValueError, for a lone surrogate.
    return " ".join(text.split())


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def build_id(page: Payload) -> str:
    """The build id in a page of the site. Raises SchemaDrift if there is none."""
    text = page.body.decode("utf-8", "replace")
    for pattern in _BUILD_IDS:
        found = pattern.search(text)
        if found:
            return found[1]
    raise SchemaDrift(page.source, "buildId", "a page that names its build", text)


def fetch_page_data(get: Callable[[str, str], Payload], source: str, base_url: str, page: str) -> Payload:
    """The data file of a page of the site. `get` is (source, url) → payload.

    Two requests: the page for the build id, which changes with every release of the site, then the data file. The data
    is archived under `source`, as it is parsed like the API's answer; the page under `<source>.page`.
    Raises UpstreamError.
    """
    base = base_url.rstrip("/")
    build = build_id(get(f"{source}.page", f"{base}/{page}"))
    return get(source, f"{base}/_next/data/{build}/{page}.json")
