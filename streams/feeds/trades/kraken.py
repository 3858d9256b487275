"""Kraken v2: the channel `trade`, spot.

Source: docs.kraken.com, "Trade" of the WebSocket v2: `trade_id` is a sequence number of the symbol's own. Prices and
quantities are JSON numbers; their digits are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from streams.feeds.base import Decoder, ExactTrade, MalformedFrame, Message, Proof, batches
from streams.feeds.kraken import KrakenDecoder
from streams.feeds.trades.base import ExactTradeFeed, Numbering, is_execution

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class _Trade(msgspec.Struct, gc=False):
    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    trade_id: int
    timestamp: datetime


class _Frame(msgspec.Struct, gc=False):
    data: list[_Trade]


_frame = msgspec.json.Decoder(_Frame).decode


class KrakenTradeDecoder(KrakenDecoder):
    """Books of the same connection are ignored."""

    def _books(self, frame: bytes) -> Sequence[Message]:
        return ()

    def _executions(self, frame: bytes) -> Sequence[Message]:
        return [_exact(row) for row in _frame(frame).data]


def _exact(row: _Trade) -> ExactTrade:
    if row.side not in ("buy", "sell") or row.timestamp.tzinfo is None:
        raise MalformedFrame(
            f"trade {row.trade_id} of {row.symbol} had the side {row.side!r} and the time {row.timestamp}, expected "
            "buy or sell and a time with its zone"
        )
    # Rounded down: the last microseconds of a minute belong to it.
    exchange_ms = (row.timestamp - _EPOCH) // _MILLISECOND
    count = int(is_execution(row.price, row.qty))
    return ExactTrade(row.symbol, row.price, row.qty, row.side == "buy", exchange_ms, row.trade_id, row.trade_id, count)


class KrakenTrades(ExactTradeFeed):
    proofs = frozenset({Proof.SEQUENCE})
    numbering = Numbering.CONSECUTIVE

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._requests_for("subscribe", symbols, {"snapshot": False})

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._requests_for("unsubscribe", symbols, {})

    def _requests_for(self, method: str, symbols: Sequence[str], options: dict[str, object]) -> Sequence[bytes]:
        return [
            msgspec.json.encode({"method": method, "params": {"channel": "trade", "symbol": list(part), **options}})
            for part in batches(symbols, self.max_subscriptions_per_frame)
        ]

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return KrakenTradeDecoder()
