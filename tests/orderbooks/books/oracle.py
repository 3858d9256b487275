"""A second, slow reading of the venues' sequence rules, to hold `bookreplay` against: Decimal, plain dictionaries, one
branch per rule, and not a line shared with the product.

It is written from the contract and the venues' documentation. `replay(text, exchange, market)` takes a capture's text
and gives the fields of `bookreplay --json` that do not depend on the machine.
"""

import json
import re
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Line(NamedTuple):
    """A received message, or a REST answer with the address that it came from; an empty body is a connect."""

    body: str
    url: str | None


RECEIVED = re.compile(r"^\d+(?:\.\d+)?:?\s+(.*)$")
CONNECTED = re.compile(r"^\S+ <-> \d")
ANSWERED = re.compile(r"^(\S+) -> \d+(?:\.\d+)?: (.*)$")


def lines(text: str) -> Iterator[Line]:
    for raw in text.split("\n"):
        line = raw.strip()
        if line.startswith(("{", "[")):
            yield Line(line, None)
        elif match := RECEIVED.match(line):
            yield Line(match[1], None)
        elif match := ANSWERED.match(line):
            yield Line(match[2], match[1])
        elif CONNECTED.match(line):
            yield Line("", None)


def text_numbers(body: str) -> Any:
    """JSON with every number kept as its text."""
    return json.loads(body, parse_float=Text, parse_int=Text)


class Text(str):
    """A JSON number as it was written."""


class Side:
    def __init__(self) -> None:
        self.levels: dict[Decimal, tuple[str, str]] = {}

    def put(self, price: str, size: str) -> None:
        if Decimal(size) == 0:
            self.levels.pop(Decimal(price), None)
        else:
            self.levels[Decimal(price)] = (str(price), str(size))

    def best_first(self, descending: bool) -> list[tuple[str, str]]:
        return [self.levels[price] for price in sorted(self.levels, reverse=descending)]


class Book:
    def __init__(self) -> None:
        self.bids, self.asks = Side(), Side()
        self.in_sync = False
        self.was_in_sync = False
        self.last: Any = None
        self.buffer: list[Any] = []
        self.depth = 0
        self.on_snapshot = False
        self.loaded: Any = None
        self.ms = 0
        self.stamp = ""
        self.channel: Any = None
        self.began = False
        self.shown_at: Any = None

    def load(self, bids: list[Any], asks: list[Any]) -> None:
        self.bids, self.asks = Side(), Side()
        self.apply(bids, asks)

    def apply(self, bids: list[Any], asks: list[Any]) -> None:
        for level in bids:
            self.bids.put(level[0], level[1])
        for level in asks:
            self.asks.put(level[0], level[1])

    def has(self, bids: list[Any], asks: list[Any]) -> bool:
        """Whether these changes are in it already."""
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for level in changes:
                there = side.levels.get(Decimal(level[0]), ("", "0"))[1]
                if Decimal(there) != Decimal(level[1]):
                    return False
        return True

    def shows(self, data: dict[str, Any]) -> bool:
        """Whether a snapshot (of OKX or Bybit) shows this very book."""
        other = Book()
        other.load(data["bids" if "bids" in data else "b"], data["asks" if "asks" in data else "a"])
        return all(
            {price: Decimal(size) for price, (_, size) in mine.levels.items()}
            == {price: Decimal(size) for price, (_, size) in its.levels.items()}
            for mine, its in ((self.bids, other.bids), (self.asks, other.asks))
        )

    def top(self, depth: int) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        return self.bids.best_first(True)[:depth], self.asks.best_first(False)[:depth]


class Oracle(ABC):
    def __init__(self) -> None:
        self.gaps = self.resyncs = self.checked = self.failed = 0
        self.books: dict[str, Book] = {}

    def book(self, symbol: str) -> Book:
        return self.books.setdefault(symbol, Book())

    def is_its_channel(self, book: Book, channel: Any, depth: int, snapshot: bool) -> bool:
        """One channel makes a book: the deepest. Another takes over with a snapshot only, if it is deeper, or the one
        before it has shown no snapshot; that is no resync, as nothing was lost."""
        if book.channel is None:
            book.channel = (channel, depth)
        elif book.channel[0] != channel:
            if not snapshot or (book.began and depth <= book.channel[1]):
                return False
            book.channel = (channel, depth)
            book.in_sync = book.was_in_sync = False
            book.buffer = []
        book.began |= snapshot
        return True

    def lose(self, book: Book) -> None:
        if book.in_sync:
            self.gaps += 1
        book.in_sync = False

    def gain(self, book: Book) -> None:
        """A snapshot was taken: also one that a venue sends anew under a book that was in sync."""
        self.resyncs += book.was_in_sync
        book.in_sync = book.was_in_sync = True

    def check(self, book: Book, said: int, computed: int) -> None:
        """A wrong checksum is counted as such, not as a gap; the book is of no use either way."""
        self.checked += 1
        if said != computed:
            self.failed += 1
            book.in_sync = False

    @abstractmethod
    def take(self, line: Line) -> None:
        """What the venue's line does to the books."""

    def disconnect(self) -> None:
        for book in self.books.values():
            book.in_sync, book.buffer = False, []
            book.channel, book.began = None, False

    def result(self) -> dict[str, Any]:
        symbols = {}
        for symbol, book in self.books.items():
            bids, asks = book.top(1)
            shown = book.in_sync
            symbols[symbol] = {
                "best_bid": list(bids[0]) if shown and bids else None,
                "best_ask": list(asks[0]) if shown and asks else None,
                "in_sync": book.in_sync,
            }
        return {
            "gaps": self.gaps,
            "resyncs": self.resyncs,
            "checksums": {"checked": self.checked, "failed": self.failed},
            "symbols": symbols,
        }


