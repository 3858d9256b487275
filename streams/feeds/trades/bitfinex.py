"""Bitfinex v2: the channel `trades`, spot.

Source: docs.bitfinex.com, "Trades" of the public WebSocket channels and "Conf flags". A trade's number is shared by all
pairs, so it jumps; what shows that none was missed is the numbering of all messages of the connection (flag 65536). The
trades that a subscription begins with are from before it, and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from streams.feeds.base import Decoder, ExactTrade, Feed, MalformedFrame, Message, Proof
from streams.feeds.bitfinex import SEQUENCE_FLAG, BitfinexDecoder
from streams.feeds.trades.base import ExactTradeFeed, Numbering, is_execution


class _Trade(msgspec.Struct, array_like=True, gc=False):
    number: int
    time: int
    amount: Decimal
    price: Decimal


_trade = msgspec.json.Decoder(_Trade).decode


class BitfinexTradeDecoder(BitfinexDecoder):
    """Books of the same connection are ignored."""

    counted = "trades"

    def __init__(self) -> None:
        super().__init__(tickers=False)

    def _book(self, symbol: str, kind: tuple[str, int | None], content: bytes) -> Sequence[Message]:
        return ()

    def _execution(self, symbol: str, content: bytes) -> Sequence[Message]:
        trade = _trade(content)
        size = abs(trade.amount)
        if not is_execution(trade.price, size):
            return ()
        if trade.time <= 0:
            raise MalformedFrame(f"trade {trade.number} of {symbol} had the time {trade.time}, expected it above 0")
        return (ExactTrade(symbol, trade.price, size, trade.amount > 0, trade.time, trade.number, trade.number),)


class BitfinexTrades(ExactTradeFeed):
    proofs = frozenset({Proof.SEQUENCE})
    numbering = Numbering.CONNECTION

    def __init__(self, books: Feed) -> None:
        super().__init__(books)
        # 25 channels a connection, one a symbol.
        self.max_symbols_per_connection = 25  # type: ignore[misc]

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        requests: list[dict[str, object]] = [{"event": "conf", "flags": SEQUENCE_FLAG}]
        requests += [{"event": "subscribe", "channel": "trades", "symbol": symbol} for symbol in symbols]
        return [msgspec.json.encode(request) for request in requests]

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return self.subscribe([symbol])[1:]

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        if not isinstance(decoder, BitfinexTradeDecoder):
            return []
        channels = [channel for symbol in symbols for channel in decoder.channels_of(symbol, "trades")]
        return [msgspec.json.encode({"event": "unsubscribe", "chanId": channel}) for channel in channels]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return BitfinexTradeDecoder()
