"""Contract 6: what the views show, who may read them, and what listeners are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import Any

import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.utils import Error, NotSupportedError, OperationalError, ProgrammingError

from events.database.view_refresh import refresh_now
from events.enums import Action, RiskLevel, TradingStatus
from events.models import Effect, Event, Heartbeat, InstrumentRisk, SourceHealth, TokenRisk, TokenRiskStatus
from migrations.operations import WithoutRiskView, risk_view_sql
from tests.events.risk_view.support import NOON, Listener, make_event, query, raw_connection, true_events, view_events

HOUR = timedelta(hours=1)


@pytest.fixture
def view(db: None) -> Any:
    """Refreshes as a commit would, inside the test's transaction, and returns the row of a token, or None."""

    def row(token: str) -> TokenRisk | None:
        connection.check_constraints()
        return TokenRisk.objects.filter(token=token).first()

    return row


@pytest.fixture
def listener(transactional_db: None) -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


def status() -> TokenRiskStatus:
    return TokenRiskStatus.objects.get()


# -- The token's row


def test_a_token_has_the_contract_s_columns_in_their_types_and_order(db: None) -> None:
    columns = query(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'token_risk_view'::regclass AND attnum > 0 ORDER BY attnum"
    )
    times = "timestamp with time zone"
    assert columns == [
        ("token", "text"),
        ("risk_level", "risk_level"),
        ("action", "risk_action"),
        ("trading_status", "trading_status"),
        ("trading_ends_at", times),
        ("next_important_at", times),
        ("venues", "text[]"),
        ("categories", "text[]"),
        ("sources", "text[]"),
        ("tickers", "text[]"),
        ("event_ids", "bigint[]"),
        ("first_seen_at", times),
        ("updated_at", times),
        ("valid_until", times),
        ("reasons", "jsonb"),
        ("asset_action", "risk_action"),
        ("venue_actions", "jsonb"),
    ]
    assert query("SELECT relkind FROM pg_class WHERE oid = 'token_risk_view'::regclass") == [("m",)]


@pytest.mark.parametrize(
    ("name", "choices"),
    [("risk_action", Action), ("trading_status", TradingStatus), ("risk_level", RiskLevel)],
)
def test_the_enum_types_have_the_vocabulary_in_its_order_of_severity(
    db: None, name: str, choices: type[models.TextChoices]
) -> None:
    (labels,) = query(f"SELECT array_agg(value::text ORDER BY value) FROM unnest(enum_range(NULL::{name})) value")
    assert labels == (choices.values,)


def test_of_several_effects_the_strictest_the_worst_and_the_earliest_count(view: Any) -> None:
    make_event(
        {"token": "LUNA", "venue": "OKX", "scope": "venue", "action": "avoid_new"},
        {
            "token": "LUNA",
            "venue": "BINANCE",
            "scope": "venue",
            "action": "exit",
            "trading_status": "delisting",
            "trading_ends_at": NOON + 3 * HOUR,
        },
        {
            "token": "LUNA",
            "venue": "BINANCE",
            "scope": "venue",
            "risk_level": "critical",
            "trading_ends_at": NOON + 2 * HOUR,
        },
    )
    row = view("LUNA")
    assert (row.action, row.trading_status, row.risk_level) == ("exit", "delisting", "critical")
    assert row.trading_ends_at == NOON + 2 * HOUR
    assert row.venues == ["BINANCE", "OKX"]


def test_single_pairs_leave_the_token_at_watch_and_trading_and_keep_the_instruments_strict(view: Any) -> None:
    ends = NOON + HOUR
    make_event(
        {
            "token": "BTC",
            "scope": "pairs",
            "venue": "BINANCE",
            "tickers": ["BINANCE:BTCRON"],
            "action": "halt",
            "trading_status": "delisted",
            "risk_level": "critical",
            "trading_ends_at": ends,
        }
    )
    row = view("BTC")
    assert (row.action, row.trading_status, row.risk_level) == ("watch", "trading", "high")
    assert row.trading_ends_at is None
    instrument = InstrumentRisk.objects.get(ticker="BINANCE:BTCRON")
    assert (instrument.action, instrument.trading_status) == ("halt", "delisted")
    assert instrument.trading_ends_at == ends


