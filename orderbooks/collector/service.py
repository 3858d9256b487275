"""The streams as a service: in the daemon (`runschedulers --streams`) and as a process (`runstreams`)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from crypto_ews.conf import Config
from events import clock
from orderbooks.collector.collector import Collector
from orderbooks.collector.recorder import BookRecorder
from orderbooks.collector.venue_books import ListenerFactory
from orderbooks.live.hub import HUB, LiveListener
from orderbooks.live.relay import RelaySender
from streams.engine.host_budget import HOST_BUDGETS, HostBudgets
from streams.engine.limits import EngineLimits
from streams.feeds import FEEDS
from streams.feeds.base import Feed

if TYPE_CHECKING:
    from threading import Event as StopFlag

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 5.0
# Together with the collector's end this is less than the seven seconds that the daemon gives.
_LAST_WRITES_SECONDS = 3.0

# The recorders of the collector in this process.
_recorders: list[BookRecorder] = []


def recorder_gauges() -> dict[str, float]:
    """For /metrics, where the streams run in this process."""
    return {f"streams_{name}": number for recorder in _recorders for name, number in recorder.gauges().items()}


def chosen_feeds(config: Config, venues: Collection[str] = ()) -> list[Feed]:
    """The feeds of ORDERBOOK_VENUES, or of the named ones among them. Raises ValueError with the venues there are."""
    configured = config.orderbook_venues
    unknown = [venue for venue in venues if venue.upper() not in configured]
    if unknown:
        raise ValueError(f"unknown venue(s) {', '.join(unknown)}; ORDERBOOK_VENUES has {', '.join(configured)}")
    requested = {venue.upper() for venue in venues} or set(configured)
    return [feed for feed in FEEDS.values() if feed.venue in requested]


def run(config: Config, stop: StopFlag, feeds: Sequence[Feed] | None = None) -> None:
    """Collect until `stop` is set: the daemon's service. After an unexpected error a new collector is started."""
    chosen = chosen_feeds(config) if feeds is None else feeds
    while not stop.is_set():
        try:
            collect(config, stop, chosen, budgets=HOST_BUDGETS)
        except Exception:
            logger.exception("the streams failed; they start again in %g s", _AGAIN_SECONDS)
            stop.wait(_AGAIN_SECONDS)


def collect(
    config: Config,
    stop: StopFlag,
    feeds: Sequence[Feed],
    more_listeners: Sequence[ListenerFactory] = (),
    limits: EngineLimits | None = None,
    budgets: HostBudgets | None = None,
) -> None:
    """Run one collector with its recorder and relay until `stop` is set."""
    recorder = BookRecorder(config, clock.now, on_row=HUB.publish)
    _recorders.append(recorder)
    ending = threading.Event()
    threads = [
        threading.Thread(target=work, args=(ending,), name=name, daemon=True)
        for name, work in (("live relay", RelaySender(HUB).run), ("book recorder", recorder.run))
    ]
    for thread in threads:
        thread.start()
    listeners: list[ListenerFactory] = [recorder.listener, LiveListener, *more_listeners]
    try:
        Collector(config, feeds, listeners, clock.now, recorder.name_symbols, limits, budgets=budgets).run(stop)
    finally:
        # Only now: the last rows of the books are written as well.
        ending.set()
        ends = time.monotonic() + _LAST_WRITES_SECONDS
        for thread in threads:
            thread.join(max(0.1, ends - time.monotonic()))
        _recorders.remove(recorder)