class Binance(Oracle):
    """Spot: ids are contiguous. Futures: every event names its predecessor's last id in `pu`."""

    def __init__(self, futures: bool) -> None:
        super().__init__()
        self.futures = futures
        self.waiting: dict[str, Any] | None = None

    def take(self, line: Line) -> None:
        message = json.loads(line.body)
        stream = ""
        if "data" in message:
            stream, message = message.get("stream", ""), message["data"]
            if isinstance(message, dict) and "lastUpdateId" in message:
                return
        if message.get("e") == "depthUpdate":
            # `depth20` is the best levels whole, `rpiDepth` another book; `depth` in two speeds is one book told twice.
            if stream and not re.fullmatch(r"\w+@depth(@\d+ms)?", stream):
                return
            book = self.book(message["s"])
            if stream and not self.is_its_channel(book, stream, 0, False):
                return
            self.update(book, message)
            if self.waiting is not None:
                self.snapshot(self.book(message["s"]), self.waiting)
                self.waiting = None
        elif "lastUpdateId" in message:
            symbol = message.get("symbol") or (line.url and parse_qs(urlsplit(line.url).query)["symbol"][0])
            if symbol is None and len(self.books) == 1:
                (symbol,) = self.books
            if symbol is None and not self.books:
                self.waiting = message
            elif symbol is not None:
                self.snapshot(self.book(symbol), message)

    def update(self, book: Book, event: dict[str, Any]) -> None:
        if not book.in_sync:
            book.buffer.append(event)
            return
        assert book.last is not None
        if self.is_old(book, event):
            return
        if not self.follows(book, event):
            self.lose(book)
            book.buffer = [event]
            return
        self.follow(book, event)

    def is_old(self, book: Book, event: dict[str, Any]) -> bool:
        if self.futures and book.on_snapshot:
            return bool(event["u"] < book.last)
        return bool(event["u"] <= book.last)

    def follows(self, book: Book, event: dict[str, Any]) -> bool:
        last = book.last
        if not self.futures:
            return bool(event["U"] <= last + 1)
        if book.on_snapshot:
            # The ids are shared by all symbols: a snapshot may stand between two events of this one.
            return bool(event["pu"] <= last <= event["u"] or event["pu"] <= last < event["U"])
        return bool(event["pu"] == last)

    def follow(self, book: Book, event: dict[str, Any]) -> None:
        book.apply(event["b"], event["a"])
        book.last = event["u"]
        book.on_snapshot = False

    def snapshot(self, book: Book, message: dict[str, Any]) -> None:
        """It fits when everything that was buffered joins it without a hole."""
        if book.in_sync:
            return
        book.load(message["bids"], message["asks"])
        book.last, book.on_snapshot = message["lastUpdateId"], True
        for event in sorted(book.buffer, key=lambda event: event["u"]):
            if self.is_old(book, event):
                continue
            if not self.follows(book, event):
                return
            self.follow(book, event)
        book.buffer = []
        self.gain(book)


