"""Requests candles within each host's weight: what comes back is of the requested span, in order, and has ended."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import urlsplit

from crypto_ews.conf import Config
from events.upstream.client import HttpClient, Payload
from events.upstream.errors import RetryableError, SchemaDrift
from streams.engine.host_budget import HostBudget, HostBudgets
from streams.engine.rate_limit import Backoff
from trades.klines.bars import filled
from trades.klines.base import KlineQuery, KlineVenue, Span, TradedPair
from trades.records import Kline

_USED_WEIGHT = "x-mbx-used-weight-1m"
_BACKOFF_SECONDS = (1.0, 60.0)
# So that a stop is noticed while a host makes us wait.
_LONGEST_PAUSE_SECONDS = 1.0


class Stopped(Exception):
    """The program ends; nothing was requested."""


class UnknownCandles(SchemaDrift):
    """An answer that the parser cannot read. `payload` is the answer."""

    def __init__(self, error: SchemaDrift, payload: Payload) -> None:
        Exception.__init__(self, *error.args)
        self.source, self.url, self.message = error.source, error.url, error.message
        self.field, self.expected, self.got_excerpt = error.field, error.expected, error.got_excerpt
        self.payload = payload


class KlineClient:
    """May be shared between threads. clock: monotonic seconds. pause: sleeps. stopped: whether to give up waiting."""

    def __init__(
        self,
        client: HttpClient,
        config: Config,
        budgets: HostBudgets,
        now_ms: Callable[[], int],
        stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._config, self._budgets = client, config, budgets
        self._now_ms, self._stopped, self._clock, self._pause = now_ms, stopped, clock, pause
        self._lock = Lock()
        self._backoffs: dict[str, Backoff] = {}

    @staticmethod
    def source_of(venue: KlineVenue) -> str:
        """The name of the source in errors and in the quarantine."""
        return f"trades.{venue.venue.lower()}.klines"

    def per_minute(self, venue: KlineVenue, pair: TradedPair, interval_ms: int) -> int:
        """The weight a minute that history may spend on the venue's host."""
        url = venue.url(self._config, KlineQuery(pair, interval_ms, Span(0, interval_ms), self._now_ms()))
        return self._budgets.of(urlsplit(url).netloc, venue.per_minute).history_per_minute

    def fetch(self, venue: KlineVenue, query: KlineQuery, given_up: Callable[[], bool] = lambda: False) -> list[Kline]:
        """The candles of the span that have ended. Waits for its turn, until the caller has given up.

        Raises UpstreamError, with the payload where it cannot be read (UnknownCandles), and Stopped.
        """
        query = KlineQuery(query.pair, query.interval_ms, query.span, self._now_ms())
        url = venue.url(self._config, query)
        host = urlsplit(url).netloc
        budget = self._budgets.of(host, venue.per_minute)
        self._wait(budget, venue.weight(query.count), given_up)
        backoff = self._backoff(host)
        try:
            payload = self._client.get(url, source=self.source_of(venue))
            used = payload.headers.get(_USED_WEIGHT, "")
            if used.isdigit():
                budget.used(int(used), self._clock())
            klines = venue.parse(payload, query)
        except SchemaDrift as error:
            raise UnknownCandles(error, payload) from None
        except RetryableError as error:
            # Hosts count by address: what is refused for one pair is refused for all.
            with self._lock:
                seconds = max(error.after or 0.0, backoff.failed())
            budget.close_for(seconds, self._clock())
            raise
        with self._lock:
            backoff.succeeded()
        span = query.span
        found = [kline for kline in klines if kline.final and span.start_ms <= kline.open_ms < span.end_ms]
        return filled(found, span.end_ms) if venue.leaves_out_empty else found

    def _wait(self, budget: HostBudget, weight: int, given_up: Callable[[], bool]) -> None:
        while True:
            if self._stopped() or given_up():
                raise Stopped
            seconds = budget.wait_for_history(weight, self._clock())
            if seconds <= 0:
                return
            self._pause(min(seconds, _LONGEST_PAUSE_SECONDS))

    def _backoff(self, host: str) -> Backoff:
        with self._lock:
            return self._backoffs.setdefault(host, Backoff(*_BACKOFF_SECONDS, random.random))
