"""The day's minutes in memory, as strategies read them."""

from __future__ import annotations

import numpy as np
import pytest

from orderbooks.recording.memory import MinuteMemory
from orderbooks.records import MINUTE_MS
from tests.orderbooks.recording.minutes_support import NOON, minute_row

PAIR = ("BINANCE", "btcusdt")


def test_a_window_ends_with_the_newest_minute_and_what_is_missing_is_unknown() -> None:
    memory = MinuteMemory()
    for minute in (0, 1, 3):
        memory.add(minute_row(minute, mid=100.0 + minute))
    rows = memory.window(*PAIR, minutes=5)
    assert rows["known"].tolist() == [False, True, True, False, True]
    np.testing.assert_array_equal(rows["mid"], [np.nan, 100.0, 101.0, np.nan, 103.0])
    assert rows["minute_ms"][-1] == NOON + 3 * MINUTE_MS
    assert memory.window(*PAIR, minutes=1, until_ms=NOON + 2 * MINUTE_MS)["mid"].tolist() == [101.0]
    assert len(memory.window("BINANCE", "never seen")) == 0


def test_every_figure_of_a_row_is_there_under_its_columns_name() -> None:
    memory = MinuteMemory()
    row = minute_row()
    memory.add(row)
    (kept,) = memory.window(*PAIR, minutes=1)
    for name in ("mid", "best_bid", "best_ask_size", "micro_price", "order_flow_imbalance", "buy_volume", "trades"):
        assert kept[name] == pytest.approx(getattr(row, name))
    assert (kept["bid_depth_0_1"], kept["ask_depth_4"], kept["bias_1"], kept["bid_coverage_2"]) == (1000, 1000, 0, 1)


def test_what_is_not_known_is_nan_and_no_zero() -> None:
    memory = MinuteMemory()
    memory.add(minute_row(mid=None, bands=()))
    (kept,) = memory.window(*PAIR, minutes=1)
    assert np.isnan(kept["mid"]) and np.isnan(kept["bias_1"]) and np.isnan(kept["bid_depth_4"])
    assert kept["known"]


def test_after_a_day_the_ring_goes_round_and_nothing_of_yesterday_is_left_in_a_gap() -> None:
    memory = MinuteMemory(minutes=10)
    for minute in (*range(10), 15):
        memory.add(minute_row(minute, mid=float(minute)))
    mids = memory.window(*PAIR)["mid"]
    np.testing.assert_array_equal(mids, [6, 7, 8, 9, np.nan, np.nan, np.nan, np.nan, np.nan, 15])
    memory.add(minute_row(3, mid=-1.0))
    np.testing.assert_array_equal(memory.window(*PAIR)["mid"], mids)


def test_a_correction_replaces_its_minute_and_the_newest_stays_the_newest() -> None:
    memory = MinuteMemory()
    memory.add(minute_row(0))
    memory.add(minute_row(1))
    memory.add(minute_row(0, partial=True, mid=None))
    rows = memory.window(*PAIR, minutes=2)
    assert rows["partial"].tolist() == [True, False]
    assert memory.latest()["minute_ms"].tolist() == [NOON + MINUTE_MS]


def test_many_pairs_have_room_and_forgotten_ones_give_it_back() -> None:
    memory = MinuteMemory(minutes=10)
    names = [f"pair{number}" for number in range(40)]
    for number, name in enumerate(names):
        memory.add(minute_row(number // 39, name, mid=float(number)))
    assert memory.latest()["mid"].tolist() == [float(number) for number in range(40)]
    size = memory.nbytes
    memory.forget({("BINANCE", "pair7")}, older_than_ms=NOON + MINUTE_MS)
    assert [symbol for _, symbol in memory.pairs] == ["pair7", "pair39"]
    assert memory.latest()["mid"].tolist() == [7.0, 39.0] and memory.nbytes < size
    memory.add(minute_row(2, "new", mid=5.0))
    assert memory.window("BINANCE", "pair7", minutes=1)["mid"].tolist() == [7.0]
    assert memory.window("BINANCE", "new", minutes=1)["mid"].tolist() == [5.0]


def test_what_is_read_is_a_copy() -> None:
    memory = MinuteMemory()
    memory.add(minute_row())
    memory.window(*PAIR)["mid"] = 0
    assert memory.window(*PAIR, minutes=1)["mid"].tolist() == [100.5]
