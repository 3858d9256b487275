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
    book_sync = BookSynchronizer(feed_for(exchange, "spot"), "X")
    book_sync.take(Snapshot("X", list(bids), [(ask, "20")], 100, START), START * 1_000_000)
    assert book_sync.in_sync
    return book_sync


def at(seconds: float) -> int:
    return START + int(seconds * 1000)


def trade(book_sync: BookSynchronizer, seconds: float, price: float) -> str:
    book_sync.take(Trade("X", price, 1.0, True, at(seconds)), at(seconds) * 1_000_000)
    return book_sync.needs_snapshot or ""


def delta(number: int, seconds: float, bids: Any = (), asks: Any = ()) -> Delta:
    return Delta("X", list(bids), list(asks), number, number, None, at(seconds))


def test_a_book_that_takes_nothing_while_its_venue_trades_on_is_not_in_sync() -> None:
    book_sync = book()
    # A pair may be quiet for ten minutes: the first trade after that says nothing yet.
    assert trade(book_sync, 600, 1.0) == ""
    assert trade(book_sync, 630, 1.01) == "" and book_sync.in_sync
    assert "nothing was taken for 60 s" in trade(book_sync, 660, 1.0)
    assert not book_sync.in_sync and (book_sync.counters.gaps, book_sync.counters.contradictions) == (1, 1)


def test_a_book_that_takes_updates_is_alive_however_long_the_trades_go_on() -> None:
    book_sync = book()
    for step in range(1, 40):
        assert trade(book_sync, 5.0 * step, 1.0) == ""
        assert not book_sync.take(delta(100 + step, 5.0 * step + 0.1, [("0.99", str(step))]))
    assert book_sync.in_sync and book_sync.counters.gaps == 0


def test_repetitions_alone_for_a_minute_are_no_life() -> None:
    book_sync = book()
    book_sync.take(delta(101, 1, [("0.99", "6")]), at(1) * 1_000_000)
    old = delta(100, 0.5)
    assert not book_sync.take(old, at(10) * 1_000_000)
    for seconds in (30, 50, 69):
        assert not book_sync.take(old, at(seconds) * 1_000_000) and book_sync.in_sync
    assert book_sync.take(old, at(70) * 1_000_000)
    assert book_sync.contradicted and not book_sync.in_sync


def test_an_hour_of_history_that_is_sent_again_in_a_burst_is_no_sign_of_anything() -> None:
    book_sync = book()
    for step in range(1, 100):
        book_sync.take(delta(100 + step, 40.0 * step, [("0.99", str(step))]), at(40.0 * step) * 1_000_000)
    now = at(4000) * 1_000_000
    for step in range(1, 100):
        assert not book_sync.take(delta(100 + step, 40.0 * step, [("0.99", str(step))]), now)
        assert not book_sync.take(Trade("X", 1.0, 1.0, True, at(40.0 * step)), now)
    assert book_sync.in_sync and book_sync.counters.gaps == 0


@pytest.mark.parametrize(("price", "where"), [(1.05, "above the best ask 1.01"), (0.95, "below the best bid 1")])
def test_trades_that_stay_far_outside_are_against_the_book(price: float, where: str) -> None:
    book_sync = book()
    number = 100
    against = ""
    for step in range(30):
        number += 1
        # It takes updates: only what they say cannot be the whole.
        book_sync.take(delta(number, step * 0.5, [("0.99", str(1 + step))]))
        against = against or trade(book_sync, step * 0.5 + 0.1, price)
        if against:
            break
        assert step < 20
    assert where in against and not book_sync.in_sync


def test_a_sweep_that_trades_far_outside_and_comes_back_is_none() -> None:
    book_sync = book()
    for step in range(8):
        book_sync.take(delta(101 + step, step * 3.0, [("0.99", str(1 + step))]))
        assert trade(book_sync, step * 3.0 + 0.01, 1.05) == ""
        assert trade(book_sync, step * 3.0 + 0.02, 1.01) == ""
    assert book_sync.in_sync


def test_a_trade_within_the_book_between_those_outside_ends_their_row() -> None:
    book_sync = book()
    for step in range(12):
        assert trade(book_sync, step * 4.0, 1.0) == "" and trade(book_sync, step * 4.0 + 1, 1.05) == ""
        assert trade(book_sync, step * 4.0 + 2, 1.0) == ""
    assert book_sync.in_sync


def test_trades_that_come_late_are_not_held_against_a_book_that_has_gone_on() -> None:
    book_sync = book()
    for step in range(60):
        book_sync.take(delta(101 + step, 60 + step * 0.5, [("0.99", str(1 + step))]))
        assert trade(book_sync, step * 0.5, 1.2) == ""
    assert book_sync.in_sync


def test_quotes_that_stay_elsewhere_are_against_the_book_and_equal_ones_are_not() -> None:
    book_sync = book()
    for step in range(200):
        book_sync.take(delta(101 + step, step * 0.1, [("0.99", str(1 + step))]))
        assert not book_sync.take(Ticker("X", "1.00", "1", "1.01", "1", None, at(step * 0.1)))
    for step in range(99):
        book_sync.take(delta(301 + step, 20 + step * 0.1, [("0.99", str(1 + step))]))
        assert not book_sync.take(Ticker("X", "0.90", "1", "0.91", "1", None, at(20 + step * 0.1)))
    assert book_sync.take(Ticker("X", "0.90", "1", "0.91", "1", None, at(30.0)))
    assert "quotes for 10 s, now at 0.91, far below the best bid" in str(book_sync.needs_snapshot)


