"""Bitfinex v2: spot.

Source: docs.bitfinex.com, "Books", "Conf flags", "WebSocket checksum". All messages of a connection share one numbering
(flag 65536), heartbeats too; a hole concerns every book of it. Checksums (flag 131072) come as messages of their own.
Arrays may grow: their length means nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import msgspec

from crypto_ews.conf import Config
from streams.feeds.base import (
    UNREADABLE,
    Checksum,
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
    Ticker,
    Trade,
    is_execution,
    signed_crc32,
)
from streams.feeds.channels import BookChannels, Choice

SEQUENCE_FLAG, _CHECKSUM_FLAG = 65536, 131072
# Milliseconds since 1970.
_DIGITS_OF_A_TIME = 13
# Maintenance begins or the server restarts: reconnect.
_RECONNECT_CODES = {20051, 20060}
# Already subscribed; unsubscribing failed; was not subscribed: no refusal.
_NO_REFUSAL = {10301, 10400, 10401}
# How many of the last frames are recognised when they come twice.
_REMEMBERED = 512
# The venue's default, for a book whose length is unknown.
_DEFAULT_LENGTH = 25


class _Event(msgspec.Struct):
    event: str = ""
    channel: str = ""
    chanId: int | None = None
    symbol: str = ""
    pair: str = ""
    prec: str = ""
    freq: str = ""
    len: int | None = None
    code: int | None = None
    msg: str = ""
    flags: int | None = None
    version: int | float | None = None


class _Level(msgspec.Struct, array_like=True):
    """count 0 deletes, and then the amount's sign is the side (1 or −1). Raw: a checksum is made of the digits."""

    price: msgspec.Raw
    count: int
    amount: msgspec.Raw


class _Trade(msgspec.Struct, array_like=True):
    number: msgspec.Raw
    time: int
    amount: float
    price: float


class _Best(msgspec.Struct, array_like=True):
    bid: msgspec.Raw
    bid_size: msgspec.Raw
    ask: msgspec.Raw
    ask_size: msgspec.Raw


_GROUPED = "grouped book"

_event = msgspec.json.Decoder(_Event, strict=False).decode
_row = msgspec.json.Decoder(list[msgspec.Raw]).decode
_level = msgspec.json.Decoder(_Level).decode
_levels = msgspec.json.Decoder(list[_Level]).decode
_trade = msgspec.json.Decoder(_Trade).decode
_best = msgspec.json.Decoder(_Best).decode
_integer = msgspec.json.Decoder(int).decode


def _is_number(raw: msgspec.Raw) -> bool:
    """Whether this is a message's number rather than its time (flag 32768), where no `conf` was seen."""
    text = bytes(raw)
    return text.isdigit() and len(text) < _DIGITS_OF_A_TIME


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()


