"""From a whale's placing to its end, and when that end looks like a spoof."""

from __future__ import annotations

import pytest

from orderbooks.recording.whale_track import SPOOF_WITHIN_MS, TRADE_LATE_MS, WhaleTracker
from orderbooks.records import WhaleEnd, WhaleNews, WhalesUnknown
from tests.orderbooks.recording.minutes_support import NOON, order


class Told(list[WhaleNews]):
    def ends(self) -> list[bool | None]:
        return [news.spoof for news in self if isinstance(news, WhaleEnd)]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def tracker(told: Told) -> WhaleTracker:
    tracker = WhaleTracker(3, told.append)
    # A trade of the pair, far away: trades are seen.
    tracker.traded(5_000.0, taker_buys=False)
    return tracker


def test_only_orders_of_the_threshold_are_whales(tracker: WhaleTracker, told: Told) -> None:
    tracker.take([order(NOON, 100.0, score=2), order(NOON, 101.0, score=3)])
    assert [news.price for news in told if not isinstance(news, WhaleEnd | WhalesUnknown)] == [101.0]
    tracker.vanished(True, 100.0, NOON + 1)
    tracker.judge(NOON + 60_000)
    assert told.ends() == []


def test_a_whale_that_vanishes_within_seconds_without_a_trade_may_be_a_spoof(tracker: WhaleTracker, told: Told) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + SPOOF_WITHIN_MS)
    tracker.judge(NOON + SPOOF_WITHIN_MS + TRADE_LATE_MS - 1)
    assert told.ends() == []
    tracker.judge(NOON + SPOOF_WITHIN_MS + TRADE_LATE_MS)
    assert told.ends() == [True] and tracker.ended == []


def test_one_that_stood_for_longer_is_none(tracker: WhaleTracker, told: Told) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + SPOOF_WITHIN_MS + 1)
    tracker.judge(NOON + 60_000)
    assert told.ends() == [False]


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
    tracker: WhaleTracker, told: Told, bid: bool, price: float, taker_buys: bool, spoof: bool
) -> None:
    tracker.take([order(NOON, 100.0, bid=bid)])
    tracker.vanished(bid, 100.0, NOON + 1_000)
    # It is told after the book's update.
    tracker.traded(price, taker_buys)
    tracker.judge(NOON + 60_000)
    assert told.ends() == [spoof]


def test_where_no_trade_is_ever_seen_nothing_is_said_of_spoofs(told: Told) -> None:
    tracker = WhaleTracker(3, told.append)
    tracker.take([order(NOON, 100.0)])
    tracker.vanished(True, 100.0, NOON + 1_000)
    tracker.judge(NOON + 60_000)
    assert told.ends() == [None]


def test_a_whale_that_grew_stands_since_it_came(tracker: WhaleTracker, told: Told) -> None:
    tracker.take([order(NOON, 100.0)])
    tracker.take([order(NOON + 30_000, 100.0, size=9.0)])
    tracker.vanished(True, 100.0, NOON + 31_000)
    tracker.judge(NOON + 60_000)
    assert told.ends() == [False]
    assert isinstance(told[-1], WhaleEnd) and told[-1].order.exchange_ms == NOON


def test_of_a_lost_book_nothing_is_known(tracker: WhaleTracker, told: Told) -> None:
    tracker.take([order(NOON, 100.0), order(NOON, 99.0)])
    tracker.vanished(True, 99.0, NOON + 1_000)
    tracker.lost_sync("BINANCE", "btcusdt")
    tracker.vanished(True, 100.0, NOON + 2_000)
    tracker.judge(NOON + 60_000)
    assert told.ends() == [] and told[-1] == WhalesUnknown("BINANCE", "btcusdt")
