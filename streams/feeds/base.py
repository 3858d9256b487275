"""What every exchange's feed is to the rest: declarative facts, frames to subscribe with, and pure parsing.

A feed says nothing of sockets, clocks or databases. One feed object serves one market of one exchange and may be shared
by all of its connections; what belongs to a connection (Bitfinex's channel numbers) is in a `Decoder` made for it.
Messages are msgspec structs: the wire's own shapes are subclasses of them, so that a frame becomes its message in one
step of C.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

import msgspec

from crypto_ews.conf import Config

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
"""What msgspec raises for bytes that are not the message expected; the second is none of its own errors."""
TextLevel = Sequence[str]
"""Price and size as the venue wrote them; what the venue adds behind them is passed over."""
NumberLevel = tuple[float, float]


class WideLevel(msgspec.Struct, array_like=True, gc=False):
    """A level with more behind price and size than was documented, whatever it is."""

    price: str
    size: str


def pairs(levels: Sequence[WideLevel]) -> list[TextLevel]:
    return [(level.price, level.size) for level in levels]


def is_execution(price: float, size: float) -> bool:
    """Whether a trade says anything. Raises MalformedFrame for a price or size that none can have."""
    if size == 0 or price == 0:
        # Binance's trades of kind NA, for one, have neither price nor size.
        return False
    if not (0 < price < math.inf and 0 < size < math.inf):
        raise MalformedFrame(f"a trade was {size} at {price}, expected a price and a size above 0")
    return True


class Proof(StrEnum):
    """What a venue lets us prove about a book; what it does not is never claimed."""

    SEQUENCE = "sequence"
    CHECKSUM = "checksum"
    SNAPSHOT_ONLY = "snapshot_only"


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """A whole book, best levels first, as the venue wrote it.

    symbol: None where the venue does not say (Binance over REST). last_id: the sequence number that it stands at, None
    where there is none. depth: levels a side that were asked for, where the connection tells. sent_ms: when the venue
    sent it, where that is another time than exchange_ms. anew: it begins a book on another channel's numbers.
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
    """One execution. taker_buys: the taker bought, so an ask was hit. size: in the venue's unit, never 0: what a venue
    tells with a size of 0 was no execution, and is left."""

    symbol: str
    price: float
    size: float
    taker_buys: bool
    exchange_ms: int
    beside_book: bool = False
    """Agreed elsewhere (block trades), or with orders that the book does not show: it says nothing about the book."""


class Checksum(msgspec.Struct, frozen=True, gc=False):
    """The venue's sum over its own book as of now, sent by itself (Bitfinex); elsewhere it stands in the update."""

    symbol: str
    value: int


class Ticker(msgspec.Struct, frozen=True, gc=False):
    """Best bid and ask by the venue's own word: the oracle beside the book."""

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
    """The server is about to close: connect anew now."""
    LOST_MESSAGES = "lost_messages"
    """The connection's own numbering has a hole (Bitfinex): any of its books may have missed something."""
    LEFT = "left"
    """A channel of these symbols' books that is not the one they are made from."""


class Notice(msgspec.Struct, frozen=True, gc=False):
    """Something about the connection itself. symbols: the ones concerned, none: all."""

    kind: NoticeKind
    text: str = ""
    symbols: tuple[str, ...] = ()


Message = Snapshot | Delta | Checksum | Trade | Ticker | Notice


class MalformedFrame(ValueError):
    """A frame that this feed cannot read; `str()` names what surprised it. The frame is evidence and is kept."""


class UnsupportedFeed(LookupError):
    """An exchange or market that has no feed; `str()` is one line that names what there is."""


class Decoder(Protocol):
    """Reads the frames of one connection, in order."""

    def decode(self, frame: bytes) -> Sequence[Message]:
        """Everything that a frame holds. Raises MalformedFrame; never returns half of a frame."""
        ...


@dataclass(frozen=True)
class RestSnapshot:
    """How to ask for a snapshot over REST. weight: what the request costs of `Feed.rest_weight_per_minute`."""

    url: str
    weight: int


@dataclass(frozen=True)
class ContractValue:
    """What one contract of a future is worth: `amount` of the base asset, or of the quote (inverse contracts)."""

    amount: float
    in_quote: bool

    def in_base(self, contracts: float, price: float) -> float:
        return contracts * self.amount / price if self.in_quote else contracts * self.amount


class Link(StrEnum):
    """What the sequence rule says about an update."""

    FOLLOWS = "follows"
    OLD = "old"
    """Already in the book: a duplicate, or older than the snapshot."""
    BREAKS = "breaks"
    """Something between is missing."""


