"""Where a side's value lies, and its walls."""

from __future__ import annotations

import json
import math
import random

import pytest

from orderbooks.books.book import Book
from orderbooks.books.distribution import BINS, LIMIT, Distribution, distribution, seconds_to_next
from streams.feeds.base import Snapshot
from tests.support.captures import capture


def asks(*levels: tuple[float, float], known: float = math.inf) -> Distribution:
    """levels: distance from a mid of 100 in percent, and quote value."""
    return distribution([(100 + away, value) for away, value in levels], 100.0, known)


def test_shares_are_of_what_lies_within_the_limit() -> None:
    found = asks((0.5, 30), (2.4, 10), (2.6, 20), (24.9, 40), (30, 1e9))
    assert found.shares == pytest.approx((0.4, 0.2, 0, 0, 0, 0, 0, 0, 0, 0.4))
    assert (found.first_bin, found.value, found.reach) == (pytest.approx(0.4), 100, 1.0)


def test_what_is_not_known_is_in_no_share() -> None:
    found = asks((0.5, 30), (4, 10), (11, 999), known=10.0)
    assert found.shares[:2] == pytest.approx((0.75, 0.25))
    assert (found.value, found.reach) == (40, pytest.approx(0.4))


def test_an_empty_side_has_no_shares() -> None:
    assert asks() == asks((30, 5)) == ((0.0,) * BINS, 0.0, (), 1.0)


@pytest.mark.parametrize(
    ("levels", "walls"),
    [
        ([(0.9, 50), (5, 50)], [(5, 0.5)]),
        ([(1.0, 50), (5, 50)], [(1.0, 0.5), (5, 0.5)]),
        ([(0.5, 97.1), (5, 2.9)], []),
        ([(0.5, 97), (5, 3)], [(5, 0.03)]),
        ([(0.5, 50), (5, 20), (5.4, 30)], [(5.4, 0.5)]),
        ([(0.5, 50), (5, 20), (5.6, 30)], [(5, 0.2), (5.6, 0.3)]),
        # Each is near the one before it.
        ([(0.5, 40), (5, 20), (5.4, 20), (5.8, 20)], [(5, 0.6)]),
    ],
)
def test_walls(levels: list[tuple[float, float]], walls: list[tuple[float, float]]) -> None:
    found = asks(*levels).walls
    assert [(wall.distance * 100, wall.share, wall.price) for wall in found] == [
        (pytest.approx(away), pytest.approx(share), pytest.approx(100 + away)) for away, share in walls
    ]


def test_bids_lie_below() -> None:
    found = distribution([(99.0, 10.0), (90.0, 30.0)], 100.0, math.inf)
    assert found.shares[0] == pytest.approx(0.25)
    assert [wall.price for wall in found.walls] == [99.0, 90.0]


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.0, 0), (0.005, 0), (0.0051, 15), (0.05, 15), (0.1, 60), (0.11, 300), (1.0, 300)]
)
def test_the_thinner_the_sooner(share: float, seconds: float) -> None:
    assert seconds_to_next(share) == seconds


def test_of_a_book_in_contracts_of_either_kind_and_of_a_snapshot_that_is_cut() -> None:
    book = Book(keeps_text=False, depths=frozenset({3}), window=False)
    assert book.distributions() is None
    book.load(Snapshot("X", [("99", "1"), ("98", "1"), ("97", "2")], [("101", "1"), ("103", "1")], 1))
    found = book.distributions()
    assert found is not None
    bids, offers = found
    # The bids end with the snapshot, at 3 % of 25; the asks are all there are.
    assert bids.value == pytest.approx(99 + 98 + 2 * 97)
    assert bids.reach == pytest.approx(3 / 25)
    assert (offers.value, offers.reach) == (204.0, 1.0)


@pytest.mark.parametrize("seed", range(20))
def test_shares_add_up_and_walls_are_among_them(seed: int) -> None:
    chance = random.Random(seed)
    levels = [(100 * (1 + chance.uniform(0, 0.3)), chance.paretovariate(1.1)) for _ in range(chance.randint(1, 300))]
    found = distribution(levels, 100.0, chance.choice([math.inf, 12.0]))
    assert sum(found.shares) == pytest.approx(1.0 if found.value else 0.0)
    assert sum(wall.share for wall in found.walls) <= 1 + 1e-9
    known = 1e9 if found.reach == 1 else 12.0
    again = distribution([(price, value * 7) for price, value in reversed(levels)], 100.0, known)
    assert again.shares == pytest.approx(found.shares)


def test_a_recorded_book_of_another_tracker_has_the_same_steps() -> None:
    """Its rows are steps of cumulative share; ours of the same steps must stand in the same bins."""
    rows = json.loads(capture("rest/SUSDT_orderbook_and_tracker_2025-05-30.json").read_text())
    for row in rows:
        steps, before = [], 0.0
        for away, cumulative in row["ask_price_orders"]:
            steps.append((1 + away, cumulative - before))
            before = cumulative
        theirs = list(row["ask_order_distribution"].values())
        # Distances are rounded to a tenth of a percent there, and shares to one in some forty: a step at a bin's edge
        # may stand on either side of it.
        early, late = (
            distribution([(min(price + by, 1 + LIMIT), value) for price, value in steps], 1.0, math.inf)
            for by in (-6e-4, 6e-4)
        )
        for edge in range(BINS):
            reached = sum(theirs[: edge + 1])
            assert sum(late.shares[: edge + 1]) - 0.06 <= reached <= sum(early.shares[: edge + 1]) + 0.06
