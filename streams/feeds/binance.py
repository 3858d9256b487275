"""Binance: spot, USD-M and COIN-M.

Sources: developers.binance.com, "WebSocket Streams" and "How to manage a local order book correctly" of each market.
The depth stream covers the complete book; the snapshot over REST is cut at `depth` levels a side.
"""

from __future__ import annotations

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
    Proof,
    RestSnapshot,
    Snapshot,
    WideLevel,
    batches,
    pairs,
)
from streams.feeds.binance_decoder import BinanceDecoder


class _RestDepth(msgspec.Struct):
    lastUpdateId: int
    bids: list[WideLevel]
    asks: list[WideLevel]
    E: int | None = None
    symbol: str | None = None


_rest_depth = msgspec.json.Decoder(_RestDepth).decode


def requests_for(
    method: str, symbols: Sequence[str], suffixes: Sequence[str], most: int, before: int
) -> Sequence[bytes]:
    """Frames that subscribe to streams or end them. most: streams a frame. before: requests so far, for their ids."""
    streams = [f"{symbol.lower()}@{suffix}" for symbol in symbols for suffix in suffixes]
    return [
        msgspec.json.encode({"method": method, "params": part, "id": number})
        for number, part in enumerate(batches(streams, most), before + 1)
    ]


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
        frames = requests_for(method, symbols, suffixes, self.max_subscriptions_per_frame, self._requests)
        self._requests += len(frames)
        return frames

    def parse_rest_snapshot(self, body: bytes, symbol: str | None = None) -> Snapshot:
        try:
            found = _rest_depth(body)
        except UNREADABLE as error:
            raise MalformedFrame(f"a snapshot that cannot be read: {error}") from None
        return Snapshot(found.symbol or symbol, pairs(found.bids), pairs(found.asks), found.lastUpdateId, found.E)

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return BinanceDecoder(tickers, sparing)

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
        """An update that ends at the snapshot's id is still needed: unlike spot, only smaller ones are old. One that
        begins after the snapshot follows it if `pu` shows that no update of this symbol lies between."""
        if snapshot_id is None or message.last_id is None or message.previous_id is None:
            return Link.BREAKS
        if message.last_id < snapshot_id:
            return Link.OLD
        return Link.FOLLOWS if message.previous_id <= snapshot_id else Link.BREAKS


class BinanceUsdm(_BinanceFutures):
    market = "usdm"
    venue = "BINANCE_USDM"
    max_symbols_per_connection = 200
    # Trades have a URL of their own since 2026-04-23; here the subscription would be acknowledged, and bring none.
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
