"""Which positions an event touches, and how large they are. Pure.

What an event touches follows the rules of `can_trade`: an effect holds at its venue; depeg, wallet suspension and
exchange halt hold on all markets of an exchange; quote and settlement asset of a contract count beside its base.
A balance is at its exchange as long as the effect is not on a derivatives market.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal
from typing import Protocol

from markets.identity import Identity

_ALL_MARKETS = frozenset({"depeg", "wallet_suspension", "exchange_halt"})
_DERIVATIVES = ("_USDM", "_COINM", "_OPTIONS", "_SWAP", "_FUTURES")
_EVERYTHING = "*"
_PAIRS = "pairs"
_EXACT = Context(prec=60)
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class StoredPosition:
    """A position as it is stored.

    venue: as in tickers where it is known. asset: as its desk writes it; token: what that meant at `as_of`. symbol: of
    a pair or contract, empty for a balance; tickers: what it may mean, VENUE:SYMBOL; listed: an instrument list has it;
    money: quote and settlement asset. contract: it is one, or nobody knows that it is a pair.
    """

    account: str
    as_of: datetime
    venue: str
    asset: str
    token: str
    quantity: Decimal
    value_usd: Decimal | None = None
    symbol: str = ""
    tickers: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    contract: bool = False
    listed: bool = True


class Touching(Protocol):
    """What of an effect decides what it touches; `events.models.Effect` has it."""

    @property
    def token(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def venue(self) -> str: ...
    @property
    def tickers(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Exposure:
    """What is held of one asset on one venue, or of one contract; long and short are never netted.

    Its field names are payload keys. asset: the coin's code. value_usd: the sum of what its desk gave, None where it
    gave none; partial: some of it has no value. as_of: of the oldest book in it.
    """

    venue: str
    asset: str
    symbol: str
    quantity: Decimal
    value_usd: Decimal | None
    partial: bool
    as_of: datetime
    accounts: tuple[str, ...]


class Positions:
    """All positions, by what an effect may name. Built once for a time; no I/O afterwards."""

    def __init__(self, positions: Iterable[StoredPosition], identity: Identity, now: datetime) -> None:
        self.at = now
        self._identity = identity
        groups: dict[tuple[object, ...], list[_Part]] = {}
        for position in positions:
            if position.quantity:
                part = _present(position, identity, now)
                groups.setdefault(part.key, []).append(part)
        # What no effect can tell apart is added up once: accounts mostly hold the same.
        self._rows = [_row(parts) for parts in groups.values()]
        self._by_token: dict[str, list[int]] = {}
        self._by_ticker: dict[str, list[int]] = {}
        self._by_exchange: dict[str, list[int]] = {}
        for place, row in enumerate(self._rows):
            for token in row.tokens:
                self._by_token.setdefault(token, []).append(place)
            for ticker in row.tickers:
                self._by_ticker.setdefault(ticker, []).append(place)
            self._by_exchange.setdefault(_exchange(row.exposure.venue), []).append(place)

    @property
    def tokens(self) -> frozenset[str]:
        """Every name under which an effect may mean an asset of these positions."""
        return frozenset(self._by_token).union(*(self._identity.names(token) for token in self._by_token))

    @property
    def tickers(self) -> frozenset[str]:
        return frozenset(self._by_ticker)

    def touched(self, effects: Iterable[Touching], category: str) -> tuple[Exposure, ...]:
        """What the effects of an event of that category touch, the largest first (`by_size`)."""
        found: set[int] = set()
        for effect in effects:
            found |= self._touched_by(effect, category in _ALL_MARKETS)
        return _sums(self._rows[place] for place in sorted(found))

    def _touched_by(self, effect: Touching, all_markets: bool) -> set[int]:
        """Places in `_rows`."""
        named = {place for ticker in effect.tickers for place in self._by_ticker.get(ticker, ())}
        if effect.token == _EVERYTHING:
            return named.union(
                self._by_exchange.get(_exchange(effect.venue), ()) if effect.venue else range(len(self._rows))
            )
        token = self._identity.renamed(effect.token, self.at)
        return named | {
            place for place in self._by_token.get(token, ()) if self._rows[place].is_touched(effect, token, all_markets)
        }


@dataclass(frozen=True)
class _Part:
    """A position under the present names of its assets. factor: units of the token in one unit of `asset`."""

    position: StoredPosition
    token: str
    tokens: frozenset[str]
    factor: Decimal

    @property
    def key(self) -> tuple[object, ...]:
        """What decides which effects touch it, and what it is called."""
        one = self.position
        return (
            one.venue, self.token, one.symbol, one.quantity < 0, one.tickers, self.tokens, one.contract, one.listed,
        )  # fmt: skip

    def exposure(self) -> Exposure:
        one = self.position
        # A contract's size is its venue's: its quantity stays as its desk wrote it.
        factor = Decimal(1) if one.contract else self.factor
        return Exposure(
            venue=one.venue,
            asset=self.token,
            symbol=one.symbol if one.contract else "",
            quantity=_EXACT.multiply(one.quantity, factor),
            # A short is as large as a long: desks write its value with either sign.
            value_usd=None if one.value_usd is None else abs(one.value_usd),
            partial=False,
            as_of=one.as_of,
            accounts=(one.account,),
        )


@dataclass(frozen=True)
class _Row:
    """Positions that no effect can tell apart. tokens: the asset; of a contract also quote and settlement."""

    exposure: Exposure
    tokens: frozenset[str]
    tickers: tuple[str, ...]
    contract: bool
    listed: bool

    def is_touched(self, effect: Touching, token: str, all_markets: bool) -> bool:
        """Whether an effect on `token`, which is one of ours, holds where these positions lie."""
        if self.contract:
            if effect.scope == _PAIRS and (effect.tickers or token != self.exposure.asset):
                return False  # its tickers were looked up
            # A contract that no list has may be on any market of its exchange.
            anywhere = all_markets or not self.listed
            venues = {self.exposure.venue, *(ticker.partition(":")[0] for ticker in self.tickers)}
            return any(
                not place or _same_market(place, venue, anywhere) for place in _places(effect) for venue in venues
            )
        if token != self.exposure.asset:
            return False
        return any(not place or self._at(place, all_markets) for place in _places(effect))

    def _at(self, place: str, all_markets: bool) -> bool:
        """A balance is reached by what holds on its exchange, but for single markets of contracts."""
        venue = self.exposure.venue
        if _exchange(place) != _exchange(venue):
            return False
        return all_markets or place == venue or not place.endswith(_DERIVATIVES)


def _row(parts: Sequence[_Part]) -> _Row:
    first = parts[0]
    one = first.position
    return _Row(_sum([part.exposure() for part in parts]), first.tokens, one.tickers, one.contract, one.listed)


def exposure_of(
    effects: Iterable[Touching], category: str, positions: Iterable[StoredPosition], identity: Identity, now: datetime
) -> tuple[Exposure, ...]:
    """What of these positions an event of that category touches, by venue and asset, the largest first."""
    return Positions(positions, identity, now).touched(effects, category)


def by_size(exposures: Sequence[Exposure] | None) -> tuple[int, Decimal]:
    """A sort key for what one event touches: the largest value first, then what has no value, then nothing."""
    if not exposures:
        return 3, _NOTHING
    total = sum((abs(one.value_usd) for one in exposures if one.value_usd is not None), _NOTHING)
    if total:
        return 0, -total
    return (1 if any(one.value_usd is None for one in exposures) else 2), _NOTHING


def _sums(rows: Iterable[_Row]) -> tuple[Exposure, ...]:
    groups: dict[tuple[str, str, str, bool], list[Exposure]] = {}
    for row in rows:
        one = row.exposure
        groups.setdefault((one.venue, one.asset, one.symbol, one.quantity < 0), []).append(one)
    return tuple(sorted((_sum(group) for group in groups.values()), key=_order))


def _sum(exposures: Sequence[Exposure]) -> Exposure:
    first = exposures[0]
    if len(exposures) == 1:
        return first
    quantity, value = _NOTHING, _NOTHING
    for one in exposures:
        quantity = _EXACT.add(quantity, one.quantity)
        value = _EXACT.add(value, one.value_usd or _NOTHING)
    without = [one for one in exposures if one.value_usd is None]
    return replace(
        first,
        quantity=quantity,
        value_usd=None if len(without) == len(exposures) else value,
        partial=0 < len(without) < len(exposures) or any(one.partial for one in exposures),
        as_of=min(one.as_of for one in exposures),
        accounts=tuple(sorted({account for one in exposures for account in one.accounts})),
    )


def _order(exposure: Exposure) -> tuple[object, ...]:
    return (*by_size([exposure]), -abs(exposure.quantity), exposure.venue, exposure.asset, exposure.symbol)


def _present(position: StoredPosition, identity: Identity, now: datetime) -> _Part:
    """The position under the names of now: a coin that was renamed since its book was posted is the same coin."""
    # What nobody knew when it was posted may be known by now.
    meant = None
    if position.asset:
        meant = identity.resolve(position.venue, position.asset, position.as_of)
        meant = meant or identity.meant(position.asset, position.as_of)
    token = identity.renamed(meant.asset if meant and not position.contract else position.token, now)
    money = frozenset(identity.renamed(name, now) for name in position.money) if position.contract else frozenset()
    return _Part(position, token, frozenset({token}) | money, meant.multiplier if meant else Decimal(1))


def _places(effect: Touching) -> set[str]:
    """The venues that an effect names; "" means everywhere. Single pairs are where their tickers are."""
    if effect.scope == _PAIRS and not effect.venue:
        return {ticker.partition(":")[0] for ticker in effect.tickers} or {""}
    return {effect.venue.upper()}


def _same_market(place: str, venue: str, all_markets: bool) -> bool:
    return place == venue or (all_markets and _exchange(place) == _exchange(venue))


def _exchange(venue: str) -> str:
    return venue.partition("_")[0].upper()
