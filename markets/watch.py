"""The watch lists: which currencies and quotes count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crypto_ews.conf import Config
from markets.identity import Identity

_FUTURES = ("_USDM", "_COINM", "_OPTIONS", "_SWAP", "_FUTURES")


def is_of_contracts(venue: str) -> bool:
    """Whether a venue, as in tickers, trades contracts."""
    return venue.endswith(_FUTURES)


@dataclass(frozen=True)
class WatchLists:
    """Which currencies count: on spot, on futures, and as quote assets. Upper case."""

    spot: frozenset[str]
    usdm: frozenset[str]
    quotes: frozenset[str]

    def as_of(self, identity: Identity, at: datetime) -> WatchLists:
        """The lists, with the assets that their names mean at a time and former names: FTM also watches S, and reverse.

        In May 2022 LUNA is LUNC, and from the 31st on it is another coin. A quote counts under each of its names.
        """

        def currencies(names: frozenset[str]) -> frozenset[str]:
            assets = {identity.meant_asset(name, at) for name in names}
            return names.union(assets, *(identity.former_names(asset, at) for asset in assets))

        return WatchLists(currencies(self.spot), currencies(self.usdm), every_name(self.quotes, identity, at))

    def currency(self, token: str, venue: str = "") -> bool:
        """Whether a token is watched on a venue (as in tickers); without a venue, on any."""
        if not venue:
            return token in self.spot or token in self.usdm
        return token in (self.usdm if is_of_contracts(venue) else self.spot)

    def pair(self, token: str, quote: str, venue: str) -> bool:
        """Whether a pair is watched: its base is, and its quote counts. COIN-M contracts are quoted in USD."""
        return self.currency(token, venue) and self.counts(quote, venue)

    def counts(self, quote: str, venue: str) -> bool:
        """Whether a quote counts on a venue. USD counts on all contracts: COIN-M has no other quote."""
        return quote in self.quotes or (quote == "USD" and is_of_contracts(venue))


def every_name(names: Iterable[str], identity: Identity, at: datetime) -> frozenset[str]:
    """Names, the assets that they mean at a time, and every name of these on all venues then (UST: USTC)."""
    typed = frozenset(names)
    assets = {identity.meant_asset(name, at) for name in typed}
    return typed.union(assets, *(identity.names_everywhere(asset, at) for asset in assets))


def configured_watch_lists(config: Config) -> WatchLists:
    return WatchLists(
        spot=frozenset(config.spot_currencies),
        usdm=frozenset(config.usdm_currencies),
        quotes=frozenset(config.base_currencies),
    )
