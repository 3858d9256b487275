"""Snapshots over REST: within the weight that each host allows, a few at a time, with a pause when a host refuses."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from crypto_ews.conf import Config
from events.upstream.client import HttpClient, Payload
from events.upstream.errors import RetryableError
from streams.engine.host_budget import HostBudget, HostBudgets
from streams.engine.limits import EngineLimits
from streams.engine.rate_limit import Backoff
from streams.feeds.base import Feed, MalformedFrame, Snapshot

_USED_WEIGHT = "x-mbx-used-weight-1m"
# Requests a minute where a venue documents no weight.
_DEFAULT_PER_MINUTE = 120


class _Host:
    def __init__(self, budget: HostBudget, limits: EngineLimits) -> None:
        self.budget = budget
        self.turns = asyncio.Semaphore(limits.rest_concurrency)
        self.backoff = Backoff(limits.backoff_base, limits.backoff_cap, random.random)


class MalformedSnapshot(MalformedFrame):
    """An answer that the feed cannot read. `payload` is the answer."""

    def __init__(self, error: MalformedFrame, payload: Payload) -> None:
        super().__init__(str(error))
        self.payload = payload


class SnapshotFetcher:
    """Shared by all venues of a process, since hosts count requests by address.

    budgets: shared with whatever else asks these hosts; by default nothing does.
    """

    def __init__(
        self,
        client: HttpClient,
        config: Config,
        limits: EngineLimits,
        clock: Callable[[], float] = time.monotonic,
        budgets: HostBudgets | None = None,
    ) -> None:
        self._client, self._config, self._limits, self._clock = client, config, limits, clock
        self._budgets = budgets or HostBudgets(limits.rest_share)
        self._hosts: dict[str, _Host] = {}
        self._pool = ThreadPoolExecutor(max_workers=2 * limits.rest_concurrency, thread_name_prefix="snapshot")

    async def fetch(self, feed: Feed, symbol: str, source: str) -> Snapshot:
        """Request a symbol's book. Waits for its turn; raises UpstreamError or MalformedSnapshot."""
        request = feed.rest_snapshot(self._config, symbol)
        if request is None:
            raise MalformedFrame(f"{feed.venue} has no snapshots over REST")
        host = self._host(feed, request.url)
        async with host.turns:
            while (wait := host.budget.wait_for_snapshot(request.weight, self._clock())) > 0:
                await asyncio.sleep(wait)
            loop = asyncio.get_running_loop()
            try:
                payload = await loop.run_in_executor(self._pool, lambda: self._client.get(request.url, source=source))
            except RetryableError as error:
                # A host that refuses or fails for one symbol does so for the next: no request for a while.
                host.budget.close_for(max(error.after or 0.0, host.backoff.failed()), self._clock())
                raise
        host.backoff.succeeded()
        used = payload.headers.get(_USED_WEIGHT, "")
        if used.isdigit():
            host.budget.used(int(used), self._clock())
        try:
            # A book of thousands of levels takes milliseconds to decode: not in the event loop.
            return await loop.run_in_executor(self._pool, feed.parse_rest_snapshot, payload.body, symbol)
        except MalformedFrame as error:
            raise MalformedSnapshot(error, payload) from None

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _host(self, feed: Feed, url: str) -> _Host:
        name = urlsplit(url).netloc
        if name not in self._hosts:
            per_minute = feed.rest_weight_per_minute or _DEFAULT_PER_MINUTE
            self._hosts[name] = _Host(self._budgets.of(name, per_minute), self._limits)
        return self._hosts[name]
