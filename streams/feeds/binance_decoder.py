"""Binance: what its frames mean, for all three markets.

Source: developers.binance.com, "WebSocket Streams" of each market.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec

from streams.feeds.base import (
    UNREADABLE,
    Delta,
    MalformedFrame,
    Message,
    Notice,
    NoticeKind,
    Ticker,
    Trade,
    is_execution,
)
from streams.feeds.channels import BookChannels, Choice

# `depth` sends changes; `depth20` the best levels in full; `rpiDepth` includes the orders of retail traders.
_DIFFERENCES = re.compile(r"[^@]+@depth(@\d+ms)?")
_BEST_FEW = re.compile(r"[^@]+@depth\d+(@\d+ms)?")
# Prices and sizes are texts on the wire: msgspec converts them, and refuses what no order can have.
_Price = Annotated[float, msgspec.Meta(gt=0, lt=1e300)]
_Size = Annotated[float, msgspec.Meta(ge=0, lt=1e300)]
_Levels = list[tuple[_Price, _Size]]


class _Event(msgspec.Struct, gc=False):
    """Every kind of event in one shape: faster than finding out the kind first."""

    e: str = ""
    s: str = ""
    E: int | None = None
    U: int | None = None
    u: int | None = None
    pu: int | None = None
    # A depth update's levels, a ticker's best price, a trade's order or number.
    b: _Levels | str | int = ""
    a: _Levels | str | int = ""
    B: str = ""
    A: str = ""
    p: _Size | None = None
    q: _Size | None = None
    m: bool = False
    T: int | None = None
    # A futures trade's kind: with the insurance fund, or of a liquidation, it is beside the book.
    X: str = ""


class _Envelope(msgspec.Struct, gc=False):
    data: _Event | None = None


class _Stream(msgspec.Struct):
    stream: str = ""


class _Level(msgspec.Struct, array_like=True, gc=False):
    """Price and size; further fields are ignored."""

    price: _Price
    size: _Size


class _Depth(msgspec.Struct, gc=False):
    """A depth update of which only the needed fields must have their shape. Slower to decode."""

    e: str = ""
    s: str = ""
    U: int | None = None
    u: int | None = None
    pu: int | None = None
    E: int | None = None
    b: list[_Level] | str | int = ""
    a: list[_Level] | str | int = ""


class _DepthEnvelope(msgspec.Struct, gc=False):
    data: _Depth | None = None


class _Execution(msgspec.Struct, gc=False):
    s: str
    p: _Size
    q: _Size
    m: bool
    T: int


class _ExecutionEnvelope(msgspec.Struct, gc=False):
    data: _Execution | None = None


class _Kind(msgspec.Struct):
    e: str = ""
    X: msgspec.Raw = msgspec.Raw(b"")
    lastUpdateId: int | None = None


class _Anything(msgspec.Struct):
    """What identifies other frames: events that are ignored, answers to requests."""

    stream: str = ""
    data: _Kind | list[_Kind] | None = None
    e: str = ""
    X: msgspec.Raw = msgspec.Raw(b"")
    id: int | str | None = None
    error: msgspec.Raw = msgspec.Raw(b"")
    msg: str | None = None


_enveloped = msgspec.json.Decoder(_Envelope, strict=False).decode
_alone = msgspec.json.Decoder(_Event, strict=False).decode
_stream = msgspec.json.Decoder(_Stream).decode
_depth_enveloped = msgspec.json.Decoder(_DepthEnvelope, strict=False).decode
_depth_alone = msgspec.json.Decoder(_Depth, strict=False).decode
_execution_enveloped = msgspec.json.Decoder(_ExecutionEnvelope, strict=False).decode
_execution_alone = msgspec.json.Decoder(_Execution, strict=False).decode
_anything = msgspec.json.Decoder(_Anything, strict=False).decode
# Of the best prices that a book is compared with: the first ones, then one of so many.
_TICKERS_GIVEN, _ONE_TICKER_OF = 64, 16
# Kinds of a futures trade: none at all, and those with an order of the book. Spot has no kind.
_NOTHING, _IN_BOOK = "NA", frozenset({"", "MARKET"})
_READ = {"depthUpdate", "bookTicker", "trade", "aggTrade", ""}


class BinanceDecoder:
    """Frames of `/stream` (in an envelope that names the stream) and of `/ws` (without)."""

    def __init__(self, tickers: bool, sparing: bool = False) -> None:
        self._tickers, self._sparing = tickers, sparing
        self._tickers_seen = 0
        # The beginnings of frames up to their data, of streams that make the book.
        self._heads: set[bytes] = set()
        self._channels = BookChannels()

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            event = _enveloped(frame).data or _alone(frame)
        except UNREADABLE as error:
            return self._unexpected(frame, str(error))
        kind = event.e
        if kind == "depthUpdate":
            bids, asks = event.b, event.a
            if frame[: frame.find(b'"data"', 0, 100)] not in self._heads:
                stream = self._other_stream(event.s, frame)
                if stream:
                    return self._left(event.s, stream, bids, asks, event.E)
            if type(bids) is not list or type(asks) is not list or event.U is None or event.u is None or not event.s:
                raise MalformedFrame("a depth update without its symbol, ids, bids or asks")
            return (Delta(event.s, bids, asks, event.U, event.u, event.pu, event.E),)
        # Spot's bookTicker does not name its kind.
        if kind == "bookTicker" or (not kind and event.u is not None and event.B):
            if not self._tickers:
                return ()
            self._tickers_seen += 1
            if self._sparing and self._tickers_seen > _TICKERS_GIVEN and self._tickers_seen % _ONE_TICKER_OF:
                return ()
            return (self._ticker(event),)
        if kind == "trade" or kind == "aggTrade":
            price, size = event.p, event.q
            if event.X == _NOTHING:
                return ()
            if price is None or size is None or event.T is None:
                raise MalformedFrame("a trade without its price, quantity or time")
            if not (price and size) and not is_execution(price, size):
                return ()
            # m: the buyer was the maker, so the taker sold.
            return (Trade(event.s, price, size, not event.m, event.T, event.X not in _IN_BOOK),)
        return self._other(frame, "neither a stream's event nor an answer to a request")

    def _other_stream(self, symbol: str, frame: bytes) -> str:
        """The stream of a depth update, where it is not the one that the symbol's book is made from; else empty."""
        try:
            stream = _stream(frame).stream
        except UNREADABLE as error:
            raise MalformedFrame(f"the stream's name: {error}") from None
        if not stream:
            # Frames of `/ws` do not name it.
            return ""
        if not _DIFFERENCES.fullmatch(stream) or self._channels.choose(symbol, stream, 0, False) is Choice.LEFT:
            return stream
        at = frame.find(b'"data"', 0, 100)
        if b'"stream"' in frame[: max(at, 0)]:
            self._heads.add(frame[:at])
        return ""

    def _left(self, symbol: str, stream: str, bids: object, asks: object, exchange_ms: int | None) -> Sequence[Message]:
        """A depth stream that makes no book. The best levels in full are a quote all the same."""
        notice = Notice(NoticeKind.LEFT, stream, (symbol,))
        if not (self._tickers and bids and asks and _BEST_FEW.fullmatch(stream)):
            return (notice,)
        if not (isinstance(bids, list) and isinstance(asks, list)):
            return (notice,)
        (bid, bid_size), (ask, ask_size) = bids[0], asks[0]
        return notice, Ticker(symbol, str(bid), str(bid_size), str(ask), str(ask_size), None, exchange_ms)

    def _unexpected(self, frame: bytes, fault: str) -> Sequence[Message]:
        """A shape that is not as documented: decode the needed fields, if they are there."""
        messages = self._wide_depth(frame)
        if messages is not None:
            return messages
        try:
            found = _anything(frame)
            kind = found.data.e if isinstance(found.data, _Kind) else found.e
            if kind not in ("trade", "aggTrade"):
                return self._other(frame, fault)
            if bytes(found.data.X if isinstance(found.data, _Kind) else found.X) == b'"NA"':
                return ()
            trade = _execution_enveloped(frame).data or _execution_alone(frame)
        except UNREADABLE:
            raise MalformedFrame(fault) from None
        return (Trade(trade.s, trade.p, trade.q, not trade.m, trade.T),) if is_execution(trade.p, trade.q) else ()

    def _wide_depth(self, frame: bytes) -> Sequence[Message] | None:
        """Decode a depth update with further fields; None where it is none."""
        try:
            event = _depth_enveloped(frame).data or _depth_alone(frame)
        except UNREADABLE:
            return None
        bids, asks = event.b, event.a
        if event.e != "depthUpdate" or type(bids) is not list or type(asks) is not list:
            return None
        if event.U is None or event.u is None or not event.s:
            return None
        stream = self._other_stream(event.s, frame)
        if stream:
            return self._left(event.s, stream, (), (), event.E)
        levels = [[(level.price, level.size) for level in side] for side in (bids, asks)]
        return (Delta(event.s, levels[0], levels[1], event.U, event.u, event.pu, event.E),)

    def _ticker(self, event: _Event) -> Ticker:
        return Ticker(event.s, str(event.b), event.B, str(event.a), event.A, event.u, event.E)

    def _other(self, frame: bytes, fault: str) -> Sequence[Message]:
        try:
            found = _anything(frame)
        except UNREADABLE:
            raise MalformedFrame(fault) from None
        data = found.data
        if isinstance(data, list):
            # A stream of all symbols.
            if data and all(one.e for one in data):
                return ()
            raise MalformedFrame(fault)
        if data is not None and data.lastUpdateId is not None:
            # The best few levels only.
            symbol = found.stream.partition("@")[0].upper()
            return (Notice(NoticeKind.LEFT, found.stream, (symbol,)),) if symbol else ()
        kind = data.e if data is not None else found.e
        if kind == "serverShutdown":
            return (Notice(NoticeKind.RECONNECT, "the server shuts down"),)
        if kind not in _READ:
            return ()
        if bytes(found.error) or found.msg is not None:
            return (Notice(NoticeKind.REFUSED, frame[:300].decode(errors="replace")),)
        if not kind and data is None and found.id is not None:
            return (Notice(NoticeKind.ACKNOWLEDGED, str(found.id)),)
        raise MalformedFrame(fault)
