"""Minutes and bars in the database: once each, the better row of two, dropped when they are old, exported."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from events.database.partitions import drop_partitions, partition_days
from trades.models import HourBar, MinuteBar, RepairMinute, TradedInstrument
from trades.records import MINUTE_MS, Kline, MinuteSource, TradeMinute
from trades.storage.queue import Doubt, due_minutes, forget_doubts, postpone, queue_doubts, queue_incomplete
from trades.storage.rows import KeepDays, TradeRows
from trades.storage.stored import last_minutes, stored_minutes
from trades.storage.tables import FIVE_MINUTES_MS, HOUR_MS, milliseconds_of, moment_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
NOON_MS = milliseconds_of(NOON)
KEEP = KeepDays(29, 57, 85)


@pytest.fixture(autouse=True)
def no_partitions(db: None) -> Iterator[None]:
    """Those that another test has left."""
    for table in ("trades_minutebar", "trades_fiveminutebar"):
        drop_partitions(table, date(9999, 1, 1))
    yield


def minute(number: int = 0, **changes: Any) -> TradeMinute:
    row = TradeMinute(
        "BINANCE", "AAAUSDT", NOON_MS + number * MINUTE_MS, Decimal("100.10"), Decimal("101"), Decimal("99.5"),
        Decimal("100.5"), 7, 4, Decimal("1234.56789012345678901234567890"), Decimal("600.5"), True,
        MinuteSource.STREAM, 10, 16, 0,
    )  # fmt: skip
    return row._replace(**changes)


def bar(open_ms: int, interval_ms: int) -> Kline:
    price = Decimal(100)
    return Kline(
        "BINANCE", "AAAUSDT", open_ms, interval_ms, price, price, price, price, Decimal(2), Decimal(200), 5, None, True
    )


def stored(*rows: TradeMinute) -> list[TradeMinute]:
    TradeRows().write_minutes(rows)
    return list(stored_minutes("BINANCE", NOON - timedelta(days=1), NOON + timedelta(days=1)))


def test_a_row_comes_back_to_the_last_digit() -> None:
    unknown: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close", "n_trades", "n_buys", "buy_volume"))
    other = minute(1, **unknown, first_id=None, last_id=None, volume=Decimal(0), source=MinuteSource.KLINE)
    assert stored(minute(), other) == [minute(), other]
    assert last_minutes("BINANCE", NOON) == {"AAAUSDT": other}


RANKED = [
    minute(complete=False, revision=0),
    minute(source=MinuteSource.KLINE, n_buys=None, revision=0),
    minute(revision=0),
    minute(complete=False, revision=1),
    minute(volume=Decimal(8), revision=3),
    minute(volume=Decimal(9), source=MinuteSource.KLINE, revision=2),
]


def test_in_whatever_order_rows_of_a_minute_come_the_same_one_stands() -> None:
    rows = TradeRows()
    for number, order in enumerate(itertools.islice(itertools.permutations(RANKED), 0, None, 23)):
        those = [row._replace(minute_ms=row.minute_ms + number * MINUTE_MS) for row in order]
        if number % 2:
            for row in those:
                rows.write_minutes([row])
        rows.write_minutes(those)
    volumes = {row.volume for row in stored_minutes("BINANCE", NOON, NOON + timedelta(days=1))}
    assert volumes == {Decimal(9)}
    assert MinuteBar.objects.count() == number + 1 > 30


def test_of_one_revision_the_complete_one_stands_and_of_those_the_streams() -> None:
    assert stored(RANKED[0], RANKED[1], RANKED[0]) == [RANKED[1]]
    assert stored(RANKED[2], RANKED[1]) == [RANKED[2]]


def test_what_a_candle_has_settled_only_another_candle_replaces() -> None:
    settled = minute(source=MinuteSource.KLINE, revision=1)
    assert stored(settled, minute(complete=False, revision=2)) == [settled]
    assert stored(minute(revision=3)) == [settled]
    assert stored(settled._replace(revision=2)) == [settled._replace(revision=2)]


def test_bars_are_there_once_and_old_rows_are_dropped() -> None:
    rows = TradeRows()
    for _ in range(2):
        rows.write_bars(HOUR_MS, [bar(NOON_MS - day * 24 * HOUR_MS, HOUR_MS) for day in (0, 84, 86)])
        rows.write_bars(FIVE_MINUTES_MS, [bar(NOON_MS - day * 24 * HOUR_MS, FIVE_MINUTES_MS) for day in (0, 56, 58)])
        rows.write_minutes([minute(), minute(-28 * 1440), minute(-30 * 1440)])
    assert (HourBar.objects.count(), MinuteBar.objects.count()) == (3, 3)
    rows.maintain(NOON, KEEP, drop=False)
    assert MinuteBar.objects.count() == 3
    rows.maintain(NOON, KEEP, drop=True)
    assert (HourBar.objects.count(), MinuteBar.objects.count()) == (2, 2)
    assert len(partition_days("trades_fiveminutebar")) == 3
    # The next row of a day whose partition was dropped brings it back.
    rows.write_minutes([minute(-30 * 1440)])
    assert MinuteBar.objects.count() == 3
    with pytest.raises(ValueError, match="300000 or 3600000"):
        from trades.storage.tables import bar_table

        bar_table(1, rows.ids.of)


def test_doubts_wait_for_the_minutes_end_and_longer_after_each_try() -> None:
    rows = TradeRows()
    doubts = [Doubt("BINANCE", "AAAUSDT", NOON_MS + n * MINUTE_MS, "id gap") for n in (0, 1, 0)]
    queue_doubts(doubts, rows.ids, NOON)
    queue_doubts([Doubt("BINANCE", "AAAUSDT", NOON_MS, "restart")], rows.ids, NOON)
    assert RepairMinute.objects.get(minute=NOON).reason == "id gap"
    assert due_minutes("BINANCE", NOON + timedelta(seconds=64), 10) == []
    due = due_minutes("BINANCE", NOON + timedelta(minutes=3), 10)
    assert [(row.symbol, row.minutes_ms) for row in due] == [("AAAUSDT", [NOON_MS, NOON_MS + MINUTE_MS])]
    number = rows.ids.of("BINANCE", "AAAUSDT")
    now = NOON + timedelta(minutes=3)
    for wait in (30, 60, 120):
        postpone(number, [NOON_MS], now)
        assert RepairMinute.objects.get(minute=NOON).not_before == now + timedelta(seconds=wait)
    forget_doubts(number, [NOON_MS, NOON_MS + MINUTE_MS])
    assert not RepairMinute.objects.exists()


def test_incomplete_rows_are_doubted_after_a_restart() -> None:
    stored(minute(), minute(1, complete=False))
    assert queue_incomplete("BINANCE", NOON - timedelta(hours=1), NOON, "restart") == 1
    assert RepairMinute.objects.get().minute == moment_of(NOON_MS + MINUTE_MS)


def test_exports_name_the_pair_and_keep_every_digit(tmp_path: Path) -> None:
    stored(minute(), minute(1, complete=False), minute(1440, symbol='a,"b', venue="OKX"))
    file = tmp_path / "trades.parquet"

    def exported(*options: str) -> list[dict[str, Any]]:
        call_command("exporttrades", str(file), "--to", "2027-01-01T00:00:00Z", *options, verbosity=0)
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
        return rows

    rows = exported()
    assert [(row["venue"], row["symbol"], row["minute"]) for row in rows] == [
        ("BINANCE", "AAAUSDT", NOON), ("BINANCE", "AAAUSDT", NOON + timedelta(minutes=1)),
        ("OKX", 'a,"b', NOON + timedelta(days=1)),
    ]  # fmt: skip
    assert rows[0]["volume"] == "1234.56789012345678901234567890"
    assert len(exported("--complete")) == 2
    assert [row["venue"] for row in exported("--venue", "OKX")] == ["OKX"]
    TradeRows().write_bars(HOUR_MS, [bar(NOON_MS, HOUR_MS)])
    assert [row["open_at"] for row in exported("--what", "1h")] == [NOON]
    with pytest.raises(CommandError, match="bars are complete"):
        exported("--what", "5m", "--complete")
    assert TradedInstrument.objects.count() == 2