class Feed(ABC):
    """One market of one exchange. Class attributes are facts with their source in a comment beside them."""

    exchange: ClassVar[str]
    market: ClassVar[str]
    venue: ClassVar[str]
    """As in tickers and `markets.Venue`: BINANCE, BINANCE_USDM, OKX, KRAKEN …"""
    proofs: ClassVar[frozenset[Proof]]
    keeps_text: ClassVar[bool]
    """Levels reach the book as written, because a checksum is made of the very characters, or because numbers would not
    give them back. Otherwise the venue writes a fixed number of decimals, and the book works on numbers alone."""
    depth: ClassVar[int]
    """Levels a side that are asked for."""
    depths: ClassVar[frozenset[int]]
    """What may be asked for: a side with exactly so many levels in a snapshot is cut there, a shorter one is whole."""
    window: ClassVar[bool]
    """Updates reach the best levels only, as many as were asked for; else they reach through the whole book."""
    truncates: ClassVar[bool] = False
    """The client has to drop what falls out of the window, as the venue does not delete it."""
    snapshot_over_rest: ClassVar[bool]
    max_symbols_per_connection: ClassVar[int]
    max_subscriptions_per_frame: ClassVar[int]
    max_frames_per_second: ClassVar[float]
    """Frames that a client may send."""
    max_connection_seconds: ClassVar[float | None]
    """The venue ends connections after this; reconnect before it."""
    silence_seconds: ClassVar[float]
    """A healthy connection says something (a heartbeat counts) at least this often."""
    ping_every_seconds: ClassVar[float | None] = None
    ping_frame: ClassVar[bytes | None] = None
    """What the venue wants instead of a WebSocket ping."""
    rest_weight_per_minute: ClassVar[int | None] = None
    checksum_levels: ClassVar[int] = 0
    counts_anew: ClassVar[bool] = False
    """Whether the venue's numbers may go back while the stream goes on."""
    complete_updates: ClassVar[bool] = True
    """An update holds all that changed at a moment; where one tells a single level, sides may cross between two."""
    refused_together: ClassVar[int] = 1
    """So many symbols, in their order, share a request of `subscribe`, which is refused as a whole for one of them."""

    @abstractmethod
    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        """The WebSocket to connect to for these symbols."""

    @abstractmethod
    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        """Frames to send after the connect, none where the URL says it all."""

    def resubscribe(self, symbol: str, decoder: Decoder | None = None) -> Sequence[bytes]:
        """Frames that bring a new snapshot of one symbol over the stream, disturbing no other."""
        return ()

    def trade_stream_url(self, config: Config) -> str | None:
        """Where trades have a connection of their own; None: they come with the books."""
        return None

    def subscribe_trades(self, symbols: Sequence[str]) -> Sequence[bytes]:
        """Frames for that connection."""
        return ()

    def unsubscribe(self, symbols: Sequence[str], decoder: Decoder | None = None) -> Sequence[bytes]:
        """Frames that end the streams of these symbols. decoder: the connection's, which may know their numbers."""
        return ()

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot | None:
        """The request for a snapshot, where the stream sends none."""
        return None

    def parse_rest_snapshot(self, body: bytes, symbol: str | None = None) -> Snapshot:
        """Raises MalformedFrame."""
        raise MalformedFrame(f"{self.exchange} {self.market} has no snapshots over REST")

    @abstractmethod
    def decoder(self, *, tickers: bool = False, sparing: bool = False) -> Decoder:
        """For one connection. tickers: give the venue's own best prices too. sparing: not each of them where they come
        by the hundred a second."""

    @abstractmethod
    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        """What the stream calls the instrument with this base and quote (as its exchange writes them)."""

    def link(self, message: Delta, last_id: int | None) -> Link:
        """How an update follows a book that stands at `last_id`: the venue's sequence rule."""
        return Link.FOLLOWS

    def joins(self, message: Delta, snapshot_id: int | None) -> Link:
        """How an update follows a snapshot, where the rule for the first one differs from the rule for the next."""
        return self.link(message, snapshot_id)

    def checksum(self, bids: Sequence[TextLevel], asks: Sequence[TextLevel]) -> int:
        """The venue's checksum over the best `checksum_levels` of each side, best first, as written."""
        raise NotImplementedError(f"{self.exchange} {self.market} has no checksum")


FeedTable = Mapping[tuple[str, str], Feed]
"""By exchange and market, as `bookreplay` takes them."""
