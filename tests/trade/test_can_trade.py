"""Contract 12: the one strict answer, as a bot gets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DataError
from django.test.utils import CaptureQueriesContext

from crypto_ews.conf import get_config, parse_config
from events import registry
from events.daemon.trade_tables import keep_tables, mend_open_effects
from events.lifecycle import follow_renamed_coins
from events.models import ClockState, Effect, Event, Heartbeat, SourceHealth, TradeSetting, VenueSource
from markets.identity_store import known_identity
from markets.instruments import store_instruments
from markets.knowledge import InstrumentRow
from markets.models import Asset, AssetName, WatchEffective, WatchListEntry
from tests.events.risk_view.support import NOON, make_event, query
from tests.trade import worlds

MINUTE = timedelta(minutes=1)


def database_now() -> datetime:
    ((now,),) = query("SELECT clock_timestamp()")
    return now


def spot(symbol: str, base: str, quote: str, venue: str = "BINANCE", **fields: Any) -> InstrumentRow:
    return InstrumentRow(venue, symbol, base, quote, base, "TRADING", fields.pop("live", True), **fields)


def perpetual(symbol: str, base: str, quote: str, venue: str = "BINANCE_USDM", **fields: Any) -> InstrumentRow:
    settle = fields.pop("settle", quote)
    live = fields.pop("live", True)
    return InstrumentRow(
        venue, symbol, base, quote, base, "TRADING", live, contract_type="PERPETUAL", settle=settle, **fields
    )


@pytest.fixture
def world(db: None) -> Iterator[None]:
    """Binance as it is on a quiet day: three coins, all sources fresh, BTC and ETH watched."""
    now = database_now()
    store_instruments(
        "BINANCE",
        [spot("BTCUSDT", "BTC", "USDT"), spot("BTCUSDC", "BTC", "USDC"), spot("ETHBTC", "ETH", "BTC"),
         spot("XYZUSDT", "XYZ", "USDT")],
        now,
    )  # fmt: skip
    store_instruments(
        "BINANCE_USDM", [perpetual("BTCUSDT", "BTC", "USDT"), perpetual("1000SHIBUSDT", "1000SHIB", "USDT")], now
    )
    store_instruments("OKX", [spot("BTC-USDT", "BTC", "USDT", "OKX")], now)
    for name, currencies in (("spot", "BTC ETH"), ("usdm", "BTC SHIB"), ("quote", "USDT USDC BTC")):
        WatchEffective.objects.bulk_create(WatchEffective(watch_list=name, currency=one) for one in currencies.split())
    fresh(now)
    yield


def fresh(now: datetime) -> None:
    Heartbeat.objects.update_or_create(only_row=True, defaults={"beat_at": now, "daemon": "test"})
    for source in set(VenueSource.objects.values_list("source", flat=True)):
        SourceHealth.objects.update_or_create(
            source=source,
            defaults={"state": "ok", "interval_seconds": 30, "last_success_at": now, "watched_since": now},
        )
    query("UPDATE risk_view_state SET refreshed_at = clock_timestamp()")


def ask(*names: str) -> list[dict[str, Any]]:
    """The rows of can_trade as the role `ews_bot` reads them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE ews_bot")
        cursor.execute(f"SELECT * FROM can_trade({', '.join(['%s'] * len(names))})", names)
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            row["reasons"] = json.loads(row["reasons"])  # Django leaves jsonb of raw queries as text
        cursor.execute("RESET ROLE")
    return rows


def one(*names: str) -> dict[str, Any]:
    (row,) = ask(*names)
    return row


def test_a_quiet_pair_may_be_opened_and_closed(world: None) -> None:
    row = one("binance", "BTC/USDT")
    assert (row["exchange"], row["venue"], row["symbol"]) == ("binance", "BINANCE", "BTCUSDT")
    assert (row["base"], row["quote"], row["settle"]) == ("BTC", "USDT", "")
    assert (row["may_open"], row["may_close"], row["action"]) == (True, True, "none")
    assert (row["status"], row["covered"], row["stale_sources"]) == ("fresh", "watched", [])


def test_a_delisting_on_another_venue_never_counts(world: None) -> None:
    make_event({"token": "BTC", "scope": "venue", "venue": "OKX", "action": "halt"})
    assert one("okx", "BTC/USDT")["action"] == "halt"
    assert one("binance", "BTC/USDT")["action"] == "none"


