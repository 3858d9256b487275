"""Minute rows and whales in the database: by COPY, once each, a partition a day, through outages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection

from events.database import partitions
from events.database.backlog import Backlog
from events.database.partitions import drop_partitions, make_partitions, partition_days
from orderbooks.fields import moment_of
from orderbooks.models import BookMinute, WhaleOrder
from orderbooks.recording.memory import stored_rows
from orderbooks.records import MINUTE_MS, WhaleEnd
from orderbooks.storage.writer import BookStorage
from tests.orderbooks.recording.minutes_support import NOON, minute_row, order

pytestmark = pytest.mark.django_db

NOW = moment_of(NOON)
TABLE = "orderbooks_bookminute"


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> None:
    """Those that another test has left, which committed rows of the present day."""
    for table in (TABLE, "orderbooks_whaleorder"):
        drop_partitions(table, date(9999, 1, 1))


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For what another connection must see; the partitions that it leaves are dropped."""
    yield
    for table in (TABLE, "orderbooks_whaleorder"):
        drop_partitions(table, date(9999, 1, 1))


def stored(*rows: object, storage: BookStorage | None = None, now: datetime = NOW) -> BookStorage:
    storage = storage or BookStorage(keep_days=3)
    for row in rows:
        storage.put_minute(row)  # type: ignore[arg-type]
    storage.flush(now)
    return storage


def test_a_row_comes_back_as_it_was() -> None:
    row = minute_row()
    stored(row)
    assert list(stored_rows(NOW - timedelta(days=1))) == [row]
    kept = BookMinute.objects.get()
    assert (kept.minute, kept.spread, kept.bias_1, kept.bid_depth_4) == (NOW, 1.0, 0.0, 1000.0)
    assert kept.last_update_at == NOW + timedelta(seconds=59.9)


def test_what_is_not_known_is_empty_in_the_table_and_unknown_again_when_read() -> None:
    fields: dict[str, Any] = dict.fromkeys(
        ("mid", "best_bid", "best_bid_size", "best_ask", "best_ask_size", "micro_price", "last_update_ms")
    )
    row = minute_row(partial=True, bands=(), bid_levels=0, ask_levels=0, **fields)
    stored(row)
    kept = BookMinute.objects.get()
    assert (kept.mid, kept.spread, kept.bias_1, kept.bid_coverage_1, kept.bid_levels) == (None,) * 5
    assert list(stored_rows(NOW)) == [row]


@pytest.mark.parametrize("symbol", ["tab\there", "back\\slash", "line\nbreak", "Zürich-€", "N"])
def test_symbols_are_written_as_they_are(symbol: str) -> None:
    stored(minute_row(symbol=symbol))
    assert BookMinute.objects.get().symbol == symbol


def test_a_row_that_comes_again_is_there_once_and_whoever_saw_more_is_believed() -> None:
    whole = minute_row()
    stored(whole)
    stored(whole, minute_row(1))
    stored(minute_row(updates=300, partial=True, mid=1.0))
    assert [(row.updates, row.partial, row.mid) for row in BookMinute.objects.order_by("minute")] == [
        (600, False, 100.5),
        (600, False, 100.5),
    ]
    stored(minute_row(updates=601, mid=7.0))
    assert BookMinute.objects.get(minute=NOW).mid == 7.0


def test_a_correction_replaces_its_row_also_within_one_batch() -> None:
    stored(minute_row(), minute_row(1), minute_row(partial=True, mid=None))
    assert list(BookMinute.objects.order_by("minute").values_list("partial", "mid")) == [(True, None), (False, 100.5)]


def test_a_partial_row_whose_state_is_taken_back_loses_it() -> None:
    stored(minute_row(partial=True))
    stored(minute_row(partial=True, mid=None))
    stored(minute_row(partial=True))
    assert BookMinute.objects.get().mid is None


def test_days_have_partitions_of_their_own_over_midnight_and_old_ones_are_dropped() -> None:
    storage = stored(minute_row(719), minute_row(720))
    assert partition_days(TABLE) == {date(2026, 10, 1), date(2026, 10, 2)}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT minute FROM {TABLE}_20261002")
        assert cursor.fetchall() == [(datetime(2026, 10, 2, tzinfo=UTC),)]
    storage.maintain(NOW + timedelta(days=4))
    assert partition_days(TABLE) == {date(2026, 10, 2), date(2026, 10, 5), date(2026, 10, 6)}
    assert BookMinute.objects.count() == 1
    storage.maintain(NOW + timedelta(days=5))
    assert BookMinute.objects.count() == 0
    # The daemon goes on, also for a day whose partition it made and saw dropped since.
    stored(minute_row(5 * 1440), storage=storage, now=NOW + timedelta(days=5))
    assert BookMinute.objects.count() == 1


