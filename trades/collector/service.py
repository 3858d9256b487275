"""Trades as a service: in the daemon (`runschedulers --trades`) and as a process (`runtrades`)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crypto_ews.conf import Config
from events import clock
from streams.engine.host_budget import HOST_BUDGETS, HostBudgets
from streams.engine.limits import EngineLimits
from trades.collector.collector import TradeCollector
from trades.collector.control import TradeControl
from trades.collector.recorder import TradeRecorder
from trades.collector.venues import chosen_venues
from trades.history.backfill import OnPass
from trades.records import TradeMinute
from trades.storage.rows import TradeRows

if TYPE_CHECKING:
    from threading import Event as StopFlag

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 5.0
# Together with the collector's end this is less than the seven seconds that the daemon gives.
_LAST_WRITES_SECONDS = 2.0

# Of the collectors in this process.
_gauges: list[Callable[[], dict[str, float]]] = []


def trade_gauges() -> dict[str, float]:
    """For /metrics, where trades are counted in this process."""
    return {f"trades_{name}": number for gauges in list(_gauges) for name, number in gauges().items()}


def run(config: Config, stop: StopFlag, venues: Sequence[str] | None = None) -> None:
    """Count until `stop` is set: the daemon's service. After an unexpected error a new collector is started."""
    chosen = chosen_venues(config) if venues is None else venues
    while not stop.is_set():
        try:
            count(config, stop, chosen, budgets=HOST_BUDGETS)
        except Exception:
            logger.exception("the trades failed; they start again in %g s", _AGAIN_SECONDS)
            stop.wait(_AGAIN_SECONDS)


def count(
    config: Config,
    stop: StopFlag,
    venues: Sequence[str],
    on_row: Callable[[TradeMinute], None] | None = None,
    limits: EngineLimits | None = None,
    budgets: HostBudgets | None = None,
    on_pass: OnPass = lambda _venue, _number: None,
) -> None:
    """Run one collector with its recorder, repairs and backfills until `stop` is set.

    on_row: called with every minute that is closed or repaired. on_pass: with every pass of a backfill that ends.
    """
    recorder = TradeRecorder(config, TradeRows(), clock.now, on_row)
    collector = TradeCollector(config, recorder, clock.now, limits)
    control = TradeControl(collector, venues, budgets or HostBudgets(), clock.now, on_pass)
    mine = [recorder.gauges, control.gauges]
    _gauges.extend(mine)
    ending = threading.Event()
    writing = threading.Thread(target=recorder.run, args=(ending,), name="trade recorder", daemon=True)
    writing.start()
    try:
        collector.run(stop, control.run)
    finally:
        # Only now: the last rows are written as well.
        ending.set()
        ends = time.monotonic() + _LAST_WRITES_SECONDS
        writing.join(max(0.1, ends - time.monotonic()))
        for gauges in mine:
            _gauges.remove(gauges)
