"""Bybit v5: the topic `publicTrade`, spot, linear and inverse contracts.

Source: bybit-exchange.github.io/docs/v5, "Trade" of the public stream. `i` identifies a trade and counts nothing (a
number shared by all symbols on spot, a random one elsewhere), and messages are not numbered: nothing in the stream
shows that a trade is missing. `v` of an inverse contract is US dollars, elsewhere it is coins.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from streams.feeds.base import Decoder, ExactTrade, Feed, MalformedFrame, Message, batches
from streams.feeds.bybit import BybitDecoder
from streams.feeds.trades.base import ExactTradeFeed, Numbering, SizeUnit, is_execution


class _Trade(msgspec.Struct, gc=False):
    T: int
    s: str
    S: str
    v: Decimal
    p: Decimal
    i: str


_trades = msgspec.json.Decoder(list[_Trade], strict=False).decode


class BybitTradeDecoder(BybitDecoder):
    """Books of the same connection are ignored."""

    def _book(self, frame: bytes) -> Sequence[Message]:
        return ()

    def _executions(self, rows: msgspec.Raw) -> Sequence[Message]:
        return [_exact(row) for row in _trades(rows) if is_execution(row.p, row.v)]


def _exact(row: _Trade) -> ExactTrade:
    if not row.i or row.T <= 0 or row.S not in ("Buy", "Sell"):
        raise MalformedFrame(
            f"a trade of {row.s} had the name {row.i!r}, the time {row.T} and the side {row.S!r}, expected a name, a "
            "time above 0, and Buy or Sell"
        )
    return ExactTrade(row.s, row.p, row.v, row.S == "Buy", row.T, name=row.i)


class BybitTrades(ExactTradeFeed):
    # No proof: after a frame that cannot be read, every symbol of the connection may have missed a trade.
    proofs = frozenset()
    numbering = Numbering.NONE
    refused_together = 10

    def __init__(self, books: Feed) -> None:
        super().__init__(books)
        self.unit = SizeUnit.QUOTE if books.market == "coinm" else SizeUnit.BASE

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("subscribe", symbols)

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("unsubscribe", symbols)

    def _requests_for(self, operation: str, symbols: Sequence[str]) -> Sequence[bytes]:
        arguments = [f"publicTrade.{symbol}" for symbol in symbols]
        parts = batches(arguments, self.max_subscriptions_per_frame)
        return [msgspec.json.encode({"op": operation, "args": part}) for part in parts]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return BybitTradeDecoder()
