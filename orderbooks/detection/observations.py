"""What the collector observes for the detection, and its form in the archive: JSON for some seconds of all books.

    {"pairs":  {"BINANCE:btcusdt": ["BINANCE:BTCUSDT", "BTC", "USDT"]},       instruments of the stream's symbols
     "depths": [["BINANCE:btcusdt", minute_ms, depth or null]],               within ±1 %, the thinner side's, in quote
     "placed": [["BINANCE:btcusdt", "bid", price, size, score, distance, ms]],
     "ended":  [["BINANCE:btcusdt", "bid", price, ms, possible spoof or null]],
     "lost":   ["BINANCE:btcusdt"]}

The live daemon detects on what it reads back from these bytes, so that a replay of its archive detects the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift
from orderbooks.records import Band, MinuteRow, ScoredOrder, WhaleEnd, WhaleObservation, WhalesUnknown

SOURCE = "orderbooks.events"
# Answered by the daemon's own collector; it names the payloads in the archive.
URL = "orderbooks:news"
DEPTH_PERCENT = 1.0
# A band that is known but for rounding counts as known.
_COVERED = 0.999
_BID_BY_SIDE = {"bid": True, "ask": False}


class PairName(NamedTuple):
    """ticker: VENUE:SYMBOL as in events."""

    ticker: str
    token: str
    quote: str


class Depth(NamedTuple):
    """Depth within ±1 % of the mid at a minute's end, of the thinner side, in quote currency.

    depth: None where it is unknown: the minute was partial, or the book does not reach that far.
    """

    pair: str
    minute_ms: int
    depth: float | None


class OrderPlaced(NamedTuple):
    """A whale was placed, or grew by `size` (base units). distance: from the mid, as a share of it."""

    pair: str
    bid: bool
    price: float
    size: float
    score: int
    distance: float
    at_ms: int


class OrderRemoved(NamedTuple):
    """A whale is gone. spoof: whether it may have been one, None where that is unknown."""

    pair: str
    bid: bool
    price: float
    at_ms: int
    spoof: bool | None


@dataclass
class BookObservations:
    """pairs: VENUE:stream symbol → its instrument. lost: pairs whose whales are unknown from here on."""

    pairs: dict[str, PairName] = field(default_factory=dict)
    depths: list[Depth] = field(default_factory=list)
    placed: list[OrderPlaced] = field(default_factory=list)
    ended: list[OrderRemoved] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.depths or self.placed or self.ended or self.lost)

    def add(self, item: MinuteRow | WhaleObservation) -> None:
        pair = pair_of(item.order if isinstance(item, WhaleEnd) else item)
        if isinstance(item, MinuteRow):
            self.depths.append(depth_of(item))
        elif isinstance(item, WhaleEnd):
            self.ended.append(OrderRemoved(pair, item.order.bid, item.order.price, item.ended_ms, item.spoof))
        elif isinstance(item, WhalesUnknown):
            self.lost.append(pair)
        else:
            distance = round(item.distance, 6)
            self.placed.append(
                OrderPlaced(pair, item.bid, item.price, item.size, item.score, distance, item.exchange_ms)
            )

    def to_json(self, names: Mapping[str, PairName]) -> bytes:
        """names: of all pairs; those that occur are written."""
        seen = {depth.pair for depth in self.depths}
        seen |= {order.pair for order in self.placed} | {order.pair for order in self.ended}
        content = {
            "pairs": {pair: names[pair] for pair in sorted(seen) if pair in names},
            "depths": self.depths,
            "placed": [(order.pair, side_of(order.bid), *order[2:]) for order in self.placed],
            "ended": [(order.pair, side_of(order.bid), *order[2:]) for order in self.ended],
            "lost": self.lost,
        }
        return json.dumps(content, separators=(",", ":")).encode()


def pair_of(item: MinuteRow | ScoredOrder | WhalesUnknown) -> str:
    """VENUE:stream symbol."""
    return f"{item.venue}:{item.symbol}"


def side_of(bid: bool) -> str:
    return "bid" if bid else "ask"


def depth_of(row: MinuteRow) -> Depth:
    """A row's sample for the depth rule."""
    band = next((band for band in row.bands if band.percent == DEPTH_PERCENT), None)
    depth = None
    if band is not None and not row.partial and is_covered(band):
        depth = float(f"{min(band.bid, band.ask):.6g}")
    return Depth(pair_of(row), row.minute_ms, depth)


def is_covered(band: Band) -> bool:
    """Whether the book is known to the end of the band, on both sides."""
    return min(band.bid_coverage, band.ask_coverage) >= _COVERED


Item = TypeVar("Item")


def parse_observations(payload: Payload) -> BookObservations:
    """Raises SchemaDrift."""
    answer = json_body(payload)
    if not isinstance(answer, dict):
        raise SchemaDrift(payload.source, "(top)", "an object", answer)

    def items(name: str, make: Callable[..., Item]) -> list[Item]:
        found = answer.get(name, [])
        try:
            return [make(*item) for item in found]
        except (TypeError, KeyError):
            raise SchemaDrift(payload.source, name, "lists as this version writes them", found) from None

    pairs = answer.get("pairs", {})
    if not isinstance(pairs, dict) or not all(_is_name(name) for name in pairs.values()):
        raise SchemaDrift(payload.source, "pairs", "ticker, token and quote by pair", pairs)
    return BookObservations(
        {pair: PairName(*name) for pair, name in pairs.items()},
        items("depths", Depth),
        items("placed", lambda pair, side, *rest: OrderPlaced(pair, _BID_BY_SIDE[side], *rest)),
        items("ended", lambda pair, side, *rest: OrderRemoved(pair, _BID_BY_SIDE[side], *rest)),
        [str(pair) for pair in answer.get("lost", [])],
    )


def _is_name(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 3 and all(isinstance(part, str) for part in value)
