"""The book against a plain dictionary, its bounds, its bands, its texts."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderbooks.books.book import Book, fixed
from orderbooks.books.side import BadLevel
from streams.feeds.base import ContractValue, Snapshot

DEPTHS = frozenset({5, 10})
LEVELS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), max_size=12)


def book(**options: object) -> Book:
    return Book(**{"keeps_text": False, "depths": DEPTHS, "window": False, **options})  # type: ignore[arg-type]


def snapshot(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> Snapshot:
    return Snapshot("X", bids, asks)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(LEVELS, LEVELS), max_size=60), st.booleans())
def test_it_holds_what_a_dictionary_holds_and_knows_its_best(
    updates: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], keeps_text: bool
) -> None:
    """Bids at 1 … 60, asks at 101 … 160, so that mid always lies between them."""
    kept = book(keeps_text=keeps_text)
    expected: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for changes in updates:
        for side, plain, offset in zip(changes, expected, (0, 100), strict=True):
            for price, size in side:
                plain[price + offset] = size
        bids, asks = (
            [(price + offset, size) for price, size in side] for side, offset in zip(changes, (0, 100), strict=True)
        )
        if keeps_text:
            kept.apply(
                [(f"{p}.0", f"{s}.50" if s else "0") for p, s in bids],
                [(f"{p}.0", f"{s}.50" if s else "0") for p, s in asks],
            )
        else:
            kept.apply([(float(p), float(s)) for p, s in bids], [(float(p), float(s)) for p, s in asks])
        live = [{price: size for price, size in plain.items() if size} for plain in expected]
        extra = 0.5 if keeps_text else 0.0
        assert kept.bids.levels == {price: size + extra for price, size in live[0].items()}
        assert kept.asks.levels == {price: size + extra for price, size in live[1].items()}
        assert kept.bids.best == max(live[0], default=None)
        assert kept.asks.best == min(live[1], default=None)
        assert kept.bids.best_first() == sorted(live[0], reverse=True)
        if keeps_text and live[0]:
            best = max(live[0])
            assert kept.best_as_written()[0] == (f"{best}.0", f"{live[0][best]}.50")
        if live[0] and live[1]:
            assert kept.mid is not None
            for held, low, high in ((kept.bids, kept.mid * 0.99, math.inf), (kept.asks, 0, kept.mid * 1.01)):
                near = sum(size for price, size in held.levels.items() if low <= price <= high)
                # The band follows the mid in steps of a tenth of its width: no level of these lies between.
                assert held.near == pytest.approx(near)


def test_stale_prices_do_not_pile_up() -> None:
    kept = book(keeps_text=True)
    kept.load(snapshot([("100", "1")], [("200", "1")]))
    for step in range(20_000):
        kept.apply([(f"{1 + step % 5000 / 100}", str(step % 2))], [])
    assert len(kept.bids.heap) < 2 * len(kept.bids.levels) + 1100
    assert len(kept.bids.texts or ()) < 2 * len(kept.bids.levels) + 100


@pytest.mark.parametrize(
    "bad",
    [
        [("0", "1")],
        [("-1", "1")],
        [("1", "-1")],
        [("nan", "1")],
        [("1", "nan")],
        [("1", "inf")],
        [("x", "1")],
        [("1",)],
    ],
)
def test_a_level_that_no_order_can_have_changes_nothing(bad: list[tuple[str, ...]]) -> None:
    kept = book(keeps_text=True)
    kept.load(snapshot([("100", "1")], [("101", "1")]))
    for attempt in (
        lambda: kept.apply([("99", "1")], bad),
        lambda: kept.load(snapshot([("99", "1")], bad)),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadLevel):
            attempt()
        assert kept.bids.levels == {100.0: 1.0} and kept.asks.levels == {101.0: 1.0}


def test_a_cut_snapshot_is_known_as_far_as_it_reaches_and_bands_say_so() -> None:
    kept = book()
    bids = [(str(100 - step), "1") for step in range(5)]
    kept.load(snapshot(bids, [("101", "2"), ("102", "2")]))
    mid = 100.5
    narrow, wide = kept.bands((2.0, 10.0))
    # Five bids: cut there. Two asks, and five may be asked for: that is the whole side.
    assert (narrow.bid, narrow.bid_coverage) == (100 + 99, 1.0)
    assert wide.bid == 100 + 99 + 98 + 97 + 96
    assert wide.bid_coverage == pytest.approx((mid - 96) / (mid * 0.1))
    assert (wide.ask, wide.ask_coverage) == (2 * 101 + 2 * 102, 1.0)
    assert narrow.bias == pytest.approx((199 - 406) / (199 + 406))
    assert wide.bias is None
    # What an update tells of behind the edge is counted as a level, not as depth of a band that is known in part.
    kept.apply([(95.0, 7.0)], [])
    assert kept.level_counts() == (6, 2) and kept.bands((10.0,))[0].bid == wide.bid
    assert not kept.nears_the_end_of_its_snapshot
    kept.apply([(float(price), 0.0) for price in range(96, 101)], [])
    assert kept.nears_the_end_of_its_snapshot and kept.bids.best == 95.0
    # Between mid, 98, and the edge, 96, nothing stands: that is known, and no more.
    assert kept.bands((10.0,))[0][1:4:2] == (0.0, pytest.approx(2 / 9.8))


def test_an_empty_side_has_no_mid_no_best_and_no_bands() -> None:
    kept = book()
    kept.load(snapshot([], [("101", "1")]))
    assert (kept.mid, kept.best, kept.bands(), kept.best_as_written()[0]) == (None, None, (), None)


def test_a_window_ends_where_its_worst_level_is_and_is_cut_only_where_the_venue_wants_it() -> None:
    bids = [(str(100 - step), "1") for step in range(5)]
    asks = [(str(101 + step), "1") for step in range(5)]
    for truncates, left in ((True, [101.0, 100.0, 99.0, 98.0, 97.0]), (False, [101.0, 100.0, 99.0, 98.0, 97.0, 96.0])):
        kept = book(keeps_text=True, window=True, truncates=truncates)
        kept.load(snapshot(bids, asks[1:]))
        kept.apply([("101", "1")], [("101", "0")])
        assert kept.bids.best_first() == left
        assert kept.bids.near == pytest.approx(1.0)
        # Four asks in a window of five: nothing lies behind them.
        assert kept.bands((50.0,))[0].ask_coverage == 1.0 and kept.bands((50.0,))[0].bid_coverage < 0.2


@pytest.mark.parametrize(
    ("contract", "base", "quote"),
    [(None, 30.0, 3000.0), (ContractValue(0.01, False), 0.3, 30.0), (ContractValue(10, True), 3.0, 300.0)],
)
def test_contracts_become_base_and_quote_on_the_way_out(
    contract: ContractValue | None, base: float, quote: float
) -> None:
    kept = book(contract=contract)
    kept.load(snapshot([("100", "30")], [("101", "30")]))
    assert kept.best is not None and kept.best[1] == pytest.approx(base)
    assert kept.bands((1.0,))[0].bid == pytest.approx(quote)
    assert kept.best_as_written()[0] == ("100", "30")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**14), st.integers(0, 8))
def test_a_number_is_written_as_it_was_read(digits: int, decimals: int) -> None:
    text = f"{Decimal(digits).scaleb(-decimals):.{decimals}f}"
    assert fixed(float(text), decimals) == text


@pytest.mark.parametrize("text", ["61837.63000000", "98765432.10000000", "0.00000001", "123456789012.00000000"])
def test_binances_texts_come_back(text: str) -> None:
    kept = book()
    kept.load(snapshot([(text, text)], [("999999999999.00000000", text)]))
    assert kept.best_as_written()[0] == (text, text)


def test_sums_of_unequal_reach_are_not_held_against_each_other() -> None:
    """A side that is known to the end of the band beside one that is cut: what is seen of them says nothing of them."""
    kept = book()
    bids = [("99", "1"), ("98.9", "1"), ("98.8", "1"), ("98.7", "1"), ("98.6", "1")]
    kept.load(snapshot(bids, [("101", "1"), ("103", "900"), ("104", "900")]))
    narrow, wide = kept.bands((1.0, 4.0))
    assert wide.bid_coverage < 1 and wide.ask_coverage == 1.0
    assert (wide.bid, wide.ask) == (pytest.approx(494.0), 101 + 900 * 103 + 900 * 104)
    assert wide.bias is None and narrow.bias == pytest.approx((99 - 101) / (99 + 101))
    assert kept.reaches(0.01, 100.0) and not kept.reaches(0.02, 100.0)
