"""Keeps the small tables that `can_trade` reads beside events and instruments equal to program and configuration.

A timer of the leading daemon calls it at the start and every half minute.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crypto_ews.conf import Config
from events import clock, registry
from events.models import TradeSetting, VenueSource
from markets.models import VenueSpelling
from markets.venue_spellings import store_spellings
from markets.watch_store import store_watch_table

logger = logging.getLogger(__name__)

SECONDS = 30.0
# Both halves use partial indexes on open rows.
_MEND = """
UPDATE events_effect SET open = NOT open
 WHERE id IN (SELECT effect.id FROM events_effect AS effect
               WHERE effect.open
                 AND NOT EXISTS (SELECT FROM events_event AS event
                                  WHERE event.id = effect.event_id AND event.status = 'open')
               UNION ALL
              SELECT effect.id FROM events_event AS event JOIN events_effect AS effect ON effect.event_id = event.id
               WHERE event.status = 'open' AND NOT effect.open)
"""


def keep_tables(config: Config, now: datetime) -> None:
    """Update watch lists, venues, sources and settings for `can_trade`. Writes nothing where nothing changed."""
    mend_open_effects()
    mend_copies()
    if clock.is_settled():
        # With a clock that is wrong from the start, names would mean the assets of years ago.
        store_watch_table(config, now)
    # Sources come first: an exchange that is not declared any more is still found by its name, and must not look fresh.
    keep_venue_sources(registry.venue_sources())
    store_spellings()
    if TradeSetting.objects.filter(trade_listed=config.trade_listed).count() != 1:
        TradeSetting.objects.update_or_create(only_row=True, defaults={"trade_listed": config.trade_listed})


def mend_open_effects() -> int:
    """Correct `Effect.open` where rows were written past the triggers; returns how many were wrong.

    A restore with triggers disabled can cause that, and a close that runs at the same time as an effect's insert.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MEND)
        mended = cursor.rowcount
    if mended:
        logger.warning("%d effect(s) disagreed with their event about being open; corrected", mended)
    return mended


def mend_copies() -> bool:
    """Correct what instruments, heartbeat and the view's state hold of other tables (`Instrument.pegged`, …).

    Triggers keep it strict. They leave out assets that became known, a restore with triggers disabled writes past them,
    and a new heartbeat has none of it yet. Returns whether something was wrong. Writes nothing, and waits for nobody,
    where all is right.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT mend_instrument_flags(false), copy_trade_settings(), copy_reviews()")
        instruments, settings, reviews = cursor.fetchone()
    if instruments:
        logger.warning("%d instrument(s) disagreed with assets or watch lists; corrected", instruments)
    return bool(instruments or settings or reviews)


def load_reference_tables(**_signal: Any) -> None:
    """Fill the tables that depend on the program alone. Receiver of `post_migrate`, idempotent."""
    with connection.cursor() as cursor:
        tables = [VenueSource._meta.db_table, VenueSpelling._meta.db_table]
        cursor.execute("SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s) AS name", [tables])
        (there,) = cursor.fetchone()
    if not there:
        return  # Migrated to a release without these tables.
    store_spellings()
    keep_venue_sources(registry.venue_sources())


def keep_venue_sources(expected: Collection[tuple[str, str, str]]) -> None:
    known = set(VenueSource.objects.values_list("venue", "source", "role"))
    if known == set(expected):
        return
    with transaction.atomic():
        # Inserts come first: at no moment may `can_trade` require fewer sources than before and after.
        VenueSource.objects.bulk_create(
            [
                VenueSource(venue=venue, source=source, role=role)
                for venue, source, role in sorted(set(expected) - known)
            ],
            ignore_conflicts=True,
        )
        for venue, source, role in known - set(expected):
            VenueSource.objects.filter(venue=venue, source=source, role=role).delete()
