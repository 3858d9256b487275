"""The regular look at every connection of a venue: who is silent, who is late, whose snapshot has not come."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from events.clock import jumps, time_ns
from streams.engine.counters import StreamNumbers
from streams.engine.limits import EngineLimits
from streams.engine.resync import Resyncs
from streams.engine.routes import ConnectionSlot, Route
from streams.engine.watchdog import Lag
from streams.feeds.base import Feed

# Venues count requests (OKX: 480 an hour and connection).
_GROUPS = 8


class ConnectionMonitor:
    """Ends connections that are no good; asks for what single symbols lack."""

    def __init__(self, feed: Feed, limits: EngineLimits, numbers: StreamNumbers, resyncs: Resyncs) -> None:
        self._feed, self._limits, self._numbers, self._resyncs = feed, limits, numbers, resyncs
        self._jumps = len(jumps())

    def look(self, slots: Collection[ConnectionSlot], routes: Mapping[str, Route], now: float) -> None:
        """now: monotonic seconds."""
        numbers = self._numbers
        lags = []
        numbers.queue = 0
        if len(jumps()) != self._jumps:
            # Our time was corrected. What was measured by the time before says nothing of a delay by the time now.
            self._jumps = len(jumps())
            for slot in slots:
                if slot.connection is not None:
                    slot.connection.lag, slot.connection.late_ticks = Lag(), 0
        for slot in slots:
            if slot.connection is None or not slot.connection.live:
                continue
            numbers.queue += len(slot.connection.queue)
            lag = slot.connection.lag.take()
            if lag is not None:
                lags.append(lag)
            if not self._too_late(slot, lag or 0.0) and not self._silent(slot, now):
                self._ask_for_the_rest(slot, routes, now)
                self._look_at_symbols(slot, routes, now)
        numbers.longest_queue = max(numbers.longest_queue, numbers.queue)
        numbers.lag_seconds = max(lags, default=None)

    def _too_late(self, slot: ConnectionSlot, lag: float) -> bool:
        """What is too far behind to be caught up with is dropped with its connection: the next one begins with now."""
        connection = slot.connection
        assert connection is not None
        queue = connection.queue
        waited = (time_ns() - queue.oldest_ns) / 1e9 if queue.oldest_ns else 0.0
        behind = max(waited, lag)
        connection.late_ticks = connection.late_ticks + 1 if behind > self._limits.max_lag else 0
        if connection.late_ticks < self._limits.lag_ticks:
            return False
        self._numbers.dropped += len(queue)
        connection.end(f"too far behind: {behind:.1f} s, {len(queue)} frames dropped")
        return True

    def _silent(self, slot: ConnectionSlot, now: float) -> bool:
        connection = slot.connection
        assert connection is not None
        silence = now - connection.heard_at
        # What is heard but not yet read is no silence.
        if connection.queue or silence <= self._feed.silence_seconds:
            return False
        self._numbers.silent_connections += 1
        connection.end(f"silent for {silence:.0f} s")
        return True

    def _ask_for_the_rest(self, slot: ConnectionSlot, routes: Mapping[str, Route], now: float) -> None:
        """After a refusal: who of the others is not heard yet is asked for again, in ever smaller groups, until a
        refusal that names nobody can only mean one."""
        connection = slot.connection
        assert connection is not None
        if connection.rest_due is None or now < connection.rest_due or connection.queue:
            return
        connection.rest_due = None
        unheard = [
            symbol
            for symbol in sorted(connection.symbols & slot.symbols)
            if connection.watch.is_unheard(symbol, routes[symbol].count)
        ]
        size = max(1, len(unheard) // _GROUPS)
        for start in range(0, len(unheard), size):
            connection.request(unheard[start : start + size])

    def _look_at_symbols(self, slot: ConnectionSlot, routes: Mapping[str, Route], now: float) -> None:
        connection, limits = slot.connection, self._limits
        assert connection is not None
        if connection.queue:
            return
        suspects = []
        symbols = connection.symbols & slot.symbols
        for symbol in symbols:
            route = routes[symbol]
            if connection.watch.look(symbol, route.count, now):
                suspects.append(symbol)
            elif self._feed.snapshot_over_rest:
                # A quiet pair is not left without a book until somebody trades it.
                if not route.target.in_sync and now - route.since > limits.first_update:
                    self._resyncs.ask(symbol, route)
            elif route.asked_at is not None and now - route.asked_at > limits.quiet_symbol:
                # The snapshot that was asked for has not come.
                route.asked_at = None
                self._resyncs.ask(symbol, route)
        if len(suspects) > max(2, len(symbols) // 2):
            self._numbers.silent_connections += 1
            connection.end(f"{len(suspects)} of {len(symbols)} symbols are silent")
            return
        for symbol in suspects:
            self._resyncs.suspect(symbol, routes[symbol], connection)
