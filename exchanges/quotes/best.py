"""Best bid and ask of every pair: all that later sources may see of exchanges.

Each list is requested once per cycle; every source of that cycle gets the same answer, or the same error. Each list has
a health row of its own: an exchange that is down opens one event, and sources that can do without it go on.
"""

from __future__ import annotations

import hashlib
import math
import statistics
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from crypto_ews.conf import Config
from events.models import PayloadBody
from events.sources import health
from events.sources.content import ContentRule
from events.sources.content_watch import ContentWatch, age_header
from events.updater import Stopping
from events.upstream.client import Payload, content_digest
from events.upstream.errors import RetryableError, SchemaDrift, UpstreamError
from exchanges.content import QUOTES_STAND_STILL, quotes
from exchanges.quotes.lists import Names, QuoteList, quote_lists
from markets.instruments import load_knowledge
from markets.knowledge import InstrumentRow, MarketKnowledge, is_dated_type

SPOT_SOURCES = ("binance.quotes", "okx.quotes")
ALL_SOURCES = ("binance.quotes", "binance.quotes.usdm", "okx.quotes", "okx.quotes.swap")
# Coins that count as one dollar where no market has a price for them.
DOLLAR_COINS = frozenset("USDT USDC FDUSD BUSD DAI TUSD USDE USDS USD1 PYUSD USDD USDP RLUSD XUSD GUSD FRAX".split())
# With the ask at more than twice the bid, the mid is no price.
_WIDEST_BOOK = 2.0
_NAMES_VALID_FOR = timedelta(minutes=5)
_ENOUGH_OTHERS = 3

Get = Callable[[str, str, Mapping[str, str] | None], Payload]
Instruments = Mapping[str, Mapping[str, InstrumentRow]]


class Quote(NamedTuple):
    """Best bid and ask of a pair, in units of `quote` for one unit of `base`; 0 for an empty side.

    venue and symbol are as in tickers (`BINANCE`, `LUNAUSDT`); `token` is the asset of `base`, and one `base` is
    `multiplier` of it (1000SHIB: 1000).
    """

    venue: str
    symbol: str
    base: str
    quote: str
    token: str
    bid: float
    ask: float
    received_at: datetime
    multiplier: float = 1.0

    @property
    def ticker(self) -> str:
        return f"{self.venue}:{self.symbol}"

    @property
    def usable(self) -> bool:
        """Whether the book has a price: neither side is empty, not crossed, ask at most twice the bid."""
        return 0 < self.bid <= self.ask <= _WIDEST_BOOK * self.bid < math.inf

    @property
    def mid(self) -> float | None:
        """The mid in units of `quote` for one *token*; None if the book has no price."""
        return (self.bid + self.ask) / 2 / self.multiplier if self.usable else None


@dataclass(frozen=True)
class QuoteSnapshot:
    """The latest answers of the lists.

    digests: source → sha256 of its body, the key of the archived payload as well: equal digests are one reading.
    received_at: source → when it was received. failures: of the lists that could not be read. sources: venue → source.
    rows: source → how many pairs its list has.
    """

    quotes: Sequence[Quote] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    received_at: Mapping[str, datetime] = field(default_factory=dict)
    failures: Sequence[UpstreamError] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    def payload(self, venue: str) -> str | None:
        """The digest of the body with a venue's quotes; None if none was read."""
        return self.digests.get(self.sources.get(venue, ""))


class BestQuotes(Protocol):
    """A provider of best bid and ask."""

    def read(
        self, get: Get, now: datetime, max_age_seconds: float, sources: Iterable[str] = ALL_SOURCES
    ) -> QuoteSnapshot:
        """The lists of these sources, none requested longer than `max_age_seconds` ago; `get` requests an upstream.

        Does not raise for a list that fails: its error is in `failures`.
        """
        ...


