"""Minute rows against figures worked out by hand, and against everything that must not make a false one."""

from __future__ import annotations

import pytest

from orderbooks.recording.minutes import micro_price, order_flow
from orderbooks.recording.venue_recorder import VenueListener
from orderbooks.records import GRACE_MS, MinuteRow
from tests.orderbooks.recording.minutes_support import MINUTE_MS, NOON, PlainPair

BIDS, ASKS = {100.0: 4.0, 99.0: 1.0}, {101.0: 6.0, 102.0: 2.0}
DUE = MINUTE_MS + GRACE_MS


class Venue:
    """A venue with a pair that is looked at, and a busy one whose updates move the venue's clock."""

    def __init__(self) -> None:
        self.rows: list[MinuteRow] = []
        self.listener = VenueListener("BINANCE", 3, self.rows.append, lambda news: None)
        self.pair = PlainPair(self.listener)
        self.busy = PlainPair(self.listener, "ethusdt")

    def begin(self) -> None:
        """Both in sync half a minute before noon; the pair is updated at noon, so that the minute is seen whole."""
        for pair in (self.pair, self.busy):
            pair.sync(NOON - 30_000, BIDS, ASKS)
        self.pair.update(NOON)

    def clock(self, ms: int) -> None:
        self.busy.update(NOON + ms)

    def of(self, minute: int, symbol: str = "btcusdt") -> list[MinuteRow]:
        return [row for row in self.rows if row.symbol == symbol and row.minute_ms == NOON + minute * MINUTE_MS]

    def the(self, minute: int) -> MinuteRow:
        (row,) = self.of(minute)
        return row


@pytest.fixture
def venue() -> Venue:
    venue = Venue()
    venue.begin()
    return venue


def test_a_row_is_the_book_as_the_minute_ended_with_every_figure_as_by_hand(venue: Venue) -> None:
    venue.pair.update(NOON + 10_000, bids={100.5: 2.0}, asks={101.0: 5.0})
    venue.pair.update(NOON + 59_999, bids={100.4: 7.0})
    venue.pair.update(NOON + 60_000, bids={100.5: 0.0, 100.4: 0.0}, asks={101.0: 0.0})
    venue.pair.update(NOON + DUE)
    row = venue.the(0)
    assert not row.partial
    assert (row.best_bid, row.best_bid_size, row.best_ask, row.best_ask_size) == (100.5, 2.0, 101.0, 5.0)
    assert row.mid == 100.75
    # (100.5 × 5 + 101 × 2) / 7
    assert row.micro_price == pytest.approx(100.642857142857)
    assert (row.bid_levels, row.ask_levels, row.updates) == (4, 2, 3)
    # A better bid of 2 adds 2; the ask's queue went from 6 to 5: −5 + 6.
    assert row.order_flow_imbalance == pytest.approx(3.0)
    assert row.last_update_ms == NOON + 59_999
    by_percent = {band.percent: band for band in row.bands}
    # ±0.1 % of 100.75 reaches from 100.649 to 100.851: nothing stands there.
    assert (by_percent[0.1].bid, by_percent[0.1].ask, by_percent[0.1].bias) == (0.0, 0.0, None)
    # ±0.5 %: bids at 100.5 (2) and 100.4 (7), asks at 101 (5).
    assert (by_percent[0.5].bid, by_percent[0.5].ask) == (pytest.approx(903.8), pytest.approx(505.0))
    assert by_percent[0.5].bias == pytest.approx((903.8 - 505.0) / (903.8 + 505.0))
    # ±2 %: 100 (4) and 99 (1) as well, and 102 (2).
    assert by_percent[2.0].bias == pytest.approx((1402.8 - 709.0) / (1402.8 + 709.0))


@pytest.mark.parametrize(
    ("after", "flow"),
    [
        ((100.0, 7.0, 101.0, 5.0), 3.0),  # the bid's queue grows by 3
        ((100.0, 1.0, 101.0, 5.0), -3.0),
        ((100.5, 2.0, 101.0, 5.0), 2.0),  # a better bid of 2
        ((99.5, 9.0, 101.0, 5.0), -4.0),  # the bid of 4 is gone
        ((100.0, 4.0, 101.0, 8.0), -3.0),  # the ask's queue grows by 3
        ((100.0, 4.0, 100.8, 2.0), -2.0),  # a better ask of 2
        ((100.0, 4.0, 101.5, 9.0), 5.0),  # the ask of 5 is gone
        ((101.0, 1.0, 102.0, 1.0), 6.0),  # both move up: 1 + 5
        ((100.0, 4.0, 101.0, 5.0), 0.0),
        (None, 0.0),
    ],
)
def test_order_flow_follows_the_definition(after: tuple[float, float, float, float] | None, flow: float) -> None:
    assert order_flow((100.0, 4.0, 101.0, 5.0), after) == pytest.approx(flow)
    assert order_flow(None, after) == 0.0


