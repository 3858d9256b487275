"""What every exchange's feed is to the rest: declarative facts, frames to subscribe with, and pure parsing.

A feed says nothing of sockets, clocks or databases. One feed object serves one market of one exchange and may be shared
by all of its connections; what belongs to a connection (Bitfinex's channel numbers) is in a `Decoder` made for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol

from crypto_ews.conf import Config


class Proof(StrEnum):
    """What a venue lets us prove about a book; what it does not is never claimed."""

    SEQUENCE = "sequence"
    CHECKSUM = "checksum"
    SNAPSHOT_ONLY = "snapshot_only"


class Level(NamedTuple):
    """Price and size as the venue wrote them: text where it sent text, so that nothing is lost before a checksum."""

    price: str
    size: str


class Snapshot(NamedTuple):
    """A whole book, best levels first. last_id: the sequence number that it stands at, None where there is none."""

    symbol: str | None
    bids: Sequence[tuple[str, str]]
    asks: Sequence[tuple[str, str]]
    last_id: int | None
    exchange_ms: int | None
    checksum: int | None = None


class Delta(NamedTuple):
    """Changed levels; size 0 deletes. first_id, last_id, previous_id: the venue's own sequence numbers, where it has
    them."""

    symbol: str
    bids: Sequence[tuple[str, str]]
    asks: Sequence[tuple[str, str]]
    first_id: int | None
    last_id: int | None
    previous_id: int | None
    exchange_ms: int | None
    checksum: int | None = None


class Trade(NamedTuple):
    """One execution. taker_buys: the taker bought, so an ask was hit."""

    symbol: str
    price: float
    size: float
    taker_buys: bool
    exchange_ms: int


class Ticker(NamedTuple):
    """Best bid and ask by the venue's own word: the oracle beside the book."""

    symbol: str
    bid: str
    bid_size: str
    ask: str
    ask_size: str
    update_id: int | None
    exchange_ms: int | None


class NoticeKind(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    HEARTBEAT = "heartbeat"
    RECONNECT = "reconnect"
    """The server is about to close: connect anew now."""


class Notice(NamedTuple):
    """Something about the connection itself. symbols: the ones concerned, none: all."""

    kind: NoticeKind
    text: str = ""
    symbols: tuple[str, ...] = ()


Message = Snapshot | Delta | Trade | Ticker | Notice


class MalformedFrame(ValueError):
    """A frame that this feed cannot read; `str()` names what surprised it. The frame is evidence and is kept."""


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


class Feed(ABC):
    """One market of one exchange. Class attributes are facts with their source in a comment beside them."""

    exchange: ClassVar[str]
    market: ClassVar[str]
    venue: ClassVar[str]
    """As in tickers and `markets.Venue`: BINANCE, BINANCE_USDM, OKX, KRAKEN …"""
    proofs: ClassVar[frozenset[Proof]]
    depth: ClassVar[int | None]
    """Levels a side that the venue keeps true; None where updates reach through the whole book."""
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

    @abstractmethod
    def stream_url(self, config: Config, symbols: Sequence[str]) -> str:
        """The WebSocket to connect to for these symbols."""

    @abstractmethod
    def subscribe(self, symbols: Sequence[str]) -> Sequence[bytes]:
        """Frames to send after the connect, none where the URL says it all."""

    def resubscribe(self, symbol: str) -> Sequence[bytes]:
        """Frames that bring a new snapshot of one symbol over the stream, disturbing no other."""
        return ()

    def rest_snapshot(self, config: Config, symbol: str) -> RestSnapshot | None:
        """The request for a snapshot, where the stream sends none."""
        return None

    def parse_rest_snapshot(self, body: bytes, symbol: str | None = None) -> Snapshot:
        """Raises MalformedFrame."""
        raise MalformedFrame(f"{self.exchange} {self.market} has no snapshots over REST")

    @abstractmethod
    def decoder(self) -> Decoder:
        """For one connection."""

    @abstractmethod
    def symbol_for(self, base: str, quote: str, instrument_symbol: str) -> str:
        """What the stream calls the instrument with this base and quote (as its exchange writes them)."""


class FeedFacts(NamedTuple):
    """For pages and `bookreplay`'s refusals: what is supported."""

    exchange: str
    market: str
    proofs: Iterable[Proof]


FeedTable = Mapping[tuple[str, str], Feed]
