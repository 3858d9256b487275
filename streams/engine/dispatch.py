"""From a frame to the books of its symbols: the one loop that live connections and replays share.

`VenueDispatcher` (live) and `orderbooks.books.session.FeedSession` (replay) differ in what they do about notices,
unknown symbols and faults.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from streams.engine.handover import Arrived
from streams.engine.routes import Route
from streams.feeds.base import Delta, Message, Notice

if TYPE_CHECKING:
    from streams.engine.connection import Connection


class Dispatcher(ABC):
    """Decodes frames, and delivers each message to the route of its symbol. Called from one thread."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        """By symbol."""

    @abstractmethod
    def deliver(self, symbol: str, route: Route, message: Message, received_ns: int, frame: bytes = b"") -> None:
        """Give a message to the symbol's book. frame: the one that it came in, empty where it waited in a handover."""

    @abstractmethod
    def notice(self, notice: Notice, received_ns: int, connection: Connection | None) -> None:
        """Act on a message about the connection itself."""

    def new_route(self, message: Message) -> Route | None:
        """The route of a symbol that has none; None: its messages are ignored."""
        return None

    def handed_over(self, symbol: str, connection: Connection) -> None:
        """The connection carries the symbol from now on. Does nothing here."""
        return

    def reader(
        self, decode: Callable[[bytes], Iterable[Message]], connection: Connection | None = None
    ) -> Callable[[bytes, int], None]:
        """A function that dispatches a connection's frames, each with the time of its receipt (nanoseconds).

        connection: None in a replay. The function raises MalformedFrame where a frame cannot be decoded; then nothing
        of it was delivered. It is a closure because it runs for every message: names are bound once.
        """
        routes, new_route, notice, deliver = self.routes, self.new_route, self.notice, self.deliver

        def read(frame: bytes, received_ns: int) -> None:
            for message in decode(frame):
                if isinstance(message, Notice):
                    notice(message, received_ns, connection)
                    continue
                symbol: str = message.symbol  # type: ignore[assignment]
                route = routes.get(symbol) or new_route(message)
                if route is None:
                    continue
                if connection is not None and isinstance(message, Delta) and message.exchange_ms is not None:
                    connection.lag.saw(message.exchange_ms, received_ns / 1e9)
                if route.connection is connection:
                    deliver(symbol, route, message, received_ns, frame)
                    if route.handover is not None:
                        self.switch(symbol, route, route.handover.from_old(message))
                elif route.successor is connection and route.handover is not None:
                    self.switch(symbol, route, route.handover.from_new(message, received_ns))

        return read

    def switch(self, symbol: str, route: Route, arrived: list[Arrived] | None) -> None:
        """Let the successor carry the symbol, and deliver what it brought so far. arrived: None while it may not."""
        if arrived is None or route.successor is None:
            return
        connection = route.connection = route.successor
        route.successor = route.handover = None
        for message, received_ns in arrived:
            self.deliver(symbol, route, message, received_ns)
        self.handed_over(symbol, connection)
