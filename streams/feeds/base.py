"""The interface of every exchange's feed: declarative facts, frames to subscribe with, and pure decoding.

A feed knows no sockets, clocks or databases. One feed object serves one market of one exchange and may be shared by all
of its connections; the state of a connection (Bitfinex's channel numbers) is in a `Decoder` made for it. Messages are
msgspec structs without garbage-collector tracking.
"""

from __future__ import annotations

import math
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Protocol, TypeVar

import msgspec

from crypto_ews.conf import Config

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
"""What msgspec raises for bytes that are not the expected message; the second is not one of its own errors."""
TextLevel = Sequence[str]
"""Price and size as the venue wrote them; further fields are ignored."""
NumberLevel = tuple[float, float]


class WideLevel(msgspec.Struct, array_like=True, gc=False):
    """A level with more fields behind price and size than documented."""

    price: str
    size: str


def pairs(levels: Sequence[WideLevel]) -> list[TextLevel]:
    return [(level.price, level.size) for level in levels]


Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """The items in groups of at most `size`, in order."""
    return (items[start : start + size] for start in range(0, len(items), size))


def signed_crc32(parts: Sequence[str]) -> int:
    """The CRC-32 of the parts joined by colons, as a signed 32-bit number (OKX, Bitfinex)."""
    crc = zlib.crc32(":".join(parts).encode())
    return crc - (1 << 32) if crc >= 1 << 31 else crc


def is_execution(price: float, size: float) -> bool:
    """Whether a trade is an execution. Raises MalformedFrame for a price or size that no trade can have."""
    if size == 0 or price == 0:
        # Binance's trades of kind NA, for one, have neither price nor size.
        return False
    if not (0 < price < math.inf and 0 < size < math.inf):
        raise MalformedFrame(f"a trade was {size} at {price}, expected a price and a size above 0")
    return True


class Proof(StrEnum):
    """What can be proven about a venue's books; nothing else is claimed."""

    SEQUENCE = "sequence"
    CHECKSUM = "checksum"
    SNAPSHOT_ONLY = "snapshot_only"


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """A complete book, best levels first, as the venue wrote it.

    symbol: None where the venue does not name it (Binance over REST). last_id: its sequence number, None where there is
    none. depth: levels a side that were requested, where that is known. sent_ms: when the venue sent it, where that
    differs from exchange_ms. anew: it begins a book on another channel's numbers.
    """

    symbol: str | None
    bids: Sequence[TextLevel]
    asks: Sequence[TextLevel]
    last_id: int | None = None
    exchange_ms: int | None = None
    checksum: int | None = None
    depth: int | None = None
    sent_ms: int | None = None
    anew: bool = False


class Delta(msgspec.Struct, frozen=True, gc=False):
    """Changed levels; size 0 deletes.

    Levels are texts where `Feed.keeps_text`, else numbers, all of them. first_id, last_id, previous_id: the venue's own
    sequence numbers, where it has them. sent_ms: as in a snapshot.
    """

    symbol: str
    bids: Sequence[TextLevel] | Sequence[NumberLevel]
    asks: Sequence[TextLevel] | Sequence[NumberLevel]
    first_id: int | None = None
    last_id: int | None = None
    previous_id: int | None = None
    exchange_ms: int | None = None
    checksum: int | None = None
    sent_ms: int | None = None


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One execution. taker_buys: the taker bought, so an ask was hit. size: in the venue's unit, above 0: a trade of
    size 0 is no execution, and is not decoded."""

    symbol: str
    price: float
    size: float
    taker_buys: bool
    exchange_ms: int
    beside_book: bool = False
    """Agreed elsewhere (block trades), or with orders that the book does not show: no evidence about the book."""


class ExactTrade(msgspec.Struct, frozen=True, gc=False):
    """One execution, or several of one order at one price, digit by digit as the venue wrote it.

    size: of all of them, in the venue's unit. taker_buys: as in `Trade`. exchange_ms: when it was traded, never when it
    was sent. first_id, last_id: the venue's numbers of the first and the last execution, None where it has none.
    count: executions; 0: a number of the venue that stands for none, price and size are then 0. name: identifies it
    where numbers do not.
    """

    symbol: str
    price: Decimal
    size: Decimal
    taker_buys: bool
    exchange_ms: int
    first_id: int | None = None
    last_id: int | None = None
    count: int = 1
    name: str = ""


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """The venue's checksum of its present book, as a message (Bitfinex); elsewhere it is part of the update."""

    symbol: str
    value: int


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """The venue's own best bid and ask: an oracle for the book."""

    symbol: str
    bid: str
    bid_size: str
    ask: str
    ask_size: str
    update_id: int | None = None
    exchange_ms: int | None = None