@dataclass
class _CachedList:
    """A list's last answer, or error."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked_at: datetime | None = None
    quotes: Sequence[Quote] = ()
    digest: str = ""
    received_at: datetime | None = None
    error: UpstreamError | None = None

    def fresh(self, now: datetime, max_age_seconds: float) -> bool:
        if self.asked_at is None or now < self.asked_at:
            return False
        return (now - self.asked_at).total_seconds() < max_age_seconds


class SharedQuotes:
    """`BestQuotes` that requests each list once for all sources. Thread-safe."""

    def __init__(self, config: Config) -> None:
        self._interval_seconds = config.orderbooks_refresh_minutes * 60
        self._lists = {quote_list.source: quote_list for quote_list in quote_lists(config)}
        self._cached = {source: _CachedList() for source in self._lists}
        self._known = _KnownNames()
        self._content = {source: ContentWatch(source, rule) for source, rule in content_rules(config).items()}

    def read(
        self, get: Get, now: datetime, max_age_seconds: float, sources: Iterable[str] = ALL_SOURCES
    ) -> QuoteSnapshot:
        quotes: list[Quote] = []
        digests, received_at, failures, rows = {}, {}, [], {}
        for source in sources:
            cached = self._cached[source]
            with cached.lock:
                backing_off = cached.error is not None and not health.is_due(source, now)
                if not backing_off and not cached.fresh(now, max_age_seconds):
                    self._ask(cached, self._lists[source], get, now)
                if cached.error is not None:
                    failures.append(cached.error)
                    continue
                quotes += cached.quotes
                digests[source], rows[source] = cached.digest, len(cached.quotes)
                if cached.received_at:
                    received_at[source] = cached.received_at
        venues = {venue: source for source in digests for venue in self._lists[source].venues}
        return QuoteSnapshot(quotes, digests, received_at, failures, venues, rows)

    def _ask(self, cached: _CachedList, quote_list: QuoteList, get: Get, now: datetime) -> None:
        if cached.asked_at is None:
            health.register(quote_list.source, self._interval_seconds, now)
        payload: Payload | None = None
        try:
            payload = get(quote_list.source, quote_list.url, None)
            quotes = self._quotes(quote_list, payload, now)
            digest = content_digest(payload)
            content = self._content[quote_list.source]
            content.begin()
            content.saw(
                "", now, digest=digest, rows=len(quotes), asked=quote_list.url, cached_seconds=age_header(payload)
            )
        except Stopping:
            raise
        except UpstreamError as error:
            cached.asked_at, cached.error = now, error
            _failed(error, quote_list.source, self._interval_seconds, now, payload)
            return
        cached.asked_at, cached.error = now, None
        cached.quotes, cached.received_at = quotes, payload.received_at
        cached.digest = digest
        content.succeeded(now, len(quotes), payload.duration, payload.clock_skew)

    def _quotes(self, quote_list: QuoteList, payload: Payload, now: datetime) -> tuple[Quote, ...]:
        names = self._known.of(quote_list, now)
        read = _read.get(quote_list.source)
        if not (read and read.body is payload.body and read.received_at == payload.received_at and read.names is names):
            quotes = _named_quotes(quote_list, payload, names)
            read = _read[quote_list.source] = _Read(payload.body, payload.received_at, names, quotes)
        return read.quotes


class _Read(NamedTuple):
    """Quotes, and the inputs that they were built from."""

    body: bytes
    received_at: datetime
    names: _Named
    quotes: tuple[Quote, ...]


# By source, the last quotes. A replay passes one answer to several readers, each with its own clock.
_read: dict[str, _Read] = {}


def _named_quotes(quote_list: QuoteList, payload: Payload, known: _Named) -> tuple[Quote, ...]:
    found = []
    received_at, names = payload.received_at, known.names
    for symbol, bid, ask in quote_list.rows(payload):
        if symbol not in names:
            names[symbol] = _meant(quote_list.names(symbol), known.knowledge)
        name = names[symbol]
        if name is not None:
            venue, base, quote, token, multiplier = name
            found.append(Quote(venue, symbol, base, quote, token, bid, ask, received_at, multiplier))
    return tuple(found)


def _failed(error: UpstreamError, source: str, interval_seconds: float, now: datetime, payload: Payload | None) -> None:
    after = error.after if isinstance(error, RetryableError) else None
    digest = hashlib.sha256(payload.body).hexdigest() if payload else ""
    archived = PayloadBody.objects.filter(pk=digest).exists() if digest else False
    health.attempted(source, interval_seconds, now)
    health.failed(
        source,
        now,
        str(error).removeprefix(f"{source}: "),
        payload.duration if payload else 0.0,
        after,
        isinstance(error, SchemaDrift),
        digest if archived else None,
    )


@dataclass(frozen=True)
class _Named:
    """Symbol → names as of `knowledge`. Symbols that no list has are added when they are seen."""

    knowledge: MarketKnowledge
    names: dict[str, Names | None]

    def same_names(self, now: datetime) -> bool:
        at = self.knowledge.at
        return at is not None and self.knowledge.identity.same_names(at, now)

    def is_current(self, knowledge: MarketKnowledge) -> bool:
        """Whether the same instruments are listed, and every name has the same meaning."""
        mine, at = self.knowledge, knowledge.at
        if mine.by_venue != knowledge.by_venue or at is None or not self.same_names(at):
            return False
        return mine.identity is knowledge.identity or (
            mine.identity.rows == knowledge.identity.rows and mine.identity.assets == knowledge.identity.assets
        )


class _KnownNames:
    """The names of each symbol by the instruments table; a symbol that the table lacks is split."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[datetime, _Named]] = {}

    def of(self, quote_list: QuoteList, now: datetime) -> _Named:
        cached = self._read.get(quote_list.source)
        if cached is None or not cached[0] <= now < cached[0] + _NAMES_VALID_FOR or not cached[1].same_names(now):
            knowledge = load_knowledge(quote_list.venues, now)
            named = _names_last.get(quote_list.source)
            if named is None or not named.is_current(knowledge):
                named = _names_last[quote_list.source] = _Named(knowledge, _names_in(knowledge.by_venue))
            cached = self._read[quote_list.source] = (now, named)
        return cached[1]


