"""CoinMarketCap's market pairs: the request for one currency, and its answer as typed markets.

Endpoint: GET data-api/v3/cryptocurrency/market-pairs/latest?slug=…, which the pages of the site itself use. Depths and
volumes are USD. `effectiveLiquidity` is a score from 0 to 1000 and no amount; it is not used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from crypto_ews.conf import Config
from events.upstream.client import Payload, json_body
from events.upstream.errors import PermanentError, RetryableError, SchemaDrift, excerpt
from events.upstream.rows import row_of
from events.upstream.text import storable

SOURCE = "coinmarketcap.market_pairs"
# The deepest markets are among those with the best rank. A perpetual's book is not the coin's.
PARAMETERS: Mapping[str, str] = {"start": "1", "limit": "100", "category": "spot"}
# The rate limits among CoinMarketCap's documented error codes: they end by themselves.
_LIMITED = frozenset({"429", "1008", "1009", "1010", "1011"})

Number = int | float | str | None


class _Row(msgspec.Struct, rename="camel"):
    """The fields that are used of a row of `marketPairs`; numbers may be strings."""

    exchange_name: Annotated[str, msgspec.Meta(pattern=r"\S")]
    market_pair: str
    depth_usd_positive_two: Number = None
    depth_usd_negative_two: Number = None
    volume_usd: Number = None
    outlier_detected: Number | bool = None
    price_excluded: Number | bool = None
    volume_excluded: Number | bool = None
    last_updated: str | None = None


@dataclass(frozen=True)
class Market:
    """One market of a currency.

    depth_up_usd and depth_down_usd: USD on the book within 2 % above and below the price, None where not given.
    excluded: why CoinMarketCap itself excludes the market, empty where it counts.
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
    """The markets of an answer, and the errors of the rows that could not be read."""

    markets: Sequence[Market]
    bad_rows: Sequence[str] = ()


def market_pairs_url(config: Config, slug: str) -> str:
    """The URL of the market pairs of a currency, without parameters."""
    return config.coinmarketcap_ccy_url + quote(slug, safe="")


def page_url(config: Config, slug: str) -> str:
    """The currency's page for people."""
    return f"{config.coinmarketcap_base_url.rstrip('/')}/{quote(slug, safe='')}/"


def parse_market_pairs(payload: Payload) -> MarketPairs:
    """The markets of an answer; only the fields that are used are required.

    Raises SchemaDrift where the answer is no list of markets, most rows are unreadable or no market has a depth;
    PermanentError or RetryableError where CoinMarketCap reports an error in the answer.
    """
    answer = json_body(payload)
    if not isinstance(answer, dict):
        raise SchemaDrift(payload.source, "(top)", "an object", answer)
    _check_status(payload, answer.get("status"))
    data = answer.get("data")
    rows = data.get("marketPairs") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        found = data if rows is None else rows
        raise SchemaDrift(payload.source, "data.marketPairs", "a list of markets that is not empty", found)
    markets: list[Market] = []
    bad_rows: list[str] = []
    for row in filter(_is_spot, rows):
        try:
            markets.append(_market(row))
        except ValueError as error:
            bad_rows.append(str(error))
    if len(bad_rows) * 2 > len(rows):
        raise SchemaDrift(payload.source, "data.marketPairs[]", "markets with readable numbers", bad_rows[0])
    if markets and all(market.depth_up_usd is None or market.depth_down_usd is None for market in markets):
        expected = "depthUsdPositiveTwo and depthUsdNegativeTwo"
        raise SchemaDrift(payload.source, "data.marketPairs[]", expected, rows[0])
    return MarketPairs(tuple(markets), tuple(bad_rows))


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


def _is_spot(row: Any) -> bool:
    return not isinstance(row, dict) or str(row.get("category") or "spot").lower() == "spot"


def _market(row: Any) -> Market:
    """A row as a market. Raises ValueError that names field and value."""
    found = row_of(row, _Row)
    excluded = {
        "outlier": _flag("outlierDetected", found.outlier_detected),
        "price excluded": _flag("priceExcluded", found.price_excluded),
        "volume excluded": _flag("volumeExcluded", found.volume_excluded),
    }
    return Market(
        exchange=storable(found.exchange_name)[:100],
        pair=storable(found.market_pair)[:100],
        depth_up_usd=_amount("depthUsdPositiveTwo", found.depth_usd_positive_two),
        depth_down_usd=_amount("depthUsdNegativeTwo", found.depth_usd_negative_two),
        volume_24h_usd=_amount("volumeUsd", found.volume_usd),
        excluded=tuple(reason for reason, flag in excluded.items() if flag),
        updated_at=_moment(found.last_updated),
    )


def _amount(field: str, value: Number) -> float | None:
    """USD, None for an empty text or null. Raises ValueError."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{field} was {value!r:.80}, expected an amount of USD")
    return number


def _flag(field: str, value: Number | bool) -> bool:
    """A flag that may be a number or a text, false where it is empty. Raises ValueError."""
    text = str(value).strip().lower()
    if value is None or text in ("", "0", "0.0", "false"):
        return False
    if text not in ("1", "1.0", "true"):
        raise ValueError(f"{field} was {value!r:.80}, expected 0 or 1")
    return True


def _moment(text: str | None) -> datetime | None:
    """ISO 8601 as aware UTC. Raises ValueError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"lastUpdated was {text!r:.80}, expected a time in ISO 8601") from None
