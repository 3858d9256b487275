"""The watch lists as they hold now: the configured ones with the admins' changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto_ews.conf import Config
from markets.versions import LastMade, version_of_rows

_FUTURES = ("_USDM", "_COINM", "_OPTIONS", "_SWAP", "_FUTURES")


@dataclass(frozen=True)
class WatchLists:
    """Which currencies count: on spot, on futures, and as quote assets. Upper case."""

    spot: frozenset[str]
    usdm: frozenset[str]
    quotes: frozenset[str]

    def with_assets(self, asset_of: Callable[[str], str]) -> WatchLists:
        """The lists with the assets that their names mean: who watches FTM watches S."""
        spot, usdm = (names | {asset_of(name) for name in names} for names in (self.spot, self.usdm))
        return WatchLists(spot, usdm, self.quotes)

    def currency(self, token: str, venue: str = "") -> bool:
        """Whether a token is watched on a venue (as in tickers), or anywhere where none is given."""
        if not venue:
            return token in self.spot or token in self.usdm
        return token in (self.usdm if venue.endswith(_FUTURES) else self.spot)

    def pair(self, token: str, quote: str, venue: str) -> bool:
        """Whether a pair is watched: its base is, and its quote counts. COIN-M contracts are quoted in USD."""
        return self.currency(token, venue) and self.counts(quote, venue)

    def counts(self, quote: str, venue: str) -> bool:
        """Whether a quote counts on a venue; contracts quoted in USD are what COIN-M has."""
        return quote in self.quotes or (quote == "USD" and venue.endswith(_FUTURES))

    def ticker(self, token: str, ticker: str) -> bool:
        """Whether a VENUE:SYMBOL of a token is watched, judged by its symbol alone, for want of the instrument."""
        venue, _, symbol = ticker.partition(":")
        if venue.endswith(_FUTURES) or symbol.endswith(("-SWAP", "_PERP")):
            return token in self.usdm
        return token in self.spot and symbol.endswith(tuple(self.quotes))


def configured_watch_lists(config: Config) -> WatchLists:
    return WatchLists(
        spot=frozenset(config.spot_currencies),
        usdm=frozenset(config.usdm_currencies),
        quotes=frozenset(config.base_currencies),
    )


# What admins changed; every round asks for it.
_entries: LastMade[list[tuple[str, str, bool]]] = LastMade()


def effective_watch_lists(config: Config) -> WatchLists:
    """The configured lists with the changes that admins made, which hold without a restart."""
    from markets.models import WatchListEntry

    configured = configured_watch_lists(config)
    lists = {"spot": set(configured.spot), "usdm": set(configured.usdm), "quote": set(configured.quotes)}
    version = version_of_rows(("markets_watchlistentry AS item", ()))
    entries = WatchListEntry.objects.values_list("watch_list", "currency", "watched")
    for watch_list, currency, watched in _entries.of("entries", version, lambda: list(entries)):
        if watched:
            lists[watch_list].add(currency)
        else:
            lists[watch_list].discard(currency)
    return WatchLists(frozenset(lists["spot"]), frozenset(lists["usdm"]), frozenset(lists["quote"]))
