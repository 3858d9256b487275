"""What the collector tells the detection, and how it stands in the archive: JSON for some seconds of all books.

    {"pairs":  {"BINANCE:btcusdt": ["BINANCE:BTCUSDT", "BTC", "USDT"]},       what the stream's symbols are
     "depths": [["BINANCE:btcusdt", minute_ms, depth or null]],               within ±1 %, the thinner side's, in quote
     "placed": [["BINANCE:btcusdt", "bid", price, size, score, distance, ms]],
     "ended":  [["BINANCE:btcusdt", "bid", price, ms, possible spoof or null]],
     "lost":   ["BINANCE:btcusdt"]}

The live daemon detects on what it reads back from these bytes, so that a replay of its archive sees the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from orderbooks.records import Band, MinuteRow, WhaleEnd, WhaleNews, WhalesUnknown

SOURCE = "orderbooks.events"
# Answered by the daemon's own collector; it names the payloads in the archive.
URL = "orderbooks:news"
DEPTH_PERCENT = 1.0
# Rounding: a band that is known but for its last float is known.
_WHOLE = 0.999


class PairName(NamedTuple):
    """ticker: VENUE:SYMBOL as events have it."""

    ticker: str
    token: str
    quote: str


class Depth(NamedTuple):
    """Depth within ±1 % of the mid at a minute's end, of the thinner side, in quote currency.

    None where it is not known: the minute was partial, or the book does not reach that far.
    """

    pair: str
    minute_ms: int
    depth: float | None


class OrderPlaced(NamedTuple):
    pair: str
    side: str
    price: float
    size: float
    score: int
    distance: float
    at_ms: int


class OrderRemoved(NamedTuple):
    pair: str
    side: str
    price: float
    at_ms: int
    spoof: bool | None


@dataclass
class BookObservations:
    """pairs: VENUE:stream symbol → what it is."""

    pairs: dict[str, PairName] = field(default_factory=dict)
    depths: list[Depth] = field(default_factory=list)
    placed: list[OrderPlaced] = field(default_factory=list)
    ended: list[OrderRemoved] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.depths or self.placed or self.ended or self.lost)

    def add(self, news: MinuteRow | WhaleNews) -> None:
        if isinstance(news, MinuteRow):
            self.depths.append(depth_of(news))
        elif isinstance(news, WhaleEnd):
            order = news.order
            pair = f"{order.venue}:{order.symbol}"
            self.ended.append(OrderRemoved(pair, side_of(order.bid), order.price, news.ended_ms, news.spoof))
        elif isinstance(news, WhalesUnknown):
            self.lost.append(f"{news.venue}:{news.symbol}")
        else:
            pair, side = f"{news.venue}:{news.symbol}", side_of(news.bid)
            self.placed.append(
                OrderPlaced(pair, side, news.price, news.size, news.score, round(news.distance, 6), news.exchange_ms)
            )

    def to_json(self, names: Mapping[str, PairName]) -> bytes:
        """names: of all pairs; those that occur are written."""
        said = {depth.pair for depth in self.depths}
        said |= {order.pair for order in self.placed} | {ended.pair for ended in self.ended}
        pairs = {pair: names[pair] for pair in sorted(said) if pair in names}
        content = {"pairs": pairs, "depths": self.depths, "placed": self.placed, "ended": self.ended, "lost": self.lost}
        return json.dumps(content, separators=(",", ":")).encode()


def side_of(bid: bool) -> str:
    return "bid" if bid else "ask"


def depth_of(row: MinuteRow) -> Depth:
    """A row's reading for the depth rule."""
    band = next((band for band in row.bands if band.percent == DEPTH_PERCENT), None)
    depth = None
    if band is not None and not row.partial and is_covered(band):
        depth = float(f"{min(band.bid, band.ask):.6g}")
    return Depth(f"{row.venue}:{row.symbol}", row.minute_ms, depth)


def is_covered(band: Band) -> bool:
    return min(band.bid_coverage, band.ask_coverage) >= _WHOLE


Item = TypeVar("Item")


def parse_book_news(payload: Payload) -> BookObservations:
    """Raises SchemaDrift."""
    answer = json_body(payload)
    if not isinstance(answer, dict):
        raise SchemaDrift(payload.source, "(top)", "an object", answer)

    def items(name: str, make: Callable[..., Item]) -> list[Item]:
        found = answer.get(name, [])
        try:
            return [make(*item) for item in found]
        except TypeError:
            raise SchemaDrift(payload.source, name, "lists as this version writes them", found) from None

    pairs = answer.get("pairs", {})
    if not isinstance(pairs, dict) or not all(_is_name(name) for name in pairs.values()):
        raise SchemaDrift(payload.source, "pairs", "ticker, token and quote by pair", pairs)
    return BookObservations(
        {pair: PairName(*name) for pair, name in pairs.items()},
        items("depths", Depth),
        items("placed", OrderPlaced),
        items("ended", OrderRemoved),
        [str(pair) for pair in answer.get("lost", [])],
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 3 and all(isinstance(part, str) for part in value)
