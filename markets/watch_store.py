"""The effective watch lists: the configured lists with the admins' changes, and their table for readers in SQL."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crypto_ews.conf import Config, get_config
from markets.identity import Identity
from markets.identity_store import known_identity
from markets.models import WatchEffective, WatchListEntry
from markets.versions import VersionedCache, version_of_rows
from markets.watch import WatchLists, configured_watch_lists, every_name

# The admins' changes; every cycle asks for them.
_entries: VersionedCache[list[tuple[str, str, bool]]] = VersionedCache()


def typed_watch_lists(config: Config, identity: Identity, at: datetime) -> WatchLists:
    """The configured lists with the admins' changes, by the names that people typed.

    A removal applies to the asset whichever name of it is configured; an addition always wins.
    """
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
    """The effective watch lists: the typed lists, with the assets that their names mean `at` a time (default: now).

    In a replay `at` is the virtual now.
    """
    identity, at = known_identity(), at or timezone.now()
    return typed_watch_lists(config, identity, at).as_of(identity, at)


def watched_stablecoins(config: Config, at: datetime) -> frozenset[str]:
    """Every name of the coins of STABLECOINS at a time."""
    return every_name(config.stablecoins, known_identity(), at)


_LISTS = WatchListEntry.List


def store_watch_table(config: Config, at: datetime | None = None) -> bool:
    """Store the effective watch lists, with the assets that names mean then; returns whether the table changed."""
    lists = effective_watch_lists(config, at)
    target = {
        (str(name), currency)
        for name, currencies in ((_LISTS.SPOT, lists.spot), (_LISTS.USDM, lists.usdm), (_LISTS.QUOTE, lists.quotes))
        for currency in currencies
    }
    if target == set(WatchEffective.objects.values_list("watch_list", "currency")):
        return False
    with transaction.atomic():
        # Without the lock, two concurrent writers would each delete rows that the other has just added.
        known = {(row.watch_list, row.currency): row.pk for row in WatchEffective.objects.select_for_update()}
        WatchEffective.objects.filter(pk__in=[known[key] for key in known.keys() - target]).delete()
        WatchEffective.objects.bulk_create(
            [WatchEffective(watch_list=name, currency=currency) for name, currency in sorted(target - known.keys())],
            ignore_conflicts=True,
        )
    return True


def on_entry_changed(**_signal: object) -> None:
    """Receiver of the signals of `WatchListEntry`: an admin's change takes effect with its commit."""
    store_watch_table(get_config())
