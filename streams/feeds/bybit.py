"""Bybit v5: spot, linear and inverse contracts.

Source: bybit-exchange.github.io/docs/v5, "Orderbook" and "Connect". Any snapshot resets, also one with u = 1 after a
restart of the service. Quantities of inverse contracts are US dollars. A request is refused as a whole where it names a
topic that does not exist; the answer names that one alone ("Invalid symbol :[orderbook.50.XUSDT]").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import msgspec

from crypto_ews.conf import Config
from streams.feeds.base import (
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
    TextLevel,
    Trade,
    WideLevel,
    batches,
    is_execution,
    pairs,
)
from streams.feeds.channels import BookChannels, Choice


class _Book(msgspec.Struct):
    s: str
    u: int
    b: list[list[str]] = []
    a: list[list[str]] = []


class _BookFrame(msgspec.Struct):
    topic: str
    type: str
    data: _Book
    ts: int | None = None
    cts: int | None = None


class _WideBook(msgspec.Struct):
    s: str
    u: int
    b: list[WideLevel] = []
    a: list[WideLevel] = []


class _WideBookFrame(msgspec.Struct):
    topic: str
    type: str
    data: _WideBook
    ts: int | None = None
    cts: int | None = None


class _Trade(msgspec.Struct):
    T: int
    s: str
    S: str
    v: float
    p: float
    # Block trades are agreed beside the book; orders for retail traders (RPI) are not shown in it.
    BT: bool = False
    RPI: bool = False


class _Frame(msgspec.Struct):
    topic: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")
    op: str = ""
    success: bool | None = None
    ret_msg: str | None = None


_DEPTHS = frozenset({"1", "25", "50", "100", "200", "500", "1000"})
# The topics that an answer is about, or the symbol alone.
_NAMED_TOPIC = re.compile(r"\b(?:orderbook\.\w+|publicTrade)\.([A-Z0-9-]+)")
_IN_BRACKETS = re.compile(r"\[\s*([A-Z0-9-]+)\s*\]")

_frame = msgspec.json.Decoder(_Frame, strict=False).decode
_book_frame = msgspec.json.Decoder(_BookFrame, strict=False).decode
_wide_book_frame = msgspec.json.Decoder(_WideBookFrame, strict=False).decode
_trades = msgspec.json.Decoder(list[_Trade], strict=False).decode


class BybitDecoder:
    """Remembers which topic makes each symbol's book: a shallower one beside it numbers its own updates."""

    def __init__(self) -> None:
        self._channels = BookChannels()
        # The number of the last message of each topic that makes no book.
        self._last_ids: dict[str, int] = {}

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            if b'"orderbook.' in frame[:64] and b'"data"' in frame:
                return self._book(frame)
            return self._others(frame)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from None

    def _book(self, frame: bytes) -> Sequence[Message]:
        found: _BookFrame | _WideBookFrame
        try:
            found = _book_frame(frame)
        except msgspec.ValidationError:
            found = _wide_book_frame(frame)
        book, topic, snapshot = found.data, found.topic, found.type == "snapshot"
        if not snapshot and found.type != "delta":
            raise MalformedFrame(f"a book of {book.s} whose type was {found.type!r}, not snapshot or delta")
        if book.u == 1 and book.b and book.a:
            # The complete book after a restart of the service, whatever its type is.
            snapshot = True
        named = topic.split(".")[1]
        if named not in _DEPTHS:
            # Levels with the sizes of retail traders' orders beside the others' (rpi).
            return (self._left(topic, book.s, book.u),)
        anew = False
        if snapshot or self._channels.chosen.get(book.s) != topic:
            choice = self._channels.choose(book.s, topic, int(named), snapshot)
            if choice is Choice.LEFT:
                return (self._left(topic, book.s, book.u),)
            anew = choice is Choice.ANEW
        bids: Sequence[TextLevel] = pairs(book.b) if isinstance(book, _WideBook) else book.b
        asks: Sequence[TextLevel] = pairs(book.a) if isinstance(book, _WideBook) else book.a
        # cts is the matching engine's time, the one that trades carry; the public archive has only ts. A service that
        # was restarted while nobody traded repeats the old cts, so that ts decides which message is newer.
        exchange_ms, sent_ms = found.cts or found.ts, found.ts
        if snapshot:
            return (Snapshot(book.s, bids, asks, book.u, exchange_ms, None, int(named), sent_ms, anew),)
        return (Delta(book.s, bids, asks, book.u, book.u, None, exchange_ms, None, sent_ms),)

    def _left(self, topic: str, symbol: str, number: int) -> Notice:
        """A topic that makes no book. Its best level is repeated every three seconds while nothing changes, with the
        same number: such a repetition is a heartbeat, and no evidence that the book misses an update."""
        before = self._last_ids.get(topic)
        self._last_ids[topic] = number
        return Notice(NoticeKind.HEARTBEAT if before == number else NoticeKind.LEFT, topic, (symbol,))

    def _others(self, frame: bytes) -> Sequence[Message]:
        found = _frame(frame)
        text = found.ret_msg or ""
        if bytes(found.data) and found.topic.startswith("orderbook."):
            return self._book(frame)
        if bytes(found.data) and found.topic.startswith("publicTrade."):
            return self._executions(found.data)
        if found.topic.startswith("orderBook"):
            raise MalformedFrame(f"{found.topic} is a topic of Bybit's older protocol, expected v5")
        if found.topic:
            return ()
        if found.op == "pong" or text == "pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        if found.op in ("subscribe", "unsubscribe", "ping"):
            symbols = _symbols_in(text)
            # "Already subscribed" is no refusal.
            if found.success is False and found.op == "subscribe" and "already" not in text:
                return (Notice(NoticeKind.REFUSED, text, symbols),)
            return (Notice(NoticeKind.ACKNOWLEDGED, f"{found.op} {text}".strip(), symbols),)
        raise MalformedFrame("neither data of a topic nor an answer to a request")

    def _executions(self, rows: msgspec.Raw) -> Sequence[Message]:
        return [
            Trade(row.s, row.p, row.v, row.S == "Buy", row.T, row.BT or row.RPI)
            for row in _trades(rows)
            if is_execution(row.p, row.v)
        ]


def _symbols_in(text: str) -> tuple[str, ...]:
    found = _NAMED_TOPIC.findall(text) or _IN_BRACKETS.findall(text)
    return tuple(dict.fromkeys(found))


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
    # Two topics a symbol.
    refused_together = 5
    max_frames_per_second = 5.0
    max_connection_seconds = None
    # The documentation requires a ping every 20 s; the answer shows that the connection works.
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
        parts = batches(arguments, self.max_subscriptions_per_frame)
        return [msgspec.json.encode({"op": operation, "args": part}) for part in parts]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
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
