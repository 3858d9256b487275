"""One venue's history beside its streams: repairs all the time, the backfill at first and once a day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connections

from trades.collector.recorder import TradeRecorder
from trades.history.backfill import OnPass, VenueBackfill
from trades.history.repair import Repairer
from trades.klines.base import TradedPair
from trades.klines.client import KlineClient, Stopped
from trades.klines.venues import KLINE_VENUES

logger = logging.getLogger(__name__)

REPAIR_SECONDS = 10.0
# A run that has failed, or left a pair out, is tried again after this.
_AGAIN = timedelta(minutes=10)
# Every day, so that the hours of the day are there for the benchmark of 23:59:30.
_DAILY = timedelta(hours=23, minutes=56)


class VenueHistory:
    """Two threads: a backfill of forty minutes must not delay a repair."""

    def __init__(
        self, venue: str, client: KlineClient, recorder: TradeRecorder, now: Callable[[], datetime], on_pass: OnPass
    ) -> None:
        self._now = now
        self._pairs: Sequence[TradedPair] = ()
        self._stop = threading.Event()
        self._backfill = VenueBackfill(KLINE_VENUES[venue], client, recorder.rows, now, self._stop.is_set, on_pass)
        self.repairer = Repairer(KLINE_VENUES[venue], client, recorder.rows, now, recorder.changed, self._stop.is_set)
        self._began_at: datetime | None = None
        self._again_at: datetime | None = None
        self._fetched: Sequence[TradedPair] = ()
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=f"{name} {venue}", daemon=True)
            for name, work in (("repair", self._repair), ("backfill", self._fetch))
        ]
        for thread in self._threads:
            thread.start()

    def carry(self, pairs: Sequence[TradedPair]) -> None:
        """The venue's pairs from now on."""
        self._pairs = tuple(pairs)

    def end(self) -> None:
        """Begin to end: both threads stop within a second or a request."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(REPAIR_SECONDS if work == self._repair else 1.0):
            try:
                work()
            except Stopped:
                return
            except (DatabaseError, InterfaceError) as error:
                logger.warning("history waits for the database: %s", str(error).strip())
                self._stop.wait(REPAIR_SECONDS)
            except Exception:
                logger.exception("history failed; it goes on")
                self._stop.wait(REPAIR_SECONDS)
            finally:
                connections.close_all()

    def _repair(self) -> None:
        if pairs := [pair for pair in self._pairs if pair.tracked]:
            self.repairer.run(pairs)

    def _fetch(self) -> None:
        pairs, now = self._pairs, self._now()
        if not pairs or not self._is_due(pairs, now):
            return
        # Before it runs: what fails is tried again later, not at once.
        self._began_at, self._again_at, self._fetched = now, now + _AGAIN, pairs
        outcome = self._backfill.run(pairs)
        if not outcome.failed and not outcome.stopped:
            self._again_at = None

    def _is_due(self, pairs: Sequence[TradedPair], now: datetime) -> bool:
        if self._began_at is None or now < self._began_at or set(pairs) - set(self._fetched):
            return True
        if self._again_at is not None and now >= self._again_at:
            return True
        midnight = self._began_at.replace(hour=0, minute=0, second=0, microsecond=0)
        daily = midnight + _DAILY
        return now >= (daily if self._began_at < daily else daily + timedelta(days=1))
