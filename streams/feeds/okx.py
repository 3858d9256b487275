"""OKX v5: spot and perpetual swaps.

Source: www.okx.com/docs-v5/en, "Order book channel" and "Connect". `books`: 400 levels, every 100 ms, a snapshot first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    Ticker,
    Trade,
    WideLevel,
    batches,
    is_execution,
    pairs,
    signed_crc32,
)
from streams.feeds.channels import BookChannels, Choice


class _Argument(msgspec.Struct):
    channel: str = ""
    instId: str = ""


class _Book(msgspec.Struct):
    bids: list[list[str]]
    asks: list[list[str]]
    ts: int
    checksum: int | None = None
    seqId: int | None = None
    prevSeqId: int | None = None


class _WideBook(msgspec.Struct):
    bids: list[WideLevel]
    asks: list[WideLevel]
    ts: int
    checksum: int | None = None
    seqId: int | None = None
    prevSeqId: int | None = None


class _Trade(msgspec.Struct):
    instId: str
    px: float
    sz: float
    side: str
    ts: int


class _Ticker(msgspec.Struct):
    instId: str
    bidPx: str
    bidSz: str
    askPx: str
    askSz: str
    ts: int


class _Frame(msgspec.Struct):
    arg: _Argument = msgspec.field(default_factory=_Argument)
    action: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")
    event: str = ""
    code: str | int = ""
    msg: str = ""


class _BookFrame(msgspec.Struct):
    arg: _Argument
    action: str
    data: list[_Book]


class _WideBookFrame(msgspec.Struct):
    arg: _Argument
    action: str
    data: list[_WideBook]


# Levels a side of the channels that send a snapshot and then updates. Others send only the best few levels (books5,
# bbo-tbt) or other kinds of orders.
_DEPTHS = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50}

_frame = msgspec.json.Decoder(_Frame, strict=False).decode
_book_frame = msgspec.json.Decoder(_BookFrame, strict=False).decode
_wide_book_frame = msgspec.json.Decoder(_WideBookFrame, strict=False).decode
# "Wrong URL or channel:books,instId:X-USDT doesn't exist. …": there is no `arg` in an error.
_NAMED_SYMBOL = re.compile(r"instId\"?\s*[:=]\s*\"?([A-Za-z0-9._-]*[A-Za-z0-9])")
_trades = msgspec.json.Decoder(list[_Trade], strict=False).decode
_tickers = msgspec.json.Decoder(list[_Ticker], strict=False).decode


class OkxDecoder:
    """Decodes frames of the public channels; pong and events become notices."""

    def __init__(self, tickers: bool) -> None:
        self._tickers = tickers
        self._channels = BookChannels()

    def decode(self, frame: bytes) -> Sequence[Message]:
        if frame == b"pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        try:
            if b'"books"' in frame[:64] and b'"data"' in frame:
                return self._books(frame)
            return self._others(frame)
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from None

    def _books(self, frame: bytes) -> Sequence[Message]:
        found: _BookFrame | _WideBookFrame
        try:
            found = _book_frame(frame)
        except msgspec.ValidationError:
            found = _wide_book_frame(frame)
        symbol, channel, snapshot = found.arg.instId, found.arg.channel, found.action == "snapshot"
        if not symbol or (not snapshot and found.action != "update"):
            raise MalformedFrame(f"a book of {symbol!r} whose action was {found.action!r}, not snapshot or update")
        depth = _DEPTHS.get(channel)
        if depth is None:
            raise MalformedFrame(f"a book of {symbol} on the channel {channel!r}, expected {', '.join(_DEPTHS)}")
        anew = False
        if snapshot or self._channels.chosen.get(symbol) != channel:
            choice = self._channels.choose(symbol, channel, depth, snapshot)
            if choice is Choice.LEFT:
                return (Notice(NoticeKind.LEFT, channel, (symbol,)),)
            anew = choice is Choice.ANEW
        messages: list[Message] = []
        for book in found.data:
            bids: Sequence[TextLevel] = pairs(book.bids) if isinstance(book, _WideBook) else book.bids
            asks: Sequence[TextLevel] = pairs(book.asks) if isinstance(book, _WideBook) else book.asks
            # 0 since mid-2026 means that there is none.
            checksum = book.checksum or None
            if snapshot:
                messages.append(Snapshot(symbol, bids, asks, book.seqId, book.ts, checksum, depth, None, anew))
            else:
                messages.append(Delta(symbol, bids, asks, None, book.seqId, book.prevSeqId, book.ts, checksum))
        return messages

    def _others(self, frame: bytes) -> Sequence[Message]:
        found = _frame(frame)
        channel = found.arg.channel
        if bytes(found.data):
            if channel in _DEPTHS:
                return self._books(frame)
            if channel in ("trades", "trades-all"):
                return self._executions(found.data)
            if channel == "tickers":
                rows = _tickers(found.data) if self._tickers else ()
                return [Ticker(row.instId, row.bidPx, row.bidSz, row.askPx, row.askSz, None, row.ts) for row in rows]
            if channel.startswith(("books", "bbo")) and found.arg.instId:
                return (Notice(NoticeKind.LEFT, channel, (found.arg.instId,)),)
            if channel:
                return ()
        symbols = (found.arg.instId,) if found.arg.instId else tuple(dict.fromkeys(_NAMED_SYMBOL.findall(found.msg)))
        if found.event == "unsubscribe" and channel:
            # A shallower channel may make the book from here on.
            self._channels.ended(found.arg.instId, channel)
        if found.event in ("subscribe", "unsubscribe") and channel:
            return (Notice(NoticeKind.ACKNOWLEDGED, f"{found.event} {channel}", symbols),)
        if found.event == "error":
            return (Notice(NoticeKind.REFUSED, f"{found.code} {found.msg}".strip(), symbols),)
        if found.event == "notice":
            # 64008: the connection is about to be closed for an upgrade of the service.
            return (Notice(NoticeKind.RECONNECT, f"{found.code} {found.msg}".strip()),)
        if found.event.startswith("channel-conn-count"):
            return ()
        raise MalformedFrame(f"neither data of a channel nor a known event ({found.event!r})")

    def _executions(self, rows: msgspec.Raw) -> Sequence[Message]:
        return [
            Trade(row.instId, row.px, row.sz, row.side == "buy", row.ts)
            for row in _trades(rows)
            if is_execution(row.px, row.sz)
        ]


class _OkxFeed(Feed):
    exchange = "okx"
    venue = "OKX"
    proofs = frozenset({Proof.SEQUENCE, Proof.CHECKSUM})
    keeps_text = True
    depth = 400
    depths = frozenset(_DEPTHS.values())
    window = True
    snapshot_over_rest = False
    # Documented: 64 kB of channels a connection, and 480 subscriptions an hour and connection. Two channels a symbol
    # leave a reserve for resubscriptions.
    max_symbols_per_connection = 100
    max_subscriptions_per_frame = 50
    max_frames_per_second = 2.0
    max_connection_seconds = None
    # A connection without a message for 30 s is closed: `ping` keeps it open, and `pong` shows that it works.
    silence_seconds = 30.0
    ping_every_seconds = 20.0
    ping_frame = b"ping"
    checksum_levels = 25
    counts_anew = True

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.okx_stream_url

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("subscribe", symbols, ("books", "trades"))

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("unsubscribe", symbols, ("books", "trades"))

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return [
            *self._requests_for("unsubscribe", [symbol], ["books"]),
            *self._requests_for("subscribe", [symbol], ["books"]),
        ]

    def _requests_for(self, operation: str, symbols: Sequence[str], channels: Sequence[str]) -> Sequence[bytes]:
        arguments = [{"channel": channel, "instId": symbol} for symbol in symbols for channel in channels]
        parts = batches(arguments, self.max_subscriptions_per_frame)
        return [msgspec.json.encode({"op": operation, "args": part}) for part in parts]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return OkxDecoder(tickers)

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return instrument_symbol

    def link(self, message: Delta, last_id: int | None) -> Link:
        """`prevSeqId` is the number of the message before. A reset for maintenance goes back (`seqId` < `prevSeqId`)
        and is still chained; a heartbeat has equal ids. Captures of 2022 have no ids: only the checksum is proof."""
        if message.last_id is None or last_id is None or message.previous_id == last_id:
            return Link.FOLLOWS
        return Link.OLD if message.last_id <= last_id else Link.BREAKS

    def checksum(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> int:
        parts: list[str] = []
        for place in range(max(len(bids), len(asks))):
            for side in (bids, asks):
                if place < len(side):
                    parts += side[place][:2]
        return signed_crc32(parts)


class OkxSpot(_OkxFeed):
    market = "spot"


class OkxLinearSwaps(_OkxFeed):
    """Sizes are contracts of `ctVal` units of the base."""

    market = "usdm"
    venue = "OKX_USDM"


class OkxInverseSwaps(_OkxFeed):
    """Sizes are contracts of `ctVal` US dollars."""

    market = "coinm"
    venue = "OKX_COINM"