def test_the_micro_price_leans_to_the_thinner_queue() -> None:
    assert micro_price((100.0, 9.0, 101.0, 1.0)) == pytest.approx(100.9)
    assert micro_price((100.0, 0.0, 101.0, 0.0)) == 100.5


def test_the_first_minute_is_partial_and_the_next_is_whole(venue: Venue) -> None:
    venue.pair.update(NOON + DUE)
    assert venue.of(-1)[0].partial and not venue.the(0).partial


def test_a_quiet_pair_is_closed_by_the_venues_clock_and_by_nothing_else(venue: Venue) -> None:
    venue.clock(MINUTE_MS + GRACE_MS - 1)
    assert venue.of(0) == []
    venue.clock(MINUTE_MS + GRACE_MS)
    row = venue.the(0)
    assert (row.partial, row.updates, row.mid) == (False, 1, 100.5)
    venue.clock(4 * MINUTE_MS + GRACE_MS)
    assert [venue.the(minute).updates for minute in (1, 2, 3)] == [0, 0, 0]
    assert not any(venue.the(minute).partial for minute in (1, 2, 3))
    assert venue.the(3).last_update_ms == NOON


def test_minutes_without_any_update_of_the_venue_are_filled_with_the_book_that_stood_still(venue: Venue) -> None:
    venue.pair.update(NOON + 3 * MINUTE_MS + 5_000, bids={100.2: 1.0})
    assert [venue.the(minute).best_bid for minute in (0, 1, 2)] == [100.0, 100.0, 100.0]


def test_a_gap_makes_the_minute_partial_and_what_was_not_seen_at_its_end_is_empty(venue: Venue) -> None:
    venue.pair.update(NOON + 10_000, bids={100.3: 2.0})
    venue.pair.lose()
    venue.clock(2 * MINUTE_MS + GRACE_MS)
    row = venue.the(0)
    assert row.partial and row.updates == 2
    assert (row.mid, row.best_bid, row.micro_price, row.bands, row.bid_levels) == (None, None, None, (), 0)
    assert venue.of(1) == []


def test_a_book_that_came_back_within_the_minute_ends_it_truly_but_partial(venue: Venue) -> None:
    venue.pair.lose()
    venue.pair.sync(NOON + 40_000, {90.0: 1.0}, {91.0: 1.0})
    venue.pair.update(NOON + 50_000, bids={90.5: 1.0})
    venue.clock(DUE)
    row = venue.the(0)
    assert (row.partial, row.mid) == (True, 90.75)
    # From the old book to the snapshot is no flow.
    assert row.order_flow_imbalance == pytest.approx(1.0)
    venue.clock(MINUTE_MS + DUE)
    assert not venue.the(1).partial


def test_a_side_without_orders_has_no_mid_and_no_bands(venue: Venue) -> None:
    venue.pair.update(NOON + 1_000, asks={101.0: 0.0, 102.0: 0.0})
    venue.clock(DUE)
    row = venue.the(0)
    assert (row.mid, row.best_ask, row.bands, row.ask_levels, row.bid_levels) == (None, None, (), 0, 2)
    assert not row.partial and row.order_flow_imbalance == 0.0


def test_trades_count_for_the_minute_of_their_own_time(venue: Venue) -> None:
    venue.pair.trade(NOON + 1_000, 101.0, 2.0, True)
    # The first of the next minute comes before the book says that this one is over, the last of this one after.
    venue.pair.trade(NOON + MINUTE_MS + 5, 101.0, 8.0, True)
    venue.pair.update(NOON + MINUTE_MS + 10)
    venue.pair.trade(NOON + MINUTE_MS - 1, 100.0, 0.5, False)
    venue.clock(2 * MINUTE_MS + GRACE_MS)
    assert (venue.the(0).trades, venue.the(0).buy_volume, venue.the(0).sell_volume) == (2, 2.0, 0.5)
    assert (venue.the(1).trades, venue.the(1).buy_volume) == (1, 8.0)
    assert not venue.the(0).partial


def test_what_comes_after_its_minute_was_given_out_marks_it_partial(venue: Venue) -> None:
    venue.clock(DUE)
    venue.pair.update(NOON + MINUTE_MS - 50, bids={100.1: 3.0})
    first, corrected = venue.of(0)
    assert (first.partial, corrected.partial, corrected.mid) == (False, True, None)
    venue.pair.trade(NOON + MINUTE_MS - 40, 100.0, 1.0, False)
    assert len(venue.of(0)) == 2


def test_an_update_that_comes_minutes_late_takes_back_all_that_was_said_without_it(venue: Venue) -> None:
    venue.clock(3 * MINUTE_MS + GRACE_MS)
    venue.pair.update(NOON + MINUTE_MS + 20_000, bids={100.1: 3.0})
    assert [row.mid for row in venue.of(0)] == [100.5]
    for minute in (1, 2):
        first, corrected = venue.of(minute)
        assert (first.mid, corrected.mid, corrected.partial) == (100.5, None, True)
    venue.clock(4 * MINUTE_MS + GRACE_MS)
    assert venue.the(3).best_bid == 100.1


