"""Binance: spot, USD-M and COIN-M.

Sources: developers.binance.com, "WebSocket Streams" and "How to manage a local order book correctly" of each market.
The depth stream reaches through the whole book; the snapshot over REST is cut at `depth` levels a side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

import msgspec

from crypto_ews.conf import Config
from orderbooks.feeds.base import (
    Decoder,
    Delta,
    Feed,
    Link,
    MalformedFrame,
    Message,
    Notice,
    NoticeKind,
    Proof,
    RestSnapshot,
    Snapshot,
    Ticker,
    Trade,
)

# Prices and sizes are texts on the wire: read as numbers in C, and refused there where no order could have them.
_Price = Annotated[float, msgspec.Meta(gt=0, lt=1e300)]
_Size = Annotated[float, msgspec.Meta(ge=0, lt=1e300)]
_Levels = list[tuple[_Price, _Size]]


class _Depth(
    Delta,
    frozen=True,
    gc=False,
    rename={
        "symbol": "s",
        "bids": "b",
        "asks": "a",
        "first_id": "U",
        "last_id": "u",
        "previous_id": "pu",
        "exchange_ms": "E",
    },
):
    symbol: str
    bids: _Levels
    asks: _Levels
    first_id: int
    last_id: int
    previous_id: int | None = None
    exchange_ms: int | None = None


class _Ticker(
    Ticker,
    frozen=True,
    gc=False,
    rename={
        "symbol": "s",
        "bid": "b",
        "bid_size": "B",
        "ask": "a",
        "ask_size": "A",
        "update_id": "u",
        "exchange_ms": "E",
    },
):
    symbol: str
    bid: str
    bid_size: str
    ask: str
    ask_size: str
    update_id: int | None = None
    exchange_ms: int | None = None


class _Trade(msgspec.Struct, frozen=True, gc=False):
    s: str
    p: _Price
    q: _Size
    m: bool
    T: int


_Reader = Callable[[bytes], Any]


def _readers(data: type) -> tuple[_Reader, _Reader]:
    """For an event in the envelope of `/stream` (which leaves `.data` to take), and for one alone."""
    envelope = msgspec.defstruct("Envelope", [("data", data)], gc=False)
    return (
        msgspec.json.Decoder(envelope, strict=False).decode,
        msgspec.json.Decoder(data, strict=False).decode,
    )


_READERS = {"depthUpdate": _readers(_Depth), "bookTicker": _readers(_Ticker), "trade": _readers(_Trade)}


def _message(event: Any) -> Message:
    # m: the buyer was the maker, so the taker sold.
    return Trade(event.s, event.p, event.q, not event.m, event.T) if type(event) is _Trade else event


class _Event(msgspec.Struct):
    """Enough of a payload to tell what it is."""

    e: str = ""
    s: str = ""
    u: int | None = None
    B: str | None = None
    A: str | None = None
    X: str | None = None


class _AnyFrame(_Event):
    stream: str | None = None
    data: _Event | None = None
    id: int | str | None = None
    error: msgspec.Raw = msgspec.Raw(b"")
    code: int | None = None
    msg: str | None = None


_any_frame = msgspec.json.Decoder(_AnyFrame, strict=False).decode


def _kind(event: _Event) -> str:
    if event.e == "aggTrade":
        return "trade"
    if not event.e and event.u is not None and event.B is not None and event.A is not None:
        # Spot's bookTicker says nothing of what it is.
        return "bookTicker"
    return event.e


class BinanceDecoder:
    """Frames of `/stream` (in an envelope that names the stream) and of `/ws` (without)."""

    def __init__(self) -> None:
        self._by_start: dict[bytes, _Reader] = {}

    def decode(self, frame: bytes) -> Sequence[Message]:
        # Everything up to the end of the stream's name, `{"stream":"btcusdt@depth@100ms`, says how to read the rest.
        reader = self._by_start.get(frame[: frame.find(b'"', 11)])
        try:
            return self._first_of_its_kind(frame) if reader is None else (_message(reader(frame).data),)
        except msgspec.MsgspecError as error:
            raise MalformedFrame(str(error)) from None

    def _first_of_its_kind(self, frame: bytes) -> Sequence[Message]:
        found = _any_frame(frame)
        if found.stream is not None and found.data is not None:
            readers = _READERS.get(_kind(found.data))
            if readers is None:
                return _other_event(found.data)
            message = _message(readers[0](frame).data)
            # A stream's name begins with its symbol: what holds for one frame of it holds for all.
            if frame.startswith(b'{"stream":"') and "@" in found.stream and not found.stream.startswith("!"):
                self._by_start[frame[: frame.find(b'"', 11)]] = readers[0]
            return (message,)
        readers = _READERS.get(_kind(found))
        if readers is not None:
            return (_message(readers[1](frame)),)
        if found.e:
            return _other_event(found)
        if bytes(found.error) or found.msg is not None:
            return (Notice(NoticeKind.REFUSED, frame[:300].decode(errors="replace")),)
        if found.id is not None:
            return (Notice(NoticeKind.ACKNOWLEDGED, str(found.id)),)
        raise MalformedFrame("neither a stream's event nor an answer to a request")


def _other_event(event: _Event) -> Sequence[Message]:
    if not event.e:
        raise MalformedFrame("an event without its kind (e)")
    if event.e == "serverShutdown":
        return (Notice(NoticeKind.RECONNECT, "the server shuts down"),)
    return ()


class _RestDepth(msgspec.Struct):
    lastUpdateId: int
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    E: int | None = None
    symbol: str | None = None


_rest_depth = msgspec.json.Decoder(_RestDepth).decode


class _BinanceFeed(Feed):
    exchange = "binance"
    proofs = frozenset({Proof.SEQUENCE})
    keeps_text = False
    depth = 1000
    window = False
    snapshot_over_rest = True
    # Connections are valid for 24 hours; leave before they are ended.
    max_connection_seconds = 23.5 * 3600
    # Watched pairs are traded all day; ping frames of the server come every 20 s (spot) or 3 minutes (futures).
    silence_seconds = 60.0
    stream_suffixes: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        self._requests = 0

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("SUBSCRIBE", symbols, self.stream_suffixes)

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("UNSUBSCRIBE", symbols, self.stream_suffixes)

    def _requests_for(self, method: str, symbols: Sequence[str], suffixes: Sequence[str]) -> Sequence[bytes]:
        frames = []
        streams = [f"{symbol.lower()}@{suffix}" for symbol in symbols for suffix in suffixes]
        for start in range(0, len(streams), self.max_subscriptions_per_frame):
            self._requests += 1
            part = streams[start : start + self.max_subscriptions_per_frame]
            frames.append(msgspec.json.encode({"method": method, "params": part, "id": self._requests}))
        return frames

    def parse_rest_snapshot(self, body: bytes, symbol: str | None = None) -> Snapshot:
        try:
            found = _rest_depth(body)
        except msgspec.MsgspecError as error:
            raise MalformedFrame(f"a snapshot that cannot be read: {error}") from None
        return Snapshot(found.symbol or symbol, found.bids, found.asks, found.lastUpdateId, found.E)

    def decoder(self) -> Decoder:
        return BinanceDecoder()

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return instrument_symbol


class BinanceSpot(_BinanceFeed):
    market = "spot"
    venue = "BINANCE"
    depths = frozenset({5, 10, 20, 50, 100, 500, 1000, 5000})
    # 1,024 streams a connection, two a symbol; 5 messages of the client a second.
    max_symbols_per_connection = 400
    max_subscriptions_per_frame = 200
    max_frames_per_second = 4.0
    rest_weight_per_minute = 6000
    stream_suffixes = ("depth@100ms", "trade")

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.binance_stream_url

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot:
        # 5/25/50/250 for up to 100/500/1,000/5,000 levels.
        return RestSnapshot(f"{config.binance_depth_url}?symbol={symbol.upper()}&limit={self.depth}", 50)

    def link(self, message: Delta, last_id: int | None) -> Link:
        if last_id is None or message.first_id is None or message.last_id is None:
            return Link.BREAKS
        if message.last_id <= last_id:
            return Link.OLD
        return Link.FOLLOWS if message.first_id <= last_id + 1 else Link.BREAKS


class _BinanceFutures(_BinanceFeed):
    depths = frozenset({5, 10, 20, 50, 100, 500, 1000})
    # 200 streams a connection; 10 messages of the client a second.
    max_subscriptions_per_frame = 100
    max_frames_per_second = 8.0
    rest_weight_per_minute = 2400

    def link(self, message: Delta, last_id: int | None) -> Link:
        """Chained by `pu`; ids jump, as they are shared by all symbols."""
        if last_id is None or message.last_id is None:
            return Link.BREAKS
        if message.previous_id == last_id:
            return Link.FOLLOWS
        return Link.OLD if message.last_id <= last_id else Link.BREAKS

    def joins(self, message: Delta, snapshot_id: int | None) -> Link:
        """An update that ends at the snapshot's very id is still needed: unlike spot, only smaller ones are old. What
        begins after the snapshot follows it if nothing of this symbol lies between, which `pu` tells."""
        if snapshot_id is None or message.last_id is None or message.previous_id is None:
            return Link.BREAKS
        if message.last_id < snapshot_id:
            return Link.OLD
        return Link.FOLLOWS if message.previous_id <= snapshot_id else Link.BREAKS


class BinanceUsdm(_BinanceFutures):
    market = "usdm"
    venue = "BINANCE_USDM"
    max_symbols_per_connection = 200
    # Trades have a URL of their own since 2026-04-23; here they would be acknowledged, and never come.
    stream_suffixes = ("depth@100ms",)

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.binance_usdm_stream_url

    def trade_stream_url(self, config: Config) -> str | None:
        return config.binance_usdm_trade_stream_url

    def subscribe_trades(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("SUBSCRIBE", symbols, ("aggTrade",))

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot:
        # 2/5/10/20 for up to 50/100/500/1,000 levels.
        return RestSnapshot(f"{config.binance_usdm_depth_url}?symbol={symbol.upper()}&limit={self.depth}", 20)


class BinanceCoinm(_BinanceFutures):
    market = "coinm"
    venue = "BINANCE_COINM"
    max_symbols_per_connection = 100
    stream_suffixes = ("depth@100ms", "aggTrade")

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return config.binance_coinm_stream_url

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot:
        return RestSnapshot(f"{config.binance_coinm_depth_url}?symbol={symbol.upper()}&limit={self.depth}", 20)