def columns(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


@pytest.mark.parametrize(
    ("action", "may_open", "may_close"),
    [("watch", True, True), ("avoid_new", False, True), ("reduce_only", False, True), ("exit", False, True),
     ("halt", False, False)],
)  # fmt: skip
def test_what_each_action_allows(world: None, action: str, may_open: bool, may_close: bool) -> None:
    make_event({"token": "BTC", "action": action})
    row = one("binance", "BTC/USDT")
    assert columns(row, "action", "base_action", "may_open", "may_close") == (action, action, may_open, may_close)


def test_the_quote_and_the_settle_asset_count(world: None) -> None:
    make_event({"token": "USDC", "action": "exit"}, category="depeg", source="defillama")
    row = one("binance", "BTC/USDC")
    assert columns(row, "action", "quote_action", "base_action", "instrument_action") == (
        "exit",
        "exit",
        "none",
        "none",
    )
    assert one("binance", "BTC/USDT")["action"] == "none"
    now = database_now()
    store_instruments("BINANCE_COINM", [perpetual("ETHUSD_PERP", "ETH", "USD", "BINANCE_COINM", settle="BTC")], now)
    make_event({"token": "BTC", "action": "reduce_only"})
    assert columns(one("binance", "ETH/USD:BTC"), "settle", "quote_action") == ("BTC", "reduce_only")


def test_low_events_count_and_closed_ones_do_not(world: None) -> None:
    make_event({"token": "XYZ", "scope": "venue", "venue": "BINANCE", "action": "halt"}, priority="low")
    make_event({"token": "BTC", "action": "exit"}, status="closed")
    assert columns(one("binance", "XYZ/USDT"), "action", "covered", "may_close") == ("halt", "listed", False)
    assert one("binance", "BTC/USDT")["action"] == "none"


@pytest.mark.parametrize(
    ("category", "on_contracts"),
    [("depeg", "halt"), ("wallet_suspension", "halt"), ("exchange_halt", "halt"), ("delisting", "none"),
     ("trading_suspension", "none")],
)  # fmt: skip
def test_of_three_kinds_all_markets_of_an_exchange_are_one_place(world: None, category: str, on_contracts: str) -> None:
    make_event({"token": "BTC", "scope": "venue", "venue": "BINANCE", "action": "halt"}, category=category)
    assert one("BINANCE", "BTCUSDT")["action"] == "halt"
    assert one("BINANCE_USDM", "BTCUSDT")["action"] == on_contracts
    assert one("okx", "BTC-USDT")["action"] == "none"


def test_the_halt_of_a_venue_holds_whatever_is_watched_and_is_no_token(world: None) -> None:
    make_event(
        {"token": "*", "scope": "venue", "venue": "BINANCE", "action": "halt", "trading_status": "trading_suspended"},
        {"token": "BTC", "scope": "venue", "venue": "BINANCE", "action": "halt"},
        category="exchange_halt",
    )
    row = one("binance", "XYZ/USDT")
    assert columns(row, "action", "instrument_action", "may_close", "trading_status") == (
        "halt", "halt", False, "trading_suspended",
    )  # fmt: skip
    connection.check_constraints()
    assert [token for (token,) in query("SELECT token FROM token_risk_view")] == ["BTC"]


def test_pairs_stand_for_themselves_and_unnamed_ones_for_all_of_the_coin(world: None) -> None:
    make_event({"token": "BTC", "scope": "pairs", "venue": "BINANCE", "tickers": ["BINANCE:BTCUSDC"], "action": "halt"})
    assert one("BINANCE", "BTCUSDC")["instrument_action"] == "halt"
    assert one("BINANCE", "BTCUSDT")["action"] == "none"
    make_event({"token": "BTC", "scope": "pairs", "venue": "BINANCE", "action": "reduce_only"})
    assert one("BINANCE", "BTCUSDT")["action"] == "reduce_only"


def test_margin_is_asked_for_by_the_spot_list_and_is_a_venue_of_its_own(world: None) -> None:
    make_event({"token": "BTC", "scope": "pairs", "venue": "BINANCE_MARGIN", "tickers": ["BINANCE_MARGIN:BTCUSDT"]})
    row = one("BINANCE_MARGIN", "BTCUSDT")
    assert columns(row, "venue", "exchange", "action", "covered") == (
        "BINANCE_MARGIN", "binance", "reduce_only", "watched",
    )  # fmt: skip
    assert one("BINANCE", "BTCUSDT")["action"] == "none"
    make_event({"token": "BTC", "scope": "venue", "venue": "BINANCE", "action": "halt"})
    assert one("BINANCE_MARGIN", "BTCUSDT")["action"] == "halt"


def test_what_trades_no_more_or_is_past_its_end_is_halt(world: None) -> None:
    now = database_now()
    pairs = [spot("BTCUSDT", "BTC", "USDT", live=False), perpetual("ETHUSDT", "ETH", "USDT", ends_at=now - MINUTE)]
    for pair in pairs:
        store_instruments(pair.venue, [pair], now)
    stopped, ended, gone = one("BINANCE", "BTCUSDT"), one("BINANCE_USDM", "ETHUSDT"), one("BINANCE", "ETHBTC")
    for row, status in ((stopped, "trading_suspended"), (ended, "delisted"), (gone, "delisted")):
        assert columns(row, "action", "may_open", "may_close", "trading_status") == ("halt", False, False, status)
        assert [reason["category"] for reason in row["reasons"]] == ["instrument"]
    assert ended["trading_ends_at"] == now - MINUTE


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("noticed", [False, True])
def test_an_end_that_has_passed_stays_so_when_the_database_s_clock_is_set_back(world: None, noticed: bool) -> None:
    """The end lies between what the clock shows now and what it showed an hour ago, when it was right."""
    now = database_now()
    store_instruments("OKX", [spot("BTC-USDT", "BTC", "USDT", "OKX", ends_at=now + HOUR / 2)], now)
    assert columns(one("okx", "BTC-USDT"), "instrument_action", "may_close") == ("none", True)
    if noticed:
        # The daemon goes by its own time, and writes by the clock that bots read.
        ClockState.objects.create(held=True, why="stepped", database_off_seconds=-3600.0)
    else:
        Heartbeat.objects.update(beat_at=now + HOUR)
    row = one("okx", "BTC-USDT")
    assert columns(row, "action", "instrument_action", "trading_status", "may_open", "may_close") == (
        "halt", "halt", "delisted", False, False,
    )  # fmt: skip
    assert row["status"] == ("fresh" if noticed else "unknown")


def test_a_source_that_tells_of_risk_warnings_is_one_that_the_answer_rests_on(world: None) -> None:
    query("UPDATE events_sourcehealth SET state = 'stale' WHERE source = 'binance.products'")
    row = one("binance", "BTC/USDT")
    assert columns(row, "may_open", "may_close", "status", "stale_sources") == (
        False, True, "stale", ["binance.products"],
    )  # fmt: skip
    assert one("okx", "BTC-USDT")["status"] == "fresh"


def test_an_event_from_before_a_renaming_holds_under_the_new_name(world: None) -> None:
    """A hack of FTM does not end on the day from which the coin is called S."""
    now = database_now()
    event = make_event({"token": "FTM", "action": "exit"}, {"token": "OLDCOIN", "action": "halt"}, category="hack")
    asset = Asset.objects.get_or_create(code="S")[0]
    AssetName.objects.update_or_create(asset=asset, name="FTM", venue="", defaults={"valid_from": now - MINUTE})
    AssetName.objects.create(asset=Asset.objects.get(code="ETH"), name="OLDCOIN", valid_to=now - MINUTE)
    # As every round of an instrument list does before it stores new names.
    follow_renamed_coins(now, known_identity())
    store_instruments("OKX", [spot("S-USDT", "S", "USDT", "OKX"), spot("ETH-S", "ETH", "S", "OKX")], now)
    row = one("okx", "S-USDT")
    assert columns(row, "base", "base_action", "action", "event_ids") == ("S", "exit", "exit", [event.pk])
    # And a coin that was called OLDCOIN until then is not hit by what happens to another one.
    assert columns(one("okx", "ETH-S"), "base_action", "quote_action", "may_open") == ("none", "exit", False)
    assert follow_renamed_coins(now, known_identity()) == [] and Effect.objects.count() == 2


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1)])
def test_an_instrument_whose_end_has_passed_stays_halted_when_the_databases_clock_was_set(
    world: None, off: timedelta
) -> None:
    """The daemon's time is the true one here, `off` before what the database's clock shows."""
    now = database_now() - off
    row = perpetual("ETHUSDT", "ETH", "USDT", ends_at=now - MINUTE)
    store_instruments("BINANCE_USDM", [row], now)
    ClockState.objects.update_or_create(only_row=True, defaults={"database_off_seconds": off.total_seconds()})
    answer = one("BINANCE_USDM", "ETHUSDT")
    assert (answer["action"], answer["may_open"]) == ("halt", False)


