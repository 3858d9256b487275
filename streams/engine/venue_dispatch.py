"""Live messages of one venue: delivery to the books, and what follows from faults, refusals and lost messages."""

from __future__ import annotations

import logging
from collections.abc import Callable

from streams.engine.connection import Connection
from streams.engine.counters import StreamCounters
from streams.engine.dispatch import Dispatcher
from streams.engine.frames import Handler
from streams.engine.limits import EngineLimits
from streams.engine.resync import OnMalformed, Resyncs
from streams.engine.routes import Route
from streams.engine.snapshots import SnapshotFetcher
from streams.feeds.base import Feed, MalformedFrame, Message, Notice, NoticeKind, Proof, Snapshot

logger = logging.getLogger(__name__)


class VenueDispatcher(Dispatcher):
    """on_malformed: given each frame that cannot be read. set_apart: as in `Resyncs`. renew: the venue is about to end
    a connection. refused: a connection's request was refused. switched: a symbol and the connection that took it over.
    """

    def __init__(
        self,
        feed: Feed,
        source: str,
        fetcher: SnapshotFetcher,
        limits: EngineLimits,
        counters: StreamCounters,
        clock: Callable[[], float],
        *,
        on_malformed: OnMalformed,
        set_apart: Callable[[str, str], None],
        renew: Callable[[Connection], None],
        refused: Callable[[Connection, Notice], None],
        switched: Callable[[str, Connection], None],
    ) -> None:
        super().__init__()
        self._feed, self._source, self._counters, self._on_malformed = feed, source, counters, on_malformed
        self._renew, self._refused, self._switched = renew, refused, switched
        self.resyncs = Resyncs(
            feed, source, fetcher, limits, counters, on_malformed, self.deliver, set_apart, clock
        )  # fmt: skip

    def handler(self, connection: Connection) -> Handler:
        """A function for the scheduler that counts and dispatches a connection's frames. It does not raise."""
        counters, read = self._counters, self.reader(connection.decode, connection)

        def handle(received_ns: int, frame: bytes) -> None:
            counters.frames += 1
            counters.bytes += len(frame)
            counters.last_frame_ns = received_ns
            try:
                read(frame, received_ns)
            except MalformedFrame as error:
                self._malformed(connection, frame, error)

        return handle

    def deliver(self, symbol: str, route: Route, message: Message, received_ns: int, frame: bytes = b"") -> None:
        """A book that fails is interrupted; the others go on."""
        route.count += 1
        needs_snapshot = False
        if isinstance(message, Snapshot):
            # Useless until the book has taken it.
            route.asked_at, route.useless = None, True
        try:
            needs_snapshot = route.target.take(message, received_ns)
            route.logged = ""
            if isinstance(message, Snapshot):
                route.useless = needs_snapshot
        except MalformedFrame as error:
            self._counters.malformed += 1
            self._on_malformed(frame or repr(message).encode(), str(error))
            self.resyncs.interrupt(symbol, route, "an update could not be read")
        except Exception as error:
            # A fault of ours in one book: its content is not reliable any more.
            text = f"internal error: {type(error).__name__}: {error}"
            if route.logged != text:
                logger.exception("%s %s failed", self._source, symbol)
            route.logged = text
            self.resyncs.interrupt(symbol, route, text)
        if needs_snapshot:
            self.resyncs.ask(symbol, route)

    def notice(self, notice: Notice, received_ns: int, connection: Connection | None) -> None:
        assert connection is not None
        if notice.kind is NoticeKind.RECONNECT:
            self._renew(connection)
        elif notice.kind is NoticeKind.REFUSED:
            self._counters.refused += 1
            logger.warning("%s refused %s: %s", self._source, ", ".join(notice.symbols) or "a request", notice.text)
            self._refused(connection, notice)
        elif notice.kind is NoticeKind.LOST_MESSAGES:
            self._counters.lost_messages += 1
            self._interrupt_all(connection, notice.text or "the connection's numbering has a hole")
        elif notice.kind is NoticeKind.HEARTBEAT:
            for symbol in notice.symbols:
                if (route := self.routes.get(symbol)) and route.connection is connection:
                    route.count += 1

    def handed_over(self, symbol: str, connection: Connection) -> None:
        self._switched(symbol, connection)

    def _malformed(self, connection: Connection, frame: bytes, error: MalformedFrame) -> None:
        self._counters.malformed += 1
        self._on_malformed(frame, str(error))
        if not self._feed.proofs & {Proof.SEQUENCE, Proof.CHECKSUM}:
            # Nothing would show later that an update is missing.
            self._interrupt_all(connection, "a frame could not be read")

    def _interrupt_all(self, connection: Connection, reason: str) -> None:
        """Any book of the connection may have missed a message."""
        for symbol, route in list(self.routes.items()):
            if route.connection is connection:
                self.resyncs.interrupt(symbol, route, reason)
