"""The engine's pure decisions: back-off, budgets, silence, lag, handover, and who carries what."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.handover import SymbolHandover
from streams.engine.rate_limit import Backoff, FrameRateLimit, WeightBudget
from streams.engine.shards import plan
from streams.engine.watchdog import Lag, SymbolWatch
from streams.feeds.base import Delta, Link, Snapshot
from streams.feeds.binance import BinanceSpot

LINK = BinanceSpot().link


def test_waits_double_up_to_the_cap_and_are_shortened_by_at_most_a_half() -> None:
    longest, shortest = Backoff(1, 60, lambda: 0.0), Backoff(1, 60, lambda: 1.0)
    assert [longest.failed() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert [shortest.failed() for _ in range(3)] == [0.5, 1, 2]
    longest.succeeded()
    assert longest.failed() == 1
    longest.failures = 10**9
    assert longest.failed() == 60


def test_frames_are_spaced_evenly_and_a_rest_earns_no_burst() -> None:
    pace = FrameRateLimit(5)
    assert [pytest.approx(pace.reserve(0.0)) for _ in range(3)] == [0.0, 0.2, 0.4]
    assert pace.reserve(100.0) == 0.0
    assert pace.reserve(100.0) == pytest.approx(0.2)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 60)), max_size=200))
def test_no_minute_ever_costs_more_than_the_budget(asks: list[tuple[int, int]]) -> None:
    budget, now, spent = WeightBudget(100), 0.0, []
    for quarters, weight in asks:
        now += quarters / 4
        while (wait := budget.wait(weight, now)) > 0:
            now += wait
        spent.append((now, weight))
    for at, _ in spent:
        assert sum(weight for other, weight in spent if at - 60 < other <= at) <= 100


def test_a_host_that_refuses_is_left_alone_as_long_as_it_says() -> None:
    budget = WeightBudget(100)
    assert budget.wait(50, 0.0) == 0
    budget.close_for(30, 1.0)
    budget.close_for(5, 2.0)
    assert budget.wait(1, 11.0) == 20
    assert budget.wait(1, 31.0) == 0


def test_what_others_at_our_address_have_spent_counts() -> None:
    budget = WeightBudget(100)
    budget.used(90, 0.0)
    assert budget.wait(20, 1.0) == pytest.approx(59.0)
    assert budget.wait(5, 1.0) == 0
    budget.used(10, 2.0)
    assert budget.wait(5, 2.0) == 0


def test_a_request_above_the_whole_budget_goes_out_alone() -> None:
    budget = WeightBudget(100)
    assert budget.wait(250, 0.0) == 0
    assert budget.wait(1, 1.0) == pytest.approx(59.0)


def watched(rate: float, seconds: int, floor: float = 10.0, ceiling: float = 600.0) -> SymbolWatch:
    """A watch that has heard a symbol `rate` times a second for so long."""
    watch = SymbolWatch(floor, ceiling)
    watch.subscribed("X", 0, 0.0)
    for second in range(1, seconds + 1):
        assert not watch.is_suspect("X", int(rate * second), float(second))
    return watch


@pytest.mark.parametrize(
    ("rate", "patience"), [(10.0, 10.0), (0.5, 32.0), (0.1, 160.0)], ids=["busy", "moderate", "quiet"]
)
def test_a_symbol_is_suspected_after_sixteen_of_its_own_gaps(rate: float, patience: float) -> None:
    watch = watched(rate, 120)
    assert watch.patience("X") == pytest.approx(patience, rel=0.1)
    silent_from = 120.0
    reported = next(second for second in range(1, 700) if watch.is_suspect("X", int(rate * 120), silent_from + second))
    assert reported == pytest.approx(patience, rel=0.25)


def test_a_symbol_that_never_spoke_is_suspected_as_soon_as_a_busy_one() -> None:
    watch = SymbolWatch(10.0, 600.0)
    watch.subscribed("X", 0, 0.0)
    assert [second for second in range(1, 100) if watch.is_suspect("X", 0, float(second))] == [10, 20, 40, 80]


def test_what_speaks_again_is_not_suspected() -> None:
    watch = watched(1.0, 60)
    count = 60
    assert any(watch.is_suspect("X", count, 60.0 + second) for second in range(1, 40))
    assert watch.asked("X") == 1
    assert not watch.is_suspect("X", count + 1, 101.0)
    assert watch.asked("X") == 0


def test_lag_is_measured_against_the_earliest_and_not_across_clocks() -> None:
    lag = Lag()
    # Our clock is 1.2 s behind the exchange's, which alone would make every message early.
    for second in range(10):
        lag.saw(1_000_000 + second * 1000, 1000.0 + second - 1.2)
    assert lag.take() == pytest.approx(0.0)
    lag.saw(1_010_000, 1010.0 - 1.2 + 3.0)
    assert lag.take() == pytest.approx(3.0)
    assert lag.take() is None


def test_one_message_with_an_old_stamp_is_no_lag() -> None:
    lag = Lag()
    for second in range(5):
        lag.saw(1_000_000 + second * 1000, 1000.0 + second)
    lag.take()
    lag.saw(1_000_000, 1010.0)
    lag.saw(1_010_000, 1010.0)
    assert lag.take() == pytest.approx(0.0)


@given(st.integers(0, 30), st.integers(0, 30), st.randoms(use_true_random=False))
def test_every_update_comes_once_and_in_order_through_a_handover(ahead: int, late: int, source: random.Random) -> None:
    """The new connection begins anywhere, before or after what the old one has brought, and runs at another speed."""
    stream = [Delta("X", [], [], n * 10 - 9, n * 10, exchange_ms=n) for n in range(1, 100)]
    old, new = iter(stream[10:]), iter(stream[10 + ahead :])
    delivered: list[Delta] = list(stream[:10])
    handover: SymbolHandover | None = SymbolHandover(LINK, delivered[-1].last_id)
    for _ in range(late):
        delivered.append(next(old))
        assert handover.from_old(delivered[-1]) is None  # type: ignore[union-attr]
    while handover is not None:
        message: Delta | None
        if source.random() < 0.5:
            message = next(old, None)
            if message is None:
                break
            delivered.append(message)
            joined = handover.from_old(message)
        else:
            message = next(new, None)
            if message is None:
                break
            joined = handover.from_new(message, 0)
        if joined is not None:
            delivered += [item for item, _ in joined if isinstance(item, Delta)]
            handover = None
    if handover is None:
        # What the old one had brought before it comes again is dropped by the book itself.
        delivered += [item for item in new if LINK(item, delivered[-1].last_id) is not Link.OLD]
    assert delivered == stream[: len(delivered)]
    assert handover is None or len(delivered) >= 11 + late


def test_a_snapshot_of_the_new_connection_takes_over_at_once() -> None:
    handover = SymbolHandover(LINK, 50)
    arrived = handover.from_new(Snapshot("X", [], [], 40), 7)
    assert arrived is not None and [at for _, at in arrived] == [7]


def test_a_book_that_is_out_of_sync_takes_whatever_the_new_connection_brings() -> None:
    handover = SymbolHandover(LINK, None)
    assert handover.from_new(Delta("X", [], [], 90, 91), 7) is not None


def test_a_handover_that_never_joins_is_bounded() -> None:
    handover = SymbolHandover(LINK, 5, limit=10)
    joined = [handover.from_new(Delta("X", [], [], n, n), 0) for n in range(100, 110)]
    assert joined[:-1] == [None] * 9 and len(joined[-1] or ()) == 10


@given(
    st.lists(st.sets(st.integers(0, 40), max_size=5), max_size=6),
    st.sets(st.integers(0, 40)),
    st.integers(1, 5),
    st.booleans(),
)
def test_a_plan_carries_what_is_wanted_within_the_limit_and_moves_nothing(
    groups: list[set[int]], wanted: set[int], limit: int, room: bool
) -> None:
    seen: set[int] = set()
    carried = {}
    for key, group in enumerate(groups):
        carried[key] = {str(number) for number in group - seen}
        carried[key] = set(sorted(carried[key])[:limit])
        seen |= group
    want = {str(number) for number in wanted}
    change = plan(carried, want, limit, room)
    after = [
        (symbols - set(change.remove.get(key, ()))) | set(change.add.get(key, ())) for key, symbols in carried.items()
    ] + [set(group) for group in change.open]
    assert sorted(symbol for group in after for symbol in group) == sorted(want)
    assert all(len(group) <= limit for group in after)
    assert room or not change.add
    for key, symbols in carried.items():
        assert symbols & want <= after[key]


def test_symbols_are_spread_evenly() -> None:
    assert [len(group) for group in plan({}, [str(n) for n in range(201)], 200).open] == [101, 100]
    assert Link.BREAKS is LINK(Delta("X", [], [], 9, 9), 5)
