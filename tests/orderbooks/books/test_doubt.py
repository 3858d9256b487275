"""A book whose numbers are in order, and which is wrong all the same: the venue's own word shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderbooks.books.session import FeedSession
from orderbooks.books.sync import BookSynchronizer
from streams.feeds import feed_for
from streams.feeds.base import Delta, Snapshot, Ticker, Trade

START = 1_790_000_000_000


def book(exchange: str = "bybit", bids: Any = (("1.00", "10"), ("0.99", "5")), ask: str = "1.01") -> BookSynchronizer:
    keeper = BookSynchronizer(feed_for(exchange, "spot"), "X")
    keeper.take(Snapshot("X", list(bids), [(ask, "20")], 100, START), START * 1_000_000)
    assert keeper.in_sync
    return keeper


def at(seconds: float) -> int:
    return START + int(seconds * 1000)


def trade(keeper: BookSynchronizer, seconds: float, price: float) -> str:
    resync = keeper.take(Trade("X", price, 1.0, True, at(seconds)), at(seconds) * 1_000_000)
    return "" if resync is None else resync.reason


def delta(number: int, seconds: float, bids: Any = (), asks: Any = ()) -> Delta:
    return Delta("X", list(bids), list(asks), number, number, None, at(seconds))


def test_a_book_that_takes_nothing_while_its_venue_trades_on_is_not_in_sync() -> None:
    keeper = book()
    # A pair may be quiet for ten minutes: the first trade after that says nothing yet.
    assert trade(keeper, 600, 1.0) == ""
    assert trade(keeper, 630, 1.01) == "" and keeper.in_sync
    assert "nothing was taken for 60 s" in trade(keeper, 660, 1.0)
    assert not keeper.in_sync and (keeper.counters.gaps, keeper.counters.contradictions) == (1, 1)


def test_a_book_that_takes_updates_is_alive_however_long_the_trades_go_on() -> None:
    keeper = book()
    for step in range(1, 40):
        assert trade(keeper, 5.0 * step, 1.0) == ""
        assert keeper.take(delta(100 + step, 5.0 * step + 0.1, [("0.99", str(step))])) is None
    assert keeper.in_sync and keeper.counters.gaps == 0


def test_repetitions_alone_for_a_minute_are_no_life() -> None:
    keeper = book()
    keeper.take(delta(101, 1, [("0.99", "6")]), at(1) * 1_000_000)
    old = delta(100, 0.5)
    assert keeper.take(old, at(10) * 1_000_000) is None
    for seconds in (30, 50, 69):
        assert keeper.take(old, at(seconds) * 1_000_000) is None and keeper.in_sync
    resync = keeper.take(old, at(70) * 1_000_000)
    assert resync is not None and resync.contradiction and not keeper.in_sync


def test_an_hour_of_history_that_is_sent_again_in_a_burst_is_no_sign_of_anything() -> None:
    keeper = book()
    for step in range(1, 100):
        keeper.take(delta(100 + step, 40.0 * step, [("0.99", str(step))]), at(40.0 * step) * 1_000_000)
    now = at(4000) * 1_000_000
    for step in range(1, 100):
        assert keeper.take(delta(100 + step, 40.0 * step, [("0.99", str(step))]), now) is None
        assert keeper.take(Trade("X", 1.0, 1.0, True, at(40.0 * step)), now) is None
    assert keeper.in_sync and keeper.counters.gaps == 0


@pytest.mark.parametrize(("price", "where"), [(1.05, "above the best ask 1.01"), (0.95, "below the best bid 1")])
def test_trades_that_stay_far_outside_are_against_the_book(price: float, where: str) -> None:
    keeper = book()
    number = 100
    said = ""
    for step in range(30):
        number += 1
        # It takes updates: only what they say cannot be the whole.
        keeper.take(delta(number, step * 0.5, [("0.99", str(1 + step))]))
        said = said or trade(keeper, step * 0.5 + 0.1, price)
        if said:
            break
        assert step < 20
    assert where in said and not keeper.in_sync


def test_a_sweep_that_trades_far_outside_and_comes_back_is_none() -> None:
    keeper = book()
    for step in range(8):
        keeper.take(delta(101 + step, step * 3.0, [("0.99", str(1 + step))]))
        assert trade(keeper, step * 3.0 + 0.01, 1.05) == ""
        assert trade(keeper, step * 3.0 + 0.02, 1.01) == ""
    assert keeper.in_sync


def test_a_trade_within_the_book_between_those_outside_ends_their_row() -> None:
    keeper = book()
    for step in range(12):
        assert trade(keeper, step * 4.0, 1.0) == "" and trade(keeper, step * 4.0 + 1, 1.05) == ""
        assert trade(keeper, step * 4.0 + 2, 1.0) == ""
    assert keeper.in_sync


def test_trades_that_come_late_are_not_held_against_a_book_that_has_gone_on() -> None:
    keeper = book()
    for step in range(60):
        keeper.take(delta(101 + step, 60 + step * 0.5, [("0.99", str(1 + step))]))
        assert trade(keeper, step * 0.5, 1.2) == ""
    assert keeper.in_sync


def test_quotes_that_stay_elsewhere_are_against_the_book_and_equal_ones_are_not() -> None:
    keeper = book()
    for step in range(200):
        keeper.take(delta(101 + step, step * 0.1, [("0.99", str(1 + step))]))
        assert keeper.take(Ticker("X", "1.00", "1", "1.01", "1", None, at(step * 0.1))) is None
    for step in range(99):
        keeper.take(delta(301 + step, 20 + step * 0.1, [("0.99", str(1 + step))]))
        assert keeper.take(Ticker("X", "0.90", "1", "0.91", "1", None, at(20 + step * 0.1))) is None
    resync = keeper.take(Ticker("X", "0.90", "1", "0.91", "1", None, at(30.0)))
    assert resync is not None and "quotes for 10 s, now at 0.91, far below the best bid" in resync.reason


def test_a_crossed_book_is_given_up_at_the_third_update() -> None:
    keeper = book()
    assert keeper.take(delta(101, 0.1, [("1.02", "1")])) is None and keeper.is_crossed
    assert keeper.take(delta(102, 0.2, [("1.02", "0")])) is None and not keeper.is_crossed
    for number in (103, 104):
        assert keeper.take(delta(number, number / 1000, [("1.02", "1")])) is None
    resync = keeper.take(delta(105, 0.3, [("0.98", "1")]))
    assert resync is not None and "crossed" in resync.reason and not keeper.in_sync


def test_where_each_level_is_a_message_sides_may_cross_for_a_moment() -> None:
    keeper = BookSynchronizer(feed_for("bitfinex", "spot"), "X")
    keeper.take(Snapshot("X", [("1.00", "10")], [("1.01", "20")], depth=250), START * 1_000_000)
    for step in range(10):
        assert keeper.take(Delta("X", [("1.02", str(step + 1))], []), at(step * 0.1) * 1_000_000) is None
    assert keeper.in_sync and keeper.is_crossed
    resync = keeper.take(Delta("X", [("1.02", "1")], []), at(5.1) * 1_000_000)
    assert resync is not None and "crossed" in resync.reason


def test_a_replay_holds_books_against_the_venues_own_quotes() -> None:
    session = FeedSession(feed_for("binance", "usdm"), quotes=True)
    session.take_rest_snapshot(
        json.dumps({"lastUpdateId": 1, "bids": [["1.00", "1"]], "asks": [["1.01", "1"]]}).encode(), "X"
    )
    for step in range(30):
        quote = {"e": "bookTicker", "u": step, "s": "X", "b": "2.00", "B": "1", "a": "2.01", "A": "1"}
        frame = {"stream": "x@bookTicker", "data": {**quote, "E": at(step), "T": at(step)}}
        session.take(json.dumps(frame).encode(), at(step) * 1_000_000)
    assert not session.keepers["X"].in_sync and session.counters.contradictions == 1


@pytest.mark.parametrize("update_first", [True, False])
def test_a_pair_that_is_traded_every_few_minutes_is_well_in_whatever_order_its_messages_come(
    update_first: bool,
) -> None:
    keeper = book()
    for step, now in enumerate(range(70, 6000, 70), 1):
        update = delta(100 + step, now, [("0.99", str(step))])
        # The trades of a moment come before its update, after it, and on both sides of it.
        if update_first:
            keeper.take(update)
        assert trade(keeper, now, 1.0) == "" and trade(keeper, now + 0.05, 1.0) == ""
        if not update_first:
            keeper.take(update)
        assert trade(keeper, now + 0.1, 1.0) == ""
    assert keeper.in_sync and keeper.counters.gaps == 0


def test_another_channel_that_speaks_first_after_a_long_pause_is_nothing_against_the_book() -> None:
    keeper = book("okx")
    for step in range(1, 30):
        now = at(step * 65.0)
        assert keeper.passed_over(now * 1_000_000) is None
        assert keeper.passed_over((now + 40) * 1_000_000) is None
        update = Delta("X", [("0.99", str(step))], [], None, 100 + step, 99 + step, now)
        keeper.take(update, (now + 100) * 1_000_000)
        assert keeper.passed_over((now + 110) * 1_000_000) is None
    assert keeper.in_sync and keeper.counters.gaps == 0


def test_another_channel_that_goes_on_alone_for_a_minute_is_against_the_book() -> None:
    keeper = book("okx")
    said = [keeper.passed_over(at(step * 5.0) * 1_000_000) for step in range(1, 14)]
    assert said[:-1] == [None] * 12 and said[-1] is not None and not keeper.in_sync


def test_quotes_that_repeat_the_books_best_confirm_it() -> None:
    keeper = book()
    for step in range(40):
        assert keeper.take(Ticker("X", "1.00", "10", "1.01", "20", None, at(step * 5.0))) is None
    assert keeper.in_sync
    # The same prices with other sizes: the book should have been told.
    said = [keeper.take(Ticker("X", "1.00", "9", "1.01", "20", None, at(300 + step * 5.0))) for step in range(14)]
    assert not keeper.in_sync and said[12] is not None


@pytest.mark.parametrize("late_ms", [0, 300, 1000, 3000, 4900])
def test_a_book_that_comes_late_in_a_crash_is_not_contradicted_by_the_trades(late_ms: int) -> None:
    keeper = book("binance", (("100.00", "1"),), "100.01")
    before = (100.0, 100.01)
    arrivals: list[tuple[int, int, Delta | Trade]] = []
    for step in range(600):
        # Half a per cent a second, for a minute.
        price = 100 * 0.9995**step
        now = at(step * 0.1)
        bids, asks = [(before[0], 0.0), (price, 1.0)], [(before[1], 0.0), (price + 0.01, 1.0)]
        before = (price, price + 0.01)
        arrivals.append((now + late_ms, 0, Delta("X", bids, asks, 101 + step, 101 + step, None, now)))
        arrivals += [(now + after, 1, Trade("X", price, 1.0, False, now + after)) for after in (1, 40, 80)]
    for now, _, message in sorted(arrivals, key=lambda one: one[:2]):
        assert keeper.take(message, now * 1_000_000) is None
    assert keeper.in_sync and keeper.counters.gaps == 0


@pytest.mark.parametrize("every", [0.1, 1.0, 3.0])
def test_a_book_of_few_updates_is_contradicted_by_trades_between_them(every: float) -> None:
    keeper, said = book(), ""
    for step in range(1, 400):
        keeper.take(delta(100 + step, step * every, [("0.99", str(step))]))
        said = said or trade(keeper, (step + 0.6) * every, 1.05)
        if said:
            assert (step - 1) * every <= 12 + every
            break
    assert "above the best ask" in said
