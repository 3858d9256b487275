"""Versions of rows: nothing that changes may be taken for unchanged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from crypto_ews.conf import parse_config
from markets.models import Instrument, WatchListEntry
from markets.versions import VersionedCache, version_of_rows
from markets.watch_store import effective_watch_lists

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, tzinfo=UTC)
LIVE = ("markets_instrument AS item WHERE live = %s", (True,))


def instrument(symbol: str, live: bool = True) -> Instrument:
    return Instrument.objects.create(
        venue="BINANCE", symbol=symbol, base=symbol, quote="USDT", token=symbol, status="TRADING", live=live,
        since=NOW, first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip


def test_rows_that_come_change_and_go_are_other_versions_also_within_one_transaction() -> None:
    versions = [version_of_rows(LIVE)]
    row = instrument("ABC")
    versions.append(version_of_rows(LIVE))
    for status in ("HALT", "TRADING", "HALT"):
        Instrument.objects.filter(pk=row.pk).update(status=status)
        versions.append(version_of_rows(LIVE))
    instrument("XYZ")
    versions.append(version_of_rows(LIVE))
    Instrument.objects.filter(pk=row.pk).update(live=False)
    versions.append(version_of_rows(LIVE))
    assert len(set(versions)) == len(versions)


def test_rows_that_are_not_selected_do_not_count() -> None:
    instrument("ABC")
    before = version_of_rows(LIVE)
    instrument("XYZ", live=False)
    assert version_of_rows(LIVE) == before == version_of_rows(LIVE)
    assert version_of_rows(LIVE, LIVE) != before


def test_what_was_rolled_back_is_the_version_before() -> None:
    instrument("ABC")
    before = version_of_rows(LIVE)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        instrument("XYZ")
        assert version_of_rows(LIVE) != before
        raise ZeroDivisionError
    assert version_of_rows(LIVE) == before


def test_what_was_made_last_is_handed_out_until_its_version_differs_and_an_error_keeps_nothing() -> None:
    last: VersionedCache[list[int]] = VersionedCache()
    first = last.of("a", 1, lambda: [1])
    assert last.of("a", 1, lambda: [2]) is first
    assert last.of("b", 1, lambda: [3]) == [3]

    def fail() -> list[int]:
        raise ValueError("unreadable")

    for _ in range(2):
        with pytest.raises(ValueError, match="unreadable"):
            last.of("a", 2, fail)
    assert last.of("a", 2, lambda: [4]) == [4] and last.of("a", 1, lambda: [5]) == [5]


def test_an_admins_change_of_the_watch_lists_holds_at_once() -> None:
    config = parse_config({"SPOT_CURRENCIES": "BTC", "USDM_CURRENCIES": "BTC"})
    assert effective_watch_lists(config).spot == {"BTC"}
    entry = WatchListEntry.objects.create(watch_list="spot", currency="ABC")
    assert effective_watch_lists(config).spot == {"BTC", "ABC"}
    WatchListEntry.objects.filter(pk=entry.pk).update(currency="XYZ")
    assert effective_watch_lists(config).spot == {"BTC", "XYZ"}
    entry.delete()
    assert effective_watch_lists(config).spot == {"BTC"}
