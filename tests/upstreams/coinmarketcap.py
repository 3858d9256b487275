"""CoinMarketCap's market pairs in the shape of the capture of January 2023, made from parameters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.upstreams.server import UpstreamServer
from tests.upstreams.steps import Reply
from tests.upstreams.wire import Request

PAIRS_PATH = "/data-api/v3/cryptocurrency/market-pairs/latest"


def market(
    exchange: str,
    pair: str,
    depth_up: Any,
    depth_down: Any,
    volume: Any = 1_000_000.0,
    updated: datetime | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A row of `marketPairs`; amounts in USD, further fields override."""
    base, _, quote = pair.partition("/")
    row = {
        "exchangeName": exchange,
        "exchangeSlug": exchange.lower(),
        "outlierDetected": 0,
        "priceExcluded": 0,
        "volumeExcluded": 0,
        "marketPair": pair,
        "category": "spot",
        "baseSymbol": base,
        "quoteSymbol": quote,
        "price": 0.00123131,
        "volumeUsd": volume,
        "effectiveLiquidity": 229.0,
        "depthUsdNegativeTwo": depth_down,
        "depthUsdPositiveTwo": depth_up,
    }
    if updated is not None:
        row["lastUpdated"] = updated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {**row, **fields}


def market_pairs(symbol: str, *markets: dict[str, Any]) -> dict[str, Any]:
    """A whole answer."""
    return {
        "data": {"id": 1, "name": symbol, "symbol": symbol, "numMarketPairs": len(markets), "marketPairs": [*markets]},
        "status": {"error_code": "0", "error_message": "SUCCESS", "elapsed": "11", "credit_count": 0},
    }


def failed(code: int, message: str) -> dict[str, Any]:
    """An answer with HTTP status 200 that reports an error."""
    return {"status": {"error_code": str(code), "error_message": message}}


class MarketPairsSite:
    """Answers by slug. An answer may be a document, a step, or a function of the request."""

    def __init__(self, server: UpstreamServer) -> None:
        self.answers: dict[str, Any] = {}
        server.route(PAIRS_PATH, self._answer)

    def depth(self, slug: str, usd: float, clock: Callable[[], datetime]) -> None:
        """One market with this depth on its smaller side."""
        row = market("KuCoin", f"{slug.upper()}/USDT", usd, usd * 1.2, updated=clock())
        self.answers[slug] = market_pairs(slug.upper(), row)

    def _answer(self, request: Request) -> Any:
        slug = request.query.get("slug", "")
        return self.answers.get(slug, Reply(failed(400, f'Invalid value for "slug": "{slug}"'), 400))