# By source, the names of its instruments: one object while the instruments do not change.
_names_last: dict[str, _Named] = {}


def _meant(names: Names | None, knowledge: MarketKnowledge) -> Names | None:
    """The names of a split symbol, with the asset that its venue means by the base then: LUNA in May 2022 is LUNC.

    An unknown base is its own token.
    """
    found = names and knowledge.at and knowledge.identity.resolve(names.venue, names.base, knowledge.at)
    return names._replace(token=found.asset, multiplier=float(found.multiplier)) if names and found else names


def _names_in(instruments: Instruments) -> dict[str, Names | None]:
    """Symbol → names. Without dated contracts: with their premium, their price is not the token's."""
    return {
        symbol: _names(row)
        for rows in instruments.values()
        for symbol, row in rows.items()
        if not is_dated_type(row.contract_type)
    }


def _names(row: InstrumentRow) -> Names:
    return Names(row.venue, row.base, row.quote, row.token, float(row.multiplier) or 1.0)


def content_rules(config: Config) -> dict[str, ContentRule]:
    """By source, how old its list may be."""
    return {source: quotes(source).bounded(config.content_max_age, source) for source in ALL_SOURCES}


def read_through(unseen: str, *sources: str) -> ContentRule:
    """The rule of a source that reads only these lists: its content is as old as theirs, and their cards report it.

    Missing rows are detected where the lists are read.
    """
    return ContentRule(
        unseen=unseen,
        ages=(QUOTES_STAND_STILL,),
        parts={source: f"{unseen} ({quotes(source).unseen})" for source in sources},
        exempt={
            "rows": "a list that lost most of its rows is refused where it is read: this source then fails",
            "name": "the lists have no name",
        },
        reported_by=sources,
    )


_shared: dict[int, SharedQuotes] = {}
_shared_lock = threading.Lock()


def best_quotes(config: Config) -> SharedQuotes:
    """The quotes of a configuration: one object for all sources that share it."""
    with _shared_lock:
        quotes = _shared.get(id(config))
        if quotes is None:
            quotes = _shared[id(config)] = SharedQuotes(config)
            weakref.finalize(config, _shared.pop, id(config), None)
        return quotes


def usd_prices(quotes: Iterable[Quote], assets: Collection[str] | None = None) -> dict[str, float]:
    """Prices of assets in USD. assets: those that are requested, else all.

    A dollar coin: its own pair against USD. USDT without such a pair: the price at which the median of at least three
    other dollar coins quoted in it is one dollar, so that no single coin can move it; else 1. Other dollar coins: their
    pair in USDT, else 1. Any other asset: its pair in a dollar coin, of the first venue in order of `quotes`.
    """
    in_quote: dict[str, dict[str, float]] = {}
    requested = None if assets is None else DOLLAR_COINS.union(assets)
    for quote in quotes:
        if (requested is None or quote.token in requested) and (quote.quote == "USD" or quote.quote in DOLLAR_COINS):
            mid = quote.mid
            if mid is not None and quote.multiplier == 1:
                in_quote.setdefault(quote.quote, {}).setdefault(quote.token, mid)
    dollars, tethers = in_quote.get("USD", {}), in_quote.get("USDT", {})
    prices = {"USD": 1.0, "USDT": dollars.get("USDT") or _by_the_others(tethers)}
    for coin in DOLLAR_COINS - {"USDT"}:
        direct = dollars.get(coin)
        prices[coin] = direct or (tethers[coin] * prices["USDT"] if coin in tethers else 1.0)
    for dollar in ("USDT", "USDC", "USD", "FDUSD"):
        for token, mid in in_quote.get(dollar, {}).items():
            prices.setdefault(token, mid * prices[dollar])
    return prices


def _by_the_others(in_usdt: Mapping[str, float]) -> float:
    others = [price for coin, price in in_usdt.items() if coin in DOLLAR_COINS]
    return 1 / statistics.median(others) if len(others) >= _ENOUGH_OTHERS else 1.0
