"""OKX v5: the channel `trades`, spot and swaps.

Source: www.okx.com/docs-v5/en, "Trades channel". Trades of an instrument are numbered one by one (so are all 74 of the
recording of 2022). Several that one order made at one price come as one: `tradeId` is then the last one's, `count` how
many they are. Sizes of swaps are contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from streams.feeds.base import Decoder, ExactTrade, Feed, MalformedFrame, Message, Proof, batches
from streams.feeds.okx import OkxDecoder
from streams.feeds.trades.base import ExactTradeFeed, Numbering, SizeUnit, is_execution


class _Trade(msgspec.Struct, gc=False):
    instId: str
    tradeId: int
    px: Decimal
    sz: Decimal
    side: str
    ts: int
    count: int = 1


_trades = msgspec.json.Decoder(list[_Trade], strict=False).decode


class OkxTradeDecoder(OkxDecoder):
    """Books of the same connection are ignored."""

    def __init__(self) -> None:
        super().__init__(tickers=False)

    def _books(self, frame: bytes) -> Sequence[Message]:
        return ()

    def _executions(self, rows: msgspec.Raw) -> Sequence[Message]:
        return [_exact(row) for row in _trades(rows)]


def _exact(row: _Trade) -> ExactTrade:
    count = row.count
    if not 1 <= count <= row.tradeId or row.ts <= 0 or row.side not in ("buy", "sell"):
        raise MalformedFrame(
            f"trade {row.tradeId} of {row.instId} had the count {count}, the time {row.ts} and the side {row.side!r}, "
            "expected numbers above 0 and buy or sell"
        )
    if not is_execution(row.px, row.sz):
        count = 0
    first_id = row.tradeId - row.count + 1
    return ExactTrade(row.instId, row.px, row.sz, row.side == "buy", row.ts, first_id, row.tradeId, count)


class OkxTrades(ExactTradeFeed):
    proofs = frozenset({Proof.SEQUENCE})
    numbering = Numbering.CONSECUTIVE

    def __init__(self, books: Feed) -> None:
        super().__init__(books)
        self.unit = SizeUnit.BASE if books.market == "spot" else SizeUnit.CONTRACTS

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("subscribe", symbols)

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("unsubscribe", symbols)

    def _requests_for(self, operation: str, symbols: Sequence[str]) -> Sequence[bytes]:
        arguments = [{"channel": "trades", "instId": symbol} for symbol in symbols]
        parts = batches(arguments, self.max_subscriptions_per_frame)
        return [msgspec.json.encode({"op": operation, "args": part}) for part in parts]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return OkxTradeDecoder()
