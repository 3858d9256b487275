"""A venue that streams order books over real WebSockets on loopback, with every fault on demand.

    with StreamVenue(BinanceSpot(), [market]) as venue:
        venue.change("BTCUSDT", bids=[("60000.0", "1.5")])      # the true book changes, and every subscriber is told
        venue.lose("BTCUSDT")                                    # the next change is not told: a gap
        venue.deafen("BTCUSDT")                                  # silent from now on, on the connections of now
        venue.disconnect()

The true books are `venue.markets`: what a client's must equal. It runs in a thread of its own, callers in any other.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.upstreams.streams.dialects import Change, Dialect, Levels, Market

# What a venue lets pile up for a client that does not read; then it ends the connection.
_MOST_UNSENT_BYTES = 64 * 2**20


class StreamVenue:
    """Use it in a `with` block. Every method may be called from any thread and returns when it has been done."""

    def __init__(self, dialect: Dialect, markets: Iterable[Market], port: int = 0) -> None:
        self.dialect = dialect
        self.markets = {market.symbol: market for market in markets}
        self.subscriptions: list[str] = []
        """Symbols in the order in which they were subscribed."""
        self.opened = 0
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stream venue", daemon=True)
        self._server: Server | None = None
        self._subscribers: dict[ServerConnection, set[str]] = {}
        self._deaf: dict[ServerConnection, set[str]] = defaultdict(set)
        self._faults: dict[str, deque[Callable[[Change], list[str]]]] = defaultdict(deque)
        self._refusing = False
        self._hiding_acknowledgements = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._subscribers)

    # The market

    def change(self, symbol: str, bids: Levels = (), asks: Levels = ()) -> None:
        """Change the true book and tell it, but for the faults that are due."""
        self._call(self._change(symbol, bids, asks))

    def walk(self, symbols: Sequence[str], changes: int, source: random.Random) -> None:
        """Random changes, each of one of the symbols in turn: new, grown, shrunk and deleted levels."""

        async def run() -> None:
            for number in range(changes):
                market = self.markets[symbols[number % len(symbols)]]
                await self._change(market.symbol, *random_change(market, source))

        self._call(run())

    def trade(self, symbol: str, price: str, size: str = "1") -> None:
        """A trade, told to whoever subscribed to the symbol's trades."""

        async def run() -> None:
            frame = self.dialect.trade(symbol, price, size)  # type: ignore[attr-defined]
            for connection, names in list(self._subscribers.items()):
                if f"trades {symbol}" in names:
                    await self._send(connection, [frame])

        self._call(run())

    # Faults. Those that name a symbol are due at its next change, one after another.

    def lose(self, symbol: str) -> None:
        self._faults[symbol].append(lambda change: [])

    def double(self, symbol: str) -> None:
        self._faults[symbol].append(lambda change: [self.dialect.update(change)] * 2)

    def swap(self, symbol: str) -> None:
        """The next two changes come in the wrong order."""
        held: list[str] = []

        def hold(change: Change) -> list[str]:
            held.append(self.dialect.update(change))
            return []

        self._faults[symbol] += [hold, lambda change: [self.dialect.update(change), *held]]

    def falsify(self, symbol: str) -> None:
        """The next change carries a wrong checksum."""
        self._faults[symbol].append(lambda change: [self.dialect.update(replace(change, checksum_error=1))])

    def garble(self, symbol: str) -> None:
        """The next change's frame breaks off in its middle."""

        def cut(change: Change) -> list[str]:
            whole = self.dialect.update(change)
            return [whole[: len(whole) // 2]]

        self._faults[symbol].append(cut)

    def deafen(self, *symbols: str) -> None:
        """The present connections hear nothing more of these symbols, or of any, until they subscribe anew."""

        async def run() -> None:
            for connection in self._subscribers:
                self._deaf[connection] |= set(symbols or self.markets)

        self._call(run())

    def disconnect(self) -> None:
        """Every connection breaks off without a closing handshake."""

        async def run() -> None:
            for connection in list(self._subscribers):
                connection.transport.abort()

        self._call(run())

    def refuse(self, refusing: bool = True) -> None:
        """New connections are closed before the handshake."""
        self._refusing = refusing

    def say(self, frame: str) -> None:
        """A frame to everybody, whatever it is."""

        async def run() -> None:
            for connection in list(self._subscribers):
                await self._send(connection, [frame])

        self._call(run())

    # Behind it

    def _call(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(60)

    async def _open(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self._port,
            compression=None,
            ping_interval=None,
            process_request=self._request,
            write_limit=_MOST_UNSENT_BYTES,
            close_timeout=0.2,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _request(self, connection: ServerConnection, request: Any) -> Any:
        if self._refusing:
            return connection.respond(503, "not now\n")
        if request.path.partition("?")[0] != self.dialect.path:
            return connection.respond(404, f"no stream at {request.path}\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        self.opened += 1
        self._subscribers[connection] = set()
        try:
            async for frame in connection:
                begin, end, answers = self.dialect.subscribed(frame if isinstance(frame, str) else frame.decode())
                await self._send(connection, answers)
                self._subscribers[connection] -= set(end)
                for symbol in begin:
                    self._subscribers[connection].add(symbol)
                    if symbol.startswith("trades "):
                        continue
                    self.subscriptions.append(symbol)
                    self._deaf[connection].discard(symbol)
                    if first := self.dialect.first(self.markets[symbol]):
                        await self._send(connection, [first])
        except ConnectionClosed:
            pass
        finally:
            self._subscribers.pop(connection, None)
            self._deaf.pop(connection, None)

    async def _change(self, symbol: str, bids: Levels, asks: Levels) -> None:
        change = self.markets[symbol].apply(bids, asks)
        faults = self._faults.get(symbol)
        frames = faults.popleft()(change) if faults else [self.dialect.update(change)]
        for connection, symbols in list(self._subscribers.items()):
            if symbol in symbols and symbol not in self._deaf[connection]:
                await self._send(connection, frames)

    async def _send(self, connection: ServerConnection, frames: Iterable[str]) -> None:
        try:
            for frame in frames:
                await connection.send(frame)
        except ConnectionClosed:
            # It went away meanwhile, which is what faults are for.
            self._subscribers.pop(connection, None)


def new_market(symbol: str, levels: int = 100, middle: float = 100.0) -> Market:
    """A book of `levels` levels a side, a tenth apart, all different."""
    market = Market(symbol)
    for rank in range(levels):
        market.bids[f"{middle - 0.1 - rank / 10:.1f}"] = f"{1 + rank * 0.01:.2f}"
        market.asks[f"{middle + 0.1 + rank / 10:.1f}"] = f"{2 + rank * 0.01:.2f}"
    return market


def random_change(market: Market, source: random.Random) -> tuple[Levels, Levels]:
    """A few levels of each side: deleted, changed, or new behind the best; the book never crosses."""
    changes: list[list[tuple[str, str]]] = [[], []]
    for side, book, sign in ((0, market.bids, -1), (1, market.asks, 1)):
        prices = sorted(map(float, book))
        best = prices[-1] if sign < 0 else prices[0]
        for _ in range(source.randint(0, 3)):
            price = f"{best + sign * source.randint(0, 60) / 10:.1f}"
            gone = source.random() < 0.3 and price in book and len(book) > 40 and float(price) != best
            changes[side].append((price, "0.00" if gone else f"{source.uniform(0.01, 5):.2f}"))
    # One level twice in a message would be ambiguous.
    return list(dict(changes[0]).items()), list(dict(changes[1]).items())
