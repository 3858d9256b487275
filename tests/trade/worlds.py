"""Random worlds as rows, compared with the oracle: `python -m tests.trade.worlds --worlds 1000`."""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import sys
from datetime import datetime, timedelta
from typing import Any

from tests.trade.oracle import COINS, MONEY, SEVERITY, Event, Instrument, World, expected, random_world

COMPARED = (
    "exchange", "venue", "symbol", "base", "quote", "settle", "may_open", "may_close", "action", "base_action",
    "quote_action", "instrument_action", "trading_status", "trading_ends_at", "status", "covered",
)  # fmt: skip


def write(world: World) -> None:
    """The world as rows; the tables are empty but for it afterwards."""
    from events.models import Effect, Heartbeat, SourceHealth, TradeSetting, VenueSource
    from events.models import Event as EventRow
    from events.models import Review as ReviewRow
    from markets.instruments import store_lists
    from markets.knowledge import InstrumentRow
    from markets.models import Instrument as InstrumentTable
    from markets.models import WatchEffective
    from tests.events.risk_view.support import query

    query("DELETE FROM events_effect")
    query("DELETE FROM events_event")
    for model in (ReviewRow, Heartbeat, SourceHealth, TradeSetting, VenueSource, WatchEffective):
        model.objects.all().delete()
    query("DELETE FROM instrument_name")
    InstrumentTable.objects.all().delete()
    lists: dict[str, list[InstrumentRow]] = {}
    for one in world.instruments:
        kind = "" if one.venue in ("BINANCE", "OKX", "KRAKEN") else "PERPETUAL"
        lists.setdefault(one.venue, []).append(
            InstrumentRow(
                one.venue, one.symbol, one.base, one.quote, one.base, "TRADING" if one.live else "BREAK", one.live,
                contract_type=kind, ends_at=one.ends_at, settle=one.settle,
            )
        )  # fmt: skip
    store_lists(lists, world.now)
    for event in world.events:
        event.id = _write_event(event, world.now, EventRow, Effect)
    for review in world.reviews:
        row = ReviewRow.objects.create(
            source="binance", natural_key=f"world:{id(review)}", title="Aviso", reason="language", digest="",
            tokens=review.tokens, tickers=review.tickers, venues=review.venues, opened_at=world.now,
            released_at=world.now - timedelta(days=review.age), decided_at=world.now if review.decided else None,
            decision="harmless" if review.decided else "",
        )  # fmt: skip
        review.id = int(row.pk)
    VenueSource.objects.bulk_create(
        VenueSource(venue=venue, source=source, role=role)
        for venue, rows in world.needed.items()
        for source, role in rows
    )
    SourceHealth.objects.bulk_create(
        SourceHealth(
            source=source.name,
            state=source.state,
            interval_seconds=source.interval,
            watched_since=world.now,
            last_success_at=None if source.answered is None else world.now - timedelta(seconds=source.answered),
        )
        for source in world.sources
    )
    for name, currencies in (("spot", world.spot), ("usdm", world.usdm), ("quote", world.quotes)):
        WatchEffective.objects.bulk_create(WatchEffective(watch_list=name, currency=one) for one in currencies)
    TradeSetting.objects.create(trade_listed=world.trade_listed)
    if world.heartbeat is not None:
        Heartbeat.objects.create(beat_at=world.now - timedelta(seconds=world.heartbeat), daemon="world")
    # As at the commit that this transaction never reaches.
    query("SET CONSTRAINTS follow_reviews IMMEDIATE; SET CONSTRAINTS follow_reviews DEFERRED")
    query("UPDATE risk_view_state SET refreshed_at = %s", world.now - timedelta(seconds=world.refreshed))


def _write_event(event: Event, now: datetime, event_table: Any, effect_table: Any) -> int:
    row = event_table.objects.create(
        source="binance", category=event.category, priority=event.priority, status="open",
        natural_key=f"world:{id(event)}", title="A notice", seen_at=now, opened_at=now, updated_at=now,
    )  # fmt: skip
    effect_table.objects.bulk_create(
        effect_table(
            event=row, token=one.token, scope=one.scope, venue=one.venue, tickers=one.tickers, action=one.action,
            trading_status=one.trading_status, trading_ends_at=one.trading_ends_at,
        )
        for one in event.effects
    )  # fmt: skip
    if not event.open:
        # As lifecycle does it: the effects stay, the event's status changes.
        row.status, row.closed_at = "closed", now
        row.save(update_fields=["status", "closed_at"])
    return int(row.pk)