class BitfinexDecoder:
    """Remembers which book each channel number belongs to, and the last number of the connection."""

    counted = "book"
    """The kind of channel whose symbols miss something where a message is missing."""

    def __init__(self, tickers: bool) -> None:
        self._tickers = tickers
        self._channels: dict[int, tuple[str, str]] = {}
        # The channel that makes each symbol's book: its frequency and length; and those of each channel number.
        self._books = BookChannels()
        self._kinds: dict[int, tuple[str, int | None]] = {}
        # Whether messages are numbered; None until `conf` was seen.
        self._numbered: bool | None = None
        self._last: int | None = None
        self._taken: deque[int] = deque(maxlen=_REMEMBERED)
        self._missing = range(0)
        self._foreign = False

    def decode(self, frame: bytes) -> Sequence[Message]:
        if self._foreign:
            raise MalformedFrame("a connection whose version is not 2")
        try:
            return (
                self._channel(_row(frame), hash(frame)) if frame[:1] == b"[" else self._announced(_event(frame), frame)
            )
        except UNREADABLE as error:
            raise MalformedFrame(str(error)) from None

    def channels_of(self, symbol: str, channel: str | None = None) -> list[int]:
        """The channels of a symbol, of one kind or of all."""
        return [
            number
            for number, (kind, name) in self._channels.items()
            if name == symbol and (channel is None or kind == channel)
        ]

    def _announced(self, found: _Event, frame: bytes) -> Sequence[Message]:
        text = frame[:300].decode(errors="replace")
        if found.event == "subscribed" and found.chanId is not None:
            if not found.symbol and found.channel == "book":
                raise MalformedFrame("a book without its symbol")
            channel = found.channel
            if channel == "book" and (found.prec == "R0" or not found.symbol.startswith("t")):
                # Single orders, and offers of funding, are no price levels.
                channel = "no book of levels"
            elif channel == "book" and found.prec not in ("P0", ""):
                # Levels of several prices in one: they cannot be mixed with those of P0.
                channel = _GROUPED
            self._channels[found.chanId] = (channel, found.symbol)
            if channel == "book":
                self._kinds[found.chanId] = (found.freq, found.len)
            return (Notice(NoticeKind.ACKNOWLEDGED, f"{found.channel} {found.symbol}", (found.symbol,)),)
        if found.event == "unsubscribed" and found.chanId is not None:
            _, symbol = self._channels.pop(found.chanId, ("", ""))
            kind = self._kinds.pop(found.chanId, None)
            if kind is not None and kind not in self._kinds_of(symbol):
                self._books.ended(symbol, kind)
            return (Notice(NoticeKind.ACKNOWLEDGED, f"unsubscribed {found.chanId}"),)
        if found.event == "conf":
            self._numbered = bool((found.flags or 0) & SEQUENCE_FLAG)
            return (Notice(NoticeKind.ACKNOWLEDGED, text),)
        if found.event == "info" and found.version is not None:
            return self._begin(found)
        if found.event == "info" and found.code in _RECONNECT_CODES:
            return (Notice(NoticeKind.RECONNECT, found.msg or text),)
        if found.event == "error":
            named = found.symbol or (f"t{found.pair}" if found.pair else "")
            fine = found.code in _NO_REFUSAL
            kind_of_notice = NoticeKind.ACKNOWLEDGED if fine else NoticeKind.REFUSED
            return (Notice(kind_of_notice, found.msg or text, (named,) if named else ()),)
        if found.event == "pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        if found.event in ("info", "auth", "unauth"):
            return ()
        raise MalformedFrame(f"neither an array nor a known event ({found.event!r})")

    def _begin(self, found: _Event) -> Sequence[Message]:
        """The first message of a connection. In a recording of several, it ends the books of the one before."""
        if found.version != 2:
            self._foreign = not self._channels
            raise MalformedFrame(f"the protocol's version was {found.version}, expected 2")
        books = tuple(symbol for kind, symbol in self._channels.values() if kind == self.counted)
        self._channels.clear()
        self._books, self._kinds = BookChannels(), {}
        self._last = None
        self._taken.clear()
        self._missing = range(0)
        return (Notice(NoticeKind.LOST_MESSAGES, "a new connection", books),) if books else ()

    def _channel(self, row: list[msgspec.Raw], frame: int) -> Sequence[Message]:
        if len(row) < 2:
            raise MalformedFrame(f"an array of {len(row)}, expected a channel and its content")
        channel_id = _integer(row[0])
        channel, symbol = self._channels.get(channel_id, ("", ""))
        payload = bytes(row[1])
        tagged = payload[:1] == b'"'
        # [channel, payload, number] or, with a tag and its value, [channel, tag, value, number]; hb has no value.
        content = payload if not tagged or payload == b'"hb"' else bytes(row[2]) if len(row) > 2 else b""
        at = 2 if content is payload else 3
        if at == 2 and len(row) > 2 and bytes(row[2])[:1] == b'"':
            # Version 1 of Kraken's protocol names the channel here.
            raise MalformedFrame(f"a text behind the channel's content: {_text(row[2])[:50]}")
        messages = self._content(channel, channel_id, symbol, payload, content)
        if len(row) <= at or not (self._numbered or (self._numbered is None and _is_number(row[at]))):
            return messages
        number = _integer(row[at])
        last = self._last
        if last is not None and number <= last and (frame in self._taken or number in self._missing):
            # It came twice, or too late: useless to the books, which have gone on.
            return ()
        self._last = number
        self._taken.append(frame)
        if last is None or number == last + 1:
            return messages
        books = tuple(name for kind, name in self._channels.values() if kind == self.counted)
        if number > last:
            self._missing = range(last + 1, number)
            text = f"messages {last + 1} to {number - 1} are missing"
        else:
            self._taken.clear()
            self._taken.append(frame)
            self._missing = range(0)
            # A snapshot needs no message before it.
            complete = {message.symbol for message in messages if isinstance(message, Snapshot)}
            books = tuple(name for name in books if name not in complete)
            text = f"the numbers restarted: {number} came after {last}"
        return (Notice(NoticeKind.LOST_MESSAGES, text, books), *messages) if books else messages

    def _content(self, channel: str, channel_id: int, symbol: str, payload: bytes, content: bytes) -> Sequence[Message]:
        if payload == b'"hb"':
            return (Notice(NoticeKind.HEARTBEAT),)
        if channel == "book":
            kind = self._kinds[channel_id]
            if payload == b'"cs"':
                return (Checksum(symbol, _integer(content)),) if self._books.chosen.get(symbol) == kind else ()
            return self._book(symbol, kind, content)
        if channel == _GROUPED:
            return (Notice(NoticeKind.LEFT, channel, (symbol,)),)
        if channel == "trades" and payload == b'"te"':
            # `te` comes at once, `tu` repeats the same trade with its final number.
            return self._execution(symbol, content)
        if channel == "ticker" and self._tickers:
            best = _best(content)
            return (Ticker(symbol, _text(best.bid), _text(best.bid_size), _text(best.ask), _text(best.ask_size)),)
        return ()

    def _execution(self, symbol: str, content: bytes) -> Sequence[Message]:
        trade = _trade(content)
        if not is_execution(trade.price, abs(trade.amount)):
            return ()
        return (Trade(symbol, trade.price, abs(trade.amount), trade.amount > 0, trade.time),)

    def _book(self, symbol: str, kind: tuple[str, int | None], content: bytes) -> Sequence[Message]:
        snapshot = content[1:2] == b"[" or content == b"[]"
        choice = Choice.SAME
        if snapshot or self._books.chosen.get(symbol) != kind:
            choice = self._books.choose(symbol, kind, kind[1] or _DEFAULT_LENGTH, snapshot)
            if choice is Choice.LEFT:
                return (Notice(NoticeKind.LEFT, f"book {kind}", (symbol,)),)
        if snapshot:
            bids: list[tuple[str, str]] = []
            asks: list[tuple[str, str]] = []
            for level in _levels(content):
                is_bid, price_and_size = _sorted(level)
                (bids if is_bid else asks).append(price_and_size)
            return (Snapshot(symbol, bids, asks, depth=kind[1], anew=choice is Choice.ANEW),)
        is_bid, price_and_size = _sorted(_level(content))
        return (Delta(symbol, (price_and_size,) if is_bid else (), () if is_bid else (price_and_size,)),)

    def _kinds_of(self, symbol: str) -> list[tuple[str, int | None]]:
        return [kind for number, kind in self._kinds.items() if self._channels.get(number, ("", ""))[1] == symbol]


