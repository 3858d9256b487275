"""From a whale's placing to its end, and when that end looks like a spoof."""

from __future__ import annotations

import pytest

from orderbooks.recording.whale_track import SPOOF_WITHIN_MS, TRADE_LATE_MS, WhaleTracker
from orderbooks.records import WhaleEnd, WhaleObservation, WhalesUnknown
from tests.orderbooks.recording.minutes_support import NOON, order


class Reported(list[WhaleObservation]):
    def ends(self) -> list[bool | None]:
        return [item.spoof for item in self if isinstance(item, WhaleEnd)]


@pytest.fixture
def reported() -> Reported:
    return Reported()


@pytest.fixture
def tracker(reported: Reported) -> WhaleTracker:
    tracker = WhaleTracker(3, reported.append)
    # A trade of the pair, far away: trades are seen.
    tracker.traded(5_000.0, taker_buys=False)
    return tracker


def test_only_orders_of_the_threshold_are_whales(tracker: WhaleTracker, reported: Reported) -> None:
    tracker.take([order(NOON, 100.0, score=2), order(NOON, 101.0, score=3)])
    assert [item.price for item in reported if not isinstance(item, WhaleEnd | WhalesUnknown)] == [101.0]
    tracker.vanished(True, 100.0, NOON + 1)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == []


def test_a_whale_that_vanishes_within_seconds_without_a_trade_may_be_a_spoof(
    tracker: WhaleTracker, reported: Reported
) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + SPOOF_WITHIN_MS)
    tracker.report_ends(NOON + SPOOF_WITHIN_MS + TRADE_LATE_MS - 1)
    assert reported.ends() == []
    tracker.report_ends(NOON + SPOOF_WITHIN_MS + TRADE_LATE_MS)
    assert reported.ends() == [True] and tracker.ended == []


def test_one_that_stood_for_longer_is_none(tracker: WhaleTracker, reported: Reported) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + SPOOF_WITHIN_MS + 1)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == [False]


@pytest.mark.parametrize(
    ("bid", "price", "taker_buys", "spoof"),
    [
        (True, 100.0, False, False),  # sold into the bid
        (True, 99.5, False, False),  # sold through it
        (True, 100.5, False, True),  # sold above it: another order's
        (True, 100.0, True, True),  # a buyer takes offers, no bids
        (False, 100.0, True, False),
        (False, 100.5, True, False),
        (False, 99.5, True, True),
        (False, 100.0, False, True),
    ],
)
def test_a_trade_against_it_explains_its_end(
    tracker: WhaleTracker, reported: Reported, bid: bool, price: float, taker_buys: bool, spoof: bool
) -> None:
    tracker.take([order(NOON, 100.0, bid=bid)])
    tracker.vanished(bid, 100.0, NOON + 1_000)
    # It is reported after the book's update.
    tracker.traded(price, taker_buys)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == [spoof]


def test_where_no_trade_is_ever_seen_nothing_is_said_of_spoofs(reported: Reported) -> None:
    tracker = WhaleTracker(3, reported.append)
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + 1_000)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == [None]


def test_a_whale_that_grew_stands_since_it_came(tracker: WhaleTracker, reported: Reported) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.take([order(NOON + 30_000, 100.0, size=9.0)])
    tracker.vanished(True, 100.0, NOON + 31_000)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == [False]
    assert isinstance(reported[-1], WhaleEnd) and reported[-1].order.exchange_ms == NOON


def test_of_a_lost_book_nothing_is_known(tracker: WhaleTracker, reported: Reported) -> None:
    tracker.take([order(NOON, 100.0), order(NOON, 99.0)])
    tracker.vanished(True, 99.0, NOON + 1_000)
    tracker.lost_sync("BINANCE", "btcusdt")
    tracker.vanished(True, 100.0, NOON + 2_000)
    tracker.report_ends(NOON + 60_000)
    assert reported.ends() == [] and reported[-1] == WhalesUnknown("BINANCE", "btcusdt")
