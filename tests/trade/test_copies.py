"""What instruments and the heartbeat hold of other tables for `can_trade` is never weaker than those tables."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg2.errors
import psycopg2.extensions
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events.daemon.trade_tables import mend_copies
from events.models import ClockState, Heartbeat, TradeSetting
from markets.instrument_names import exchange_of
from markets.instruments import store_instruments
from markets.models import Asset, Instrument, WatchEffective
from markets.venue_spellings import spellings
from markets.venues import declared_exchanges
from tests.events.risk_view.support import query, raw_connection
from tests.trade.test_can_trade import columns, database_now, fresh, one, perpetual, spot

STALE_PEGS = "UPDATE events_sourcehealth SET state = 'stale' WHERE source = 'defillama.stablecoins'"

TRIGGERS = {
    "markets_instrument": "set_instrument_flags",
    "markets_asset": "follow_assets_update follow_assets_delete follow_assets_truncate",
    "watch_effective": "follow_watch_lists",
    "events_heartbeat": "set_trade_settings",
    "trade_setting": "follow_trade_settings follow_trade_settings_truncate",
    "events_clockstate": "follow_trade_settings follow_trade_settings_truncate",
}


@pytest.fixture
def world(db: None) -> Iterator[None]:
    """ETH/BTC and BTC/USDT on Binance, both watched, every source fresh but that of pegs."""
    _store()
    query(STALE_PEGS)
    yield


def _store() -> None:
    now = database_now()
    store_instruments("BINANCE", [spot("ETHBTC", "ETH", "BTC"), spot("BTCUSDT", "BTC", "USDT")], now)
    for name, currencies in (("spot", "BTC ETH"), ("quote", "BTC USDT")):
        WatchEffective.objects.bulk_create(WatchEffective(watch_list=name, currency=one) for one in currencies.split())
    fresh(now)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def flags(symbol: str) -> tuple[Any, Any]:
    return Instrument.objects.values_list("pegged", "watched").get(symbol=symbol)


def past_the_triggers(*statements: str) -> None:
    """As a restore with triggers disabled writes."""
    query("SET CONSTRAINTS ALL IMMEDIATE")
    for switch in ("DISABLE", "ENABLE ALWAYS"):
        for table, triggers in TRIGGERS.items():
            query(f"ALTER TABLE {table} {', '.join(f'{switch} TRIGGER {name}' for name in triggers.split())}")
        if switch == "DISABLE":
            for statement in statements:
                query(statement)
    query("SET CONSTRAINTS ALL DEFERRED")


PEGGED = (
    ("UPDATE markets_asset SET kind = 'stablecoin' WHERE code = 'ETH'", True),
    ("UPDATE markets_asset SET kind = 'unknown' WHERE code = 'BTC'", True),
    ("UPDATE markets_asset SET code = 'ETH2' WHERE code = 'ETH'", True),
    ("DELETE FROM markets_asset WHERE code = 'ETH'", True),
    ("TRUNCATE markets_asset CASCADE", True),
    ("UPDATE markets_asset SET kind = 'fiat' WHERE code = 'ETH'", False),
    ("UPDATE markets_asset SET kind = 'stablecoin' WHERE code = 'SOL'", False),
    ("UPDATE markets_instrument SET pegged = false, quote_token = 'USDT' WHERE symbol = 'ETHBTC'", True),
    ("UPDATE markets_instrument SET settle_token = 'NOBODY', pegged = false WHERE symbol = 'ETHBTC'", True),
    ("UPDATE markets_instrument SET pegged = NULL, watched = NULL", False),
)


def test_a_pair_has_a_peg_from_the_statement_on_that_says_so(world: None) -> None:
    query("DELETE FROM markets_assetname")
    for change, pegged in PEGGED:
        with undone():
            assert columns(one("binance", "ETHBTC"), "status", "may_open") == ("fresh", True)
            query(change)
            assert flags("ETHBTC")[0] is pegged, change
            expected = ("stale", ["defillama.stablecoins"], False) if pegged else ("fresh", [], True)
            assert columns(one("binance", "ETHBTC"), "status", "stale_sources", "may_open") == expected, change


def test_a_coin_that_becomes_known_has_no_peg_any_more(world: None) -> None:
    query("UPDATE markets_asset SET kind = 'unknown' WHERE code = 'ETH'")
    query("UPDATE markets_asset SET kind = 'coin' WHERE code = 'ETH'")
    # Within the half minute in which the daemon looks: instrument lists learn coins, and must not wait for each other.
    assert flags("ETHBTC") == (True, True)
    assert mend_copies() and flags("ETHBTC") == (False, True)
    query("DELETE FROM markets_assetname")
    query("DELETE FROM markets_asset WHERE code = 'ETH'")
    query("INSERT INTO markets_asset (code, name, kind, reviewed, note) VALUES ('ETH', '', 'coin', true, '')")
    assert flags("ETHBTC") == (True, True)
    assert mend_copies() and flags("ETHBTC") == (False, True)


def test_whoever_switches_replication_writes_past_no_trigger(world: None) -> None:
    mend_copies()
    query("SET LOCAL session_replication_role = replica")
    query("UPDATE markets_asset SET kind = 'unknown' WHERE code = 'ETH'")
    query("DELETE FROM watch_effective WHERE currency = 'USDT'")
    query("UPDATE markets_instrument SET pegged = false, watched = true")
    query("UPDATE events_heartbeat SET trade_listed = true, database_off_seconds = 7")
    assert (flags("ETHBTC"), flags("BTCUSDT")) == ((True, True), (True, False))
    assert columns_of_heartbeat() == [(False, 0.0)]


def test_an_old_snapshot_judges_nothing(two_connections: Two) -> None:
    """What it computes would be braver than what others have committed since."""
    _store()
    writer, admin = two_connections
    with writer.cursor() as cursor, admin.cursor() as other:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM markets_asset")
        other.execute("UPDATE markets_asset SET kind = 'stablecoin' WHERE code = 'ETH'")
        cursor.execute(NEW, ("NEW",))
        writer.commit()
        assert flags("NEW") == (None, None)
        assert mend_copies() and flags("NEW") == (True, True)

        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM markets_asset")
        other.execute(NEW, ("NEWER",))
        with pytest.raises(psycopg2.errors.InvalidTransactionState, match="expected READ COMMITTED"):
            cursor.execute("DELETE FROM watch_effective WHERE currency = 'ETH'")
        writer.rollback()


WATCHED = (
    ("DELETE FROM watch_effective WHERE watch_list = 'spot' AND currency = 'ETH'", False),
    ("DELETE FROM watch_effective WHERE watch_list = 'quote' AND currency = 'BTC'", False),
    ("UPDATE watch_effective SET currency = 'ETC' WHERE currency = 'ETH'", False),
    ("UPDATE watch_effective SET watch_list = 'usdm' WHERE currency = 'ETH'", False),
    ("TRUNCATE watch_effective", False),
    ("DELETE FROM watch_effective WHERE currency = 'USDT'", True),
    ("UPDATE markets_instrument SET token = 'XYZ' WHERE symbol = 'ETHBTC'", False),
    ("UPDATE markets_instrument SET venue = 'BINANCE_USDM' WHERE symbol = 'ETHBTC'", False),
    ("UPDATE markets_instrument SET quote = 'EUR' WHERE symbol = 'ETHBTC'", False),
    ("UPDATE markets_instrument SET watched = true, token = 'XYZ' WHERE symbol = 'ETHBTC'", False),
)


def test_a_pair_is_watched_until_the_statement_that_ends_it(world: None) -> None:
    for change, watched in WATCHED:
        with undone():
            assert flags("ETHBTC") == (False, True)
            query(change)
            assert flags("ETHBTC")[1] is watched, change


def test_contracts_in_dollars_go_by_the_list_of_futures_alone(world: None) -> None:
    now = database_now()
    store_instruments("BINANCE_COINM", [perpetual("ETHUSD_PERP", "ETH", "USD", "BINANCE_COINM", settle="ETH")], now)
    store_instruments("OKX", [spot("ETH-USD", "ETH", "USD", "OKX")], now)
    assert (flags("ETHUSD_PERP"), flags("ETH-USD")) == ((False, False), (False, False))
    query("INSERT INTO watch_effective (watch_list, currency) VALUES ('usdm', 'ETH')")
    assert (flags("ETHUSD_PERP")[1], flags("ETH-USD")[1]) == (True, False)


def test_what_is_not_computed_reads_as_pegged_and_as_not_watched(world: None) -> None:
    past_the_triggers("UPDATE markets_instrument SET pegged = NULL, watched = NULL")
    row = one("binance", "ETHBTC")
    assert columns(row, "covered", "stale_sources", "may_open") == ("listed", ["defillama.stablecoins"], False)


def test_what_was_written_past_the_triggers_is_mended_and_nothing_is_written_where_all_is_right(world: None) -> None:
    mend_copies()
    past_the_triggers(
        "UPDATE markets_asset SET kind = 'unknown' WHERE code = 'ETH'",
        "DELETE FROM watch_effective WHERE currency = 'USDT'",
        "INSERT INTO trade_setting (only_row, trade_listed) VALUES (true, true)",
        "INSERT INTO events_clockstate (only_row, held, why, says, database_off_seconds, wall_off_seconds,"
        " confirmed_by) VALUES (true, true, '', '', -60, 0, '')",
    )
    assert (flags("ETHBTC"), flags("BTCUSDT")) == ((False, True), (True, True))
    assert mend_copies()
    assert (flags("ETHBTC"), flags("BTCUSDT")) == ((True, True), (True, False))
    assert columns_of_heartbeat() == [(True, -60.0)]
    before = query("SELECT sum(xmin::text::bigint) FROM markets_instrument"), query("SELECT ctid FROM events_heartbeat")
    with CaptureQueriesContext(connection) as captured:
        assert not mend_copies()
    assert len(captured) == 1
    after = query("SELECT sum(xmin::text::bigint) FROM markets_instrument"), query("SELECT ctid FROM events_heartbeat")
    assert after == before


def columns_of_heartbeat() -> list[tuple[Any, ...]]:
    return query("SELECT trade_listed, database_off_seconds FROM events_heartbeat")


def test_settings_reach_the_heartbeat_with_the_commit_that_changes_them(world: None) -> None:
    mend_copies()
    assert columns_of_heartbeat() == [(False, 0.0)]
    TradeSetting.objects.create(trade_listed=True)
    ClockState.objects.create(held=True, database_off_seconds=-3600.0)
    query("SET CONSTRAINTS ALL IMMEDIATE")  # as at commit
    assert columns_of_heartbeat() == [(True, -3600.0)]
    query("UPDATE trade_setting SET trade_listed = false")
    query("UPDATE events_clockstate SET database_off_seconds = 5")
    assert columns_of_heartbeat() == [(False, 5.0)]
    query("UPDATE trade_setting SET trade_listed = true")
    query("DELETE FROM trade_setting")
    query("TRUNCATE events_clockstate")
    assert columns_of_heartbeat() == [(False, 0.0)]
    query("UPDATE events_heartbeat SET trade_listed = true, database_off_seconds = 9")
    assert columns_of_heartbeat() == [(False, 0.0)]
    query("DELETE FROM events_heartbeat")
    query(
        "INSERT INTO events_heartbeat (only_row, beat_at, daemon, trade_listed, database_off_seconds)"
        " VALUES (true, now(), '', true, 9)"
    )
    assert columns_of_heartbeat() == [(None, None)]


@pytest.mark.parametrize("beats", [True, False])
def test_without_a_copy_the_tables_themselves_are_read(world: None, beats: bool) -> None:
    """A daemon that has just begun, or a heartbeat that somebody deleted."""
    now = database_now()
    store_instruments("OKX", [spot("BTC-USDT", "BTC", "USDT", "OKX", ends_at=now + timedelta(minutes=30))], now)
    ClockState.objects.create(held=True, database_off_seconds=-3600.0)
    TradeSetting.objects.create(trade_listed=True)
    query("DELETE FROM events_heartbeat")
    if beats:
        Heartbeat.objects.create(beat_at=now, daemon="just begun")
        assert columns_of_heartbeat() == [(None, None)]
        WatchEffective.objects.all().delete()
        query("UPDATE events_sourcehealth SET state = 'ok'")
        assert columns(one("binance", "BTCUSDT"), "covered", "may_open") == ("listed", True)
    assert columns(one("okx", "BTC-USDT"), "action", "may_close") == ("halt", False)


def test_an_exchange_s_own_name_and_a_venue_s_mean_the_same_beside_an_instrument_s_name() -> None:
    """can_trade looks a single pair up without `venue_spelling` by them."""
    for exchange in declared_exchanges():
        rows = spellings(exchange)
        # Margin has no instruments of its own, so nothing is found this way.
        venues = {venue for venue in exchange.venues if not venue.endswith("_MARGIN")}
        assert {venue for name, _, venue, _ in rows if name == exchange.name} == venues
        for venue in venues:
            assert {row for row in rows if row[0] == venue} == {(venue, exchange.name, venue, venue)}
            assert exchange_of(venue) == exchange.name


def test_an_exchange_that_is_not_declared_any_more_opens_nothing(world: None) -> None:
    """Its instruments stay; alone they are found still, by its own name."""
    query("UPDATE events_sourcehealth SET state = 'ok'")
    assert one("binance", "ETHBTC")["may_open"] is True
    query("DELETE FROM venue_source WHERE venue = 'BINANCE'")
    assert columns(one("binance", "ETHBTC"), "status", "may_open") == ("stale", False)
    query("DELETE FROM venue_spelling WHERE exchange = 'binance'")
    for asked in (("binance", "ETHBTC"), ("BINANCE", "ETHBTC"), ("Binance", "ETHBTC"), ("ETHBTC",)):
        assert one(*asked)["may_open"] is False


# -- Beside writers of instruments

Two = tuple[psycopg2.extensions.connection, psycopg2.extensions.connection]


@pytest.fixture
def two_connections(transactional_db: None) -> Iterator[Two]:
    """Of a writer with transactions, and of somebody in autocommit. Only then can the tables be emptied."""
    writer, admin = raw_connection(), raw_connection()
    writer.autocommit = False
    yield writer, admin
    writer.close()
    admin.close()


NEW = (
    "INSERT INTO markets_instrument (venue, symbol, base, quote, token, multiplier, contract_type, status, live, since,"
    " first_seen_at, last_seen_at, quote_token)"
    " SELECT venue, %s, base, quote, token, multiplier, contract_type, status, live, since, first_seen_at,"
    " last_seen_at, quote_token FROM markets_instrument WHERE symbol = 'ETHBTC'"
)


def test_an_instrument_that_is_being_written_does_not_escape_what_makes_answers_stricter(two_connections: Two) -> None:
    _store()
    writer, admin = two_connections
    for symbol, change, then in (
        ("NEW", "UPDATE markets_asset SET kind = 'stablecoin' WHERE code = 'ETH'", (True, True)),
        ("NEWER", "DELETE FROM watch_effective WHERE currency = 'ETH'", (True, False)),
    ):
        done = threading.Event()

        def act(change: str = change, done: threading.Event = done) -> None:
            with admin.cursor() as cursor:
                cursor.execute(change)
            done.set()

        with writer.cursor() as cursor:
            # As an instrument list does it: rows are locked, then written.
            cursor.execute("SELECT id FROM markets_instrument WHERE venue = 'BINANCE' FOR UPDATE")
            cursor.execute(NEW, (symbol,))
            thread = threading.Thread(target=act)
            thread.start()
            # The change waits for the list, the list does not wait for the change, and bots for neither.
            assert not done.wait(0.1)
            assert one("binance", "ETHBTC")["may_open"] is True
            cursor.execute("UPDATE markets_instrument SET status = 'BREAK' WHERE venue = 'BINANCE'")
            writer.commit()
        thread.join(10)
        assert done.is_set()
        assert (flags(symbol), flags("ETHBTC")) == (then, then)


def test_what_allows_more_waits_for_nobody_and_the_heartbeat_for_no_admin(two_connections: Two) -> None:
    _store()
    Asset.objects.filter(code="ETH").update(kind="unknown")
    ClockState.objects.create(held=True, database_off_seconds=1.0)
    mend_copies()
    writer, admin = two_connections
    with writer.cursor() as cursor, admin.cursor() as other:
        cursor.execute("SELECT id FROM markets_instrument WHERE symbol = 'ETHBTC' FOR UPDATE")
        cursor.execute("UPDATE events_clockstate SET confirmed_by = 'admin'")
        other.execute("SET lock_timeout = '200ms'")
        other.execute("UPDATE events_heartbeat SET beat_at = clock_timestamp()")
        other.execute("UPDATE markets_asset SET kind = 'coin' WHERE code = 'ETH'")
        other.execute("INSERT INTO watch_effective (watch_list, currency) VALUES ('spot', 'SOL')")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            other.execute("DELETE FROM watch_effective WHERE currency = 'SOL'")
        writer.rollback()
    # Left as strict as it was until the daemon looks.
    assert flags("ETHBTC") == (True, True)
    assert mend_copies() and flags("ETHBTC") == (False, True)


def test_nobody_who_leaves_a_transaction_open_holds_a_beat_and_no_beat_a_confirmation(two_connections: Two) -> None:
    """Twelve seconds without a beat, and every bot reads `unknown`."""
    fresh(database_now())
    TradeSetting.objects.create(trade_listed=False)
    ClockState.objects.create(held=True, database_off_seconds=1.0)
    writer, admin = two_connections
    with writer.cursor() as cursor, admin.cursor() as other:
        other.execute("SET lock_timeout = '200ms'")
        cursor.execute("UPDATE trade_setting SET trade_listed = true")
        cursor.execute("UPDATE events_clockstate SET database_off_seconds = -60")
        other.execute("UPDATE events_heartbeat SET beat_at = clock_timestamp()")
        other.execute("SELECT copy_trade_settings()")
        assert columns_of_heartbeat() == [(False, 1.0)]
        writer.commit()
        assert columns_of_heartbeat() == [(True, -60.0)]

        # Even where the heartbeat has no copies yet.
        other.execute("DELETE FROM events_heartbeat")
        Heartbeat.objects.create(beat_at=database_now(), daemon="just begun")
        cursor.execute("UPDATE events_heartbeat SET beat_at = clock_timestamp()")
        other.execute("UPDATE events_clockstate SET confirmed_by = 'admin'")
        writer.rollback()


def test_two_lists_that_learn_coins_do_not_wait_for_each_other_s_instruments(two_connections: Two) -> None:
    _store()
    store_instruments("OKX", [spot(f"{coin}-BTC", coin, "BTC", "OKX") for coin in ("ETH", "SOL")], database_now())
    Asset.objects.filter(code__in=("ETH", "SOL")).update(kind="unknown")
    binance, okx = two_connections
    okx.autocommit = False
    with binance.cursor() as one_list, okx.cursor() as other_list:
        for cursor, coin in ((one_list, "SOL"), (other_list, "ETH")):
            cursor.execute("SET lock_timeout = '200ms'")
            cursor.execute("UPDATE markets_asset SET kind = 'coin' WHERE code = %s", (coin,))
        for cursor, venue in ((one_list, "BINANCE"), (other_list, "OKX")):
            cursor.execute("SELECT id FROM markets_instrument WHERE venue = %s FOR UPDATE", (venue,))
        binance.commit()
        okx.commit()
    assert mend_copies() and (flags("ETHBTC"), flags("SOL-BTC")) == ((False, True), (False, False))
