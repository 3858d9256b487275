"""What the feeds of trades share: connections of their own, beside those of the books, that carry trades alone.

A venue's limits, URLs and answers are those of its feed of books (`streams.feeds`); trades are decoded digit by digit,
because minutes have to agree with the venue's own to the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from crypto_ews.conf import Config
from streams.feeds.base import Decoder, Feed, MalformedFrame

# Powers of ten that no price or size of a market reaches.
_MOST_DIGITS = 30


class Numbering(StrEnum):
    """What shows that no trade of a symbol was missed."""

    CONSECUTIVE = "consecutive"
    """Trades of a symbol are numbered one by one."""
    CONNECTION = "connection"
    """Their numbers jump; but all messages of a connection are numbered, so a connection without a hole missed none."""
    NONE = "none"
    """Nothing in the stream: only the venue's own candle shows it."""


class SizeUnit(StrEnum):
    """What a trade's size counts."""

    BASE = "base"
    QUOTE = "quote"
    CONTRACTS = "contracts"
    """Of a value that the venue's list of instruments gives."""


def is_execution(price: Decimal, size: Decimal) -> bool:
    """Whether a trade is an execution. Raises MalformedFrame for a price or size that no trade can have."""
    for number in (price, size):
        if not number.is_finite() or number < 0 or not -_MOST_DIGITS < number.adjusted() < _MOST_DIGITS:
            raise MalformedFrame(f"a trade was {size} at {price}, expected a price and a size above 0")
    return bool(price and size)


class TradesOnly(Feed):
    """The trades of a feed of books, on connections of their own. The venue's limits apply to these too."""

    keeps_text = False
    snapshot_over_rest = False

    def __init__(self, books: Feed) -> None:
        self._books = books
        self.exchange, self.market, self.venue = books.exchange, books.market, books.venue  # type: ignore[misc]
        self.max_symbols_per_connection = books.max_symbols_per_connection  # type: ignore[misc]
        self.max_subscriptions_per_frame = books.max_subscriptions_per_frame  # type: ignore[misc]
        self.max_frames_per_second = books.max_frames_per_second  # type: ignore[misc]
        self.max_connection_seconds = books.max_connection_seconds  # type: ignore[misc]
        self.silence_seconds = books.silence_seconds  # type: ignore[misc]
        self.ping_every_seconds = books.ping_every_seconds  # type: ignore[misc]
        self.ping_frame = books.ping_frame  # type: ignore[misc]

    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        return self._books.trade_stream_url(config) or self._books.stream_url(config, symbols)

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        return self.subscribe([symbol])

    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        return self._books.symbol_for(base, quote, instrument_symbol)


class ExactTradeFeed(TradesOnly):
    """Gives `ExactTrade`."""

    numbering: ClassVar[Numbering]
    unit: SizeUnit = SizeUnit.BASE
