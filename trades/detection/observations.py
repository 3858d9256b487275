"""What the tracker observes for the detection, and its form in the archive: JSON for a minute of one venue.

    {"venue": "BINANCE", "at": ms, "known": 400,           close of the minute, instruments with a surprise
     "passed": [[symbol, ticker, token, quote, surprise, threshold, price, move, times, share]],
     "market": [median, threshold] or null,                where the venue's median passed its threshold
     "followed": [n, days, …] or null}                     what such cases were followed by, see `Followed`

Passed: watched pairs whose surprise is above the desk's threshold. times: volume of 5 minutes, in 28-day means; share:
of it that was bought. move: relative, over the hour before. The live daemon detects on what it reads back from these
bytes, so that a replay of its archive detects the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from events.upstream.client import Payload, json_body
from events.upstream.errors import SchemaDrift

SOURCE = "trades.events"
# Answered by the daemon's own tracker; it names the payloads in the archive.
URL = "trades:volume"


class Passed(NamedTuple):
    """A watched pair whose surprise is above the threshold; None: unknown."""

    symbol: str
    ticker: str
    token: str
    quote: str
    surprise: float
    threshold: float
    price: float | None
    move: float | None
    times: float | None
    share: float | None


class MarketPassed(NamedTuple):
    median: float
    threshold: float


class Followed(NamedTuple):
    """What n earlier cases on so many days were followed by within the hour. share: of them by a move of the coin's
    largest hundredth. size: mean |move|. move: mean signed move. low, high: 95 % intervals by days, None where unknown.
    """

    n: int
    days: int
    share: float
    share_low: float | None
    share_high: float | None
    size: float
    size_low: float | None
    size_high: float | None
    move: float
    move_low: float | None
    move_high: float | None


class VolumeObservations(NamedTuple):
    venue: str
    at_ms: int
    known: int
    passed: Sequence[Passed] = ()
    market: MarketPassed | None = None
    followed: Followed | None = None

    def to_json(self) -> bytes:
        content = {
            "venue": self.venue,
            "at": self.at_ms,
            "known": self.known,
            "passed": self.passed,
            "market": self.market,
            "followed": self.followed,
        }
        return json.dumps(content, separators=(",", ":"), allow_nan=False).encode()


def number(value: float) -> float | None:
    """As it is archived: seven digits, None for NaN."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


def parse_observations(payload: Payload) -> VolumeObservations:
    """Raises SchemaDrift."""
    answer: Any = json_body(payload)
    if not isinstance(answer, dict):
        raise SchemaDrift(payload.source, "(top)", "an object", answer)
    try:
        market, followed = answer["market"], answer["followed"]
        return VolumeObservations(
            str(answer["venue"]),
            int(answer["at"]),
            int(answer["known"]),
            [Passed(*item) for item in answer["passed"]],
            None if market is None else MarketPassed(*market),
            None if followed is None else Followed(*followed),
        )
    except (KeyError, TypeError, ValueError):
        raise SchemaDrift(payload.source, "(top)", "a minute as this version writes it", answer) from None
