"""The store: rolling extremes of nine windows, exact to the letter, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.volatility.support import START
from volatility.ring import PriceRing
from volatility.store import PriceChange, PriceChangeStore, Reading
from volatility.windows import LATE, WINDOWS, Window

MINUTE = timedelta(minutes=1)
History = Sequence[tuple[float, dict[str, float]]]  # (seconds, prices)


def at(seconds: float):
    return START + timedelta(seconds=seconds)


def reading(seconds: float, prices: dict[str, float]) -> Reading:
    return Reading(at(seconds), list(prices), list(prices.values()))


def by_the_letter(history: History, pair: str, window: Window) -> tuple[float, float]:
    """The extremes as section 7 of the design words them, the straightforward way."""
    now, span = history[-1][0], window.minutes * 60
    readings = [(seconds, prices[pair]) for seconds, prices in history if pair in prices]
    inside = [price for seconds, price in readings if now - span <= seconds <= now]
    before = [(seconds, price) for seconds, price in readings if seconds < now - span]
    if len(inside) == 1 and before and before[-1][0] >= now - LATE * span:
        inside.append(before[-1][1])
    return min(inside), max(inside)


def changes_of(history: History, resolution: timedelta = MINUTE) -> list[PriceChange]:
    store = PriceChangeStore(resolution)
    seen: list[PriceChange] = []
    store.attach(seen.append)
    for seconds, prices in history:
        store.update(reading(seconds, prices))
    return seen


def check(history: History, change: PriceChange) -> None:
    for place, pair in enumerate(change.pairs):
        for index, window in enumerate(WINDOWS):
            expected = by_the_letter(history, pair, window)
            assert (change.low[index, place], change.high[index, place]) == expected, (pair, window)


polls = st.lists(
    st.tuples(
        st.sampled_from([45.0, 59.0, 60.0, 61.0, 89.0, 90.0, 91.0, 300.0, 301.0, 450.0, 3_600.0, 43_200.0, 86_400.0]),
        st.dictionaries(st.sampled_from("ABCDE"), st.floats(0.0001, 1000), max_size=5),
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=100, deadline=None)
@given(polls)
def test_every_window_holds_what_the_design_says_for_any_polls_and_absences(steps: list) -> None:
    seconds, history = 0.0, []
    for step, prices in steps:
        seconds += step
        history.append((seconds, prices))
    for number, change in enumerate(changes_of(history), 1):
        check(history[:number], change)


def test_the_windows_stay_exact_while_the_ring_turns_over_several_times() -> None:
    random = np.random.default_rng(4)
    prices = np.exp(np.cumsum(random.normal(0, 0.01, (3500, 3)), axis=0))
    history = [
        (60.0 * number, {pair: float(row[place]) for place, pair in enumerate("ABC") if random.random() > 0.1})
        for number, row in enumerate(prices)
    ]
    changes = changes_of(history, timedelta(seconds=60))
    for number in (31, 32, 33, 1439, 1440, 1441, 1950, 1951, 1984, 2500, 3499):
        check(history[: number + 1], changes[number])


def test_both_ends_of_a_window_are_included() -> None:
    history = [(0.0, {"A": 100.0}), (30.0, {"A": 50.0}), (60.0, {"A": 50.0})]
    assert changes_of(history)[-1].high[0, 0] == 100
    history = [(0.0, {"A": 100.0}), (30.0, {"A": 50.0}), (60.001, {"A": 50.0})]
    assert changes_of(history)[-1].high[0, 0] == 50


@pytest.mark.parametrize(("age", "reached"), [(61.0, True), (90.0, True), (90.001, False)])
def test_a_late_poll_reaches_back_to_a_reading_of_at_most_one_and_a_half_windows(age: float, reached: bool) -> None:
    change = changes_of([(0.0, {"A": 100.0}), (age, {"A": 90.0})])[-1]
    assert change.high[0, 0] == (100 if reached else 90)


def test_a_pair_that_was_absent_longer_than_a_window_has_no_baseline_in_it() -> None:
    eighteen_days = 18 * 86_400.0
    change = changes_of([(0.0, {"LUNA": 0.00005}), (60.0, {}), (eighteen_days, {"LUNA": 9.0})])[-1]
    assert (change.low == 9).all() and (change.high == 9).all()
    change = changes_of([(0.0, {"A": 50.0}), (7_200.0, {"A": 100.0})])[-1]
    assert change.low[:, 0].tolist() == [100] * 5 + [50] * 4


@pytest.mark.parametrize("price", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_price_is_an_absence(price: float) -> None:
    change = changes_of([(0.0, {"A": 1.0, "B": 1.0}), (60.0, {"A": price, "B": 1.0})])[-1]
    assert change.pairs == ["B"]


def test_a_reading_that_is_not_newer_is_no_reading_and_nobody_is_told() -> None:
    changes = changes_of([(60.0, {"A": 1.0}), (60.0, {"A": 2.0}), (0.0, {"A": 3.0})])
    assert len(changes) == 1


def test_observers_are_told_in_the_order_of_attachment_and_not_after_they_leave() -> None:
    store = PriceChangeStore(MINUTE)
    told: list[str] = []

    def first(_change: PriceChange) -> None:
        told.append("first")

    store.attach(first)
    store.attach(lambda _change: told.append("second"))
    store.update(reading(0, {"A": 1.0}))
    store.detach(first)
    store.update(reading(60, {"A": 1.0}))
    assert told == ["first", "second", "second"]


def test_polls_faster_than_the_resolution_are_compared_with_what_is_kept_and_with_each_other() -> None:
    history = [(6.0 * number, {"A": 100.0}) for number in range(50)]
    history += [(300.0, {"A": 100.0}), (306.0, {"A": 96.5})]
    change = changes_of(history, timedelta(seconds=60))[-1]
    assert change.high[:, 0].tolist() == [100.0] * 9
    change = changes_of([(0.0, {"A": 100.0}), (6.0, {"A": 103.0}), (12.0, {"A": 100.0})])[-1]
    assert change.high[0, 0] == 103


def test_pairs_that_come_and_go_for_ever_do_not_grow_the_store() -> None:
    store = PriceChangeStore(timedelta(minutes=30))
    for number in range(60):
        day = {f"P{number}-{place}": 1.0 for place in range(50)}
        store.update(reading(number * 86_400.0, {**day, "ALWAYS": float(number + 1)}))
        if number == 5:
            size = store.nbytes
    assert store.nbytes == size
    change = store.update(reading(59 * 86_400.0 + 60, {"ALWAYS": 60.0, "P0-0": 5.0}))
    assert change is not None
    assert change.low[:, 1].tolist() == [5.0] * 9, "a column that another pair had before brings no baseline"


def test_a_pair_that_returns_after_days_with_a_new_one_keeps_its_place() -> None:
    change = changes_of([(0.0, {"A": 1.0}), (200_000.0, {"A": 2.0, "B": 5.0})])[-1]
    assert (change.pairs, change.low[8].tolist()) == (["A", "B"], [2.0, 5.0])


def test_what_is_restored_is_a_baseline_and_tells_nobody() -> None:
    store = PriceChangeStore(MINUTE)
    seen: list[PriceChange] = []
    store.attach(seen.append)
    earlier = [reading(60.0 * number, {"A": 100.0 + number}) for number in range(10)]
    assert (store.restore(earlier), seen) == (10, [])
    assert store.restore(earlier) == 0, "what is known already is not taken twice"
    change = store.update(reading(600, {"A": 50.0}))
    assert change is not None and change.high[1:, 0].tolist() == [109.0] * 8


def test_a_ring_refuses_a_time_that_does_not_grow() -> None:
    ring = PriceRing(10)
    ring.widen(1)
    ring.append(5, np.array([1.0]))
    with pytest.raises(ValueError, match="expected one after 5"):
        ring.append(5, np.array([1.0]))


@pytest.mark.parametrize("pairs", [0, 3])
def test_a_store_without_pairs_answers_without_pairs(pairs: int) -> None:
    history = [(0.0, {f"P{number}": 1.0 for number in range(pairs)}), (60.0, {})]
    assert changes_of(history)[-1].low.shape == (9, 0)


def test_memory_for_four_thousand_pairs_and_a_day_of_minutes_is_bounded() -> None:
    store = PriceChangeStore(MINUTE)
    names = [f"P{number}" for number in range(4000)]
    store.update(Reading(START, names, [1.0] * 4000))
    before = store.nbytes
    assert before < 200e6
    store.restore(Reading(START + MINUTE * number, names, [1.0] * 4000) for number in range(1, 40))
    assert store.nbytes == before, "all of it is there from the first reading on"


def test_readings_from_the_future_are_moved_to_just_before_and_hide_no_fall() -> None:
    day = 86_400.0
    changes = changes_of(
        [(0.0, {"A": 100.0}), (60.0, {"A": 100.0}), (day, {"A": 100.0}), (day + 60, {"A": 99.0}), (120.0, {"A": 41.0})]
    )
    assert len(changes) == 5
    assert changes[-1].high[0].tolist() == [100.0] and changes[-1].low[0].tolist() == [41.0]
    # The window of a day still begins with what was read before the clock was set.
    assert changes[-1].high[-1].tolist() == [100.0]
