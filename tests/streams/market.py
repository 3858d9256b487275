"""A pretended market, and what the venues would say of it: frames in each venue's shape, from one reference book."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Levels = list[tuple[str, str]]


@dataclass
class Market:
    """A reference book that changes at random: plain dictionaries of texts, sorted by Decimal-free comparison of ints.

    Prices are ticks of 0.01 around 100.00, sizes thousandths; so texts are exact and trailing zeros are kept.
    """

    seed: int = 1
    levels_a_side: int = 40
    bids: dict[int, int] = field(default_factory=dict)
    asks: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for step in range(self.levels_a_side):
            self.bids[9_999 - step] = self._size()
            self.asks[10_001 + step] = self._size()

    def _size(self) -> int:
        return max(1, round(self.random.lognormvariate(7, 0.8)))

    def step(self) -> tuple[Levels, Levels]:
        """Change a few levels on each side; returns the changes as a venue would send them."""
        changed: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for book, changes, sign in ((self.bids, changed[0], -1), (self.asks, changed[1], 1)):
            best = max(book) if sign < 0 else min(book)
            for _ in range(self.random.randint(1, 4)):
                price = best + sign * self.random.randint(0, self.levels_a_side)
                changes[price] = 0 if price in book and self.random.random() < 0.4 and len(book) > 5 else self._size()
            for price, size in changes.items():
                if size:
                    book[price] = size
                else:
                    book.pop(price, None)
        return as_texts(changed[0], -1), as_texts(changed[1], 1)

    def whole(self, depth: int | None = None) -> tuple[Levels, Levels]:
        return as_texts(self.bids, -1)[:depth], as_texts(self.asks, 1)[:depth]

    def best(self) -> tuple[list[str], list[str]]:
        bids, asks = self.whole(1)
        return list(bids[0]), list(asks[0])


def as_texts(book: dict[int, int], sign: int) -> Levels:
    return [
        (f"{price // 100}.{price % 100:02d}", f"{size // 1000}.{size % 1000:03d}")
        for price, size in sorted(book.items(), key=lambda level: sign * level[0])
    ]


def lists(levels: Levels) -> list[list[str]]:
    return [list(level) for level in levels]


def crc(text: str) -> int:
    return zlib.crc32(text.encode())


def signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value


class BinanceSpotStream:
    exchange, market_name, symbol = "binance", "spot", "BTCUSDT"

    def __init__(self, market: Market) -> None:
        self.market, self.id, self.ms = market, 1000, 1_700_000_000_000

    def start(self) -> list[str]:
        return [self.update(), self.update(), self.snapshot(), self.update()]

    def snapshot(self) -> str:
        bids, asks = self.market.whole()
        return json.dumps({"lastUpdateId": self.id, "bids": lists(bids), "asks": lists(asks)})

    def update(self) -> str:
        bids, asks = self.market.step()
        first, self.id, self.ms = self.id + 1, self.id + len(bids) + len(asks), self.ms + 100
        event = {"e": "depthUpdate", "E": self.ms, "s": self.symbol, "U": first, "u": self.id}
        data = {**event, "b": lists(bids), "a": lists(asks)}
        return json.dumps({"stream": f"{self.symbol.lower()}@depth@100ms", "data": data}, separators=(",", ":"))


class BinanceUsdmStream(BinanceSpotStream):
    market_name = "usdm"

    def update(self) -> str:
        bids, asks = self.market.step()
        # Ids are shared by all symbols: they jump.
        previous, self.ms = self.id, self.ms + 100
        first = previous + self.market.random.randint(2, 50)
        self.id = first + self.market.random.randint(0, 20)
        event = {"e": "depthUpdate", "E": self.ms, "T": self.ms, "s": self.symbol, "U": first, "u": self.id}
        return json.dumps({**event, "pu": previous, "b": lists(bids), "a": lists(asks)})


class BinanceCoinmStream(BinanceUsdmStream):
    market_name, symbol = "coinm", "BTCUSD_PERP"

    def snapshot(self) -> str:
        bids, asks = self.market.whole()
        snapshot = {"lastUpdateId": self.id, "E": self.ms, "T": self.ms, "symbol": self.symbol, "pair": "BTCUSD"}
        return json.dumps({**snapshot, "bids": lists(bids), "asks": lists(asks)})


class OkxStream:
    exchange, market_name, symbol = "okx", "spot", "BTC-USDT"
    numbered, summed = True, True

    def __init__(self, market: Market) -> None:
        self.market, self.id, self.ms = market, 500, 1_700_000_000_000

    def start(self) -> list[str]:
        return [json.dumps({"event": "subscribe", "arg": {"channel": "books", "instId": self.symbol}}), self.snapshot()]

    def snapshot(self) -> str:
        return self._frame("snapshot", *self.market.whole(), previous=-1)

    def update(self) -> str:
        bids, asks = self.market.step()
        previous, self.id, self.ms = self.id, self.id + self.market.random.randint(1, 9), self.ms + 100
        return self._frame("update", bids, asks, previous)

    def _frame(self, action: str, bids: Levels, asks: Levels, previous: int) -> str:
        book: dict[str, object] = {
            "bids": [[*level, "0", "1"] for level in bids],
            "asks": [[*level, "0", "1"] for level in asks],
            "ts": str(self.ms),
            "checksum": self._sum() if self.summed else 0,
        }
        if self.numbered:
            book |= {"seqId": self.id, "prevSeqId": previous}
        return json.dumps({"arg": {"channel": "books", "instId": self.symbol}, "action": action, "data": [book]})

    def _sum(self) -> int:
        bids, asks = self.market.whole(25)
        parts: list[str] = []
        for place in range(25):
            for side in (bids, asks):
                if place < len(side):
                    parts += side[place]
        return signed(crc(":".join(parts)))


class UnnumberedOkxStream(OkxStream):
    """As in 2022: a checksum and no ids."""

    numbered = False


class UnsummedOkxStream(OkxStream):
    """As since mid-2026: ids, and a checksum of 0."""

    summed = False


class BybitStream:
    exchange, market_name, symbol = "bybit", "spot", "BTCUSDT"

    def __init__(self, market: Market) -> None:
        self.market, self.id, self.ms = market, 7_000, 1_700_000_000_000

    def start(self) -> list[str]:
        return [json.dumps({"success": True, "ret_msg": "subscribe", "op": "subscribe"}), self.snapshot()]

    def snapshot(self) -> str:
        return self._frame("snapshot", *self.market.whole())

    def update(self) -> str:
        bids, asks = self.market.step()
        self.id, self.ms = self.id + 1, self.ms + 20
        return self._frame("delta", bids, asks)

    def _frame(self, kind: str, bids: Levels, asks: Levels) -> str:
        data = {"s": self.symbol, "b": lists(bids), "a": lists(asks), "u": self.id, "seq": self.id * 3}
        frame = {"topic": f"orderbook.200.{self.symbol}", "ts": self.ms + 4, "type": kind, "data": data}
        return json.dumps({**frame, "cts": self.ms})


class KrakenStream:
    exchange, market_name, symbol = "kraken", "spot", "BTC/USD"

    def __init__(self, market: Market) -> None:
        self.market = market

    def start(self) -> list[str]:
        return [json.dumps({"channel": "status", "type": "update", "data": [{"system": "online"}]}), self.snapshot()]

    def snapshot(self) -> str:
        return self._frame("snapshot", *self.market.whole())

    def update(self) -> str:
        return self._frame("update", *self.market.step())

    def _frame(self, kind: str, bids: Levels, asks: Levels) -> str:
        sides = [",".join(f'{{"price":{price},"qty":{size}}}' for price, size in levels) for levels in (bids, asks)]
        top_bids, top_asks = self.market.whole(10)
        digits = "".join(
            text.replace(".", "").lstrip("0") for side in (top_asks, top_bids) for level in side for text in level
        )
        book = f'{{"symbol":"{self.symbol}","bids":[{sides[0]}],"asks":[{sides[1]}],"checksum":{crc(digits)}}}'
        return f'{{"channel":"book","type":"{kind}","data":[{book}]}}'


class BitfinexStream:
    """One level a message, all of them numbered."""

    exchange, market_name, symbol = "bitfinex", "spot", "tBTCUSD"

    def __init__(self, market: Market) -> None:
        self.market, self.number = market, 0

    def start(self) -> list[str]:
        return [
            json.dumps({"event": "conf", "status": "OK", "flags": 196608}),
            json.dumps({"event": "subscribed", "channel": "book", "chanId": 17, "symbol": self.symbol, "prec": "P0"}),
            self.snapshot(),
        ]

    def snapshot(self) -> str:
        bids, asks = self.market.whole()
        rows = [f"[{price},1,{size}]" for price, size in bids] + [f"[{price},1,-{size}]" for price, size in asks]
        return self._numbered(f"[{','.join(rows)}]")

    def updates(self) -> list[str]:
        bids, asks = self.market.step()
        rows = [_row(price, size, "") for price, size in bids] + [_row(price, size, "-") for price, size in asks]
        return [self._numbered(row) for row in rows]

    def checksum(self, wrong: bool = False) -> str:
        bids, asks = self.market.whole(25)
        parts: list[str] = []
        for place in range(25):
            if place < len(bids):
                parts += bids[place]
            if place < len(asks):
                parts += [asks[place][0], "-" + asks[place][1]]
        return self._numbered(f'"cs",{signed(crc(":".join(parts))) ^ wrong}')

    def heartbeat(self) -> str:
        return self._numbered('"hb"')

    def _numbered(self, content: str) -> str:
        self.number += 1
        return f"[17,{content},{self.number}]"


def _row(price: str, size: str, sign: str) -> str:
    return f"[{price},0,{sign}1]" if float(size) == 0 else f"[{price},2,{sign}{size}]"


STREAMS: list[Callable[[Market], object]] = [
    BinanceSpotStream,
    BinanceUsdmStream,
    BinanceCoinmStream,
    OkxStream,
    UnnumberedOkxStream,
    UnsummedOkxStream,
    BybitStream,
    KrakenStream,
]


def timed(frames: list[str]) -> Iterator[str]:
    """As contract 5 writes them, with nanoseconds."""
    for place, frame in enumerate(frames):
        yield f"{1_700_000_000_000_000_000 + place * 100_000_000} {frame}"