class NoticeKind(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    HEARTBEAT = "heartbeat"
    RECONNECT = "reconnect"
    """The server is about to close the connection: reconnect now."""
    LOST_MESSAGES = "lost_messages"
    """The connection's own numbering has a hole (Bitfinex): any of its books may have missed something."""
    LEFT = "left"
    """A message of a channel that is not the one these symbols' books are made from."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """A message about the connection itself. symbols: those concerned, empty: all."""

    kind: NoticeKind
    text: str = ""
    symbols: tuple[str, ...] = ()


Message = Snapshot | Delta | Checksum | Trade | ExactTrade | Ticker | Notice


class MalformedFrame(ValueError):
    """A frame that this feed cannot decode; `str()` names what was unexpected."""


class UnsupportedFeed(LookupError):
    """An exchange or market that has no feed; `str()` is one line that names the supported ones."""


class Decoder(Protocol):
    """Reads the frames of one connection, in order."""

    def decode(self, frame: bytes) -> Sequence[Message]:
        """All messages of a frame. Raises MalformedFrame; never returns a part of a frame."""
        ...


@dataclass(frozen=True)
class RestSnapshot:
    """A request for a snapshot over REST. weight: its cost, out of `Feed.rest_weight_per_minute`."""

    url: str
    weight: int


@dataclass(frozen=True)
class ContractValue:
    """The value of one contract of a future: `amount` of the base asset, or of the quote (inverse contracts)."""

    amount: float
    in_quote: bool

    def in_base(self, contracts: float, price: float) -> float:
        return contracts * self.amount / price if self.in_quote else contracts * self.amount


class Link(StrEnum):
    """How an update follows a book, by the venue's sequence rule."""

    FOLLOWS = "follows"
    OLD = "old"
    """Already in the book: a duplicate, or older than the snapshot."""
    BREAKS = "breaks"
    """Messages between are missing."""


class Feed(ABC):
    """One market of one exchange. Class attributes are facts with their source in a comment beside them."""

    exchange: ClassVar[str]
    market: ClassVar[str]
    venue: ClassVar[str]
    """As in tickers and `markets.Venue`: BINANCE, BINANCE_USDM, OKX, KRAKEN …"""
    proofs: ClassVar[frozenset[Proof]]
    keeps_text: ClassVar[bool]
    """Levels reach the book as written, because a checksum is made of their characters, or because numbers would not
    reproduce them. Otherwise the venue writes a fixed number of decimals, and the book works on numbers alone."""
    depth: ClassVar[int]
    """Levels a side that are requested."""
    depths: ClassVar[frozenset[int]]
    """Depths that may be requested: a side with exactly so many levels is cut there, a shorter one is complete."""
    window: ClassVar[bool]
    """Updates cover only the requested best levels; otherwise they cover the complete book."""
    truncates: ClassVar[bool] = False
    """The client has to drop levels that leave the window, as the venue does not delete them."""
    snapshot_over_rest: ClassVar[bool]
    max_symbols_per_connection: ClassVar[int]
    max_subscriptions_per_frame: ClassVar[int]
    max_frames_per_second: ClassVar[float]
    """Frames that a client may send."""
    max_connection_seconds: ClassVar[float | None]
    """The venue ends connections after so long; reconnect before."""
    silence_seconds: ClassVar[float]
    """A healthy connection sends a message (a heartbeat counts) at least this often."""
    ping_every_seconds: ClassVar[float | None] = None
    ping_frame: ClassVar[bytes | None] = None
    """What the venue requires instead of a WebSocket ping."""
    rest_weight_per_minute: ClassVar[int | None] = None
    checksum_levels: ClassVar[int] = 0
    counts_anew: ClassVar[bool] = False
    """Whether the venue's sequence numbers may start again while the stream goes on."""
    complete_updates: ClassVar[bool] = True
    """An update has all changes of a moment; where it has a single level, sides may cross between two updates."""
    refused_together: ClassVar[int] = 1
    """How many symbols, in order, share a request of `subscribe`, which is refused as a whole for one of them."""

    @abstractmethod
    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        """The WebSocket to connect to for these symbols."""

    @abstractmethod
    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        """Frames to send after the connect, none where the URL contains the subscriptions."""

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        """Frames that bring a new snapshot of one symbol over the stream, disturbing no other."""
        return ()

    def trade_stream_url(self, config: Config) -> str | None:
        """The WebSocket for trades where they need a connection of their own; None: they come with the books."""
        return None

    def subscribe_trades(self, symbols: Sequence[str]) -> Sequence[bytes]:
        """Frames for that connection."""
        return ()

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        """Frames that end the streams of these symbols. decoder: the connection's, which may know channel numbers."""
        return ()

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot | None:
        """The request for a snapshot; None where the stream sends it."""
        return None

    def parse_rest_snapshot(self, body: bytes, symbol: str | None = None) -> Snapshot:
        """Raises MalformedFrame."""
        raise MalformedFrame(f"{self.exchange} {self.market} has no snapshots over REST")

    @abstractmethod
    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        """A decoder for one connection. tickers: decode the venue's own best prices too. sparing: only some of them,
        where hundreds come a second."""

    @abstractmethod
    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        """The stream's symbol for the instrument with this base and quote (as its exchange writes them)."""

    def link(self, message: Delta, last_id: int | None) -> Link:
        """How an update follows a book whose number is `last_id`: the venue's sequence rule."""
        return Link.FOLLOWS

    def joins(self, message: Delta, snapshot_id: int | None) -> Link:
        """How an update follows a snapshot, where the rule for the first update differs."""
        return self.link(message, snapshot_id)

    def checksum(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> int:
        """The venue's checksum over the best `checksum_levels` of each side, best first, as written."""
        raise NotImplementedError(f"{self.exchange} {self.market} has no checksum")


FeedTable = Mapping[tuple[str, str], Feed]
"""By exchange and market, as `bookreplay` takes them."""