def test_what_concerns_the_asset_itself_holds_on_every_venue(view: Any) -> None:
    make_event(
        {"token": "XYZ", "scope": "asset", "venue": ""},
        {"token": "XYZ", "scope": "venue", "venue": "BINANCE"},
    )
    make_event({"token": "USDE", "scope": "asset", "venue": "BINANCE"})
    assert view("XYZ").venues == []
    assert view("USDE").venues == ["BINANCE"]


def test_tickers_categories_and_sources_are_sorted_and_distinct(view: Any) -> None:
    make_event(
        {"token": "ABC", "tickers": ["OKX:ABC-USDT", "BINANCE:ABCUSDT"]},
        {"token": "ABC", "tickers": ["BINANCE:ABCUSDT"]},
        source="okx",
        category="hard_fork",
    )
    make_event({"token": "ABC", "tickers": ["BINANCE_USDM:ABCUSDT"]}, category="delisting")
    row = view("ABC")
    assert row.tickers == ["BINANCE:ABCUSDT", "BINANCE_USDM:ABCUSDT", "OKX:ABC-USDT"]
    assert row.categories == ["delisting", "hard_fork"]
    assert row.sources == ["binance", "okx"]


def test_events_of_a_token_are_listed_newest_first_with_their_reasons(view: Any) -> None:
    dates = [{"at": "2026-10-03T08:00:00Z", "what": "trading ends", "tickers": []}]
    old = make_event({"token": "ABC"}, opened_at=NOON - HOUR, important_dates=dates, title="Old")
    first = make_event({"token": "ABC"}, opened_at=NOON)
    second = make_event({"token": "ABC"}, {"token": "ABC", "scope": "pairs"}, opened_at=NOON)
    row = view("ABC")
    assert row.event_ids == [second.pk, first.pk, old.pk]
    assert [reason["id"] for reason in row.reasons] == row.event_ids
    assert row.reasons[2] == {
        "id": old.pk,
        "source": "binance",
        "category": "delisting",
        "priority": "high",
        "title": "Old",
        "url": old.url,
        "important_dates": dates,
    }


def test_times_of_a_token_span_its_open_events(view: Any) -> None:
    make_event(
        {"token": "ABC"},
        seen_at=NOON - 2 * HOUR,
        updated_at=NOON,
        valid_until=NOON + HOUR,
        next_important_at=NOON + 5 * HOUR,
    )
    make_event(
        {"token": "ABC"},
        seen_at=NOON - HOUR,
        updated_at=NOON + HOUR,
        valid_until=NOON + 3 * HOUR,
        next_important_at=NOON + 4 * HOUR,
    )
    row = view("ABC")
    assert row.first_seen_at == NOON - 2 * HOUR
    assert row.updated_at == NOON + HOUR
    assert row.valid_until == NOON + 3 * HOUR
    assert row.next_important_at == NOON + 4 * HOUR
    make_event({"token": "ABC"}, valid_until=None)
    assert view("ABC").valid_until is None


def test_closed_and_low_priority_events_are_outside_both_views(view: Any) -> None:
    make_event({"token": "LOW", "tickers": ["OKX:LOW-USDT"]}, priority="low")
    make_event({"token": "OLD", "tickers": ["OKX:OLD-USDT"]}, status="closed")
    make_event({"token": "NEW", "tickers": ["OKX:NEW-USDT"]})
    view("NEW")
    assert list(view_events()) == ["NEW"]
    assert [row.symbol for row in InstrumentRisk.objects.all()] == ["NEW-USDT"]


