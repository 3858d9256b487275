"""The collector: the trades of all tracked pairs, from the venues' streams to minutes, in one event loop.

All that waits for the database is done by `TradeControl` in a second thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crypto_ews.conf import Config
from events.clock import add_date
from events.sources.malformed_frames import MalformedFrames
from events.upstream.client import HttpClient
from streams.engine.counters import StreamCounters
from streams.engine.frames import FrameScheduler
from streams.engine.limits import EngineLimits
from streams.engine.snapshots import SnapshotFetcher
from streams.engine.venue_streams import VenueStreams
from trades.collector.recorder import TradeRecorder
from trades.collector.venues import USER_AGENT, feed_of, source_of
from trades.klines.base import TradedPair
from trades.minutes.pair import MinuteCounters
from trades.minutes.venue import MinutesTarget, VenueMinutes
from trades.records import TradeMinute

if TYPE_CHECKING:
    from threading import Event as StopFlag

logger = logging.getLogger(__name__)

_LOOK_FOR_STOP_SECONDS = 0.1
_CLOCK_SECONDS = 1.0
# The daemon gives its services seven seconds to stop.
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class TradeReport:
    """One venue's streams of trades at a moment. faults: of its connections, now. left_out: symbols that the venue
    refuses, and why. clock_ms: the venue's clock, 0 before the first trade."""

    venue: str
    connections: int
    symbols: int
    counters: StreamCounters
    minutes: MinuteCounters
    clock_ms: int
    faults: Sequence[str] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Venue:
    minutes: VenueMinutes
    streams: VenueStreams


class TradeCollector:
    """`run` returns after `stop` is set. control: run in a second thread, with a flag that ends it."""

    def __init__(
        self,
        config: Config,
        recorder: TradeRecorder,
        now: Callable[[], datetime],
        limits: EngineLimits | None = None,
    ) -> None:
        self.config, self.recorder = config, recorder
        self.malformed = MalformedFrames()
        self.client = HttpClient(config.request_deadline_seconds, user_agent=USER_AGENT, now=now, on_date=add_date)
        self._limits = limits or EngineLimits()
        self._loop: asyncio.AbstractEventLoop
        self._scheduler: FrameScheduler
        self._fetcher: SnapshotFetcher
        self._venues: dict[str, _Venue] = {}

    def run(self, stop: StopFlag, control: Callable[[StopFlag], None]) -> None:
        """Raises RuntimeError where the control ends before `stop` is set."""
        asyncio.run(self._main(stop, control))

    async def _main(self, stop: StopFlag, control: Callable[[StopFlag], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._scheduler = FrameScheduler(self._limits.slice)
        # Feeds of trades have no snapshots: nothing is asked of it.
        self._fetcher = SnapshotFetcher(self.client, self.config, self._limits)
        reading = asyncio.create_task(self._scheduler.run())
        # Not `stop`, which may belong to the whole daemon.
        ending = threading.Event()
        # A daemon thread: a database that hangs must not keep the process alive.
        controlling = threading.Thread(target=control, args=(ending,), name="trades control", daemon=True)
        controlling.start()
        due = 0.0
        try:
            while not stop.is_set() and controlling.is_alive():
                if reading.done():
                    # No frame would be read any more: raise, so that the service starts a new collector.
                    reading.result()
                if time.monotonic() >= due:
                    due = time.monotonic() + _CLOCK_SECONDS
                    for venue in self._venues.values():
                        venue.minutes.elapsed(_now_ms())
                await asyncio.sleep(_LOOK_FOR_STOP_SECONDS)
        finally:
            ending.set()
            ends = time.monotonic() + _STOP_SECONDS
            for name in list(self._venues):
                await self._close(name)
            reading.cancel()
            self._fetcher.close()
            while controlling.is_alive() and time.monotonic() < ends:
                await asyncio.sleep(_LOOK_FOR_STOP_SECONDS)
            self.client.close()
        if not stop.is_set():
            raise RuntimeError("the thread of the trades' control has ended")

    # Called by the control, from its thread

    def start(self, venue: str) -> None:
        """Begin with a venue; it has no symbols until `carry`."""
        self._call(self._open(venue))

    def carry(self, venue: str, pairs: Sequence[TradedPair], stored: Mapping[str, TradeMinute]) -> None:
        """Count the trades of these pairs. stored: the last row of each, from which a new one goes on."""
        symbols = {pair.symbol for pair in pairs}

        async def work() -> None:
            found = self._venues.get(venue)
            if found is None:
                return
            before = found.streams.targets.keys() | found.streams.left_out.keys()
            for symbol in sorted(symbols - before):
                found.minutes.add(symbol)
                if row := stored.get(symbol):
                    found.minutes.resume(symbol, row.minute_ms, row.last_id, row.close)
            found.streams.set_symbols(symbols)
            for symbol in before - symbols:
                found.minutes.forget(symbol)

        self._call(work())

    def end(self, venue: str) -> None:
        """Stop with a venue, e.g. because another process may count it by now."""
        self._call(self._close(venue))

    def report(self, venue: str) -> TradeReport | None:
        """The state of a venue's streams; None where the venue has ended meanwhile."""

        async def work() -> TradeReport | None:
            found = self._venues.get(venue)
            if found is None:
                return None
            streams = found.streams
            return TradeReport(
                venue,
                streams.live_connections,
                len(streams.targets) + len(streams.left_out),
                copy(streams.counters),
                copy(found.minutes.counters),
                found.minutes.clock_ms,
                streams.faults(),
                streams.left_out,
            )

        report: TradeReport | None = self._call(work())
        return report

    def _call(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(_STOP_SECONDS)

    # In the loop

    async def _open(self, venue: str) -> None:
        feed = feed_of(venue)
        minutes = VenueMinutes(venue, feed.numbering, self.recorder.take_row, self.recorder.take_doubt)
        limits = self._limits.of_trades()
        source = source_of(venue)
        streams = VenueStreams(
            feed,
            self.config,
            self._scheduler,
            self._fetcher,
            lambda symbol: MinutesTarget(minutes, symbol, _now_ms),
            lambda frame, error: self.malformed.add(source, frame, error),
            limits,
        )
        self._venues[venue] = _Venue(minutes, streams)
        logger.info("%s: counting", source)

    async def _close(self, venue: str) -> None:
        found = self._venues.pop(venue, None)
        if found is not None:
            await found.streams.close()
            logger.info("%s: ended", source_of(venue))


def _now_ms() -> int:
    """A clock that is never set."""
    return int(time.monotonic() * 1000)
