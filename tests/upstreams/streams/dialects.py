"""How venues speak over WebSocket: a reference book's snapshot and updates as frames, and what subscribes to them."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

Levels = Sequence[tuple[str, str]]


@dataclass
class Market:
    """A symbol's true book: price → size, as texts; size 0 is never kept. Ids grow with every change."""

    symbol: str
    bids: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    last_id: int = 1000
    changes: int = 1

    def apply(self, bids: Levels, asks: Levels) -> Change:
        """Change the book by these levels; the change as a venue would number it."""
        for side, levels in ((self.bids, bids), (self.asks, asks)):
            for price, size in levels:
                if float(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        self.changes += 1
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
        """Symbols to begin with and to end by a client's frame, and the answers to it. `trades SYMBOL`: of its trades
        alone, by dialects that play them."""
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
    def trade(symbol: str, price: str, size: str, at: int | None = None) -> str:
        at = at or milliseconds()
        data = {"e": "trade", "E": at, "s": symbol, "t": 1, "p": price, "q": size, "T": at, "m": False, "M": True}
        return _json({"stream": f"{symbol.lower()}@trade", "data": data})

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
    """The channel `books`: snapshot first, numbered and with a checksum.

    unknown: symbols that the venue has not. gives_up: nothing behind the first of them in a request is taken.
    """

    path = "/ws/v5/public"

    def __init__(self, unknown: Iterable[str] = (), gives_up: bool = False) -> None:
        self._unknown, self._gives_up = frozenset(unknown), gives_up

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        if frame == "ping":
            return [], [], ["pong"]
        request = json.loads(frame)
        names, answers = [], []
        for item in request["args"]:
            symbol, channel = item["instId"], item["channel"]
            if symbol in self._unknown:
                text = (
                    f"Wrong URL or channel:{channel},instId:{symbol} doesn't exist. Please use the correct URL, channel"
                )
                text += " and parameters referring to API document."
                answers.append(_json({"event": "error", "msg": text, "code": "60018", "connId": "a4d3ae55"}))
                if self._gives_up:
                    break
                continue
            names.append(symbol if channel.startswith("books") else f"trades {symbol}")
            answers.append(_json({"event": request["op"], "arg": item, "connId": "a4d3ae55"}))
        return (names, [], answers) if request["op"] == "subscribe" else ([], names, answers)

    @staticmethod
    def trade(symbol: str, price: str, size: str, at: int | None = None) -> str:
        stamp = str(at or milliseconds())
        row = {"instId": symbol, "tradeId": "1", "px": price, "sz": size, "side": "buy", "ts": stamp}
        return _json({"arg": {"channel": "trades", "instId": symbol}, "data": [row]})

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


class Bybit:
    """Topics `orderbook.1000` and `publicTrade`. A request with one unknown topic is refused as a whole, and the answer
    names that one.

    says: the words of the refusal, which may name {topic} or {symbol}. mute: acknowledged, and never heard.
    """

    path = "/v5/public/spot"

    def __init__(
        self, unknown: Iterable[str] = (), says: str = "Invalid symbol :[{topic}]", mute: Iterable[str] = ()
    ) -> None:
        self._unknown, self._says, self._mute = frozenset(unknown), says, frozenset(mute)

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        request = json.loads(frame)
        answer = {"success": True, "ret_msg": "", "conn_id": "c", "op": request["op"]}
        if request["op"] == "ping":
            return [], [], [_json({**answer, "ret_msg": "pong"})]
        topics = [topic.rpartition(".") for topic in request["args"]]
        for kind, _, symbol in topics:
            if symbol in self._unknown:
                says = self._says.format(topic=f"{kind}.{symbol}", symbol=symbol)
                return [], [], [_json({**answer, "success": False, "ret_msg": says})]
        names = [
            symbol if kind.startswith("orderbook") else f"trades {symbol}"
            for kind, _, symbol in topics
            if symbol not in self._mute
        ]
        return (names, [], [_json(answer)]) if request["op"] == "subscribe" else ([], names, [_json(answer)])

    def first(self, market: Market) -> str | None:
        bids, asks = market.sides(1000)
        return self._book(market, "snapshot", bids, asks)

    def update(self, change: Change) -> str:
        return self._book(change.market, "delta", change.bids, change.asks)

    def _book(self, market: Market, kind: str, bids: Levels, asks: Levels) -> str:
        # One number an update.
        data = {"s": market.symbol, "b": bids, "a": asks, "u": market.changes, "seq": market.last_id}
        at = milliseconds()
        return _json({"topic": f"orderbook.1000.{market.symbol}", "type": kind, "ts": at, "data": data, "cts": at})

    @staticmethod
    def trade(symbol: str, price: str, size: str) -> str:
        row = {"T": milliseconds(), "s": symbol, "S": "Buy", "v": size, "p": price, "i": "1", "BT": False}
        return _json({"topic": f"publicTrade.{symbol}", "type": "snapshot", "ts": milliseconds(), "data": [row]})


class Kraken:
    """Channels `book` and `trade` of version 2: one answer for each symbol; numbers, whose digits make the checksum."""

    path = "/v2"

    def __init__(self, unknown: Iterable[str] = ()) -> None:
        self._unknown = frozenset(unknown)

    def subscribed(self, frame: str) -> tuple[list[str], list[str], list[str]]:
        request = json.loads(frame)
        method = request["method"]
        if method == "ping":
            return [], [], [_json({"method": "pong"})]
        options = request["params"]
        names, answers = [], []
        for symbol in options["symbol"]:
            if symbol in self._unknown:
                text = f"Currency pair not supported {symbol}"
                answers.append(_json({"error": text, "method": method, "success": False, "symbol": symbol}))
                continue
            names.append(symbol if options["channel"] == "book" else f"trades {symbol}")
            result = {**options, "symbol": symbol}
            answers.append(_json({"method": method, "result": result, "success": True}))
        return (names, [], answers) if method == "subscribe" else ([], names, answers)

    def first(self, market: Market) -> str | None:
        bids, asks = market.sides(500)
        return self._book(market, "snapshot", bids, asks, 0)

    def update(self, change: Change) -> str:
        return self._book(change.market, "update", change.bids, change.asks, change.checksum_error)

    def _book(self, market: Market, kind: str, bids: Levels, asks: Levels, error: int) -> str:
        sides = (
            ",".join(f'{{"price":{price},"qty":{size}}}' for price, size in levels) for levels in (bids, asks)
        )  # fmt: skip
        bid_text, ask_text = sides
        row = f'"symbol":"{market.symbol}","bids":[{bid_text}],"asks":[{ask_text}],'
        row += f'"checksum":{kraken_checksum(market) + error},"timestamp":"{_stamp()}"'
        return f'{{"channel":"book","type":"{kind}","data":[{{{row}}}]}}'

    @staticmethod
    def trade(symbol: str, price: str, size: str) -> str:
        row = f'"symbol":"{symbol}","side":"buy","price":{price},"qty":{size},"ord_type":"market","trade_id":1'
        return f'{{"channel":"trade","type":"update","data":[{{{row},"timestamp":"{_stamp()}"}}]}}'


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def kraken_checksum(market: Market) -> int:
    """CRC-32 over ten asks, then ten bids, their digits without dot and leading zeros (docs.kraken.com)."""
    bids, asks = market.sides(10)
    return zlib.crc32("".join(part.replace(".", "").lstrip("0") for level in asks + bids for part in level).encode())


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