def test_what_is_known_of_a_partial_minute_is_taken_back_as_well() -> None:
    venue = Venue()
    venue.pair.sync(NOON + 30_000, BIDS, ASKS)
    venue.busy.sync(NOON + 30_000, BIDS, ASKS)
    venue.clock(DUE)
    venue.pair.lose("silent")
    assert [(row.partial, row.mid) for row in venue.of(0)] == [(True, 100.5), (True, None)]


def test_a_late_trade_marks_its_minute_partial(venue: Venue) -> None:
    venue.pair.update(NOON + DUE)
    venue.pair.trade(NOON + 100, 100.0, 1.0, False)
    assert [row.partial for row in venue.of(0)] == [False, True]


def test_minutes_of_a_connection_that_was_dead_are_taken_back(venue: Venue) -> None:
    venue.pair.trade(NOON + 1_000, 101.0, 2.0, True)
    venue.clock(2 * MINUTE_MS + GRACE_MS)
    assert not venue.the(0).partial and not venue.the(1).partial
    venue.pair.lose("silent")
    for minute in (0, 1):
        first, corrected = venue.of(minute)
        assert (first.mid, corrected.mid, corrected.partial) == (100.5, None, True)
        assert corrected.trades == first.trades


def test_an_update_that_fits_proves_the_quiet_minutes_before_it(venue: Venue) -> None:
    venue.clock(2 * MINUTE_MS + GRACE_MS)
    venue.pair.update(NOON + 2 * MINUTE_MS + 4_000)
    venue.pair.lose()
    assert len(venue.of(0)) == len(venue.of(1)) == 1


def test_one_wrong_stamp_ends_no_other_pairs_minute(venue: Venue) -> None:
    century = 50 * 365 * 24 * 60 * MINUTE_MS
    venue.busy.update(NOON + century)
    assert venue.of(0) == []
    venue.busy.update(NOON + 20_000)
    venue.pair.update(NOON + 30_000)
    venue.pair.update(NOON + DUE)
    assert not venue.the(0).partial and venue.the(0).updates == 2
    # The pair with the stamp has no minute of that century, and no thousand rows on the way to it.
    assert all(row.minute_ms <= NOON for row in venue.rows)
    venue.busy.update(NOON + MINUTE_MS + DUE)
    assert venue.of(0, "ethusdt")[-1].partial


def test_after_hours_of_silence_the_minutes_between_are_no_rows_and_the_next_is_partial(venue: Venue) -> None:
    later = 5 * 60 * MINUTE_MS
    venue.pair.update(NOON + later + 1_000)
    venue.clock(later + 2_000)
    venue.pair.update(NOON + later + DUE)
    minutes = sorted({(row.minute_ms - NOON) // MINUTE_MS for row in venue.rows if row.symbol == "btcusdt"})
    assert minutes == [-1, 0, 300]
    assert venue.the(300).partial and not venue.the(0).partial


def test_updates_that_jitter_around_the_minute_are_taken_in_the_venues_order(venue: Venue) -> None:
    venue.pair.update(NOON + MINUTE_MS + 5, bids={100.1: 1.0})
    venue.pair.update(NOON + MINUTE_MS - 5, bids={100.2: 1.0})
    venue.clock(DUE)
    assert [row.partial for row in venue.of(0)] == [False]
    assert venue.the(0).best_bid == 100.0


def test_a_snapshot_without_a_time_waits_for_the_first_update_to_say_which_minute_it_is() -> None:
    venue = Venue()
    venue.pair.sync(0, BIDS, ASKS)
    venue.pair.update(NOON + 20_000)
    venue.pair.update(NOON + MINUTE_MS)
    venue.pair.update(NOON + DUE)
    assert [(row.minute_ms, row.partial) for row in venue.rows] == [(NOON, True)]


def test_a_pair_that_is_forgotten_gives_no_more_rows(venue: Venue) -> None:
    venue.listener.keep_only({"ethusdt"})
    venue.pair.update(NOON + DUE)
    venue.clock(2 * DUE)
    assert venue.of(0) == []


def test_the_quiet_pairs_of_a_large_venue_are_closed_a_few_with_each_update_and_all_of_them() -> None:
    rows: list[MinuteRow] = []
    listener = VenueListener("BINANCE", 3, rows.append, lambda news: None)
    pairs = [PlainPair(listener, f"p{number}usdt") for number in range(100)]
    for pair in pairs:
        pair.sync(NOON, {100.0: 1.0}, {101.0: 1.0})
    most = 0
    for step in range(20):
        before = len(rows)
        pairs[0].update(NOON + MINUTE_MS + GRACE_MS + step, bids={100.0: 1.0 + step})
        most = max(most, len(rows) - before)
    assert sorted(row.symbol for row in rows) == sorted(pair.symbol for pair in pairs)
    assert most < 30