def test_a_token_is_shown_in_upper_case(view: Any) -> None:
    make_event({"token": "eth"}, {"token": "ETH"})
    view("ETH")
    assert list(view_events()) == ["ETH"]


# -- The instrument's row


def test_an_instrument_claimed_twice_is_one_row_with_the_worst_of_both(view: Any) -> None:
    ticker = "BINANCE:LUNAUSDT"
    older = make_event({"token": "LUNC", "tickers": [ticker], "action": "avoid_new"}, opened_at=NOON - HOUR)
    newer = make_event(
        {
            "token": "LUNA",
            "tickers": [ticker],
            "action": "exit",
            "trading_status": "delisting",
            "trading_ends_at": NOON,
        }
    )
    row = InstrumentRisk.objects.get()
    assert (row.ticker, row.exchange, row.symbol, row.token) == (ticker, "BINANCE", "LUNAUSDT", "LUNA")
    assert (row.action, row.trading_status, row.trading_ends_at) == ("exit", "delisting", NOON)
    assert row.event_ids == [newer.pk, older.pk]


def test_a_symbol_may_hold_colons_of_its_own(db: None) -> None:
    make_event({"token": "ABC", "tickers": ["VENUE:A:B"]})
    row = InstrumentRisk.objects.get()
    assert (row.exchange, row.symbol) == ("VENUE", "A:B")


# -- The status


def test_sources_without_a_good_answer_in_five_intervals_by_the_database_s_clock_are_stale(db: None) -> None:
    # A heartbeat that stands still, or was written by a wrong clock, makes no source fresh.
    Heartbeat.objects.update_or_create(defaults={"beat_at": NOON, "daemon": "host:1"})
    ((clock,),) = query("SELECT clock_timestamp()")

    def source(name: str, state: str, answered_seconds_ago: float | None) -> None:
        answered = None if answered_seconds_ago is None else clock - timedelta(seconds=answered_seconds_ago)
        SourceHealth.objects.create(
            source=name, state=state, interval_seconds=60, last_success_at=answered, watched_since=NOON
        )

    SourceHealth.objects.all().delete()
    source("fresh", "ok", 290)
    source("failed once", "failing", 280)
    source("a second ahead", "ok", -1)
    source("from the future", "ok", -60)
    source("failing long", "failing", 301)
    source("drifted long", "drift", 3000)
    source("never answered", "waiting", None)
    source("said to be stale", "stale", 10)
    row = status()
    assert row.stale_sources == [
        "drifted long",
        "failing long",
        "from the future",
        "never answered",
        "said to be stale",
    ]
    assert row.heartbeat_at == NOON


def test_without_a_heartbeat_the_status_says_so(db: None) -> None:
    Heartbeat.objects.all().delete()
    assert status().heartbeat_at is None


def test_the_status_counts_open_high_priority_events_and_tells_when_it_was_made(view: Any) -> None:
    before = status()
    make_event({"token": "ABC"})
    make_event({"token": "ABC"}, priority="low")
    view("ABC")
    after = status()
    assert after.open_events == before.open_events + 1
    assert after.refreshed_at > before.refreshed_at
    assert after.seq == before.seq + 1


# -- What listeners are told


def test_listeners_are_told_what_was_added_changed_and_removed(listener: Listener) -> None:
    gone = make_event({"token": "GONE"})
    changed = make_event({"token": "CHANGED"})
    make_event({"token": "SAME"})
    first = listener.messages(at_least=3)[-1]
    with transaction.atomic():
        make_event({"token": "B"}, {"token": "A"})
        Effect.objects.filter(event=changed).update(action="exit")
        Event.objects.filter(pk=gone.pk).update(status="closed", closed_at=NOON)
    (message,) = listener.messages(at_least=1)
    assert list(message) == ["seq", "refreshed_at", "added", "changed", "removed"]
    assert (message["added"], message["changed"], message["removed"]) == (["A", "B"], ["CHANGED"], ["GONE"])
    assert message["seq"] == first["seq"] + 1 == status().seq
    assert message["refreshed_at"].endswith("Z")
    assert datetime.fromisoformat(message["refreshed_at"]) == status().refreshed_at


