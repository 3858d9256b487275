"""Replays a recorded stream through the live path: `FeedSession`, fed as by a connection.

In the report a gap counts once, when a book in sync loses its chain of update numbers. A wrong checksum is counted as
such and also takes the book out of sync. A contradiction is a gap that the numbers do not show: trades or quotes far
from the best prices, crossed sides, a book without updates while the venue goes on. A book that is out of sync at the
end has no best bid and ask: the last known ones may be long gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from orderbooks.books.session import FeedSession
from orderbooks.books.whale_score import Scoring
from orderbooks.records import BookListener
from streams.capture import Line, LineKind
from streams.feeds.base import Feed, MalformedFrame, Ticker

# Lines are read in chunks of this size and then played, so that reading and unpacking are not timed.
_CHUNK = 5000
# Faults beyond this number are counted but not named.
_FAULTS_NAMED = 3


class NothingReadable(ValueError):
    """No line was in this exchange's protocol; `str()` is one line."""


class BookReplay:
    """Plays the lines of a recording and makes the report."""

    def __init__(
        self,
        feed: Feed,
        scoring: Scoring | None = None,
        listener: BookListener | None = None,
        on_ticker: Callable[[Ticker], None] | None = None,
    ) -> None:
        self.session = FeedSession(feed, listener, scoring=scoring, on_ticker=on_ticker, quotes=True)
        self.messages = 0
        self.bytes = 0
        self.seconds = 0.0
        self.malformed = 0
        self.faults: list[str] = []
        self.unplaced_snapshots = 0
        self._feed = feed
        self._connected = False
        # A snapshot without symbol that came before any update with one.
        self._waiting: Line | None = None

    def play(self, lines: Iterable[Line]) -> None:
        """Play the lines. Raises NothingReadable when there are lines but none can be read."""
        for chunk in _chunks(lines):
            started = time.perf_counter()
            for line in chunk:
                self._play(line)
            self.seconds += time.perf_counter() - started
        self.session.flush()
        if self._waiting is not None:
            self.unplaced_snapshots += 1
        if self.malformed and not self.messages:
            raise NothingReadable(
                f"nothing here is the protocol of {self._feed.exchange} {self._feed.market}: {self.faults[0]}"
            )

    def _play(self, line: Line) -> None:
        try:
            if line.kind is LineKind.CONNECT:
                if self._connected:
                    self.session.connection_lost("a new connection")
                self._connected = True
                return
            if self._is_snapshot(line):
                self._take_snapshot(line)
            elif line.kind is LineKind.FRAME:
                self.session.take(line.content, line.received_ns)
            else:
                return
        except MalformedFrame as fault:
            self.malformed += 1
            if len(self.faults) < _FAULTS_NAMED:
                self.faults.append(f"line {line.number}: {fault}")
            return
        self.messages += 1
        self.bytes += len(line.content)
        if self._waiting is not None and self.session.synchronizers:
            waiting, self._waiting = self._waiting, None
            self._place(waiting)

    def _is_snapshot(self, line: Line) -> bool:
        if not self._feed.snapshot_over_rest or line.content.startswith((b'{"stream"', b'{"e"')):
            return False
        # A partial-depth message of a combined stream has `stream` beside the same fields.
        return b'"lastUpdateId"' in line.content and b'"stream"' not in line.content

    def _take_snapshot(self, line: Line) -> None:
        snapshot = self._feed.parse_rest_snapshot(line.content, line.symbol)
        if snapshot.symbol is not None:
            self.session.apply(snapshot, line.received_ns)
        elif self.session.synchronizers:
            self._place(line)
        else:
            self._waiting = line

    def _place(self, line: Line) -> None:
        """Apply a snapshot without symbol, which belongs to the only symbol of the capture."""
        if len(self.session.synchronizers) == 1:
            (symbol,) = self.session.synchronizers
            self.session.take_rest_snapshot(line.content, symbol, line.received_ns)
        else:
            self.unplaced_snapshots += 1

    def report(self) -> dict[str, Any]:
        """The object of `bookreplay --json` (contract 5)."""
        counters = self.session.counters
        seconds = self.seconds
        return {
            "exchange": self._feed.exchange,
            "market": self._feed.market,
            "messages": self.messages,
            "bytes": self.bytes,
            "seconds": round(seconds, 6),
            "messages_per_second": round(self.messages / seconds) if seconds else 0,
            "bytes_per_second": round(self.bytes / seconds) if seconds else 0,
            "gaps": counters.gaps,
            "resyncs": counters.resyncs,
            "checksums": {"checked": counters.checksums_checked, "failed": counters.checksums_failed},
            "orders_scored": counters.orders_scored,
            "whales": counters.whales,
            "symbols": {symbol: self._symbol(symbol) for symbol in (self.session.synchronizers | self.session.left)},
        }

    def _symbol(self, symbol: str) -> dict[str, Any]:
        in_sync = self.session.is_true(symbol)
        best: Sequence[Sequence[str] | None] = (None, None)
        if in_sync:
            best = self.session.synchronizers[symbol].book.best_as_written()
        bid, ask = (None if level is None else list(level) for level in best)
        return {"best_bid": bid, "best_ask": ask, "in_sync": in_sync}


def _chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(lines)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