def test_what_nobody_watches_is_listed_and_opened_only_by_choice(world: None) -> None:
    assert columns(one("binance", "XYZ/USDT"), "covered", "action", "may_open") == ("listed", "none", False)
    TradeSetting.objects.create(trade_listed=True)
    assert one("binance", "XYZ/USDT")["may_open"] is True
    assert one("binance", "NOBODY/USDT")["may_open"] is False


@pytest.mark.parametrize(("exchange", "symbol"), [("binance", "ETH"), ("gate", "BTC/USDT"), ("", ""), (None, None)])
def test_what_is_unknown_is_one_row_that_allows_closing_only(world: None, exchange: str, symbol: str) -> None:
    row = one(exchange, symbol)
    assert columns(row, "covered", "status", "may_open", "may_close") == ("unknown", "unknown", False, True)
    texts = [name for name in row if name not in ("trading_ends_at", "as_of", "age_ms")]
    assert all(row[name] is not None for name in texts)


def test_a_name_that_fits_several_gives_a_row_for_each_the_strictest_first(world: None) -> None:
    make_event({"token": "BTC", "scope": "venue", "venue": "BINANCE_USDM", "action": "exit"})
    assert [columns(row, "venue", "action") for row in ask("binance", "BTCUSDT")] == [
        ("BINANCE_USDM", "exit"),
        ("BINANCE", "none"),
    ]


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        ("UPDATE events_sourcehealth SET state = 'stale' WHERE source = 'binance.status'", ["binance.status"]),
        ("DELETE FROM events_sourcehealth WHERE source = 'binance.instruments'", ["binance.instruments"]),
        ("UPDATE events_sourcehealth SET last_success_at = NULL WHERE source = 'defillama.hacks'", ["defillama.hacks"]),
        ("UPDATE events_sourcehealth SET last_success_at = clock_timestamp() - interval '151 s'"
         " WHERE source = 'binance.pegs'", ["binance.pegs"]),
        ("UPDATE events_sourcehealth SET last_success_at = clock_timestamp() + interval '6 s'"
         " WHERE source = 'binance.announcements'", ["binance.announcements"]),
        ("UPDATE risk_view_state SET refreshed_at = clock_timestamp() + interval '6 s'", ["refresh"]),
        ("DELETE FROM venue_source WHERE venue = 'BINANCE'", ["venue_source"]),
    ],
)  # fmt: skip
def test_what_the_answer_rests_on_must_be_fresh(world: None, change: str, stale: list[str]) -> None:
    query(change)
    row = one("binance", "BTC/USDT")
    assert columns(row, "status", "stale_sources", "may_open", "may_close") == ("stale", stale, False, True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events_sourcehealth SET state = 'stale' WHERE source LIKE 'okx.%%'",
        "UPDATE events_sourcehealth SET state = 'failing' WHERE source = 'binance.status'",
        "UPDATE events_heartbeat SET beat_at = clock_timestamp() + interval '3 s'",
    ],
)
def test_what_it_does_not_rest_on_may_be_stale(world: None, change: str) -> None:
    query(change.replace("%%", "%"))
    assert one("binance", "BTC/USDT")["status"] == "fresh"


