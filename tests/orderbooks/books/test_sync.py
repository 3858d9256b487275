"""What a listener is told, and when a snapshot is asked for."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from orderbooks.books.session import FeedSession
from orderbooks.books.sync import BookSynchronizer
from orderbooks.records import ReadableBook, ScoredOrder
from streams.feeds import feed_for
from streams.feeds.base import ContractValue, Delta, MalformedFrame, Snapshot, Trade
from tests.streams.market import BinanceSpotStream, BybitStream, KrakenStream, Market


class Diary:
    """Writes down what it is told, and looks at the book each time."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self.synchronizers: dict[str, BookSynchronizer] = {}

    def before_apply(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._look("before", symbol, book, exchange_ms)

    def applied(self, symbol: str, book: ReadableBook, exchange_ms: int, orders: list[ScoredOrder]) -> None:
        self._look("applied", symbol, book, exchange_ms)

    def vanished(self, symbol: str, bid: bool, price: float, exchange_ms: int) -> None:
        self.entries.append(("vanished", symbol, bid, price, exchange_ms))

    def traded(self, symbol: str, price: float, size: float, taker_buys: bool, exchange_ms: int) -> None:
        self.entries.append(("traded", symbol, price, size, taker_buys, exchange_ms))

    def synced(self, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        self._look("synced", symbol, book, exchange_ms)

    def lost_sync(self, symbol: str, reason: str, exchange_ms: int | None) -> None:
        self.entries.append(("lost", symbol, exchange_ms))

    def _look(self, what: str, symbol: str, book: ReadableBook, exchange_ms: int) -> None:
        assert self.synchronizers[symbol].in_sync
        self.entries.append((what, symbol, book.best, exchange_ms))

    def kinds(self) -> list[str]:
        return [entry[0] for entry in self.entries]


def session(exchange: str = "binance", market: str = "spot", **options: Any) -> tuple[FeedSession, Diary]:
    diary = Diary()
    made = FeedSession(feed_for(exchange, market), diary, **options)
    diary.synchronizers = made.synchronizers
    return made, diary


def take(made: FeedSession, *frames: str) -> list[tuple[str, str]]:
    """Which symbols began to need a snapshot with these frames, and why."""
    needs = []
    for frame in frames:
        before = made.needing_snapshot
        made.take(frame.encode(), 5_000_000)
        needs += [item for item in made.needing_snapshot.items() if item not in before.items()]
    return needs


def test_nothing_is_told_between_the_loss_and_the_new_snapshot() -> None:
    stream = BinanceSpotStream(Market(seed=1))
    made, diary = session()
    assert take(made, stream.update(), stream.update()) == [("BTCUSDT", "an update came before any snapshot")]
    assert diary.entries == [] and list(made.needing_snapshot) == ["BTCUSDT"]
    made.take_rest_snapshot(stream.snapshot().encode(), "BTCUSDT")
    assert made.needing_snapshot == {}
    take(made, stream.update())
    stream.update()
    ((symbol, reason),) = take(made, stream.update())
    assert symbol == "BTCUSDT" and reason.startswith("a gap: ")
    assert take(made, stream.update(), stream.update()) == []
    made.take_rest_snapshot(stream.snapshot().encode(), "BTCUSDT")
    take(made, stream.update())
    assert diary.kinds() == ["synced", "before", "applied", "lost", "synced", "before", "applied"]
    # The minute is closed on the state that it ended with.
    assert diary.entries[1][2] == diary.entries[0][2] and diary.entries[1][3] == stream.ms - 500
    assert (made.counters.gaps, made.counters.resyncs) == (1, 1)


def test_a_lost_connection_puts_every_book_out_and_the_next_update_asks_again() -> None:
    stream = BinanceSpotStream(Market(seed=1))
    made, diary = session()
    take(made, stream.update())
    made.take_rest_snapshot(stream.snapshot().encode(), "BTCUSDT")
    made.connection_lost("closed")
    assert (
        diary.kinds() == ["synced", "lost"]
        and not made.synchronizers["BTCUSDT"].in_sync
        and made.needing_snapshot == {}
    )
    # A snapshot that was on its way before the loss is no snapshot of the new stream's past, and still fits here.
    assert take(made, stream.update()) == [("BTCUSDT", "an update came before any snapshot")]
    made.take_rest_snapshot(stream.snapshot().encode(), "BTCUSDT")
    assert made.needing_snapshot == {}
    assert made.synchronizers["BTCUSDT"].in_sync and made.counters.gaps == 0


def test_the_buffer_is_bounded_and_a_snapshot_older_than_what_was_given_up_is_refused() -> None:
    stream = BinanceSpotStream(Market(seed=1))
    made, _ = session(max_buffered=10)
    old = stream.snapshot()
    take(made, *(stream.update() for _ in range(50)))
    assert made.counters.dropped == 40
    made.take_rest_snapshot(old.encode(), "BTCUSDT")
    assert "older than the stream" in made.needing_snapshot["BTCUSDT"]
    fitting = stream.snapshot()
    take(made, stream.update(), stream.update())
    made.take_rest_snapshot(fitting.encode(), "BTCUSDT")
    assert made.needing_snapshot == {}
    assert made.synchronizers["BTCUSDT"].book.best_as_written() == tuple(map(tuple, stream.market.best()))


def test_a_snapshot_that_nobody_wants_leaves_the_book_as_it_is() -> None:
    stream = BinanceSpotStream(Market(seed=1))
    made, diary = session()
    old = stream.snapshot()
    take(made, stream.update())
    made.take_rest_snapshot(old.encode(), "BTCUSDT")
    take(made, stream.update())
    told = len(diary.entries)
    made.take_rest_snapshot(old.encode(), "BTCUSDT")
    assert len(diary.entries) == told and made.counters.resyncs == 0
    take(made, stream.update())
    assert made.counters.gaps == 0
    assert made.synchronizers["BTCUSDT"].book.best_as_written() == tuple(map(tuple, stream.market.best()))


def moved(levels: int, first: int, last: int, lowest: float) -> tuple[str, str]:
    """A snapshot of 1,000 bids at 1.00 … and one update that takes all but the worst away."""
    bids = [[f"{lowest + step / 100:.2f}", "1.00"] for step in range(levels, 0, -1)]
    snapshot = json.dumps({"lastUpdateId": first - 1, "bids": bids, "asks": [["1010.50", "1.00"]]})
    gone = [[price, "0.00"] for price, _ in bids[:-1]]
    event = {"e": "depthUpdate", "E": 1_000, "s": "BTCUSDT", "U": first, "u": last, "b": gone, "a": []}
    return snapshot, json.dumps(event)


def event(first: int, last: int, bids: list[list[str]], at: int) -> str:
    return json.dumps({"e": "depthUpdate", "E": at, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": []})


def test_a_price_that_nears_the_end_of_its_snapshot_asks_for_a_new_one_which_is_laid_under_the_book() -> None:
    made, diary = session()
    made.synchronizer("BTCUSDT")
    snapshot, fall = moved(1000, 101, 110, 1000.0)
    made.take_rest_snapshot(snapshot.encode(), "BTCUSDT")
    assert take(made, fall) == [("BTCUSDT", "the price nears the end of its snapshot")]
    book_sync = made.synchronizers["BTCUSDT"]
    assert book_sync.in_sync and book_sync.book.bands((1.0,))[0].bid_coverage < 0.6
    assert take(made, event(111, 115, [["999.00", "3.00"]], 1_100)) == []
    # The new snapshot stands between the two updates; it knows of levels that no update has told of.
    deeper = {"lastUpdateId": 110, "bids": [["1000.01", "1.00"], ["998.00", "8.00"]], "asks": [["1010.50", "1.00"]]}
    made.take_rest_snapshot(json.dumps(deeper).encode(), "BTCUSDT")
    assert book_sync.book.bids.levels == {1000.01: 1.0, 998.0: 8.0, 999.0: 3.0}
    assert (
        book_sync.last_id == 115
        and book_sync.needs_snapshot is None
        and book_sync.book.bands((1.0,))[0].bid_coverage == 1.0
    )
    assert take(made, event(116, 116, [["999.00", "0.00"]], 1_200)) == []
    assert book_sync.book.bids.levels == {1000.01: 1.0, 998.0: 8.0}
    assert "lost" not in diary.kinds() and made.counters.resyncs == made.counters.gaps == 0


def test_a_renewal_that_is_ahead_of_the_stream_or_behind_its_buffer_is_asked_for_again() -> None:
    made, _ = session()
    made.synchronizer("BTCUSDT")
    snapshot, fall = moved(1000, 101, 110, 1000.0)
    made.take_rest_snapshot(snapshot.encode(), "BTCUSDT")
    take(made, fall)
    before = dict(made.synchronizers["BTCUSDT"].book.bids.levels)
    for wrong in (99, 112):
        answer = {"lastUpdateId": wrong, "bids": [["7.00", "1.00"]], "asks": [["1010.50", "1.00"]]}
        made.take_rest_snapshot(json.dumps(answer).encode(), "BTCUSDT")
        assert made.needing_snapshot == {"BTCUSDT": "the price nears the end of its snapshot"}
        assert made.synchronizers["BTCUSDT"].in_sync
        assert made.synchronizers["BTCUSDT"].book.bids.levels == before


def test_a_renewal_that_never_comes_is_given_up_and_asked_for_a_minute_later() -> None:
    made, _ = session()
    made.synchronizer("BTCUSDT")
    snapshot, fall = moved(1000, 101, 110, 1000.0)
    made.take_rest_snapshot(snapshot.encode(), "BTCUSDT")
    take(made, fall)
    asked = [at for at in range(1_100, 200_000, 100) if take(made, event(at, at + 99, [["1.00", "1.00"]], at))]
    assert made.counters.gaps == 1  # the first of these ids does not follow 110: a gap, asked for once
    assert len(asked) == 1
    made, _ = session()
    made.synchronizer("BTCUSDT")
    made.take_rest_snapshot(snapshot.encode(), "BTCUSDT")
    take(made, fall)
    asked = [at for at in range(111, 2_111) if take(made, event(at, at, [["1.00", "1.00"]], 1_000 + at * 100))]
    assert len(asked) == 3 and all(later - earlier == 600 for earlier, later in pairwise(asked))


def test_a_stream_that_sends_its_snapshot_anew_renews_the_book_without_a_loss() -> None:
    stream = BybitStream(Market(seed=3))
    made, diary = session("bybit")
    take(made, *stream.start(), stream.update())
    # A planned reconnect: the new connection begins with a snapshot of the same moment or later.
    stream.market.step()
    stream.id, stream.ms = stream.id + 5, stream.ms + 100
    take(made, stream.snapshot(), stream.update())
    assert "lost" not in diary.kinds() and made.counters.gaps == 0 and made.counters.resyncs == 1
    assert made.synchronizers["BTCUSDT"].book.best_as_written() == tuple(map(tuple, stream.market.best()))


def test_a_snapshot_that_overtook_its_first_updates_takes_them_in() -> None:
    stream = BybitStream(Market(seed=3))
    made, _ = session("bybit")
    snapshot = stream.snapshot()
    take(made, stream.update(), stream.update(), snapshot, stream.update())
    assert made.synchronizers["BTCUSDT"].in_sync and made.counters.gaps == 0
    assert made.synchronizers["BTCUSDT"].book.best_as_written() == tuple(map(tuple, stream.market.best()))


def test_trades_are_told_in_base_units_and_only_of_a_book_in_sync() -> None:
    made, diary = session("okx", "usdm", contracts={"BTC-USDT-SWAP": ContractValue(0.01, False)})
    trade = Trade("BTC-USDT-SWAP", 100.0, 50.0, True, 1_000)
    made.apply(trade)
    made.apply(Snapshot("BTC-USDT-SWAP", [("99", "1")], [("101", "1")], 5, 900))
    made.apply(trade)
    assert diary.entries[1:] == [("traded", "BTC-USDT-SWAP", 100.0, 0.5, True, 1_000)]


def test_a_symbol_that_was_not_asked_for_gets_no_book() -> None:
    made, _ = session("bybit", symbols=["BTCUSDT"])
    other = BybitStream(Market(seed=3))
    other.symbol = "ETHUSDT"
    take(made, *other.start())
    assert made.synchronizers == {}


def test_a_level_that_no_order_can_have_is_a_malformed_frame_and_changes_nothing() -> None:
    made, diary = session("bybit")
    stream = BybitStream(Market(seed=3))
    take(made, *stream.start())
    told = len(diary.entries)
    with pytest.raises(MalformedFrame, match="a level was"):
        made.apply(Delta("BTCUSDT", [("99.99", "1")], [("-1", "2")], stream.id + 1, stream.id + 1))
    book_sync = made.synchronizers["BTCUSDT"]
    assert (
        book_sync.in_sync
        and book_sync.last_id == stream.id
        and book_sync.book.best_as_written()[0] == tuple(stream.market.best()[0])
    )
    assert diary.kinds()[told:] in ([], ["before"])


def test_an_update_without_exchange_time_gets_the_time_of_its_receipt() -> None:
    stream = KrakenStream(Market(seed=3))
    made, diary = session("kraken")
    take(made, *stream.start(), stream.update())
    assert diary.entries[-1][3] == 5


def test_a_ticker_comes_to_its_observer_in_its_place_within_the_frame() -> None:
    """A frame of `depth20` is a notice, and then a ticker."""
    seen: list[list[str]] = []
    made = FeedSession(
        feed_for("binance", "spot"), on_ticker=lambda ticker: seen.append([ticker.symbol, *made.left]), quotes=True
    )
    best = {"e": "depthUpdate", "E": 5, "s": "BTCUSDT", "U": 1, "u": 2, "b": [["8", "1"]], "a": [["9", "1"]]}
    made.take(json.dumps({"stream": "btcusdt@depth20@100ms", "data": best}).encode(), 1)
    assert seen == [["BTCUSDT", "BTCUSDT"]]
