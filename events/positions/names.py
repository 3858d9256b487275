"""What the names in a book mean: its venues, assets and symbols. Pure: what is known is given, nothing is guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from events.positions.book import BookRow
from markets.identity import Identity
from markets.symbols import SymbolSplitter

_SEPARATORS = str.maketrans(" -.", "___")
_SPLITTER = SymbolSplitter()


@dataclass(frozen=True)
class ListedInstrument:
    """An instrument that a symbol may mean. exact: the symbol is one of its names as it is written."""

    venue: str
    symbol: str
    token: str
    money: tuple[str, ...]
    contract: bool
    exact: bool = True

    @property
    def ticker(self) -> str:
        return f"{self.venue}:{self.symbol}"


@dataclass(frozen=True)
class NamesKnown:
    """What names may mean.

    spellings: of an exchange or venue → its venues as in tickers. instruments: (venue, symbol in upper case) → what it
    may mean there.
    """

    spellings: Mapping[str, Collection[str]]
    identity: Identity
    instruments: Mapping[tuple[str, str], tuple[ListedInstrument, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedRow:
    """A row of a book with what its names mean; fields as in `events.models.Position`."""

    venue: str
    asset: str
    token: str
    symbol: str
    tickers: tuple[str, ...]
    money: tuple[str, ...]
    contract: bool
    listed: bool
    quantity: Decimal
    value_usd: Decimal | None
    unresolved: tuple[str, ...]


def venues_of(name: str, spellings: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The venues that a name means, by the spellings that `can_trade` takes too; () if it is unknown."""
    written = name.strip()
    found = spellings.get(written) or spellings.get(written.lower().translate(_SEPARATORS), ())
    return tuple(sorted(found))


def split_ticker(row: BookRow, spellings: Mapping[str, Collection[str]]) -> tuple[str, str]:
    """Venue and symbol of a row; of a ticker, VENUE:SYMBOL, its parts. BTC/USDT:USDT of ccxt is no ticker."""
    first, colon, rest = row.symbol.partition(":")
    ticker = bool(colon and rest) and first.upper() in spellings.get(first.upper(), ())
    if ticker and (not row.venue or first.upper() in venues_of(row.venue, spellings)):
        return first.upper(), rest
    return row.venue, row.symbol


def places_to_look(venue: str, spellings: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The venues whose lists may have a symbol: the named one first, then those of its exchange.

    BINANCE is our spot venue, and what a desk writes for the exchange.
    """
    named = venues_of(venue, spellings)
    exchange = {name.partition("_")[0] for name in named}
    if len(exchange) != 1 or len(named) > 1 or "_" in named[0]:
        return named
    return (*named, *(name for name in venues_of(named[0].lower(), spellings) if name not in named))


def name_row(row: BookRow, known: NamesKnown, as_of: datetime) -> NamedRow:
    """The row with what its names mean at `as_of`."""
    written_venue, symbol = split_ticker(row, known.spellings)
    venues = venues_of(written_venue, known.spellings)
    unresolved = ["venue"] if written_venue and not venues else []
    # Several markets of one exchange: the exchange itself, which is its spot venue.
    venue = venues[0] if len(venues) == 1 else venues[0].partition("_")[0] if venues else written_venue.upper()
    found = _listed(symbol, written_venue, known) if symbol else ()
    margin = venue.endswith("_MARGIN")
    if found and len({one.venue for one in found}) == 1 and not margin:
        venue = found[0].venue
    meant = None
    if row.asset:
        meant = known.identity.resolve(venue, row.asset, as_of) or known.identity.meant(row.asset, as_of)
        if (meant is None and not found) or (meant and found and not _fits(meant.asset, found)):
            unresolved.append("asset")
    if symbol and len(found) != 1:
        unresolved.append("symbol")
    split = None if found or not symbol else _SPLITTER.split(symbol)
    if found:
        token = found[0].token
        money = tuple(sorted({name for one in found if one.contract for name in one.money if name}))
    else:
        token = meant.asset if meant else row.asset.upper() or (split.token if split else symbol.upper())
        money = (split.quote,) if split and split.quote else ()
    # Margin has no list of its own; its pairs are the spot pairs.
    tickers = [one.ticker for one in found] + [f"{venue}:{one.symbol}" for one in found if margin]
    return NamedRow(
        venue=venue,
        asset=row.asset,
        token=token[:64],
        symbol=found[0].symbol if len(found) == 1 else symbol,
        tickers=tuple(tickers) or ((f"{venue}:{symbol}",) if symbol else ()),
        money=money,
        contract=bool(symbol) and (not found or any(one.contract for one in found)),
        listed=bool(found) or not symbol,
        quantity=row.quantity,
        value_usd=row.value_usd,
        unresolved=tuple(unresolved),
    )


def _fits(asset: str, found: Collection[ListedInstrument]) -> bool:
    """Whether the asset of a row is one of those that its symbol is about; of a pair the base."""
    return any(asset == one.token or (one.contract and asset in one.money) for one in found)


def _listed(symbol: str, venue: str, known: NamesKnown) -> tuple[ListedInstrument, ...]:
    """What a symbol may mean: in the first place that has it as it is written, else with other separators."""
    places = places_to_look(venue, known.spellings)
    named = venues_of(venue, known.spellings)
    for group in (named, places):
        for exact in (True, False):
            found = {
                one.ticker: one
                for place in group
                for one in known.instruments.get((place, symbol.upper()), ())
                if one.exact or not exact
            }
            if found:
                return tuple(found[ticker] for ticker in sorted(found))
    return ()