def test_a_crossed_book_is_given_up_at_the_third_update() -> None:
    book_sync = book()
    assert not book_sync.take(delta(101, 0.1, [("1.02", "1")])) and book_sync.is_crossed
    assert not book_sync.take(delta(102, 0.2, [("1.02", "0")])) and not book_sync.is_crossed
    for number in (103, 104):
        assert not book_sync.take(delta(number, number / 1000, [("1.02", "1")]))
    assert book_sync.take(delta(105, 0.3, [("0.98", "1")]))
    assert "crossed" in str(book_sync.needs_snapshot) and not book_sync.in_sync


def test_where_each_level_is_a_message_sides_may_cross_for_a_moment() -> None:
    book_sync = BookSynchronizer(feed_for("bitfinex", "spot"), "X")
    book_sync.take(Snapshot("X", [("1.00", "10")], [("1.01", "20")], depth=250), START * 1_000_000)
    for step in range(10):
        assert not book_sync.take(Delta("X", [("1.02", str(step + 1))], []), at(step * 0.1) * 1_000_000)
    assert book_sync.in_sync and book_sync.is_crossed
    assert book_sync.take(Delta("X", [("1.02", "1")], []), at(5.1) * 1_000_000)
    assert "crossed" in str(book_sync.needs_snapshot)


def test_a_replay_holds_books_against_the_venues_own_quotes() -> None:
    session = FeedSession(feed_for("binance", "usdm"), quotes=True)
    session.take_rest_snapshot(
        json.dumps({"lastUpdateId": 1, "bids": [["1.00", "1"]], "asks": [["1.01", "1"]]}).encode(), "X"
    )
    for step in range(30):
        quote = {"e": "bookTicker", "u": step, "s": "X", "b": "2.00", "B": "1", "a": "2.01", "A": "1"}
        frame = {"stream": "x@bookTicker", "data": {**quote, "E": at(step), "T": at(step)}}
        session.take(json.dumps(frame).encode(), at(step) * 1_000_000)
    assert not session.synchronizers["X"].in_sync and session.counters.contradictions == 1


@pytest.mark.parametrize("update_first", [True, False])
def test_a_pair_that_is_traded_every_few_minutes_is_well_in_whatever_order_its_messages_come(
    update_first: bool,
) -> None:
    book_sync = book()
    for step, now in enumerate(range(70, 6000, 70), 1):
        update = delta(100 + step, now, [("0.99", str(step))])
        # The trades of a moment come before its update, after it, and on both sides of it.
        if update_first:
            book_sync.take(update)
        assert trade(book_sync, now, 1.0) == "" and trade(book_sync, now + 0.05, 1.0) == ""
        if not update_first:
            book_sync.take(update)
        assert trade(book_sync, now + 0.1, 1.0) == ""
    assert book_sync.in_sync and book_sync.counters.gaps == 0


def test_another_channel_that_speaks_first_after_a_long_pause_is_nothing_against_the_book() -> None:
    book_sync = book("okx")
    for step in range(1, 30):
        now = at(step * 65.0)
        book_sync.other_channel(now * 1_000_000)
        book_sync.other_channel((now + 40) * 1_000_000)
        assert book_sync.needs_snapshot is None
        update = Delta("X", [("0.99", str(step))], [], None, 100 + step, 99 + step, now)
        book_sync.take(update, (now + 100) * 1_000_000)
        book_sync.other_channel((now + 110) * 1_000_000)
        assert book_sync.needs_snapshot is None
    assert book_sync.in_sync and book_sync.counters.gaps == 0


def test_another_channel_that_goes_on_alone_for_a_minute_is_against_the_book() -> None:
    book_sync = book("okx")
    reasons = []
    for step in range(1, 14):
        book_sync.other_channel(at(step * 5.0) * 1_000_000)
        reasons.append(book_sync.needs_snapshot)
    assert reasons[:-1] == [None] * 12 and reasons[-1] is not None and not book_sync.in_sync


def test_quotes_that_repeat_the_books_best_confirm_it() -> None:
    book_sync = book()
    for step in range(40):
        assert not book_sync.take(Ticker("X", "1.00", "10", "1.01", "20", None, at(step * 5.0)))
    assert book_sync.in_sync
    # The same prices with other sizes: the book should have been told.
    needs = [book_sync.take(Ticker("X", "1.00", "9", "1.01", "20", None, at(300 + step * 5.0))) for step in range(14)]
    assert not book_sync.in_sync and needs[12]


@pytest.mark.parametrize("late_ms", [0, 300, 1000, 3000, 4900])
def test_a_book_that_comes_late_in_a_crash_is_not_contradicted_by_the_trades(late_ms: int) -> None:
    book_sync = book("binance", (("100.00", "1"),), "100.01")
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
        assert not book_sync.take(message, now * 1_000_000)
    assert book_sync.in_sync and book_sync.counters.gaps == 0


@pytest.mark.parametrize("every", [0.1, 1.0, 3.0])
def test_a_book_of_few_updates_is_contradicted_by_trades_between_them(every: float) -> None:
    book_sync, against = book(), ""
    for step in range(1, 400):
        book_sync.take(delta(100 + step, step * every, [("0.99", str(step))]))
        against = against or trade(book_sync, (step + 0.6) * every, 1.05)
        if against:
            assert (step - 1) * every <= 12 + every
            break
    assert "above the best ask" in against
