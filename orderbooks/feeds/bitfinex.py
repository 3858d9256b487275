"""Bitfinex v2: spot.

Source: docs.bitfinex.com, "Books", "Conf flags", "WebSocket checksum". Everything on a connection is numbered in one
row (flag 65536), heartbeats too; a hole concerns every book of it. Checksums (flag 131072) come as messages of their
own. Arrays may grow: their length says nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import msgspec

from crypto_ews.conf import Config
from orderbooks.feeds.base import (
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
)

_SEQUENCE_FLAG, _CHECKSUM_FLAG = 65536, 131072
# Maintenance begins or the server restarts: connect anew.
_RECONNECT_CODES = {20051, 20060}


class _Event(msgspec.Struct):
    event: str = ""
    channel: str = ""
    chanId: int | None = None
    symbol: str = ""
    prec: str = "P0"
    code: int | None = None
    msg: str = ""
    flags: int | None = None


_event = msgspec.json.Decoder(_Event, strict=False).decode
_row = msgspec.json.Decoder(list[msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[list[msgspec.Raw]]).decode
_numbers = msgspec.json.Decoder(list[float | None]).decode
_integer = msgspec.json.Decoder(int).decode

_Level = tuple[str, str]


class BitfinexDecoder:
    """Knows which channel number stands for which book, and where the connection's numbering is."""

    def __init__(self, tickers: bool) -> None:
        self._tickers = tickers
        self._channels: dict[int, tuple[str, str]] = {}
        self._numbered = False
        self._last: int | None = None

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            return self._channel(_row(frame)) if frame[:1] == b"[" else self._announced(_event(frame), frame)
        except msgspec.MsgspecError as error:
            raise MalformedFrame(str(error)) from None

    def numbers_of(self, symbol: str, channel: str | None = None) -> list[int]:
        """The channels of a symbol, of one kind or of all."""
        return [
            number
            for number, (kind, name) in self._channels.items()
            if name == symbol and (channel is None or kind == channel)
        ]

    def _announced(self, found: _Event, frame: bytes) -> Sequence[Message]:
        text = frame[:300].decode(errors="replace")
        if found.event == "subscribed" and found.chanId is not None:
            self._channels[found.chanId] = (found.channel, found.symbol)
            return (Notice(NoticeKind.ACKNOWLEDGED, f"{found.channel} {found.symbol}", (found.symbol,)),)
        if found.event == "unsubscribed" and found.chanId is not None:
            self._channels.pop(found.chanId, None)
            return (Notice(NoticeKind.ACKNOWLEDGED, f"unsubscribed {found.chanId}"),)
        if found.event == "conf":
            self._numbered = bool((found.flags or 0) & _SEQUENCE_FLAG)
            return (Notice(NoticeKind.ACKNOWLEDGED, text),)
        if found.event == "info" and found.code in _RECONNECT_CODES:
            return (Notice(NoticeKind.RECONNECT, found.msg or text),)
        if found.event == "error":
            return (Notice(NoticeKind.REFUSED, found.msg or text, (found.symbol,) if found.symbol else ()),)
        if found.event == "pong":
            return (Notice(NoticeKind.HEARTBEAT),)
        if found.event:
            return ()
        raise MalformedFrame("neither an array nor an event")

    def _channel(self, row: list[msgspec.Raw]) -> Sequence[Message]:
        if len(row) < 2:
            raise MalformedFrame(f"an array of {len(row)}, expected a channel and what it says")
        channel, symbol = self._channels.get(_integer(row[0]), ("", ""))
        payload = bytes(row[1])
        tagged = payload[:1] == b'"'
        # [channel, payload, number] or, with a tag and its value, [channel, tag, value, number]; hb has no value.
        content = payload if not tagged or payload == b'"hb"' else bytes(row[2]) if len(row) > 2 else b""
        at = 2 if content is payload else 3
        messages = self._content(channel, symbol, payload, content)
        if not self._numbered or len(row) <= at:
            return messages
        number = _integer(row[at])
        last, self._last = self._last, number
        if last is None or number == last + 1:
            return messages
        if number <= last:
            # Doubled, or behind what was taken already: of no use to the books, which have gone on.
            self._last = last
            return ()
        books = tuple(name for kind, name in self._channels.values() if kind == "book")
        hole = Notice(NoticeKind.LOST_MESSAGES, f"messages {last + 1} to {number - 1} are missing", books)
        return (hole, *messages)

    def _content(self, channel: str, symbol: str, payload: bytes, content: bytes) -> Sequence[Message]:
        if payload == b'"hb"':
            return (Notice(NoticeKind.HEARTBEAT),)
        if channel == "book":
            if payload == b'"cs"':
                return (Checksum(symbol, _integer(content)),)
            return self._book(symbol, content)
        if channel == "trades" and payload == b'"te"':
            # `te` comes at once, `tu` repeats the same trade with its final number.
            trade = _numbers(content)
            if len(trade) < 4 or None in trade[1:4]:
                raise MalformedFrame("a trade of less than number, time, amount and price")
            _, time, amount, price = trade[:4]
            assert time is not None and amount is not None and price is not None
            return (Trade(symbol, price, abs(amount), amount > 0, int(time)),)
        if channel == "ticker" and content[:1] == b"[":
            fields = [bytes(field).decode() for field in _row(content)[:4]]
            if self._tickers and len(fields) == 4:
                return (Ticker(symbol, fields[0], fields[1], fields[2], fields[3]),)
        return ()

    def _book(self, symbol: str, content: bytes) -> Sequence[Message]:
        if content[1:2] == b"[" or content == b"[]":
            bids: list[_Level] = []
            asks: list[_Level] = []
            for row in _rows(content):
                is_bid, level = _level(row)
                (bids if is_bid else asks).append(level)
            return (Snapshot(symbol, bids, asks),)
        is_bid, level = _level(_row(content))
        return (Delta(symbol, (level,) if is_bid else (), () if is_bid else (level,)),)


def _level(row: list[msgspec.Raw]) -> tuple[bool, _Level]:
    """[price, count, ±amount]: count 0 deletes, and then the amount's sign tells the side (1 or −1)."""
    if len(row) < 3:
        raise MalformedFrame("a level of less than price, count and amount")
    price, count, amount = (bytes(field).decode() for field in row[:3])
    is_bid = not amount.startswith("-")
    return is_bid, (price, "0" if count == "0" else amount.lstrip("-"))


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

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.bitfinex_stream_url

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        frames = [msgspec.json.encode({"event": "conf", "flags": _SEQUENCE_FLAG | _CHECKSUM_FLAG})]
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
        numbers = decoder.numbers_of(symbol, channel) if isinstance(decoder, BitfinexDecoder) else []
        return [msgspec.json.encode({"event": "unsubscribe", "chanId": number}) for number in numbers]

    def decoder(self, *, tickers: bool = False) -> Decoder:
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
        crc = zlib.crc32(":".join(parts).encode())
        return crc - (1 << 32) if crc >= 1 << 31 else crc
