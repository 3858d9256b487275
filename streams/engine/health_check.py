"""The regular check of every connection of a venue: silence, lag, and snapshots that have not come."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from events.clock import jumps, time_ns
from streams.engine.connection import Connection
from streams.engine.counters import StreamCounters
from streams.engine.limits import EngineLimits
from streams.engine.resync import Resyncs
from streams.engine.routes import ConnectionSlot, Route
from streams.engine.watchdog import Lag
from streams.feeds.base import Feed, batches

# Into how many requests symbols are split after a refusal: venues count requests (OKX: 480 an hour and connection).
_GROUPS = 8


class ConnectionMonitor:
    """Ends connections that are silent or too late, and requests what single symbols lack."""

    def __init__(self, feed: Feed, limits: EngineLimits, counters: StreamCounters, resyncs: Resyncs) -> None:
        self._feed, self._limits, self._counters, self._resyncs = feed, limits, counters, resyncs
        self._jumps = len(jumps())

    def check(self, slots: Collection[ConnectionSlot], routes: Mapping[str, Route], now: float) -> None:
        """now: monotonic seconds."""
        counters = self._counters
        lags = []
        counters.queue = 0
        if len(jumps()) != self._jumps:
            # Our clock was corrected: lags measured before cannot be compared with those of now.
            self._jumps = len(jumps())
            for slot in slots:
                if slot.connection is not None:
                    slot.connection.lag, slot.connection.late_ticks = Lag(), 0
        for slot in slots:
            if slot.connection is None or not slot.connection.live:
                continue
            counters.queue += len(slot.connection.queue)
            lag = slot.connection.lag.take()
            if lag is not None:
                lags.append(lag)
            if not self._too_late(slot, lag or 0.0) and not self._silent(slot, routes, now):
                self._request_silent(slot, routes, now)
                self._check_symbols(slot, routes, now)
        counters.longest_queue = max(counters.longest_queue, counters.queue)
        counters.lag_seconds = max(lags, default=None)

    def _too_late(self, slot: ConnectionSlot, lag: float) -> bool:
        """End a connection that cannot catch up, and drop its queue: the next one begins with present data."""
        connection = slot.connection
        assert connection is not None
        queue = connection.queue
        waited = (time_ns() - queue.oldest_ns) / 1e9 if queue.oldest_ns else 0.0
        behind = max(waited, lag)
        connection.late_ticks = connection.late_ticks + 1 if behind > self._limits.max_lag else 0
        if connection.late_ticks < self._limits.lag_ticks:
            return False
        self._counters.dropped += len(queue)
        connection.end(f"too far behind: {behind:.1f} s, {len(queue)} frames dropped")
        return True

    def _silent(self, slot: ConnectionSlot, routes: Mapping[str, Route], now: float) -> bool:
        """Whether nothing comes: then the connection is ended, unless the venue says that its pairs are quiet."""
        connection = slot.connection
        assert connection is not None
        silence = now - connection.received_at
        # Frames that were received and not read yet are no silence.
        if connection.queue or silence <= self._feed.silence_seconds:
            connection.excused_until = 0.0
            return False
        said = f"silent for {silence:.0f} s"
        if self._feed.snapshot_over_rest and connection.symbols:
            # Ten idle pairs are as silent as a dead connection: their snapshots tell.
            if now >= connection.excused_until:
                found = {symbol: routes[symbol] for symbol in _by_turn(connection, connection.symbols & slot.symbols)}
                if self._resyncs.suspect_connection(connection, found, said, unknown_is_dead=True):
                    # Asked again when the silence is twice as long.
                    connection.excused_until = now + min(silence, self._limits.quiet_symbol_at_most)
            return True
        self._counters.silent_connections += 1
        connection.end(said)
        return True

    def _request_silent(self, slot: ConnectionSlot, routes: Mapping[str, Route], now: float) -> None:
        """Subscribe again, after a refusal, to the symbols that have sent nothing, in ever smaller groups: in the end a
        refusal that names no symbol can only mean one."""
        connection = slot.connection
        assert connection is not None
        if connection.rest_due is None or now < connection.rest_due or connection.queue:
            return
        connection.rest_due = None
        silent = [
            symbol
            for symbol in sorted(connection.symbols & slot.symbols)
            if connection.watch.is_silent(symbol, routes[symbol].count)
        ]
        for part in batches(silent, max(1, len(silent) // _GROUPS)):
            connection.request(part)

    def _check_symbols(self, slot: ConnectionSlot, routes: Mapping[str, Route], now: float) -> None:
        connection, limits = slot.connection, self._limits
        assert connection is not None
        if connection.queue:
            return
        suspects = []
        symbols = connection.symbols & slot.symbols
        for symbol in symbols:
            route = routes[symbol]
            if connection.watch.is_suspect(symbol, route.count, now):
                suspects.append(symbol)
            elif self._feed.snapshot_over_rest:
                # A quiet pair gets its book without waiting for the first update.
                if not route.target.in_sync and now - route.since > limits.first_update:
                    self._resyncs.ask(symbol, route)
            elif route.asked_at is not None and now - route.asked_at > limits.quiet_symbol:
                # The requested snapshot has not come.
                route.asked_at = None
                self._resyncs.ask(symbol, route)
        if len(suspects) > max(2, len(symbols) // 2):
            # Ten quiet pairs are as silent as ten dead ones: the venue is asked about some of them.
            found = {symbol: routes[symbol] for symbol in _by_turn(connection, suspects)}
            self._resyncs.suspect_connection(connection, found, f"{len(suspects)} of {len(symbols)} symbols are silent")
            return
        for symbol in suspects:
            self._resyncs.suspect(symbol, routes[symbol], connection)


def _by_turn(connection: Connection, symbols: Collection[str]) -> list[str]:
    """Silent symbols of a connection, those first that tell most: the two that spoke last, since the books of busy
    pairs move soonest, then by lot, so that in the end each has its turn."""
    some = random.sample(list(symbols), len(symbols))
    last = sorted(some, key=connection.watch.spoke_at, reverse=True)[:2]
    return [*last, *(symbol for symbol in some if symbol not in last)]
