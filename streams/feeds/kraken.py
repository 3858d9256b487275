"""Kraken v2: spot.

Source: docs.kraken.com, "Book (Level 2)" and "Book checksum (WebSocket v2)". There is no numbering: the checksum of the
ten best levels is the only proof. Prices and quantities are JSON numbers whose digits make the checksum, so they stay
text.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from crypto_ews.conf import Config
from streams.feeds.base import (
    UNREADABLE,
    Decoder,
    Delta,
    Feed,
    MalformedFrame,
    Message,
    Notice,
    NoticeKind,
    Proof,
    Snapshot,
    TextLevel,
    Trade,
    batches,
    is_execution,
)


class _Level(msgspec.Struct):
    price: msgspec.Raw
    qty: msgspec.Raw


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Level]
    asks: list[_Level]
    checksum: int
    timestamp: datetime | None = None


class _BookFrame(msgspec.Struct):
    channel: str
    type: str
    data: list[_Book]


class _Trade(msgspec.Struct):
    symbol: str
    side: str
    price: float
    qty: float
    timestamp: datetime


class _TradeFrame(msgspec.Struct):
    channel: str
    type: str
    data: list[_Trade]


class _Result(msgspec.Struct):
    symbol: str | list[str] | None = None
    depth: int | None = None


class _Frame(msgspec.Struct):
    channel: str = ""
    type: str = ""
    method: str = ""
    success: bool | None = None
    error: str | None = None
    # A refusal names its symbol here, and has no result.
    symbol: str | list[str] | None = None
    result: _Result | None = None


# "Currency pair not supported X/USD"
_NAMED_SYMBOL = re.compile(r"[A-Za-z0-9.]+/[A-Za-z0-9.]*[A-Za-z0-9]")

_frame = msgspec.json.Decoder(_Frame).decode
_book_frame = msgspec.json.Decoder(_BookFrame).decode
_trade_frame = msgspec.json.Decoder(_TradeFrame).decode


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _levels(levels: list[_Level]) -> list[tuple[str, str]]:
    return [(_number(level.price), _number(level.qty)) for level in levels]


def _number(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode()
    # A text is accepted like a number; the book refuses anything else.
    return text.strip('"')


class KrakenDecoder:
    """Remembers the requested depth of each book."""

    def __init__(self) -> None:
        self._depths: dict[str, int] = {}

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            found = _frame(frame)
            if found.channel == "book":
                return self._books(frame)
            if found.channel == "trade":
                # A snapshot has trades from before the subscription.
                return () if found.type == "snapshot" else self._executions(frame)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from None
        if found.channel == "heartbeat" or found.method == "pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        if found.channel and found.type:
            return ()
        if found.method:
            symbols = _symbols_of(found)
            if found.result is not None and found.result.depth is not None:
                self._depths |= dict.fromkeys(symbols, found.result.depth)
            # "Already subscribed" is no refusal.
            failed = found.success is False or (found.success is None and found.error is not None)
            if failed and found.method != "unsubscribe" and "already" not in (found.error or "").lower():
                return (Notice(NoticeKind.REFUSED, found.error or "", symbols),)
            return (Notice(NoticeKind.ACKNOWLEDGED, found.method, symbols),)
        raise MalformedFrame("neither data of a channel nor an answer to a request")

    def _executions(self, frame: bytes) -> Sequence[Message]:
        return [
            Trade(row.symbol, row.price, row.qty, row.side == "buy", _milliseconds(row.timestamp))
            for row in _trade_frame(frame).data
            if is_execution(row.price, row.qty)
        ]

    def _books(self, frame: bytes) -> Sequence[Message]:
        found = _book_frame(frame)
        if found.type not in ("snapshot", "update"):
            raise MalformedFrame(f"books whose type was {found.type!r}, not snapshot or update")
        messages: list[Message] = []
        for book in found.data:
            exchange_ms = _milliseconds(book.timestamp) if book.timestamp else None
            bids, asks = _levels(book.bids), _levels(book.asks)
            if found.type == "snapshot":
                depth = self._depths.get(book.symbol)
                messages.append(Snapshot(book.symbol, bids, asks, None, exchange_ms, book.checksum, depth))
            else:
                messages.append(Delta(book.symbol, bids, asks, None, None, None, exchange_ms, book.checksum))
        return messages


def _symbols_of(found: _Frame) -> tuple[str, ...]:
    named = found.symbol or (found.result.symbol if found.result else None)
    if isinstance(named, str):
        return (named,)
    return tuple(named or dict.fromkeys(_NAMED_SYMBOL.findall(found.error or "")))


class KrakenSpot(Feed):
    exchange = "kraken"
    market = "spot"
    venue = "KRAKEN"
    proofs = frozenset({Proof.CHECKSUM})
    keeps_text = True
    depth = 500
    depths = frozenset({10, 25, 100, 500, 1000})
    window = True
    truncates = True
    snapshot_over_rest = False
    # No number is documented for public books; a frame names many symbols.
    max_symbols_per_connection = 100
    max_subscriptions_per_frame = 50
    max_frames_per_second = 2.0
    max_connection_seconds = None
    # A heartbeat comes every second while nothing else does.
    silence_seconds = 15.0
    ping_every_seconds = 20.0
    ping_frame = b'{"method":"ping"}'
    checksum_levels = 10

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.kraken_stream_url

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return [frame for channel in ("book", "trade") for frame in self._requests_for("subscribe", symbols, channel)]

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return [frame for channel in ("book", "trade") for frame in self._requests_for("unsubscribe", symbols, channel)]

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return [
            *self._requests_for("unsubscribe", [symbol], "book"),
            *self._requests_for("subscribe", [symbol], "book"),
        ]

    def _requests_for(self, method: str, symbols: Sequence[str], channel: str) -> Sequence[bytes]:
        options: dict[str, object] = {"depth": self.depth} if channel == "book" else {"snapshot": False}
        if method == "unsubscribe" and channel == "trade":
            options = {}
        return [
            msgspec.json.encode({"method": method, "params": {"channel": channel, "symbol": list(part), **options}})
            for part in batches(symbols, self.max_subscriptions_per_frame)
        ]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return KrakenDecoder()

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return f"{base}/{quote}"

    def checksum(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> int:
        digits = "".join(
            text.replace(".", "").lstrip("0") for side in (asks, bids) for level in side for text in level[:2]
        )
        return zlib.crc32(digits.encode())
