"""The whale score: planted orders in a quiet book, and the recorded ones."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from orderbooks.books.sync import BookSynchronizer
from orderbooks.books.whale_score import LogNormal, Robust, Scoring, whale_score
from orderbooks.records import ReadableBook, ScoredOrder
from orderbooks.replay.replay import BookReplay
from streams.capture import read_lines
from streams.feeds import feed_for
from streams.feeds.base import ContractValue, Delta, Snapshot
from tests.support.captures import capture

MEAN, DEVIATION = math.log(2.0), 0.5


@dataclass
class Seen:
    orders: list[ScoredOrder] = field(default_factory=list)
    vanished_at: list[tuple[bool, float]] = field(default_factory=list)

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        self.orders += orders

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        self.vanished_at.append((bid, price))

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None: ...

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None: ...

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None: ...


class QuietBook:
    """Bybit's, around 1,000: levels 0.1 apart that come and go, with sizes of a known distribution.

    The bids hold thousands more than the asks: no order is ten times the imbalance unless it is meant to be.
    """

    def __init__(self, gap: float = 0.1, scoring: Scoring | None = None, contract: ContractValue | None = None) -> None:
        self.seen = Seen()
        self.synchronizer = BookSynchronizer(feed_for("bybit", "spot"), "X", self.seen, scoring, contract)
        self.bid, self.ask = 1000.0, 1000.0 + gap
        self.id, self.ms = 1, 1_000_000
        self.random = random.Random(7)
        bids = [(f"{self.bid - step / 10:.1f}", "1.0") for step in range(40)]
        bids.append((f"{self.bid - 5:.1f}", "5000"))
        asks = [(f"{self.ask + step / 10:.1f}", "1.0") for step in range(40)]
        self.synchronizer.take(Snapshot("X", bids, asks, self.id, self.ms))

    def say(self, bids: list[tuple[str, str]], asks: list[tuple[str, str]], after_ms: int = 100) -> list[ScoredOrder]:
        self.id, self.ms = self.id + 1, self.ms + after_ms
        before = len(self.seen.orders)
        assert not self.synchronizer.take(Delta("X", bids, asks, self.id, self.id, None, self.ms), 77)
        return self.seen.orders[before:]

    def live(self, updates: int = 1000) -> QuietBook:
        """Each update brings a new level on each side, and takes it away again."""
        for _ in range(updates):
            size = [min(self.random.lognormvariate(MEAN, DEVIATION), math.exp(MEAN + 1.9 * DEVIATION)) for _ in "ba"]
            bid, ask = f"{self.bid - 3.05:.2f}", f"{self.ask + 3.05:.2f}"
            self.say([(bid, str(size[0]))], [(ask, str(size[1]))])
            self.say([(bid, "0")], [(ask, "0")])
        return self

    def statistics(self, is_bid: bool) -> tuple[float, float]:
        side = self.synchronizer._scorer.sides[0 if is_bid else 1]
        self.synchronizer.flush()
        return side._centre, side._deviation

    def size_at(self, sigmas: float, is_bid: bool) -> float:
        centre, deviation = self.statistics(is_bid)
        return math.exp(centre + sigmas * deviation)


@pytest.mark.parametrize("is_bid", [True, False])
@pytest.mark.parametrize(("sigmas", "points"), [(1.9, 0), (2.1, 1), (2.9, 1), (3.1, 2), (4.1, 3), (7.0, 3)])
@pytest.mark.parametrize("grown", [False, True])
def test_a_planted_order_scores_as_the_formula_says(is_bid: bool, sigmas: float, points: int, grown: bool) -> None:
    market = QuietBook().live()
    size = market.size_at(sigmas, is_bid)
    price = (
        (market.bid - 1.0 if is_bid else market.ask + 1.0)
        if grown
        else (market.bid - 1.07 if is_bid else market.ask + 1.07)
    )
    stood = 1.0 if grown else 0.0
    level = [(f"{price:.2f}", repr(stood + size))]
    orders = market.say(level if is_bid else [], [] if is_bid else level)
    if not points:
        assert orders == []
        return
    (order,) = orders
    # Within 1 % of mid: one more. The spread is narrow, and the imbalance of thousands is not a tenth of it.
    assert order.score == points + 1
    assert (order.venue, order.symbol, order.bid, order.received_ns) == ("BYBIT", "X", is_bid, 77)
    assert order.sigmas == pytest.approx(sigmas) and order.size == pytest.approx(size)
    assert order.level_size == pytest.approx(stood + size) and order.exchange_ms == market.ms
    assert order.mid == pytest.approx(1000.05) and order.distance == pytest.approx(abs(price - 1000.05) / 1000.05)
    assert market.synchronizer.counters.whales == (order.score >= 3)


@pytest.mark.parametrize(
    ("sigmas", "distance", "spread", "added", "imbalance", "score"),
    [
        (1.99, 0.0, 0.5, 100, 0, 0),  # bonus points make no whale
        (2.0, 0.02, 0.005, 100, 100, 1),
        (2.0, 0.01, 0.005, 100, 100, 2),
        (2.0, 0.02, 0.0101, 100, 100, 2),
        (2.0, 0.02, 0.01, 100, 10, 1),  # exactly ten times, exactly 1 %: not over
        (3.0, 0.02, 0.005, 100, 9.99, 3),
        (4.0, 0.01, 0.02, 100, 0, 6),
    ],
)
def test_the_score_is_the_sum_of_its_points(
    sigmas: float, distance: float, spread: float, added: float, imbalance: float, score: int
) -> None:
    assert whale_score(sigmas, distance, spread, added, imbalance) == score


def test_a_wide_spread_and_a_balanced_book_add_a_point_each() -> None:
    market = QuietBook(gap=20.0).live()
    # Bids near mid 5,000 and more, asks 40: balance them, so that one order is ten times what is left.
    market.say([("995.0", "0")], [])
    near = market.synchronizer.book.bids.near - market.synchronizer.book.asks.near
    size = market.size_at(4.2, True)
    assert size > 10 * abs(near)
    (order,) = market.say([("999.85", repr(size))], [])
    assert order.distance > 0.01 and order.score == 3 + 1 + 1
    # The order itself is no imbalance: where it counts as near, it still tips the book.
    (order,) = market.say([("1000.0", repr(1 + size))], [])
    assert order.distance <= 0.01 and order.score == 6


def test_the_imbalance_is_that_around_the_mid_of_the_moment() -> None:
    market = QuietBook().live()
    # 3,000 just out of reach of 1 %, in a book that is else in balance; then the mid goes up a bit, and has them.
    market.say([("995.0", "0")], [("1010.2", "3000")])
    size = market.size_at(4.2, True)
    (order,) = market.say([("998.07", repr(size))], [])
    assert order.score == 3 + 1 + 1
    gone = ["998.07", *(f"{996.1 + step / 10:.1f}" for step in range(7))]
    bids = [("1000.3", "1.0"), *((price, "0") for price in gone)]
    market.say(bids, [(f"{1000.1 + step / 10:.1f}", "0") for step in range(6)])
    (order,) = market.say([("998.17", repr(size))], [])
    assert order.mid == pytest.approx(1000.5) and order.score == 3 + 1


def test_deletes_and_shrinking_levels_never_score() -> None:
    market = QuietBook().live()
    whale = market.size_at(6.0, True)
    assert market.say([("998.5", repr(whale))], [])
    assert market.say([("998.5", repr(whale / 3))], []) == []
    assert market.say([("998.5", "0")], []) == []
    assert market.say([("995.0", "0")], []) == []


def test_a_whale_that_goes_is_told_once_and_one_that_shrinks_a_little_is_not() -> None:
    market = QuietBook().live()
    whale = market.size_at(6.0, False)
    for level, vanishes in ((0.6, False), (0.4, True), (0.0, False)):
        if not market.seen.vanished_at and level == 0.6:
            market.say([], [("1001.55", repr(whale))])
        market.say([], [("1001.55", repr(whale * level))])
        assert (market.seen.vanished_at == [(False, 1001.55)]) is (vanishes or level == 0.0)
    assert len(market.seen.vanished_at) == 1


def test_the_first_minute_is_silent_and_so_is_a_book_that_has_seen_too_little() -> None:
    market = QuietBook()
    market.live(250)  # 50 seconds
    assert market.say([("998.05", "100000")], []) == []
    assert market.synchronizer.counters.orders_scored == 0
    market = QuietBook()
    for _ in range(40):
        market.say([("998.05", "2")], [], after_ms=5_000)
        market.say([("998.05", "0")], [], after_ms=5_000)
    assert market.say([("998.05", "100000")], []) == []


def test_a_new_snapshot_is_no_order_and_the_distribution_outlives_it() -> None:
    market = QuietBook().live()
    before = market.statistics(True)
    size = market.size_at(4.5, True)
    orders = len(market.seen.orders)
    bids = [(f"{1000 - step / 10:.1f}", str(10 * size)) for step in range(40)]
    market.ms += 100
    market.synchronizer.take(Snapshot("X", bids, [("1000.1", "1")], 5000, market.ms))
    assert len(market.seen.orders) == orders and market.statistics(True) == before
    market.id = 5000
    (order,) = market.say([("999.75", repr(size))], [])
    assert order.sigmas == pytest.approx(4.5)


def test_a_level_that_enters_a_full_window_may_have_stood_there_all_the_time() -> None:
    market = QuietBook()
    # A window of 200: filled, so that what appears behind its last level comes from outside.
    market.ms += 100
    bids = [(f"{1000 - step / 10:.1f}", "1.0") for step in range(200)]
    market.synchronizer.take(
        Snapshot("X", bids, [(f"{1000.1 + step / 10:.1f}", "1") for step in range(150)], 10, market.ms)
    )
    market.id = 10
    market.live()
    size = repr(market.size_at(6.0, True))
    assert len(market.synchronizer.book.bids.levels) == 200
    assert market.say([("980.0", size)], []) == []
    (grown,) = market.say([("980.0", repr(float(size) * 3))], [])
    assert grown.size == pytest.approx(2 * float(size)) and grown.level_size == pytest.approx(3 * float(size))
    # The asks are fewer than the window: there, what appears behind the last is new.
    assert len(market.say([], [("1090.0", repr(market.size_at(6.0, False)))])) == 1


def test_sizes_come_out_in_base_units_and_contracts_do_not_change_the_score() -> None:
    market = QuietBook(contract=ContractValue(100, in_quote=True)).live()
    size = market.size_at(4.2, True)
    (order,) = market.say([("998.55", repr(size))], [])
    assert order.size == pytest.approx(size * 100 / 998.55) and order.sigmas == pytest.approx(4.2)
    assert order.score == 4


def test_equal_sizes_have_no_deviation_and_judge_nobody() -> None:
    market = QuietBook()
    for _ in range(1000):
        market.say([("998.05", "2")], [])
        market.say([("998.05", "0")], [])
    assert market.say([("998.05", "2.2")], []) == []


def test_a_half_life_halves_what_was_and_the_mean_follows() -> None:
    model = LogNormal(half_life_ms=1000)
    model.add(np.full(100, 1.0), 0)
    model.add(np.full(100, 4.0), 1000)
    assert model.weight == pytest.approx(150)
    centre, deviation = model.centre_and_deviation()
    assert centre == pytest.approx((50 * 1 + 100 * 4) / 150)
    assert deviation == pytest.approx(math.sqrt((50 * 2**2 + 100 * 1**2) / 150))
    # An exchange clock that goes back for a moment weighs nothing up.
    model.add(np.full(1, 4.0), 500)
    assert model.weight == pytest.approx(151)


def test_both_models_find_the_distribution_and_giants_raise_only_one_of_them() -> None:
    logs = np.random.default_rng(1).normal(2.0, 0.7, 3000)
    giants = np.concatenate((logs, np.full(300, 12.0)))
    for make in (LogNormal, Robust):
        plain, spoilt = make(1e9), make(1e9)
        plain.add(logs, 1000)
        spoilt.add(giants, 1000)
        centre, deviation = plain.centre_and_deviation()
        assert centre == pytest.approx(2.0, abs=0.05) and deviation == pytest.approx(0.7, abs=0.05)
        assert (spoilt.centre_and_deviation()[1] > 2) is (make is LogNormal)


def test_the_robust_model_forgets_too() -> None:
    model = Robust(half_life_ms=1000)
    model.add(np.full(1000, 1.0), 0)
    model.add(np.full(100, 4.0), 10_000)
    assert model.centre_and_deviation()[0] == 4.0
    for _ in range(20):
        model.add(np.full(1000, 2.0), 20_000)
    assert len(model._logs) == 4096


def test_the_model_and_the_threshold_are_configured() -> None:
    market = QuietBook(scoring=Scoring(threshold=4, model="robust", half_life_minutes=1)).live()
    assert isinstance(market.synchronizer._scorer.sides[0]._model, Robust)
    (order,) = market.say([("998.55", repr(market.size_at(3.5, True)))], [])
    assert order.score == 3 and market.synchronizer.counters.whales == 0


@pytest.mark.parametrize(("name", "at_two"), [("btc", (20, 50)), ("eth", (60, 120))])
def test_recorded_books_have_a_whale_every_few_minutes_and_dozens_a_minute_at_two_points(
    name: str, at_two: tuple[int, int]
) -> None:
    seen = Seen()
    replay = BookReplay(feed_for("binance", "spot"), listener=seen)
    replay.play(read_lines(capture(f"streams/spot_{name}usdt_20240808.gz")))
    minutes = (seen.orders[-1].exchange_ms - seen.orders[0].exchange_ms) / 60_000
    scores = Counter(order.score for order in seen.orders)
    a_minute = {bar: sum(count for points, count in scores.items() if points >= bar) / minutes for bar in range(1, 7)}
    assert at_two[0] <= a_minute[2] <= at_two[1]
    assert a_minute[3] <= 2.0
    # Nothing in the first minute behind the snapshot.
    first = min(order.exchange_ms for order in seen.orders)
    assert first - 1_723_161_255_308 >= 60_000