class Okx(Oracle):
    """Each update names the one before. Ids may begin anew: then the time tells what is old."""

    DEPTHS = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50}

    def take(self, line: Line) -> None:
        message = json.loads(line.body)
        if "action" not in message or "data" not in message:
            return
        channel, snapshot = message["arg"]["channel"], message["action"] == "snapshot"
        book = self.book(message["arg"]["instId"])
        if not self.is_its_channel(book, channel, self.DEPTHS[channel], snapshot):
            return
        for data in message["data"]:
            if snapshot:
                self.snapshot(book, data)
            else:
                self.update(book, data)

    def snapshot(self, book: Book, data: dict[str, Any]) -> None:
        if book.in_sync and self.is_known(book, data):
            return
        book.load(data["bids"], data["asks"])
        book.last, book.loaded, book.ms = data.get("seqId"), data, int(data["ts"])
        book.shown_at = (book.last, book.ms)
        if not self.proves(book, data):
            book.in_sync = False
            return
        early, book.buffer = book.buffer, []
        book.in_sync = True
        for one in sorted(early, key=lambda one: one["seqId"]):
            if int(one["ts"]) < book.ms:
                # Of the count before.
                continue
            if one["prevSeqId"] == book.last:
                self.update(book, one)
            elif int(one["ts"]) > book.ms:
                # The stream was further than this snapshot before it came.
                book.in_sync, book.buffer = False, early
                return
            elif one["seqId"] > book.last:
                break
        if book.in_sync:
            self.gain(book)

    def is_known(self, book: Book, data: dict[str, Any]) -> bool:
        """The snapshot of before again, an older one, or the book as it stands."""
        ms = int(data["ts"])
        if book.loaded == data or ms < book.ms:
            return True
        if "seqId" not in data:
            return False
        return (data["seqId"], ms) == book.shown_at or (data["seqId"] == book.last and book.shows(data))

    def update(self, book: Book, data: dict[str, Any]) -> None:
        numbered = "seqId" in data
        if not book.in_sync:
            if numbered:
                book.buffer.append(data)
            return
        ms = int(data["ts"])
        if numbered and data["prevSeqId"] != book.last:
            if ms < book.ms or (data["seqId"] == book.last and (ms == book.ms or book.has(data["bids"], data["asks"]))):
                return
            self.lose(book)
            book.buffer = [data]
            return
        book.apply(data["bids"], data["asks"])
        book.last, book.loaded, book.ms = data.get("seqId"), None, ms
        self.proves(book, data)

    def proves(self, book: Book, data: dict[str, Any]) -> bool:
        if data.get("checksum"):
            said, own = data["checksum"], interleaved(*book.top(25))
            self.check(book, said, own)
            if said != own:
                book.buffer = []
                return False
        return True