def test_the_time_in_a_message_is_utc_whatever_the_writer_s_time_zone(listener: Listener) -> None:
    with transaction.atomic():
        query("SET LOCAL TIME ZONE 'Asia/Singapore'")
        make_event({"token": "ABC"})
    (message,) = listener.messages(at_least=1)
    written = datetime.fromisoformat(message["refreshed_at"])
    assert written.tzinfo == timezone.utc  # noqa: UP017
    assert written == status().refreshed_at


def test_a_message_that_would_be_too_long_asks_to_read_again(listener: Listener) -> None:
    make_event(*({"token": f"TOKEN{number:04d}"} for number in range(900)))
    (message,) = listener.messages(at_least=1)
    assert message == {"seq": status().seq, "resync": True}


def test_a_new_updated_at_alone_is_in_the_view_and_is_no_message(listener: Listener) -> None:
    event = make_event({"token": "ABC"})
    listener.messages(at_least=1)
    before = status()
    Event.objects.filter(pk=event.pk).update(updated_at=NOON + HOUR)
    assert TokenRisk.objects.get(token="ABC").updated_at == NOON + HOUR
    assert listener.messages() == []
    after = status()
    assert after.seq == before.seq
    assert after.refreshed_at > before.refreshed_at


@pytest.mark.django_db(transaction=True)
def test_a_write_that_the_view_cannot_show_does_not_refresh_it() -> None:
    event = make_event({"token": "ABC"})
    closed = make_event({"token": "OLD"}, status="closed")
    before = status().refreshed_at
    Event.objects.filter(pk=event.pk).update(facts={"price": 1}, revision=7)
    Event.objects.filter(pk=closed.pk).update(title="Another title")
    Effect.objects.filter(event=event).update(declared={"stage": "near"}, action="reduce_only")
    Event.objects.create(
        source="okx",
        category="delisting",
        priority="low",
        natural_key="low",
        title="Low",
        seen_at=NOON,
        opened_at=NOON,
        updated_at=NOON,
    )
    assert status().refreshed_at == before
    Event.objects.filter(pk=event.pk).update(title="Another title")
    assert status().refreshed_at > before


# -- The safety net


@pytest.mark.django_db(transaction=True)
def test_the_refresher_heals_and_reports_what_was_written_past_the_triggers() -> None:
    with transaction.atomic():
        query("SET LOCAL session_replication_role = replica")
        make_event({"token": "PAST"})
    assert "PAST" not in view_events()
    assert refresh_now() is True
    assert "PAST" in view_events()
    assert refresh_now() is False


# -- Rights


@pytest.fixture
def as_bot(db: None) -> Iterator[None]:
    query("SET ROLE ews_bot")
    yield
    query("RESET ROLE")


