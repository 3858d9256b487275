"""The table of the watch lists as they hold now, for readers in SQL: `can_trade` says whether a pair is watched."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from crypto_ews.conf import Config, get_config
from markets.models import WatchEffective, WatchListEntry
from markets.watch import effective_watch_lists

_LISTS = WatchListEntry.List


def keep_watch_table(config: Config, at: datetime | None = None) -> bool:
    """Make the table equal to the effective watch lists, with the assets that names mean then; whether it changed."""
    lists = effective_watch_lists(config, at)
    wanted = {
        (str(name), currency)
        for name, currencies in ((_LISTS.SPOT, lists.spot), (_LISTS.USDM, lists.usdm), (_LISTS.QUOTE, lists.quotes))
        for currency in currencies
    }
    if wanted == set(WatchEffective.objects.values_list("watch_list", "currency")):
        return False
    with transaction.atomic():
        # Two that write at once would else each delete what the other has just added.
        known = {(row.watch_list, row.currency): row.pk for row in WatchEffective.objects.select_for_update()}
        WatchEffective.objects.filter(pk__in=[known[key] for key in known.keys() - wanted]).delete()
        WatchEffective.objects.bulk_create(
            [WatchEffective(watch_list=name, currency=currency) for name, currency in sorted(wanted - known.keys())],
            ignore_conflicts=True,
        )
    return True


def on_entry_changed(**_signal: object) -> None:
    """Receiver of the signals of `WatchListEntry`: what an admin takes out is not watched from this commit on."""
    keep_watch_table(get_config())