def interleaved(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> int:
    parts = []
    for index in range(25):
        for side in (bids, asks):
            if index < len(side):
                parts += [side[index][0], side[index][1]]
    value = zlib.crc32(":".join(parts).encode())
    return value - 2**32 if value >= 2**31 else value


class Bitfinex(Oracle):
    """One sequence over all channels of the connection: what is missing may belong to any of its books."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[int, str] = {}
        self.lengths: dict[int, int] = {}
        self.last: int | None = None
        self.seen: list[str] = []
        self.late = range(0)

    def disconnect(self) -> None:
        super().disconnect()
        self.channels, self.lengths, self.last = {}, {}, None
        self.seen, self.late = [], range(0)
        for book in self.books.values():
            book.channel, book.began = None, False

    def take(self, line: Line) -> None:
        message = text_numbers(line.body)
        if isinstance(message, dict):
            if message.get("event") == "info" and "version" in message:
                self.disconnect()
            book_begins = message.get("event") == "subscribed" and message.get("channel") == "book"
            # Other precisions tell sums of several levels.
            if book_begins and message.get("prec", "P0") == "P0":
                self.channels[int(message["chanId"])] = message["symbol"]
                self.lengths[int(message["chanId"])] = int(message.get("len") or 25)
            return
        kind = message[1]
        at = 3 if kind in ("cs", "te", "tu") else 2
        if len(message) > at:
            number = int(message[at])
            if self.last is not None:
                if number <= self.last and (line.body in self.seen or number in self.late):
                    return
                if number != self.last + 1:
                    # One hole, or a count begun anew, however many books it may have hit.
                    self.late = range(self.last + 1, number)
                    if number < self.last:
                        self.seen = []
                    self.gaps += any(book.in_sync for book in self.books.values())
                    for book in self.books.values():
                        book.in_sync = False
            self.last = number
            self.seen.append(line.body)
        symbol = self.channels.get(int(message[0]))
        if symbol is None or kind == "hb":
            return
        book = self.book(symbol)
        number = int(message[0])
        shows = isinstance(kind, list) and (not kind or isinstance(kind[0], list))
        if kind == "cs" and book.channel and book.channel[0] != number:
            return
        if kind != "cs" and not self.is_its_channel(book, number, self.lengths[number], shows):
            return
        if kind == "cs":
            if book.in_sync:
                self.check(book, int(message[2]), bitfinex_sum(book))
        elif isinstance(kind, list) and (not kind or isinstance(kind[0], list)):
            book.bids, book.asks = Side(), Side()
            for row in kind:
                self.row(book, row)
            self.gain(book)
        elif book.in_sync:
            self.row(book, kind)

    def row(self, book: Book, row: list[Any]) -> None:
        price, count, amount = row[:3]
        side = book.bids if Decimal(amount) > 0 else book.asks
        if int(count) == 0:
            side.put(price, "0")
        else:
            side.put(price, amount.lstrip("-"))


def bitfinex_sum(book: Book) -> int:
    bids, asks = book.top(25)
    return interleaved(bids, [(price, "-" + size) for price, size in asks])


class Bybit(Oracle):
    """Each update has the next number. A restart of the service begins anew with a snapshot; `ts`: when it was sent."""

    def take(self, line: Line) -> None:
        message = json.loads(line.body)
        if not str(message.get("topic", "")).startswith("orderbook."):
            return
        depth, data = message["topic"].split(".")[1], message["data"]
        # A whole book of number 1 begins anew whatever its type says.
        book = self.book(data["s"])
        snapshot = message["type"] == "snapshot" or bool(data["u"] == 1 and data["b"] and data["a"])
        if not depth.isdigit() or not self.is_its_channel(book, message["topic"], int(depth), snapshot):
            return
        if snapshot:
            self.snapshot(book, message)
        elif not book.in_sync:
            book.buffer.append(message)
        elif data["u"] == book.last + 1:
            self.follow(book, message)
        else:
            own = data["u"] == book.last and (message["ts"] == book.ms or book.has(data["b"], data["a"]))
            if message["ts"] >= book.ms and not own:
                self.lose(book)
                book.buffer = [message]

    def snapshot(self, book: Book, message: dict[str, Any]) -> None:
        data, ms = message["data"], message["ts"]
        if book.in_sync:
            if ms < book.ms or (data["u"], ms) == book.shown_at:
                return
            if data["u"] == book.last and book.shows(data):
                return
        book.load(data["b"], data["a"])
        book.last, book.ms, book.shown_at = data["u"], ms, (data["u"], ms)
        early, book.buffer = book.buffer, []
        for one in sorted(early, key=lambda one: one["data"]["u"]):
            if one["ts"] < book.ms:
                continue
            if one["data"]["u"] == book.last + 1:
                self.follow(book, one)
            elif one["ts"] > book.ms:
                # The stream was further than this snapshot before it came.
                book.in_sync, book.buffer = False, early
                return
            elif one["data"]["u"] > book.last:
                break
        self.gain(book)

    def follow(self, book: Book, message: dict[str, Any]) -> None:
        book.apply(message["data"]["b"], message["data"]["a"])
        book.last, book.ms = message["data"]["u"], message["ts"]


class Kraken(Oracle):
    def take(self, line: Line) -> None:
        message = text_numbers(line.body)
        if message.get("method") == "subscribe" and message.get("result", {}).get("channel") == "book":
            result = message["result"]
            self.book(result["symbol"]).depth = int(result["depth"])
        if message.get("channel") != "book":
            return
        for data in message["data"]:
            book = self.book(data["symbol"])
            bids = [(level["price"], level["qty"]) for level in data["bids"]]
            asks = [(level["price"], level["qty"]) for level in data["asks"]]
            if message["type"] == "snapshot":
                stamp = data.get("timestamp")
                if book.in_sync and (book.loaded == data or (stamp and stamp < book.stamp)):
                    continue
                book.load(bids, asks)
                book.loaded, book.stamp = data, data.get("timestamp", "")
                if not book.depth:
                    book.depth = next(depth for depth in (10, 25, 100, 500, 1000) if depth >= max(len(bids), len(asks)))
                book.in_sync = False
                self.check(book, int(data["checksum"]), kraken_sum(book))
                if int(data["checksum"]) == kraken_sum(book):
                    self.gain(book)
                continue
            if book.in_sync:
                book.loaded, book.stamp = None, data.get("timestamp", "")
                book.apply(bids, asks)
                for side, kept in zip((book.bids, book.asks), book.top(book.depth), strict=True):
                    side.levels = {Decimal(price): (price, size) for price, size in kept}
            else:
                continue
            self.check(book, int(data["checksum"]), kraken_sum(book))


def kraken_sum(book: Book) -> int:
    bids, asks = book.top(10)
    text = "".join(part.replace(".", "").lstrip("0") for price, size in asks + bids for part in (price, size))
    return zlib.crc32(text.encode())


def replay(text: str, exchange: str, market: str = "spot") -> dict[str, Any]:
    oracle: Oracle
    match exchange:
        case "binance":
            oracle = Binance(market != "spot")
        case "okx":
            oracle = Okx()
        case "bitfinex":
            oracle = Bitfinex()
        case "bybit":
            oracle = Bybit()
        case "kraken":
            oracle = Kraken()
        case _:
            raise ValueError(f"no oracle for {exchange}")
    messages = 0
    connected = False
    for line in lines(text):
        if not line.body:
            if connected:
                oracle.disconnect()
            connected = True
            continue
        try:
            oracle.take(line)
        except ValueError:
            continue
        messages += 1
    return {"messages": messages, **oracle.result()}