KINDS = {"coin": False, "fiat": False, "stablecoin": True, "unknown": True}  # whether it counts as pegged


def disturb(world: World, chance: random.Random) -> None:
    """Change by raw SQL what instruments and heartbeat hold copies of, and the world with it.

    The first of them may be the copies themselves, written past the triggers and mended by the daemon.
    """
    from events.daemon.trade_tables import mend_copies
    from tests.events.risk_view.support import query

    if chance.random() < 0.5:
        copies = {"markets_instrument": "set_instrument_flags", "events_heartbeat": "set_trade_settings"}
        query("SET CONSTRAINTS ALL IMMEDIATE")
        for table, trigger in copies.items():
            query(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        query(f"UPDATE markets_instrument SET pegged = {chance.choice(('NULL', 'NOT pegged'))}, watched = NOT watched")
        query("UPDATE events_heartbeat SET trade_listed = true, database_off_seconds = 100000")
        for table, trigger in copies.items():
            query(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        query("SET CONSTRAINTS ALL DEFERRED")
        # The triggers that have fired have refreshed the view.
        query("UPDATE risk_view_state SET refreshed_at = %s", world.now - timedelta(seconds=world.refreshed))
        mend_copies()
    if world.reviews:
        review = chance.choice(world.reviews)
        review.decided = not review.decided
        query(
            "UPDATE events_review SET decided_at = %s, decision = %s WHERE id = %s",
            world.now if review.decided else None, "event" if review.decided else "", review.id,
        )  # fmt: skip
        query("SET CONSTRAINTS follow_reviews IMMEDIATE; SET CONSTRAINTS follow_reviews DEFERRED")
        query("UPDATE risk_view_state SET refreshed_at = %s", world.now - timedelta(seconds=world.refreshed))
    for _ in range(chance.randrange(1, 6)):
        what = chance.choice(("kind", "kind", "no asset", "watch", "renamed entry", "setting", "renamed coin"))
        code = chance.choice((*COINS, *MONEY))
        listed, watched = chance.choice((("spot", world.spot), ("usdm", world.usdm), ("quote", world.quotes)))
        if what == "kind":
            kind = chance.choice(list(KINDS))
            query(
                "INSERT INTO markets_asset (code, name, kind, reviewed, note) VALUES (%s, '', %s, true, '')"
                " ON CONFLICT (code) DO UPDATE SET kind = excluded.kind",
                code, kind,
            )  # fmt: skip
            (world.stablecoins.add if KINDS[kind] else world.stablecoins.discard)(code)
            if not KINDS[kind]:
                mend_copies()  # what allows more, the daemon copies
        elif what == "no asset":
            query("DELETE FROM markets_assetname USING markets_asset AS a WHERE asset_id = a.id AND a.code = %s", code)
            query("DELETE FROM markets_asset WHERE code = %s", code)
            world.stablecoins.add(code)
        elif what == "watch" and code in watched:
            query("DELETE FROM watch_effective WHERE watch_list = %s AND currency = %s", listed, code)
            watched.discard(code)
        elif what == "watch":
            query("INSERT INTO watch_effective (watch_list, currency) VALUES (%s, %s)", listed, code)
            watched.add(code)
        elif what == "renamed entry" and watched and code not in watched:
            old = chance.choice(sorted(watched))
            query("UPDATE watch_effective SET currency = %s WHERE watch_list = %s AND currency = %s", code, listed, old)
            watched.symmetric_difference_update({old, code})
        elif what == "setting":
            world.trade_listed = not world.trade_listed
            query("UPDATE trade_setting SET trade_listed = %s", world.trade_listed)
            query("SET CONSTRAINTS follow_trade_settings IMMEDIATE; SET CONSTRAINTS follow_trade_settings DEFERRED")
        elif what == "renamed coin":
            one = chance.choice(world.instruments)
            one.token = code
            query(
                "UPDATE markets_instrument SET token = %s WHERE venue = %s AND symbol = %s", code, one.venue, one.symbol
            )


def differences(world: World) -> list[str]:
    """What can_trade says of every instrument of a world that the contract does not, in words."""
    from django.db import connection

    asked: list[tuple[str, Instrument]] = []
    for one in world.instruments:
        asked.append((one.venue, one))
        if one.venue == "BINANCE":
            asked.append(("BINANCE_MARGIN", one))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE ews_bot")
        cursor.execute(
            "SELECT * FROM can_trade_many(%s, %s)", ([venue for venue, _ in asked], [one.symbol for _, one in asked])
        )
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        cursor.execute("RESET ROLE")
    found = [] if len(rows) == len(asked) else [f"{len(asked)} pairs were asked for, {len(rows)} rows came"]
    for row in rows:
        venue, one = asked[row["n"] - 1]
        wanted = expected(world, one, venue)
        wrong = [f"{name}: {row[name]!r}, expected {wanted[name]!r}" for name in COMPARED if row[name] != wanted[name]]
        if sorted(row["event_ids"]) != wanted["event_ids"]:
            wrong.append(f"event_ids: {row['event_ids']}, expected {wanted['event_ids']}")
        reviewed = {why["review"]: why["concerns"] for why in json.loads(row["reasons"]) if why["category"] == "review"}
        if reviewed != wanted["reviewed"]:
            wrong.append(f"reviews: {reviewed}, expected {wanted['reviewed']}")
        parts = max(SEVERITY[row[name]] for name in ("base_action", "quote_action", "instrument_action"))
        if SEVERITY[row["action"]] < parts:
            wrong.append("weaker than one of its parts")
        if any(value is None for name, value in row.items() if isinstance(wanted.get(name), str)):
            wrong.append("a text is NULL")
        if wrong:
            found.append(f"{venue}:{one.symbol}: {'; '.join(wrong)}")
    return found


def single_answers(world: World, chance: random.Random) -> list[str]:
    """Where one pair asked for alone is answered otherwise than among others, under several names of its exchange."""
    from tests.events.risk_view.support import query

    one = chance.choice(world.instruments)
    found = []
    for name in (one.venue, one.exchange, one.venue.lower(), one.exchange.upper(), f"{one.exchange}_margin", None):
        for symbol in (one.symbol, f"{one.base}-{one.quote}", f" {one.symbol.lower()} "):
            columns = (
                "exchange, venue, symbol, base, action, may_open, may_close, status, stale_sources, covered, event_ids"
            )
            alone = query(f"SELECT {columns} FROM can_trade(%s, %s)", name, symbol)
            among = query(
                f"SELECT {columns} FROM can_trade_many(ARRAY[%s, 'nowhere'], ARRAY[%s, 'NOTHING']) WHERE n = 1",
                name, symbol,
            )  # fmt: skip
            if alone != among:
                found.append(f"{name}, {symbol}: alone {alone}, among others {among}")
    return found


def compare(worlds: int, seed: int) -> list[str]:
    """Every world in a transaction that is rolled back; the differences, with the world's seed."""
    from django.db import transaction
    from django.utils import timezone

    found = []
    for number in range(seed, seed + worlds):
        with transaction.atomic():
            # Ages are measured by the real clock: a world must not grow old before it is compared.
            world = random_world(random.Random(number), timezone.now())
            write(world)
            found += [f"world {number}: {line}" for line in differences(world)]
            found += [f"world {number}: {line}" for line in single_answers(world, random.Random(number))]
            disturb(world, random.Random(number))
            found += [f"world {number}, disturbed: {line}" for line in differences(world)]
            transaction.set_rollback(True)
        if len(found) > 20:
            break
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    from tests.support.postgres_cluster import ThrowawayCluster

    logging.disable(logging.WARNING)  # what the worlds break, the daemon says that it mends
    with ThrowawayCluster() as url:
        os.environ["EWS_ENV_FILE"] = ""
        os.environ["DATABASE_URL"] = url
        os.environ["DJANGO_SETTINGS_MODULE"] = "crypto_ews.settings"
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        found = compare(arguments.worlds, arguments.seed)
        connections.close_all()
    print("\n".join(found) or f"{arguments.worlds:,} worlds: can_trade and the oracle agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
