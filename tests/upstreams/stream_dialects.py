"""How venues speak over WebSocket: a reference book's snapshot and updates as frames, and what subscribes to them."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Levels = Sequence[tuple[str, str]]


@dataclass
class Market:
    """A symbol's true book: price → size, as texts; size 0 is never kept. Ids grow with every change."""

    symbol: str
    bids: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    last_id: int = 1000

    def apply(self, bids: Levels, asks: Levels) -> Change:
        """Change the book by these levels; the change as a venue would number it."""
        for side, levels in ((self.bids, bids), (self.asks, asks)):
            for price, size in levels:
                if float(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        first, previous = self.last_id + 1, self.last_id
        self.last_id += max(1, len(bids) + len(asks))
        return Change(self, tuple(bids), tuple(asks), first, self.last_id, previous)

    def sides(self, depth: int | None = None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Bids and asks, best first."""
        bids = sorted(self.bids.items(), key=lambda level: -float(level[0]))[:depth]
        asks = sorted(self.asks.items(), key=lambda level: float(level[0]))[:depth]
        return bids, asks

    @property
    def numbers(self) -> tuple[dict[float, float], dict[float, float]]:
        """Both sides as numbers: what a client's book must equal."""
        return tuple({float(price): float(size) for price, size in side.items()} for side in (self.bids, self.asks))  # type: ignore[return-value]


@dataclass(frozen=True)
class Change:
    """One update of a market. checksum_error: by how much its checksum is wrong."""

    market: Market
    bids: tuple[tuple[str, str], ...]
    asks: tuple[tuple[str, str], ...]
    first_id: int
    last_id: int
    previous_id: int
    checksum_error: int = 0


class Dialect(Protocol):
    """A venue's own way to say it."""

    path: str

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        """Symbols to begin with and to end by a client's frame, and the answers to it."""
        ...

    def first(self, market: Market) -> str | None:
        """What a new subscription begins with; None where the snapshot comes over REST."""
        ...

    def update(self, change: Change) -> str: ...


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class BinanceSpot:
    """Combined streams with SUBSCRIBE frames; snapshots over REST. clock: the exchange's time in milliseconds."""

    path = "/stream"

    def __init__(self, clock: Callable[[], int] = milliseconds) -> None:
        self._clock = clock

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        request = json.loads(frame)
        # Of the streams of a symbol only the depth is played: others are acknowledged and stay silent.
        symbols = [name.partition("@")[0].upper() for name in request.get("params", ()) if "@depth" in name]
        answers = [json.dumps({"result": None, "id": request.get("id")})]
        return (symbols, [], answers) if request["method"] == "SUBSCRIBE" else ([], symbols, answers)

    def first(self, market: Market) -> str | None:
        return None

    def update(self, change: Change) -> str:
        data = {
            "e": "depthUpdate",
            "E": self._clock(),
            "s": change.market.symbol,
            "U": change.first_id,
            "u": change.last_id,
            **self.more(change),
            "b": change.bids,
            "a": change.asks,
        }
        return _json({"stream": f"{change.market.symbol.lower()}@depth@100ms", "data": data})

    def more(self, change: Change) -> dict[str, Any]:
        return {}

    @staticmethod
    def rest(market: Market) -> dict[str, Any]:
        """The answer of /api/v3/depth."""
        bids, asks = market.sides(5000)
        return {"lastUpdateId": market.last_id, "bids": bids, "asks": asks}


class BinanceFutures(BinanceSpot):
    """Chained by the number of the update before. Trades come on another connection."""

    path = "/public/stream"

    def more(self, change: Change) -> dict[str, Any]:
        return {"T": self._clock(), "pu": change.previous_id}


class BinanceTrades:
    """Trades alone, by `StreamVenue.say`."""

    path = "/market/stream"

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        request = json.loads(frame)
        symbols = [name.partition("@")[0].upper() for name in request["params"] if name.endswith("@aggTrade")]
        return symbols, [], [json.dumps({"result": None, "id": request["id"]})]

    def first(self, market: Market) -> str | None:
        return None

    def update(self, change: Change) -> str:
        raise NotImplementedError("no books come here")

    @staticmethod
    def trade(symbol: str, price: str, size: str, taker_buys: bool) -> str:
        at = milliseconds()
        data = {"e": "aggTrade", "E": at, "s": symbol, "a": 1, "p": price, "q": size, "T": at, "m": not taker_buys}
        return _json({"stream": f"{symbol.lower()}@aggTrade", "data": data})


class Okx:
    """The channel `books`: snapshot first, numbered and with a checksum."""

    path = "/ws/v5/public"

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        if frame == "ping":
            return [], [], ["pong"]
        request = json.loads(frame)
        books = [item["instId"] for item in request["args"] if item["channel"].startswith("books")]
        answers = [_json({"event": request["op"], "arg": item, "connId": "a4d3ae55"}) for item in request["args"]]
        return (books, [], answers) if request["op"] == "subscribe" else ([], books, answers)

    def first(self, market: Market) -> str | None:
        bids, asks = market.sides(400)
        return self._books(market, "snapshot", bids, asks, -1, market.last_id, 0)

    def update(self, change: Change) -> str:
        return self._books(
            change.market, "update", change.bids, change.asks, change.previous_id, change.last_id, change.checksum_error
        )

    def _books(
        self, market: Market, action: str, bids: Levels, asks: Levels, previous: int, last: int, error: int
    ) -> str:
        row = {
            "asks": [[price, size, "0", "1"] for price, size in asks],
            "bids": [[price, size, "0", "1"] for price, size in bids],
            "ts": str(milliseconds()),
            "checksum": okx_checksum(market) + error,
            "prevSeqId": previous,
            "seqId": last,
        }
        return _json({"arg": {"channel": "books", "instId": market.symbol}, "action": action, "data": [row]})


def okx_checksum(market: Market) -> int:
    """CRC-32 over 25 levels, bid and ask in turn, as a signed number (https://www.okx.com/docs-v5/en/, Checksum)."""
    bids, asks = market.sides(25)
    parts: list[str] = []
    for rank in range(25):
        for side in (bids, asks):
            if rank < len(side):
                parts += side[rank]
    value = zlib.crc32(":".join(parts).encode())
    return value - 2**32 if value >= 2**31 else value


def _json(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))
