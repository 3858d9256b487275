"""Minutes of trades: what is counted, when a row is given, when it is complete, and what has to be asked again."""

from __future__ import annotations

from decimal import Decimal

import pytest

from streams.feeds.base import ExactTrade
from streams.feeds.trades.base import Numbering
from tests.trades.minutes.tape import MINUTE, START
from trades.minutes.exact import Contract
from trades.minutes.gaps import RepairReason
from trades.minutes.venue import VenueMinutes
from trades.records import MinuteSource, TradeMinute

A, B = "AUSDT", "BUSDT"


class Book:
    """A venue of a few pairs; `B` is traded all the time and is its clock."""

    def __init__(self, numbering: Numbering = Numbering.CONSECUTIVE, contract: Contract | None = None) -> None:
        self.rows: list[TradeMinute] = []
        self.repairs: list[tuple[str, int, RepairReason]] = []
        self.minutes = VenueMinutes("BINANCE", numbering, self.rows.append, self._repair)
        self.minutes.add(A, contract)
        self.minutes.add(B)
        self._clock_id = 0

    def _repair(self, venue: str, symbol: str, minute_ms: int, reason: RepairReason) -> None:
        self.repairs.append((symbol, (minute_ms - START) // MINUTE, reason))

    def trade(
        self,
        seconds: float,
        first: int | None,
        last: int | None = None,
        price: str = "10",
        size: str = "2",
        buys: bool = True,
        symbol: str = A,
        name: str = "",
    ) -> None:
        """Of A, so many seconds after the start."""
        last = first if last is None else last
        count = 1 if first is None or last is None else last - first + 1
        at = START + round(seconds * 1000)
        self.minutes.traded(ExactTrade(symbol, Decimal(price), Decimal(size), buys, at, first, last, count, name))

    def clock(self, seconds: float) -> None:
        """A trade of B shows the venue's time."""
        self._clock_id += 1
        self.trade(seconds, self._clock_id, symbol=B, name=str(self._clock_id))

    def of_a(self) -> list[TradeMinute]:
        return [row for row in self.rows if row.symbol == A]

    def last(self, minute: int) -> TradeMinute:
        return [row for row in self.of_a() if row.minute_ms == START + minute * MINUTE][-1]

    def asked(self) -> list[tuple[int, RepairReason]]:
        return [(minute, reason) for symbol, minute, reason in self.repairs if symbol == A]


def test_a_row_counts_raw_trades_and_exact_values_by_the_takers_side() -> None:
    book = Book()
    book.trade(1, 10, 14, price="0.00000638", size="177.00000000")
    book.trade(2, 15, 15, price="0.00000700", size="0.1", buys=False)
    book.trade(59.999, 16, 17, price="0.00000600", size="3")
    book.clock(63.5)
    (row,) = book.of_a()
    assert row == TradeMinute(
        "BINANCE", A, START, Decimal("0.00000638"), Decimal("0.000007"), Decimal("0.000006"), Decimal("0.000006"),
        8, 7, Decimal("0.0011479600000"), Decimal("0.00114726"), False, MinuteSource.STREAM, 10, 17, 0,
    )  # fmt: skip


def test_a_minute_is_given_when_the_venues_clock_is_past_it_by_the_grace() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(61, 2)
    book.clock(62.999)
    assert book.of_a() == []
    book.clock(63)
    assert [row.n_trades for row in book.of_a()] == [1]


def test_open_and_close_are_the_venues_first_and_last_trade_whatever_came_first() -> None:
    book = Book()
    book.trade(1, 5, price="5")
    book.trade(2, 7, price="7")
    book.trade(2, 6, price="6")
    book.trade(0.5, 4, price="4")
    book.clock(64)
    (row,) = book.of_a()
    assert (row.open, row.close, row.first_id, row.last_id) == (4, 7, 4, 7)


def test_the_first_minute_is_not_complete_and_the_next_one_is() -> None:
    book = Book()
    book.trade(30, 5)
    book.trade(70, 6)
    book.clock(124)
    assert [row.complete for row in book.of_a()] == [False, True]
    assert book.asked() == [(0, RepairReason.RESTART)]


def test_a_repeated_trade_counts_once() -> None:
    book = Book()
    for _ in range(3):
        book.trade(1, 5, 9)
    book.trade(2, 10)
    book.trade(1, 5, 9)
    book.clock(64)
    assert book.of_a()[0].n_trades == 6
    assert book.minutes.counters.duplicates == 3


def test_a_late_trade_within_the_grace_is_counted_and_a_later_one_makes_a_revision() -> None:
    book = Book()
    book.trade(1, 5)
    book.clock(62.9)
    book.trade(59, 6)
    book.clock(64)
    assert [(row.n_trades, row.revision) for row in book.of_a()] == [(2, 0)]
    book.trade(58, 7)
    book.clock(66)
    assert [(row.n_trades, row.revision) for row in book.of_a()] == [(2, 0), (3, 1)]
    assert book.last(0).last_id == 7


def test_a_trade_that_is_too_late_to_be_counted_asks_for_its_minute() -> None:
    book = Book()
    book.trade(1, 5)
    for minute in range(1, 10):
        book.clock(60 * minute + 4)
    book.trade(2, 6)
    # The last minute with trades is kept, as the next one may show that its last ones were missed.
    book.trade(500, 7)
    for minute in range(10, 20):
        book.clock(60 * minute + 4)
    book.trade(3, 8)
    assert book.asked()[-1] == (0, RepairReason.LATE)
    assert book.last(0).n_trades == 2 and book.minutes.counters.late == 1


def test_a_gap_makes_the_minutes_that_it_touches_incomplete_and_asks_for_them() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(61, 2)
    book.trade(125, 3)
    book.trade(183, 9)
    book.clock(250)
    assert {minute: book.last(minute).complete for minute in range(4)} == {0: False, 1: True, 2: False, 3: False}
    assert sorted(book.asked())[1:] == [(2, RepairReason.ID_GAP), (3, RepairReason.ID_GAP)]
    book.trade(251, 10)
    book.clock(310)
    assert book.last(4).complete


def test_a_gap_that_late_trades_fill_is_none() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(61, 2)
    book.trade(62, 6)
    book.trade(61.5, 4)
    book.trade(61.6, 5)
    book.clock(124)
    assert not book.last(1).complete
    book.trade(61.4, 3)
    book.clock(126)
    assert book.last(1).complete and book.last(1).n_trades == 5 and book.last(1).revision == 1


def test_a_minute_without_trades_is_zeros_at_the_last_close_and_complete_once_the_next_number_shows_it() -> None:
    book = Book()
    book.trade(1, 1, price="12")
    book.clock(64)
    book.clock(124)
    book.clock(184)
    zero = book.last(1)
    assert (zero.open, zero.high, zero.low, zero.close) == (12, 12, 12, 12)
    assert (zero.n_trades, zero.n_buys, zero.volume, zero.buy_volume, zero.complete) == (0, 0, 0, 0, False)
    book.trade(185, 2)
    book.clock(187)
    assert [(book.last(minute).complete, book.last(minute).revision) for minute in (1, 2)] == [(True, 1)] * 2
    assert book.asked() == [(0, RepairReason.RESTART)]


def test_a_pause_of_hours_is_proven_by_the_next_number_or_asked_about() -> None:
    for next_id, proven in ((2, True), (4, False)):
        book = Book()
        book.trade(1, 1)
        for minute in range(1, 121):
            book.clock(60 * minute + 4)
        book.trade(60 * 120 + 5, next_id)
        book.clock(60 * 120 + 7)
        book.clock(60 * 121 + 4)
        assert {book.last(minute).complete for minute in range(1, 120)} == {proven}
        asked = {minute for minute, reason in book.asked() if reason is RepairReason.ID_GAP}
        assert asked == (set() if proven else set(range(1, 121)))


def test_minutes_that_were_not_seen_have_no_row_and_are_asked_about() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(62, 2)
    book.minutes.interrupted(A)
    for minute in range(1, 5):
        book.clock(60 * minute + 4)
    assert [row.minute_ms for row in book.of_a()] == [START, START + MINUTE]
    book.trade(60 * 4 + 10, 30)
    book.clock(60 * 5 + 4)
    assert sorted({(row.minute_ms - START) // MINUTE for row in book.of_a()}) == [0, 1, 4]
    assert not book.last(1).complete and not book.last(4).complete
    assert sorted(book.asked())[1:] == [(minute, RepairReason.RECONNECT) for minute in (1, 2, 3, 4)]


def test_a_row_that_is_given_while_the_connection_is_lost_is_not_complete_and_asked_at_once() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(62, 2)
    book.clock(64)
    book.trade(70, 3)
    book.minutes.interrupted(A)
    book.clock(124)
    assert (book.last(1).n_trades, book.last(1).complete) == (2, False)
    assert book.asked()[1:] == [(1, RepairReason.RECONNECT)]
    book.trade(130, 4)
    book.clock(132)
    assert (book.last(1).complete, book.last(1).revision) == (True, 1)


def test_after_a_reconnect_that_missed_nothing_the_numbers_show_it() -> None:
    book = Book()
    book.trade(1, 1)
    book.trade(62, 2)
    book.minutes.interrupted(A)
    for minute in range(1, 4):
        book.clock(60 * minute + 4)
    book.trade(60 * 3 + 10, 3)
    book.clock(60 * 4 + 4)
    assert [book.last(minute).complete for minute in range(1, 4)] == [True, True, True]
    assert book.last(2).n_trades == 0
    # What a reconnect touches is asked again all the same.
    assert sorted(set(book.asked()) - {(0, RepairReason.RESTART), (2, RepairReason.RECONNECT)}) == [
        (1, RepairReason.RECONNECT),
        (3, RepairReason.RECONNECT),
    ]


def test_a_restart_goes_on_from_the_stored_row_and_asks_for_what_it_missed() -> None:
    for next_id, complete in ((8, True), (9, False)):
        book = Book()
        book.minutes.resume(A, START, 7, Decimal(11))
        book.trade(60 * 3 + 5, next_id, price="13")
        book.clock(60 * 3 + 6)
        book.clock(60 * 4 + 4)
        assert book.last(3).complete == complete
        assert {minute for minute, reason in book.asked() if reason is RepairReason.RESTART} == {1, 2, 3}
        if complete:
            assert [(book.last(minute).close, book.last(minute).complete) for minute in (1, 2)] == [(11, True)] * 2
        else:
            assert [row.minute_ms for row in book.of_a()] == [START + 3 * MINUTE]


def test_a_wrong_stamp_ends_no_minute_and_its_trade_is_missed() -> None:
    book = Book()
    book.trade(1, 1)
    book.clock(2)
    book.trade(86_400, 2)
    book.clock(3)
    assert book.rows == []
    book.trade(4, 3)
    book.clock(64)
    assert not book.last(0).complete and book.last(0).n_trades == 2


def test_a_jump_of_the_clock_counts_once_a_second_pair_confirms_it() -> None:
    book = Book()
    book.trade(1, 1)
    book.clock(2)
    book.trade(7_200, 2)
    book.clock(7_201)
    book.clock(7_263)
    assert book.last(0).n_trades == 1 and book.last(120).n_trades == 1
    assert len({row.minute_ms for row in book.of_a()}) == 121


def test_a_clock_that_is_set_back_begins_anew() -> None:
    book = Book()
    book.trade(7_200, 1)
    book.clock(7_201)
    book.trade(1, 2)
    book.clock(2)
    book.trade(3, 3)
    book.clock(64)
    assert (book.last(0).n_trades, book.last(0).complete) == (2, False)


def test_minutes_of_a_venue_that_nobody_trades_on_end_by_our_own_clock() -> None:
    book = Book()
    book.trade(1, 1)
    book.minutes.traded(ExactTrade(A, Decimal(10), Decimal(1), True, START + 2000, 2, 2), 500_000)
    book.minutes.elapsed(500_000 + 62_000)
    assert book.of_a() == []
    book.minutes.elapsed(500_000 + 63_500)
    assert [row.n_trades for row in book.of_a()] == [2]
    book.minutes.elapsed(500_000 + 123_500)
    assert [row.n_trades for row in book.of_a()] == [2, 0]


def test_where_numbers_jump_an_unbroken_connection_is_the_proof() -> None:
    book = Book(Numbering.CONNECTION)
    book.trade(1, 500)
    book.trade(1, 500)
    book.trade(61, 900)
    book.trade(185, 1700)
    book.clock(187)
    book.clock(244)
    assert [book.last(minute).complete for minute in range(4)] == [False, True, True, True]
    assert book.minutes.counters.duplicates == 1
    book.minutes.interrupted(A)
    book.trade(250, 1800)
    book.clock(304)
    assert not book.last(3).complete and not book.last(4).complete
    assert sorted(book.asked())[1:] == [(3, RepairReason.RECONNECT), (4, RepairReason.RECONNECT)]


def test_without_numbers_repetitions_are_found_by_name_and_nothing_is_ever_complete() -> None:
    book = Book(Numbering.NONE)
    for name in ("x", "y", "x"):
        book.trade(1, None, name=name)
    book.trade(61, None, name="z")
    book.clock(124)
    assert [(row.n_trades, row.complete) for row in book.of_a()] == [(2, False), (1, False)]


def test_a_number_that_stands_for_no_execution_leaves_no_gap() -> None:
    book = Book()
    book.trade(1, 1)
    book.minutes.traded(ExactTrade(A, Decimal(0), Decimal(0), True, START + 61_000, 2, 2, 0))
    book.trade(62, 3)
    book.clock(124)
    assert (book.last(1).n_trades, book.last(1).complete) == (1, True)


@pytest.mark.parametrize(
    ("contract", "volume"),
    [
        (None, "24"),
        (Contract(Decimal("0.01"), in_quote=False), "0.24"),
        (Contract(Decimal(100), in_quote=True), "200"),
    ],
)
def test_contracts_are_counted_in_quote_currency(contract: Contract | None, volume: str) -> None:
    book = Book(contract=contract)
    book.trade(1, 1, price="12", size="2")
    book.clock(64)
    assert book.of_a()[0].volume == Decimal(volume)


def test_an_aggregate_of_which_a_part_was_counted_is_not_counted_again() -> None:
    """A recording may have both streams: single trades, and later their aggregate."""
    book = Book()
    for number in (1, 2, 3):
        book.trade(1, number)
    book.trade(1, 1, 3)
    book.trade(2, 3, 4)
    book.trade(2, 4)
    book.clock(64)
    counters = book.minutes.counters
    assert (book.of_a()[0].n_trades, counters.duplicates, counters.overlapping) == (4, 1, 1)


def test_hundreds_of_pairs_are_closed_a_few_with_each_trade() -> None:
    book = Book()
    symbols = [f"C{number}" for number in range(100)]
    for symbol in symbols:
        book.minutes.add(symbol)
        book.trade(1, 1, symbol=symbol)
    book.clock(64)
    assert 0 < len(book.rows) < 20
    for second in range(65, 73):
        book.clock(second)
    assert {row.symbol for row in book.rows} == set(symbols)
