"""Bybit v5: spot, linear and inverse contracts.

Source: bybit-exchange.github.io/docs/v5, "Orderbook" and "Connect". Any snapshot resets, also one with u = 1 after a
restart of the service. Quantities of inverse contracts are US dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from crypto_ews.conf import Config
from orderbooks.feeds.base import (
    UNREADABLE,
    Decoder,
    Delta,
    Feed,
    Link,
    MalformedFrame,
    Message,
    Notice,
    NoticeKind,
    Proof,
    Snapshot,
    Trade,
)


class _Book(msgspec.Struct):
    s: str
    b: list[list[str]]
    a: list[list[str]]
    u: int


class _BookFrame(msgspec.Struct):
    topic: str
    type: str
    ts: int
    data: _Book
    cts: int | None = None


class _Trade(msgspec.Struct):
    T: int
    s: str
    S: str
    v: float
    p: float


class _Frame(msgspec.Struct):
    topic: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")
    op: str = ""
    success: bool | None = None
    ret_msg: str = ""


_DEPTHS = frozenset({"1", "25", "50", "100", "200", "500", "1000"})

_frame = msgspec.json.Decoder(_Frame, strict=False).decode
_book_frame = msgspec.json.Decoder(_BookFrame, strict=False).decode
_trades = msgspec.json.Decoder(list[_Trade], strict=False).decode


class BybitDecoder:
    """Knows the deepest book of each symbol: that one is kept, a shallower topic beside it numbers its own updates."""

    def __init__(self) -> None:
        self._depths: dict[str, int] = {}

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            if b'"orderbook.' in frame[:64] and b'"data"' in frame:
                return self._book(frame)
            return self._others(frame)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from None

    def _book(self, frame: bytes) -> Sequence[Message]:
        found = _book_frame(frame)
        book = found.data
        # cts is the matching engine's time, the one that trades carry; the public archive has only ts.
        exchange_ms = found.cts or found.ts
        named = found.topic.split(".")[1]
        depth = int(named) if named in _DEPTHS else 0
        if depth < self._depths.get(book.s, 0):
            return ()
        self._depths[book.s] = depth
        if found.type == "snapshot":
            return (Snapshot(book.s, book.b, book.a, book.u, exchange_ms, depth=depth or None),)
        if found.type == "delta":
            return (Delta(book.s, book.b, book.a, book.u, book.u, None, exchange_ms),)
        raise MalformedFrame(f"a book of {book.s} whose type was {found.type!r}, not snapshot or delta")

    def _others(self, frame: bytes) -> Sequence[Message]:
        found = _frame(frame)
        if bytes(found.data) and found.topic.startswith("orderbook."):
            return self._book(frame)
        if bytes(found.data) and found.topic.startswith("publicTrade."):
            return [Trade(row.s, row.p, row.v, row.S == "Buy", row.T) for row in _trades(found.data)]
        if found.topic.startswith("orderBook"):
            raise MalformedFrame(f"{found.topic} is a topic of Bybit's older protocol, expected v5")
        if found.topic:
            return ()
        if found.op == "pong" or found.ret_msg == "pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        if found.op in ("subscribe", "unsubscribe", "ping"):
            if found.success is False:
                return (Notice(NoticeKind.REFUSED, found.ret_msg),)
            return (Notice(NoticeKind.ACKNOWLEDGED, found.op),)
        raise MalformedFrame("neither data of a topic nor an answer to a request")


class _BybitFeed(Feed):
    exchange = "bybit"
    proofs = frozenset({Proof.SEQUENCE})
    keeps_text = True
    depth = 1000
    depths = frozenset(map(int, _DEPTHS))
    window = True
    snapshot_over_rest = False
    # Spot takes 10 topics a request; 21,000 characters of topics a connection.
    max_symbols_per_connection = 100
    max_subscriptions_per_frame = 10
    max_frames_per_second = 5.0
    max_connection_seconds = None
    # The documentation wants a ping every 20 s; the answer shows that the connection lives.
    silence_seconds = 30.0
    ping_every_seconds = 20.0
    ping_frame = b'{"op":"ping"}'
    counts_anew = True
    category: ClassVar[str]

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.bybit_stream_url + self.category

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("subscribe", symbols, (f"orderbook.{self.depth}", "publicTrade"))

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("unsubscribe", symbols, (f"orderbook.{self.depth}", "publicTrade"))

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        books = [f"orderbook.{self.depth}"]
        return [
            *self._requests_for("unsubscribe", [symbol], books),
            *self._requests_for("subscribe", [symbol], books),
        ]

    def _requests_for(self, operation: str, symbols: Sequence[str], topics: Sequence[str]) -> Sequence[bytes]:
        arguments = [f"{topic}.{symbol}" for symbol in symbols for topic in topics]
        step = self.max_subscriptions_per_frame
        return [
            msgspec.json.encode({"op": operation, "args": arguments[start : start + step]})
            for start in range(0, len(arguments), step)
        ]

    def decoder(self, *, tickers: bool = False) -> Decoder:
        return BybitDecoder()

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return instrument_symbol

    def link(self, message: Delta, last_id: int | None) -> Link:
        if last_id is None or message.last_id is None:
            return Link.BREAKS
        if message.last_id == last_id + 1:
            return Link.FOLLOWS
        return Link.OLD if message.last_id <= last_id else Link.BREAKS


class BybitSpot(_BybitFeed):
    market = "spot"
    venue = "BYBIT"
    category = "spot"


class BybitLinear(_BybitFeed):
    market = "usdm"
    venue = "BYBIT_USDM"
    category = "linear"


class BybitInverse(_BybitFeed):
    market = "coinm"
    venue = "BYBIT_COINM"
    category = "inverse"
