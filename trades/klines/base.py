"""What a venue's candles can give, and the request for some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crypto_ews.conf import Config
from events.upstream.client import Payload
from trades.records import Kline


@dataclass(frozen=True)
class TradedPair:
    """One instrument of a venue. symbol: as in its stream; listed_as: as in its instrument list, by which REST requests
    name it. watched: it is on the watch lists. tracked: its trades are counted; the others are only ranked."""

    venue: str
    symbol: str
    listed_as: str
    token: str
    quote: str
    watched: bool = True
    tracked: bool = True


@dataclass(frozen=True)
class Span:
    """From `start_ms` to `end_ms`, which is not included; by the exchange's clock."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True)
class KlineQuery:
    """Candles of one pair that begin within `span`; at most the venue's limit. now_ms: the present, for venues that
    keep recent candles elsewhere."""

    pair: TradedPair
    interval_ms: int
    span: Span
    now_ms: int

    @property
    def count(self) -> int:
        return -(-self.span.length_ms // self.interval_ms)


Parser = Callable[[Payload, KlineQuery], Sequence[Kline]]
"""All candles of an answer, by time; also those that have not ended. Raises SchemaDrift."""


@dataclass(frozen=True)
class KlineVenue:
    """One row of the table of venues.

    limit: candles a request. per_minute: weight (or requests) that the host allows a minute, of which history may use a
    quarter. weight: of a request for so many candles. newest: how many candles of any interval the venue keeps, None
    where it keeps all that are needed. taker, trades: whether a candle tells the takers' buys and the number of trades.
    rounds_quote: the volume in quote currency is a product of rounded numbers.
    leaves_out_empty: intervals without trades have no candle. for_all: the passes that are affordable for every pair of
    the venue's quotes; the others are for the desk's coins. source, as_of: where the figures are from.
    """

    venue: str
    url: Callable[[Config, KlineQuery], str]
    parse: Parser
    limit: int
    per_minute: int
    source: str
    as_of: str
    weight: Callable[[int], int] = lambda _count: 1
    newest: int | None = None
    taker: bool = False
    trades: bool = False
    leaves_out_empty: bool = False
    rounds_quote: bool = False
    for_all: frozenset[int] = frozenset({1, 2, 3, 4})
    notes: Mapping[int, str] = field(default_factory=dict)
    """Why a pass is partial or for the desk's coins alone."""