def test_partitions_look_like_their_table() -> None:
    make_partitions(TABLE, [date(2026, 10, 1)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = %s", [f"{TABLE}_20261001"])
        assert cursor.fetchone()[0] == 3
    assert make_partitions(TABLE, [date(2026, 10, 1)]) == []


@pytest.mark.usefixtures("committed")
def test_a_partition_that_is_read_is_dropped_later_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_LOCK_TIMEOUT", "50ms")
    storage = stored(minute_row())
    settings = connection.get_connection_params()
    reader = psycopg2.connect(
        **{name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings}
    )
    try:
        with reader.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {TABLE}")
            storage.maintain(NOW + timedelta(days=10))
            assert date(2026, 10, 1) in partition_days(TABLE)
            # The days ahead were made all the same, beside the reader.
            assert date(2026, 10, 12) in partition_days(TABLE)
    finally:
        reader.close()
    storage.maintain(NOW + timedelta(days=10))
    assert date(2026, 10, 1) not in partition_days(TABLE)


@pytest.mark.parametrize(
    "bad",
    [
        minute_row(symbol="nul\0byte"),
        minute_row(updates=2**40),
        minute_row(minute_ms=NOON + 75 * 365 * 1440 * MINUTE_MS),
        minute_row(minute_ms=-10 * 365 * 1440 * MINUTE_MS),
        minute_row(minute_ms=10**17),
        minute_row(order_flow_imbalance=None),
    ],
    ids=["NUL", "too large", "2101", "1960", "no calendar", "missing"],
)
def test_one_row_that_cannot_be_stored_costs_no_other(
    bad: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("events"), "propagate", True)
    rows = [minute_row(minute) for minute in range(20)]
    storage = stored(*rows[:7], bad, *rows[7:])
    assert BookMinute.objects.count() == 20
    assert (storage.minutes.written, storage.minutes.refused, storage.waiting) == (20, 1, 0)
    assert "was refused" in caplog.text
    assert len(partition_days(TABLE)) == 1


@pytest.mark.usefixtures("committed")
def test_while_the_database_is_away_rows_wait_and_are_written_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = BookStorage(keep_days=3)
    stored(minute_row(), storage=storage)
    settings = connection.settings_dict
    monkeypatch.setitem(settings, "PORT", "1")
    monkeypatch.setitem(settings, "HOST", "127.0.0.1")
    connection.close()
    for minute in range(1, 4):
        with pytest.raises(OperationalError):
            stored(minute_row(minute), storage=storage)
    storage.put_whale(order(NOON, 100.0))
    assert storage.waiting == 4
    monkeypatch.undo()
    connection.close()
    storage.flush(NOW)
    assert BookMinute.objects.count() == 4 and WhaleOrder.objects.count() == 1
    assert (storage.waiting, storage.dropped) == (0, 0)


def test_what_does_not_fit_while_the_database_is_away_is_dropped_oldest_first_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    storage = BookStorage(keep_days=3, most_rows=3)
    stored(*[minute_row(minute) for minute in range(5)], storage=storage)
    assert [row.minute for row in BookMinute.objects.order_by("minute")] == [
        NOW + timedelta(minutes=minute) for minute in (2, 3, 4)
    ]
    assert storage.dropped == 2 and "oldest 2 minute rows" in caplog.text
    caplog.clear()
    stored(minute_row(6), storage=storage)
    assert "dropped" not in caplog.text


def test_a_backlog_gives_the_oldest_back_in_their_order() -> None:
    backlog: Backlog[int] = Backlog(4)
    for number in range(3):
        backlog.put(number)
    taken = backlog.take(2)
    backlog.put(3)
    backlog.put_back(taken)
    assert (backlog.take(9), backlog.dropped) == ([0, 1, 2, 3], 0)
    backlog.put(9)
    backlog.put_back([5, 6, 7, 8])
    assert (backlog.take(9), backlog.dropped) == ([6, 7, 8, 9], 1)


def test_whales_are_stored_once_and_marked_when_they_end() -> None:
    storage = BookStorage(keep_days=3)
    first, grown, other = order(NOON, 100.0), order(NOON + 1_000, 100.0, size=60.0), order(NOON, 100.0, bid=False)
    for whale in (first, first, grown, other):
        storage.put_whale(whale)
    storage.put_end(WhaleEnd(first, NOON + 4_000, True))
    storage.flush(NOW)
    rows = WhaleOrder.objects.order_by("is_bid", "at").values_list("is_bid", "size", "ended_at", "possible_spoof")
    end = NOW + timedelta(seconds=4)
    assert list(rows) == [(False, 50.0, None, None), (True, 50.0, end, True), (True, 60.0, end, True)]
    kept = WhaleOrder.objects.get(is_bid=False)
    assert (kept.at, kept.score, kept.received_at) == (NOW, 5, NOW)