def test_a_peg_counts_for_pairs_with_a_stablecoin_alone(world: None) -> None:
    query("UPDATE events_sourcehealth SET state = 'stale' WHERE source = 'defillama.stablecoins'")
    assert one("binance", "BTC/USDT")["status"] == "stale"
    assert one("binance", "ETH/BTC")["status"] == "fresh"


@pytest.mark.parametrize("change", ["+ interval '6 s'", "- interval '13 s'"])
def test_a_heartbeat_that_is_old_or_from_the_future_is_none(world: None, change: str) -> None:
    make_event({"token": "BTC", "action": "halt"})
    query(f"UPDATE events_heartbeat SET beat_at = clock_timestamp() {change}")
    row = one("binance", "ETH/BTC")
    assert columns(row, "status", "stale_sources", "may_open", "may_close") == ("unknown", ["heartbeat"], False, False)


def test_a_bot_in_an_open_transaction_sees_the_daemon_die(world: None) -> None:
    # The test is one transaction: now() stands still in it.
    query("UPDATE events_heartbeat SET beat_at = clock_timestamp() - interval '11.6 s'")
    assert one("binance", "BTC/USDT")["status"] == "fresh"
    query("SELECT pg_sleep(0.5)")
    assert columns(one("binance", "BTC/USDT"), "status", "may_open") == ("unknown", False)


