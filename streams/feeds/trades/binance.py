"""Binance, spot and USD-M: `aggTrade`, and `trade` in recordings.

Source: developers.binance.com, "Aggregate Trade Streams" and "Trade Streams" of each market. Trades of a symbol are
numbered one by one: `t` of a trade; `f` to `l` of those that one order made at one price. USD-M sends aggregates every
100 ms and leaves out trades with the insurance fund and those of auto-deleveraging, so that their numbers are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from streams.feeds.base import UNREADABLE, Decoder, ExactTrade, Feed, MalformedFrame, Message, Proof
from streams.feeds.binance import requests_for
from streams.feeds.binance_decoder import BinanceDecoder
from streams.feeds.trades.base import ExactTradeFeed, Numbering, is_execution


class _Event(msgspec.Struct, gc=False):
    e: str = ""
    s: str = ""
    t: int | None = None
    f: int | None = None
    l: int | None = None  # noqa: E741
    p: Decimal | None = None
    q: Decimal | None = None
    m: bool = False
    T: int = 0
    X: str = ""


class _Envelope(msgspec.Struct, gc=False):
    data: _Event | None = None


_enveloped = msgspec.json.Decoder(_Envelope, strict=False).decode
_alone = msgspec.json.Decoder(_Event, strict=False).decode
_ZERO = Decimal(0)


class BinanceTradeDecoder(BinanceDecoder):
    """Frames of `/stream` and of `/ws`; what is no trade is ignored, notices apart."""

    def __init__(self) -> None:
        super().__init__(tickers=False)

    def decode(self, frame: bytes) -> Sequence[Message]:
        try:
            event = _enveloped(frame).data or _alone(frame)
        except UNREADABLE as error:
            return self._other(frame, str(error))
        if event.e == "aggTrade":
            return _trade(event, event.f, event.l)
        if event.e == "trade":
            return _trade(event, event.t, event.t)
        # Spot's bookTicker does not name its kind.
        if event.e == "depthUpdate" or event.e == "bookTicker" or (not event.e and event.s):
            return ()
        return self._other(frame, "neither a stream's event nor an answer to a request")


def _trade(event: _Event, first: int | None, last: int | None) -> Sequence[Message]:
    price, size, exchange_ms = event.p, event.q, event.T
    if price is None or size is None or first is None or last is None or not event.s or exchange_ms <= 0:
        raise MalformedFrame("a trade without its symbol, numbers, price, quantity or time")
    if last < first:
        raise MalformedFrame(f"a trade of {event.s} had the numbers {first} to {last}, expected them to rise")
    # A trade of kind NA has neither price nor size, but a number.
    if event.X == "NA" or not is_execution(price, size):
        return (ExactTrade(event.s, _ZERO, _ZERO, not event.m, exchange_ms, first, last, 0),)
    # m: the buyer was the maker, so the taker sold.
    return (ExactTrade(event.s, price, size, not event.m, exchange_ms, first, last, last - first + 1),)


class BinanceTrades(ExactTradeFeed):
    """Of spot and USD-M."""

    proofs = frozenset({Proof.SEQUENCE})
    numbering = Numbering.CONSECUTIVE

    def __init__(self, books: Feed) -> None:
        super().__init__(books)
        self._requests = 0

    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        return self._frames("SUBSCRIBE", symbols)

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        return self._frames("UNSUBSCRIBE", symbols)

    def _frames(self, method: str, symbols: Sequence[str]) -> Sequence[bytes]:
        frames = requests_for(method, symbols, ("aggTrade",), self.max_subscriptions_per_frame, self._requests)
        self._requests += len(frames)
        return frames

    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        return BinanceTradeDecoder()
