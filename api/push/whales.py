"""Large orders for the streams, while somebody asks for them: from this process's collector at once, else as they are
stored by another one, within two seconds. They are not replayed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg

from api.connection import UNAVAILABLE
from api.push.subscription import Subscription
from crypto_ews.conf import get_config
from orderbooks.live.hub import HUB
from orderbooks.records import ScoredOrder
from streams.feeds import FEEDS

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
_TOKENS_SECONDS = 300.0
_MOST = 500
_LAST = "SELECT COALESCE(max(id), 0) FROM orderbooks_whaleorder WHERE at > clock_timestamp() - interval '5 minutes'"
_NEW = """
SELECT id, venue, symbol, is_bid, price, size, level_size, mid, distance, sigmas, score, at
  FROM orderbooks_whaleorder
 WHERE id > $1 AND at > clock_timestamp() - interval '5 minutes'
 ORDER BY id LIMIT $2
"""
_INSTRUMENTS = (
    "SELECT venue, symbol, base, quote, token FROM markets_instrument WHERE live AND venue = ANY ($1::text[])"
)

Deliver = Callable[[str, tuple[tuple[str, str], ...], Mapping[str, Any]], None]
"""Kind, tokens and venues, and the fields of a message."""
Pool = Callable[[], Any]


class WhaleFeed:
    """One task while somebody listens. pool: a coroutine function, as `Runtime.pool`."""

    def __init__(self, deliver: Deliver, pool: Pool) -> None:
        self._deliver, self._pool = deliver, pool
        self._task: asyncio.Task[None] | None = None
        self._tokens: dict[tuple[str, str], str] = {}
        self._tokens_at = -_TOKENS_SECONDS

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def follow(self, subscriptions: Iterable[Subscription]) -> None:
        """Start or stop, as somebody asks for whales or nobody does."""
        listening = any("whale" in one.kinds for one in subscriptions)
        if listening and not self.running:
            self._task = asyncio.create_task(self._keep(), name="streams: whales")
        elif not listening:
            self.stop()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _keep(self) -> None:
        said = False
        while True:
            try:
                await self._read_tokens()
                await (self._from_collector() if HUB.collecting else self._from_table())
                said = False
            except UNAVAILABLE as error:
                if not said:
                    logger.warning("the streams cannot read whales: %s", error)
                    said = True
                await asyncio.sleep(POLL_SECONDS)
            except Exception:
                logger.exception("reading whales for the streams failed")
                await asyncio.sleep(POLL_SECONDS)

    async def _from_collector(self) -> None:
        """Until this process collects no longer, or the names of the books are due."""
        threshold = get_config().whale_store_threshold
        with HUB.subscribe() as subscription:
            async for batch in subscription.batches(POLL_SECONDS):
                for item in batch:
                    if isinstance(item, ScoredOrder) and item.score >= threshold:
                        self._send(_of_order(item))
                if not HUB.collecting or self._tokens_due:
                    return

    async def _from_table(self) -> None:
        pool = await self._pool()
        last = await pool.fetchval(_LAST)
        while not HUB.collecting and not self._tokens_due:
            await asyncio.sleep(POLL_SECONDS)
            for row in await pool.fetch(_NEW, last, _MOST):
                last = row["id"]
                fields = dict(row)
                del fields["id"]
                self._send({**fields, "side": "bid" if fields.pop("is_bid") else "ask", "at": fields["at"]})

    def _send(self, fields: dict[str, Any]) -> None:
        """`at` of a message is when it was sent: the exchange's time has a name of its own."""
        venue, symbol = fields["venue"], fields["symbol"]
        token = self._tokens.get((venue, symbol))
        fields["exchange_at"] = fields.pop("at")
        fields["token"] = token
        # A book whose asset nobody knows is kept from nobody.
        self._deliver("whale", ((token or "*", venue),), fields)

    @property
    def _tokens_due(self) -> bool:
        return time.monotonic() - self._tokens_at >= _TOKENS_SECONDS

    async def _read_tokens(self) -> None:
        if not self._tokens_due:
            return
        feeds = {feed.venue: feed for feed in FEEDS.values()}
        with suppress(*UNAVAILABLE):
            pool: asyncpg.Pool[Any] = await self._pool()
            self._tokens = {
                (row["venue"], feeds[row["venue"]].symbol_for(row["base"], row["quote"], row["symbol"])): row["token"]
                for row in await pool.fetch(_INSTRUMENTS, list(feeds))
            }
        self._tokens_at = time.monotonic()


def _of_order(order: ScoredOrder) -> dict[str, Any]:
    fields = order._asdict()
    del fields["received_ns"]
    side = "bid" if fields.pop("bid") else "ask"
    return {**fields, "side": side, "at": datetime.fromtimestamp(fields.pop("exchange_ms") / 1000, UTC)}
