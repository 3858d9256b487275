"""The watch lists as they hold now: the configured ones with the admins' changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from crypto_ews.conf import Config
from markets.identity import Identity
from markets.versions import LastMade, version_of_rows

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
        """The lists with what their names mean at a time, and these names: who watches FTM watches S, and the reverse.

        In May 2022 LUNA is LUNC, and from the 31st on it is another coin. A quote counts under every name it goes by.
        """

        def currencies(names: frozenset[str]) -> frozenset[str]:
            assets = {identity.meant_asset(name, at) for name in names}
            return names.union(assets, *(identity.former_names(asset, at) for asset in assets))

        return WatchLists(currencies(self.spot), currencies(self.usdm), every_name(self.quotes, identity, at))

    def currency(self, token: str, venue: str = "") -> bool:
        """Whether a token is watched on a venue (as in tickers), or anywhere where none is given."""
        if not venue:
            return token in self.spot or token in self.usdm
        return token in (self.usdm if is_of_contracts(venue) else self.spot)

    def pair(self, token: str, quote: str, venue: str) -> bool:
        """Whether a pair is watched: its base is, and its quote counts. COIN-M contracts are quoted in USD."""
        return self.currency(token, venue) and self.counts(quote, venue)

    def counts(self, quote: str, venue: str) -> bool:
        """Whether a quote counts on a venue; contracts quoted in USD are what COIN-M has."""
        return quote in self.quotes or (quote == "USD" and is_of_contracts(venue))


def every_name(names: Iterable[str], identity: Identity, at: datetime) -> frozenset[str]:
    """Names, the assets that they mean at a time, and every name under which these go everywhere then (UST: USTC)."""
    typed = frozenset(names)
    assets = {identity.meant_asset(name, at) for name in typed}
    return typed.union(assets, *(identity.names_everywhere(asset, at) for asset in assets))


def watched_stablecoins(config: Config, at: datetime) -> frozenset[str]:
    """Every name that the coins of STABLECOINS have at a time."""
    from markets.identity_store import known_identity

    return every_name(config.stablecoins, known_identity(), at)


def configured_watch_lists(config: Config) -> WatchLists:
    return WatchLists(
        spot=frozenset(config.spot_currencies),
        usdm=frozenset(config.usdm_currencies),
        quotes=frozenset(config.base_currencies),
    )


# What admins changed; every round asks for it.
_entries: LastMade[list[tuple[str, str, bool]]] = LastMade()


def typed_watch_lists(config: Config, identity: Identity, at: datetime) -> WatchLists:
    """The configured lists with the changes that admins made, by the names that people typed.

    What an admin takes out goes under whatever name it was configured; what one adds holds in any case.
    """
    from markets.models import WatchListEntry

    configured = configured_watch_lists(config)
    lists = {"spot": set(configured.spot), "usdm": set(configured.usdm), "quote": set(configured.quotes)}
    version = version_of_rows(("markets_watchlistentry AS item", ()))
    entries = WatchListEntry.objects.order_by("watched").values_list("watch_list", "currency", "watched")
    for watch_list, currency, watched in _entries.of("entries", version, lambda: list(entries)):
        if watched:
            lists[watch_list].add(currency)
            continue
        asset = identity.meant_asset(currency, at)
        lists[watch_list] -= {name for name in lists[watch_list] if identity.meant_asset(name, at) == asset}
    return WatchLists(frozenset(lists["spot"]), frozenset(lists["usdm"]), frozenset(lists["quote"]))


def effective_watch_lists(config: Config, at: datetime | None = None) -> WatchLists:
    """What is watched: the lists that people typed, with the assets that their names mean `at` a time.

    In a replay that is the virtual now. Without `at` the names mean what they mean today.
    """
    from markets.identity_store import known_identity

    identity, at = known_identity(), at or timezone.now()
    return typed_watch_lists(config, identity, at).as_of(identity, at)
