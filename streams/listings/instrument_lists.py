"""The instrument lists of Bybit and Bitfinex, which no other app reads, and their way into the instruments table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import HttpClient, Payload, json_body
from events.upstream.errors import SchemaDrift
from events.upstream.rows import row_of
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import Instrument
from markets.venues import Exchange, declare
from streams.listings.contract_values import Contracts, contract_source

declare(
    Exchange(
        "bybit",
        "Bybit",
        {"BYBIT": "Bybit", "BYBIT_USDM": "Bybit linear contracts", "BYBIT_COINM": "Bybit inverse contracts"},
    )
)
declare(Exchange("bitfinex", "Bitfinex", {"BITFINEX": "Bitfinex"}))

_BYBIT_CATEGORIES = {"BYBIT": "spot", "BYBIT_USDM": "linear", "BYBIT_COINM": "inverse"}
# The status of a live instrument: https://bybit-exchange.github.io/docs/v5/enum#status.
_BYBIT_LIVE = "Trading"
_TEST_PREFIX = "TEST"
_MOST_PAGES = 20
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
# A list that lacks more than a tenth of the live instruments is truncated, unless the next one is the same.
_MOST_MISSING = 0.1


@dataclass(frozen=True)
class Page:
    """Rows of one answer, and the URL of the next page, where there is one."""

    rows: Sequence[InstrumentRow]
    next_url: str | None = None


@dataclass(frozen=True)
class InstrumentSource:
    """The URL of a venue's list, and the parser of its answer."""

    url: str
    parse: Callable[[Payload], Page]


def instrument_source(config: Config, venue: str) -> InstrumentSource | None:
    """None for a venue whose instruments another app reads."""
    if venue in _BYBIT_CATEGORIES:
        prefix = config.bybit_base_trading_url.rstrip("/")
        url = f"{prefix}/v5/market/instruments-info?category={_BYBIT_CATEGORIES[venue]}&limit=1000"
        return InstrumentSource(url, lambda payload: parse_bybit(payload, venue))
    if venue == "BITFINEX":
        # Both lists in one answer: https://docs.bitfinex.com/reference/rest-public-conf
        prefix = config.bitfinex_base_trading_url.rstrip("/")
        return InstrumentSource(f"{prefix}/v2/conf/pub:list:pair:exchange,pub:map:currency:sym", parse_bitfinex)
    return None


class _BybitInstrument(msgspec.Struct, rename="camel"):
    """delivery_time: in milliseconds, "0" of perpetual contracts."""

    symbol: _Name
    base_coin: _Name
    quote_coin: _Name
    status: _Name
    # Of any type: the list is not lost for one of them.
    contract_type: Any = None
    delivery_time: Any = None


def parse_bybit(payload: Payload, venue: str) -> Page:
    """GET /v5/market/instruments-info (bybit-exchange.github.io/docs/v5/market/instrument). Raises SchemaDrift."""
    answer = json_body(payload)
    result = answer.get("result") if isinstance(answer, dict) and answer.get("retCode") == 0 else None
    listed = result.get("list") if isinstance(result, dict) else None
    if not isinstance(listed, list) or not listed:
        raise SchemaDrift(payload.source, "result.list", "a list of instruments", answer)
    try:
        rows = [_bybit_row(item, venue) for item in listed]
    except ValueError as error:
        raise SchemaDrift(payload.source, "result.list[]", "instruments with their names", str(error)) from None
    cursor = str(result.get("nextPageCursor") or "") if isinstance(result, dict) else ""
    first = payload.url.partition("&cursor=")[0]
    # The cursor is escaped already.
    return Page(rows, f"{first}&cursor={cursor}" if cursor else None)


def _bybit_row(item: Any, venue: str) -> InstrumentRow:
    """Raises ValueError that names field and value."""
    row = row_of(item, _BybitInstrument)
    ends = str(row.delivery_time or "0")
    return InstrumentRow(
        venue=venue,
        symbol=row.symbol,
        base=row.base_coin,
        quote=row.quote_coin,
        token=row.base_coin.upper(),
        status=row.status,
        live=row.status == _BYBIT_LIVE,
        contract_type=str(row.contract_type or "")[:32],
        ends_at=datetime.fromtimestamp(int(ends) / 1000, UTC) if ends.isdigit() and ends != "0" else None,
    )


def parse_bitfinex(payload: Payload) -> Page:
    """[[pairs …], [[currency, its usual name] …]]; every listed pair trades. Raises SchemaDrift."""
    answer = json_body(payload)
    pairs = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(pairs, list) or not pairs or not all(isinstance(pair, str) for pair in pairs):
        raise SchemaDrift(payload.source, "[0]", "a list of pairs", answer)
    names = {}
    for entry in answer[1] if len(answer) > 1 and isinstance(answer[1], list) else []:
        if isinstance(entry, list) and len(entry) == 2 and all(isinstance(name, str) for name in entry):
            names[entry[0]] = entry[1].upper()
    rows = []
    for pair in pairs:
        base, colon, quote = pair.partition(":")
        if not colon:
            # A pair without a colon is of two names of three letters.
            base, quote = pair[:3], pair[3:]
        if not quote or base.startswith(_TEST_PREFIX):
            continue
        base, quote = names.get(base, base), names.get(quote, quote)
        rows.append(InstrumentRow("BITFINEX", pair, base, quote, base, "listed", True))
    if not rows:
        raise SchemaDrift(payload.source, "[0]", "pairs such as BTCUSD", pairs)
    return Page(rows)


class InstrumentLists:
    """Reads the lists of Bybit and Bitfinex into the instruments table."""

    def __init__(self, config: Config, client: HttpClient, now: Callable[[], datetime]) -> None:
        self._config, self._client, self._now = config, client, now
        self._truncated: dict[str, frozenset[str]] = {}

    def refresh(self, venue: str, source: str) -> int | None:
        """How many rows the venue lists; None where another app reads its list.

        Raises UpstreamError; the table is as it was then.
        """
        listed = instrument_source(self._config, venue)
        if listed is None:
            return None
        rows: list[InstrumentRow] = []
        url: str | None = listed.url
        for _ in range(_MOST_PAGES):
            if url is None:
                break
            page = listed.parse(self._client.get(url, source=source))
            rows += page.rows
            url = page.next_url
        self._check_length(venue, source, frozenset(row.symbol for row in rows))
        store_instruments(venue, rows, self._now())
        return len(rows)

    def contracts(self, venue: str, source: str) -> Contracts | None:
        """The value of one contract of each symbol; None where the venue counts in coins. Raises UpstreamError."""
        asked = contract_source(self._config, venue)
        return None if asked is None else asked.parse(self._client.get(asked.url, source=source))

    def _check_length(self, venue: str, source: str, symbols: frozenset[str]) -> None:
        known = set(Instrument.objects.filter(venue=venue, live=True).values_list("symbol", flat=True))
        missing = known - symbols
        if len(missing) > _MOST_MISSING * len(known) and self._truncated.get(venue) != symbols:
            self._truncated[venue] = symbols
            raise SchemaDrift(source, "the list", f"most of the {len(known)} live instruments", f"{len(missing)} less")
        self._truncated.pop(venue, None)
