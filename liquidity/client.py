"""CoinMarketCap's market pairs: the request for one currency, and its answer as typed markets.

Endpoint: GET data-api/v3/cryptocurrency/market-pairs/latest?slug=…, which the site's own pages ask. Depths and volumes
are USD. `effectiveLiquidity` is a score from 0 to 1000 and no amount: it is not read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, excerpt

SOURCE = "coinmarketcap.market_pairs"
# The deepest markets are among those with the best rank; a perpetual's book is not the coin's.
PARAMETERS: Mapping[str, str] = {"start": "1", "limit": "100", "category": "spot"}
# Of CoinMarketCap's documented error codes, those that end by themselves: rate limits.
_LIMITED = frozenset({"429", "1008", "1009", "1010", "1011"})
_EXCLUSIONS = {"outlierDetected": "outlier", "priceExcluded": "price excluded", "volumeExcluded": "volume excluded"}


@dataclass(frozen=True)
class Market:
    """One market of a currency.

    depth_up_usd and depth_down_usd: USD on the book within 2 % above and below the price, None where not given.
    excluded: why CoinMarketCap itself leaves the market out, empty where it counts.
    """

    exchange: str
    pair: str
    depth_up_usd: float | None
    depth_down_usd: float | None
    volume_24h_usd: float | None
    excluded: tuple[str, ...] = ()
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"{self.exchange} {self.pair}".strip()


@dataclass(frozen=True)
class MarketPairs:
    """The markets of an answer, and what was wrong with rows that could not be read."""

    markets: Sequence[Market]
    bad_rows: Sequence[str] = ()


def market_pairs_url(config: Config, slug: str) -> str:
    """Where the market pairs of a currency are asked for."""
    return config.coinmarketcap_ccy_url + quote(slug, safe="")


def page_url(config: Config, slug: str) -> str:
    """The currency's page, for people."""
    return f"{config.coinmarketcap_base_url.rstrip('/')}/{quote(slug, safe='')}/"


def parse_market_pairs(payload: Payload) -> MarketPairs:
    """The markets of an answer; only the fields that are used are required, and numbers may be strings.

    Raises SchemaDrift where the answer is no list of markets or none of them has a depth, PermanentError or
    RetryableError where CoinMarketCap says in the answer that it failed.
    """
    answer = json_body(payload)
    if not isinstance(answer, dict):
        raise _drift(payload, "(top)", "an object", answer)
    _check_status(payload, answer.get("status"))
    data = answer.get("data")
    rows = data.get("marketPairs") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise _drift(payload, "data.marketPairs", "a list of markets that is not empty", data if rows is None else rows)
    markets: list[Market] = []
    bad_rows: list[str] = []
    for row in rows:
        try:
            market = _market(row)
        except ValueError as error:
            bad_rows.append(str(error))
            continue
        if market is not None:
            markets.append(market)
    if len(bad_rows) * 2 > len(rows):
        raise _drift(payload, "data.marketPairs[]", "markets with readable numbers", bad_rows[0])
    if markets and all(market.depth_up_usd is None or market.depth_down_usd is None for market in markets):
        raise _drift(payload, "data.marketPairs[]", "depthUsdPositiveTwo and depthUsdNegativeTwo", rows[0])
    return MarketPairs(tuple(markets), tuple(bad_rows))


def _drift(payload: Payload, field: str, expected: str, found: Any) -> SchemaDrift:
    return SchemaDrift(payload.source, field, expected, found)


def _check_status(payload: Payload, status: Any) -> None:
    if not isinstance(status, dict):
        return
    code = str(status.get("error_code", "0") or "0")
    if code == "0":
        return
    message = f"it answered error {excerpt(code, 20)}: {excerpt(status.get('error_message') or 'no reason given', 120)}"
    if code in _LIMITED or code.startswith("5"):
        raise RetryableError(payload.source, payload.url, message)
    raise PermanentError(payload.source, payload.url, message)


def _market(row: Any) -> Market | None:
    """A row as a market, None for one of another kind than spot. Raises ValueError that says what was found."""
    if not isinstance(row, dict):
        raise ValueError(f"a market was {type(row).__name__}, expected an object")
    if str(row.get("category") or "spot").lower() != "spot":
        return None
    exchange, pair = row.get("exchangeName"), row.get("marketPair")
    if not isinstance(exchange, str) or not isinstance(pair, str) or not exchange.strip():
        raise ValueError(f"exchangeName and marketPair were {exchange!r:.40} and {pair!r:.40}, expected texts")
    return Market(
        exchange=_clean(exchange),
        pair=_clean(pair),
        depth_up_usd=_amount(row, "depthUsdPositiveTwo"),
        depth_down_usd=_amount(row, "depthUsdNegativeTwo"),
        volume_24h_usd=_amount(row, "volumeUsd"),
        excluded=tuple(reason for field, reason in _EXCLUSIONS.items() if _flag(row, field)),
        updated_at=_moment(row.get("lastUpdated")),
    )


def _clean(text: str) -> str:
    # PostgreSQL stores no NUL, and lone surrogates cannot be encoded.
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()[:100]


def _amount(row: Mapping[str, Any], field: str) -> float | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number) and number >= 0:
            return number
    raise ValueError(f"{field} was {value!r:.80}, expected an amount of USD")


def _flag(row: Mapping[str, Any], field: str) -> bool:
    value = row.get(field)
    text = str(value).strip().lower()
    if value is None or text in ("", "0", "0.0", "false"):
        return False
    if text in ("1", "1.0", "true"):
        return True
    raise ValueError(f"{field} was {value!r:.80}, expected 0 or 1")


def _moment(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    problem = ValueError(f"lastUpdated was {value!r:.80}, expected a time in ISO 8601")
    if not isinstance(value, str):
        raise problem
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise problem from None