def test_an_instrument_whose_quote_was_not_read_yet_is_unknown(world: None) -> None:
    """As the last release stored it: the migration has run, and the daemon has not."""
    make_event({"token": "BTC", "scope": "venue", "venue": "BINANCE", "action": "exit"})
    query("UPDATE markets_instrument SET quote_token = '', settle_token = ''")
    row = one("BINANCE", "BTCUSDT")
    assert columns(row, "status", "may_open", "action") == ("unknown", False, "exit")
    store_instruments("BINANCE", [spot("BTCUSDT", "BTC", "USDT")], database_now())
    assert one("BINANCE", "BTCUSDT")["status"] == "fresh"


def test_bots_read_answers_and_none_of_the_tables(world: None) -> None:
    for table in ("instrument_name", "venue_source", "watch_effective", "trade_setting", "events_effect"):
        assert query(f"SELECT has_table_privilege('ews_bot', '{table}', 'SELECT')") == [(False,)]
    granted = query(
        "SELECT proname, provolatile, prosecdef, has_function_privilege('ews_bot', oid, 'EXECUTE'),"
        " EXISTS (SELECT FROM aclexplode(proacl) AS acl WHERE acl.grantee = 0)"
        " FROM pg_proc WHERE proname IN ('can_trade', 'can_trade_many') ORDER BY 1"
    )
    assert granted == [("can_trade", "v", True, True, False)] * 2 + [("can_trade_many", "v", True, True, False)]


def test_many_pairs_are_answered_in_their_order_and_what_is_unknown_last(world: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, venue, symbol FROM can_trade_many(%s, %s)",
            (["okx", "nowhere", "binance", None], ["BTC/USDT", "BTC/USDT", "eth/btc", "BTCUSDT-PERP.BINANCE"]),
        )
        assert cursor.fetchall() == [
            (1, "OKX", "BTC-USDT"), (3, "BINANCE", "ETHBTC"), (4, "BINANCE_USDM", "BTCUSDT"), (2, "", "BTC/USDT"),
        ]  # fmt: skip


def test_lists_of_different_length_are_refused(db: None) -> None:
    with pytest.raises(DataError, match="was given 1 exchanges and 2 symbols"):
        query("SELECT * FROM can_trade_many(ARRAY['okx'], ARRAY['A', 'B'])")


# -- Effects know whether their event is open


def open_flags() -> list[bool]:
    return [value for (value,) in query("SELECT open FROM events_effect ORDER BY id")]


def test_effects_follow_their_event(db: None) -> None:
    event = make_event({"token": "ABC"}, {"token": "XYZ"})
    assert open_flags() == [True, True]
    Event.objects.filter(pk=event.pk).update(status="closed", closed_at=NOON)
    assert open_flags() == [False, False]
    Effect.objects.create(event=event, token="LATE", action="watch")
    query("UPDATE events_effect SET open = true")
    assert open_flags() == [False, False, False]
    Event.objects.filter(pk=event.pk).update(status="open", closed_at=None)
    assert open_flags() == [True, True, True]
    for effect in Effect.objects.all():
        effect.open = False
        effect.save()
    assert open_flags() == [True, True, True]


def test_what_was_written_past_the_triggers_is_mended(db: None) -> None:
    make_event({"token": "ABC"})
    make_event({"token": "OLD"}, status="closed")
    query("SET LOCAL session_replication_role = replica")
    query("UPDATE events_effect SET open = NOT open")
    query("SET LOCAL session_replication_role = origin")
    assert mend_open_effects() == 2
    assert (open_flags(), mend_open_effects()) == ([True, False], 0)