def test_a_bot_reads_the_views_and_listens(as_bot: None) -> None:
    for name in ("token_risk_view", "instrument_risk_view", "token_risk_view_status"):
        query(f"SELECT * FROM {name}")
    query("LISTEN token_risk")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM events_event",
        "SELECT * FROM events_effect",
        "SELECT * FROM events_heartbeat",
        "SELECT * FROM events_sourcehealth",
        "SELECT * FROM risk_view_state",
        "SELECT * FROM auth_user",
        "DELETE FROM events_event",
        "REFRESH MATERIALIZED VIEW token_risk_view",
        "SELECT refresh_token_risk_view_now()",
        "CREATE TABLE bots_own (id int)",
    ],
)
def test_a_bot_may_do_nothing_else(as_bot: None, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        query(statement)


def test_an_owner_who_may_not_create_roles_is_told_what_to_run(db: None) -> None:
    role_sql = import_module("migrations.events.0002_risk_view").ROLE
    opened = raw_connection()
    opened.autocommit = False
    try:
        with opened.cursor() as cursor:
            cursor.execute("ALTER ROLE ews_bot RENAME TO ews_bot_elsewhere")
            cursor.execute("CREATE ROLE ews_test_plain_owner NOCREATEROLE; SET ROLE ews_test_plain_owner")
            cursor.execute(role_sql)
            notices = "".join(opened.notices)
        assert "role ews_bot was not created: ews_test_plain_owner lacks CREATEROLE" in notices
        assert "CREATE ROLE ews_bot LOGIN" in notices
    finally:
        opened.rollback()
        opened.close()


# -- Refusals


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_stricter_isolation_level_is_refused_by_name(level: str) -> None:
    with pytest.raises(Error, match=f"under READ COMMITTED only, this transaction is {level}"):  # noqa: SIM117
        with transaction.atomic():
            query(f"SET TRANSACTION ISOLATION LEVEL {level}")
            make_event({"token": "ABC"})
    assert true_events() == view_events() == {}


@pytest.mark.django_db(transaction=True)
def test_a_half_read_cursor_of_the_writing_transaction_is_refused_with_advice() -> None:
    make_event({"token": "A"}, {"token": "B"})
    cursor = "DECLARE half_read CURSOR FOR SELECT token FROM token_risk_view"
    with pytest.raises(OperationalError, match="through an open cursor") as raised:  # noqa: SIM117
        with transaction.atomic():
            query(cursor)
            query("FETCH 1 FROM half_read")
            make_event({"token": "C"})
    assert "Close the cursor before events are written" in str(raised.value)
    assert sorted(view_events()) == ["A", "B"]
    with transaction.atomic():
        query(cursor)
        query("FETCH ALL FROM half_read; CLOSE half_read")
        make_event({"token": "C"})
    assert sorted(view_events()) == ["A", "B", "C"]


def test_no_view_of_risk_reads_the_clock(db: None) -> None:
    for name in ("token_risk_view", "instrument_risk_view"):
        ((definition,),) = query("SELECT lower(pg_get_viewdef(%s::regclass))", name)
        for clock in ("now()", "current_timestamp", "clock_timestamp", "current_date", "localtimestamp"):
            assert clock not in definition, name


# -- Migrations


@pytest.mark.django_db(transaction=True)
def test_a_migration_may_update_events_and_alter_a_column_of_the_view_and_be_taken_back() -> None:
    event = make_event({"token": "ABC"})
    seq = status().seq

    def retitle(apps: Any, schema_editor: Any) -> None:
        apps.get_model("events", "Event").objects.update(title="From the migration")

    operation = WithoutRiskView(
        [
            migrations.RunPython(retitle, migrations.RunPython.noop),
            migrations.AlterField("event", "source", models.CharField(max_length=99)),
        ],
        was=3,
    )
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    operation.state_forwards("events", after)

    def source_type() -> str:
        ((name,),) = query(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = 'events_event'::regclass AND attname = 'source'"
        )
        return str(name)

    original = source_type()
    with pytest.raises(NotSupportedError, match="cannot alter type of a column used by"):  # noqa: SIM117
        with connection.schema_editor() as editor:
            operation.operations[1].database_forwards("events", editor, before, after)
    with connection.schema_editor() as editor:
        operation.database_forwards("events", editor, before, after)
    try:
        assert source_type() == "character varying(99)"
        assert TokenRisk.objects.get(token="ABC").reasons[0]["title"] == "From the migration"
        assert status().seq > seq
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards("events", editor, after, before)
    assert source_type() == original
    event.delete()
    assert view_events() == {}


def test_an_operation_without_any_version_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a version"):
        WithoutRiskView(was=None)


def test_a_version_that_was_never_written_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"risk_view_v99\.sql"):
        risk_view_sql(99)