def _sorted(level: _Level) -> tuple[bool, tuple[str, str]]:
    """Whether it is a bid, its price and its size.

    Raises MalformedFrame for what no order can have. That happens before the message's number is taken, so that the
    next message shows that the books have missed one.
    """
    price, amount = _text(level.price), _text(level.amount)
    try:
        possible = 0 < float(price) < math.inf and math.isfinite(float(amount))
    except ValueError:
        possible = False
    if not possible:
        raise MalformedFrame(f"a level was {price} {amount}, expected a price above 0 and an amount")
    return not amount.startswith("-"), (price, amount.lstrip("-") if level.count else "0")


class BitfinexSpot(Feed):
    exchange = "bitfinex"
    market = "spot"
    venue = "BITFINEX"
    proofs = frozenset({Proof.SEQUENCE, Proof.CHECKSUM})
    keeps_text = True
    depth = 250
    depths = frozenset({1, 25, 100, 250})
    window = True
    snapshot_over_rest = False
    # 25 channels a connection, two a symbol; one subscription a frame; 20 connections a minute.
    max_symbols_per_connection = 12
    max_subscriptions_per_frame = 1
    max_frames_per_second = 5.0
    max_connection_seconds = None
    # Each channel's heartbeat comes after 15 s of silence.
    silence_seconds = 30.0
    checksum_levels = 25
    # One level a message.
    complete_updates = False

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.bitfinex_stream_url

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        frames = [msgspec.json.encode({"event": "conf", "flags": SEQUENCE_FLAG | _CHECKSUM_FLAG})]
        for symbol in symbols:
            frames.append(self._subscribe_to_book(symbol))
            frames.append(msgspec.json.encode({"event": "subscribe", "channel": "trades", "symbol": symbol}))
        return frames

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return [frame for symbol in symbols for frame in self._unsubscribe(decoder, symbol, None)]

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return [*self._unsubscribe(decoder, symbol, "book"), self._subscribe_to_book(symbol)]

    def _subscribe_to_book(self, symbol: str) -> bytes:
        book = {"event": "subscribe", "channel": "book", "symbol": symbol, "prec": "P0", "freq": "F0"}
        return msgspec.json.encode({**book, "len": str(self.depth)})

    def _unsubscribe(self, decoder: Decoder | None, symbol: str, channel: str | None) -> Sequence[bytes]:
        channels = decoder.channels_of(symbol, channel) if isinstance(decoder, BitfinexDecoder) else []
        return [msgspec.json.encode({"event": "unsubscribe", "chanId": number}) for number in channels]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return BitfinexDecoder(tickers)

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        # The pair as it is listed: there Tether is UST, elsewhere USDT.
        return f"t{instrument_symbol}"

    def checksum(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> int:
        """Prices and amounts, bid and ask by turns, an ask's amount negative."""
        parts: list[str] = []
        for place in range(max(len(bids), len(asks))):
            if place < len(bids):
                parts += bids[place][:2]
            if place < len(asks):
                parts += [asks[place][0], f"-{asks[place][1]}"]
        return signed_crc32(parts)