# -- The view, and what its readers run


def test_the_view_tells_the_asset_apart_from_single_venues(db: None) -> None:
    make_event(
        {"token": "DOGE", "action": "watch"},
        {"token": "DOGE", "scope": "venue", "venue": "OKX", "action": "halt"},
        {"token": "DOGE", "scope": "pairs", "venue": "BINANCE", "action": "exit", "tickers": ["BINANCE:DOGERON"]},
    )
    make_event({"token": "ETC", "scope": "venue", "venue": "OKX", "action": "exit"})
    connection.check_constraints()
    rows = query("SELECT token, action::text, asset_action::text, venue_actions FROM token_risk_view ORDER BY 1")
    assert [(*row[:3], json.loads(row[3])) for row in rows] == [
        ("DOGE", "halt", "watch", {"OKX": "halt", "BINANCE": "watch"}),
        ("ETC", "exit", None, {"OKX": "exit"}),
    ]


OLD_QUERIES = (
    "SELECT CASE WHEN s.heartbeat_at IS NULL OR s.heartbeat_at < now() - interval '30 seconds' THEN 'halt'"
    " WHEN s.stale_sources && ARRAY['binance.announcements'] THEN 'avoid_new' ELSE coalesce(r.action::text, 'none')"
    " END AS action FROM token_risk_view_status s LEFT JOIN token_risk_view r ON r.token = 'BTC'"
    " AND (r.venues = '{}' OR 'BINANCE' = ANY (r.venues))",
    "SELECT exchange, symbol, action, trading_ends_at FROM instrument_risk_view"
    " WHERE exchange = 'BINANCE' AND action >= 'reduce_only' ORDER BY trading_ends_at",
    "SELECT token, action, trading_ends_at FROM token_risk_view WHERE action >= 'avoid_new'",
)


@pytest.mark.parametrize("statement", OLD_QUERIES)
def test_the_last_release_s_queries_still_run(world: None, statement: str) -> None:
    query("SET LOCAL ROLE ews_bot")
    query(statement)
    query("RESET ROLE")


# -- The tables that the daemon keeps


def test_the_daemon_copies_lists_settings_and_sources(db: None) -> None:
    config = parse_config({"SPOT_CURRENCIES": "FTM", "USDM_CURRENCIES": "XBT", "BASE_CURRENCIES": "USDT",
                           "EWS_TRADE_LISTED": "1"})  # fmt: skip
    keep_tables(config, NOON)
    lists = set(WatchEffective.objects.values_list("watch_list", "currency"))
    # Who watches FTM watches S.
    assert lists == {("spot", "FTM"), ("spot", "S"), ("usdm", "XBT"), ("usdm", "BTC"), ("quote", "USDT")}
    assert TradeSetting.objects.get().trade_listed is True
    roles = VenueSource.objects.filter(venue="OKX_USDM").values_list("source", "role")
    assert set(roles) == {
        ("okx.announcements", "announcements"), ("okx.instruments", "instruments"), ("okx.status", "status"),
        ("okx.pegs", "pegs"), ("defillama.stablecoins", "pegs"), ("defillama.hacks", "hacks"),
        ("defillama.bridge_hacks", "hacks"),
    }  # fmt: skip
    unknown = set(VenueSource.objects.values_list("source", flat=True)) - set(registry.updater_factories())
    assert unknown == set()
    with CaptureQueriesContext(connection) as captured:
        keep_tables(config, NOON)
    assert [one["sql"] for one in captured if one["sql"].startswith(("INSERT", "DELETE"))] == []


def test_what_an_admin_takes_out_is_not_watched_from_that_commit_on(world: None) -> None:
    keep_tables(get_config(), NOON)
    assert one("binance", "BTC/USDT")["covered"] == "watched"
    entry = WatchListEntry.objects.create(watch_list="spot", currency="BTC", watched=False)
    assert one("binance", "BTC/USDT")["covered"] == "listed"
    entry.delete()
    assert one("binance", "BTC/USDT")["covered"] == "watched"


# -- Against the oracle


def test_can_trade_and_the_oracle_agree_in_random_worlds(db: None) -> None:
    """A thousand worlds are `python -m tests.trade.worlds`, part of `make crashtest`."""
    assert worlds.compare(worlds=12, seed=5000) == []
