"""Streams in the shapes of other people's bug reports: numbers that begin anew, several channels of one symbol, levels
with more in them than was documented, trades of nothing. Own prices; the kinds are tried on every venue and market."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orderbooks.replay.replay import BookReplay
from streams.capture import as_line, read_lines
from streams.feeds import FEEDS, feed_for
from tests.orderbooks.books import oracle

SHARED = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "trials" / "streams"
T = 1_790_000_000_000
Best = tuple[str, str]
OUT: tuple[None, None] = (None, None)

# ../shared/trials/streams/EXPECTED.md: venue, market, best bid and ask, gaps, resyncs (None: not said).
EXPECTED: dict[str, tuple[str, str, Any, Any, int, int | None]] = {
    "b11_quiet_restart": ("bybit", "usdm", ("0.93", "4"), ("1.10", "5"), 0, 1),
    "b12_quiet_restart_lost": ("bybit", "usdm", *OUT, 1, None),
    "b1_restart_same_cts": ("bybit", "usdm", ("1.00", "16"), ("1.02", "21"), 0, 1),
    "b3_three_depths": ("bybit", "usdm", ("1.00", "12.5"), ("1.01", "20"), 0, None),
    "o6_reset_lost_after_snapshot": ("okx", "spot", *OUT, 1, None),
    "o1_two_channels": ("okx", "spot", ("1.00", "13"), ("1.01", "20"), 0, None),
    "n1_usdm_partial_beside_diff": ("binance", "usdm", ("0.9960", "3.0"), ("1.0100", "20.0"), 0, None),
    "n2_usdm_partial_only": ("binance", "usdm", *OUT, 0, None),
    "n3_usdm_rpi_beside_diff": ("binance", "usdm", ("1.0000", "8.0"), ("1.0100", "20.0"), 0, None),
    "n5_usdm_na_trades": ("binance", "usdm", ("1.0000", "9.0"), ("1.0100", "20.0"), 0, None),
    "n6_spot_third_element": ("binance", "spot", ("1.0000", "9.0"), ("1.0100", "20.0"), 0, None),
    "f5_p0_p1_unsummed": ("bitfinex", "spot", ("100.1", "11"), ("100.3", "20"), 0, None),
}


def played(replay: BookReplay) -> tuple[Any, Any, int, int]:
    report = replay.report()
    assert replay.malformed == 0, replay.faults
    (state,) = report["symbols"].values()
    assert state["in_sync"] is (state["best_bid"] is not None)
    bid, ask = (None if level is None else tuple(level) for level in (state["best_bid"], state["best_ask"]))
    return bid, ask, report["gaps"], report["resyncs"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_trials_of_the_company_are_as_they_should_be(name: str) -> None:
    path = SHARED / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the trial {name} is not here ({SHARED} is absent)")
    exchange, market, bid, ask, gaps, resyncs = EXPECTED[name]
    replay = BookReplay(feed_for(exchange, market))
    replay.play(read_lines(path))
    found = played(replay)
    assert found[:3] == (bid, ask, gaps)
    assert resyncs is None or found[3] == resyncs
    if name != "n2_usdm_partial_only":
        # The second reading has no word for a book that nothing keeps true.
        said = oracle.replay(path.read_text(), exchange, market)
        assert {field: replay.report()[field] for field in said} == said


def replay(exchange: str, market: str, *frames: Any) -> tuple[Any, Any, int, int]:
    texts = [frame if isinstance(frame, str) else json.dumps(frame) for frame in frames]
    lines = [f"{1_790_000_000 + place / 10:.1f}: {text}" for place, text in enumerate(texts)]
    run = BookReplay(feed_for(exchange, market))
    run.play(line for number, text in enumerate(lines, 1) if (line := as_line(number, text.encode())))
    said = oracle.replay("\n".join(lines), exchange, market)
    report = run.report()
    assert {field: report[field] for field in said} == said
    return played(run)


# Numbers that begin anew


def bybit(
    kind: str, number: int, sent: int, bids: Any, asks: Any = (), cts: int | None = None, depth: int = 200
) -> Any:
    data = {"s": "X", "b": bids, "a": asks, "u": number, "seq": number}
    body = {"topic": f"orderbook.{depth}.X", "type": kind, "ts": T + sent, "data": data}
    return {**body, "cts": T + (sent if cts is None else cts)}


def okx(kind: str, number: int, before: int, sent: int, bids: Any, asks: Any = (), channel: str = "books") -> Any:
    row = {"bids": bids, "asks": asks, "ts": str(T + sent), "checksum": 0, "seqId": number, "prevSeqId": before}
    return {"arg": {"channel": channel, "instId": "X"}, "action": kind, "data": [row]}


MARKETS = ["spot", "usdm", "coinm"]
BIDS, ASKS = [["10", "1"], ["9", "2"]], [["11", "1"], ["12", "2"]]
NEW_BIDS, NEW_ASKS = [["5", "1"]], [["6", "2"]]


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("sent", [0, 1, 900_000])
def test_a_snapshot_with_a_lower_number_that_is_not_older_begins_anew(market: str, sent: int) -> None:
    first = bybit("snapshot", 700, 0, BIDS, ASKS)
    anew = bybit("snapshot", 1, sent, NEW_BIDS, NEW_ASKS)
    after = bybit("delta", 2, sent + 20, [["5", "3"]])
    assert replay("bybit", market, first, anew, after) == (("5", "3"), ("6", "2"), 0, 1)
    first = okx("snapshot", 700, -1, 0, BIDS, ASKS)
    anew = okx("snapshot", 3, -1, sent, NEW_BIDS, NEW_ASKS)
    after = okx("update", 9, 3, sent + 20, [["5", "3"]])
    assert replay("okx", market, first, anew, after) == (("5", "3"), ("6", "2"), 0, 1)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("updates", [0, 3])
def test_lower_numbers_at_a_newer_time_are_a_gap_also_right_after_the_snapshot(market: str, updates: int) -> None:
    frames = [bybit("snapshot", 700, 0, BIDS, ASKS)]
    frames += [bybit("delta", 701 + step, 10 + step, [["10", str(2 + step)]]) for step in range(updates)]
    frames += [bybit("delta", 2 + step, 1000 + step, [["10", "0"]]) for step in range(5)]
    assert replay("bybit", market, *frames)[:3] == (None, None, 1)
    # The old snapshot comes again late: it brings nothing back that has gone.
    assert replay("bybit", market, *frames, frames[0])[:3] == (None, None, 1)
    healed = [*frames, bybit("snapshot", 7, 1010, NEW_BIDS, NEW_ASKS), bybit("delta", 8, 1020, [["5", "4"]])]
    assert replay("bybit", market, *healed) == (("5", "4"), ("6", "2"), 1, 1)
    frames = [okx("snapshot", 700, -1, 0, BIDS, ASKS)]
    frames += [okx("update", 701 + step, 700 + step, 10 + step, [["10", str(2 + step)]]) for step in range(updates)]
    frames += [okx("update", 6 + step, 5 + step, 1000 + step, [["10", "0"]]) for step in range(5)]
    assert replay("okx", market, *frames)[:3] == (None, None, 1)
    assert replay("okx", market, *frames, frames[0])[:3] == (None, None, 1)


@pytest.mark.parametrize("market", MARKETS)
def test_what_is_older_or_the_books_own_number_is_known(market: str) -> None:
    frames = [
        bybit("snapshot", 700, 0, BIDS, ASKS),
        bybit("delta", 701, 10, [["10", "2"]]),
        bybit("delta", 702, 20, [["10", "3"]]),
    ]
    again = [*frames, frames[1], frames[2], frames[0], bybit("delta", 702, 30, [["10", "3"]])]
    assert replay("bybit", market, *again) == (("10", "3"), ("11", "1"), 0, 0)
    # Two counts: what is left over of the one before, with its high numbers, is older.
    restarted = [*frames, bybit("snapshot", 1, 40, NEW_BIDS, NEW_ASKS), bybit("delta", 703, 30, [["10", "4"]])]
    assert replay("bybit", market, *restarted) == (("5", "1"), ("6", "2"), 0, 1)
    # The book's own number that says something else is of the new count.
    other = bybit("delta", 702, 30, [["10", "0"]])
    assert replay("bybit", market, *frames, other)[:3] == (None, None, 1)


def test_a_shallow_book_told_again_every_few_seconds_is_no_resync() -> None:
    first = bybit("snapshot", 5, 0, [["10", "1"]], [["11", "1"]], depth=1)
    again = [bybit("snapshot", 5, 3000 * step, [["10", "1"]], [["11", "1"]], depth=1) for step in range(1, 4)]
    assert replay("bybit", "spot", first, *again) == (("10", "1"), ("11", "1"), 0, 0)


def test_numbers_that_end_with_a_connection_begin_anew_with_the_next() -> None:
    frames = [okx("snapshot", 700, -1, 0, BIDS, ASKS), okx("snapshot", 2, -1, 50, NEW_BIDS, NEW_ASKS)]
    lines = ["wss://x <-> 1790000000.0", json.dumps(frames[0]), "wss://x <-> 1790000001.0", json.dumps(frames[1])]
    run = BookReplay(feed_for("okx", "spot"))
    run.play(line for number, text in enumerate(lines, 1) if (line := as_line(number, text.encode())))
    assert played(run) == (("5", "1"), ("6", "2"), 0, 1)


# Several channels


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("order", [(1, 50, 500), (500, 50, 1), (50, 500, 1)])
def test_the_deepest_topic_of_bybit_makes_the_book_in_whatever_order_they_come(
    market: str, order: tuple[int, ...]
) -> None:
    frames = [bybit("snapshot", 1000 * depth, 0, BIDS, ASKS, depth=depth) for depth in order]
    for step in range(1, 4):
        # Each says something else, so that the book shows whose it is.
        frames += [
            bybit("delta", 1000 * depth + step, 10 * step, [["10", f"{depth}.{step}"]], depth=depth) for depth in order
        ]
    frames.append(
        {
            "topic": "orderbook.rpi.X",
            "type": "snapshot",
            "ts": T + 99,
            "data": {"s": "X", "b": [["10", "0", "9"]], "a": [], "u": 1},
        }
    )
    assert replay("bybit", market, *frames) == (("10", "500.3"), ("11", "1"), 0, 0)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("others_first", [False, True])
def test_the_deepest_channel_of_okx_makes_the_book(market: str, others_first: bool) -> None:
    def both(kind: str, numbers: dict[str, tuple[int, int]], sent: int) -> list[Any]:
        frames = [
            okx(
                kind,
                number,
                before,
                sent,
                BIDS if kind == "snapshot" else [["10", f"{number}"]],
                ASKS if kind == "snapshot" else [],
                channel,
            )
            for channel, (number, before) in numbers.items()
        ]
        return frames[::-1] if others_first else frames

    frames = both("snapshot", {"books": (100, -1), "books50-l2-tbt": (103, -1)}, 0)
    frames += both("update", {"books": (106, 100), "books50-l2-tbt": (104, 103)}, 10)
    best = {"bids": [["3", "1"]], "asks": [["4", "1"]], "ts": str(T + 11), "seqId": 999, "prevSeqId": 990}
    for channel in ("books5", "bbo-tbt"):
        frames.append({"arg": {"channel": channel, "instId": "X"}, "data": [best]})
    frames += both("update", {"books": (109, 106), "books50-l2-tbt": (107, 104)}, 20)
    assert replay("okx", market, *frames) == (("10", "109"), ("11", "1"), 0, 0)


@pytest.mark.parametrize("order", [(11, 12, 13), (13, 12, 11), (12, 11, 13)])
def test_the_longest_single_prices_of_bitfinex_make_the_book(order: tuple[int, ...]) -> None:
    kinds = {11: ("P0", "25"), 12: ("P1", "250"), 13: ("P0", "250")}
    frames: list[Any] = ['{"event":"info","version":2}']
    for number in order:
        prec, length = kinds[number]
        frames.append(
            {
                "event": "subscribed",
                "channel": "book",
                "chanId": number,
                "symbol": "tX",
                "prec": prec,
                "freq": "F0",
                "len": length,
            }
        )
    frames += [f"[{number},[[10,1,{number}],[11,1,-1]]]" for number in order]
    frames += [f"[{number},[10,2,{number}.5]]" for number in order]
    assert replay("bitfinex", "spot", *frames) == (("10", "13.5"), ("11", "1"), 0, 0)


def binance(market: str, stream: str, first: int, last: int, before: int, bids: Any, asks: Any = ()) -> Any:
    event = {"e": "depthUpdate", "E": T + last, "s": "X", "U": first, "u": last, "b": bids, "a": asks}
    return {"stream": f"x@{stream}", "data": event if market == "spot" else {**event, "T": T + last, "pu": before}}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("other", ["depth5", "depth20@100ms", "rpiDepth@500ms", "depth@500ms", "depth10@500ms"])
@pytest.mark.parametrize("other_first", [False, True])
def test_one_difference_stream_of_binance_makes_the_book(market: str, other: str, other_first: bool) -> None:
    # A difference stream of another speed tells the same book: where it comes first it is the one that makes it.
    same = other == "depth@500ms" and other_first
    whole = binance(market, other, 90, 107, 60, [["10", "7"]])
    if market == "spot" and other[5:6].isdigit():
        whole = {"stream": f"x@{other}", "data": {"lastUpdateId": 107, "bids": [["10", "7"]], "asks": []}}
    snapshot = {"lastUpdateId": 100, "bids": BIDS, "asks": ASKS}
    beside = [binance(market, "depth@100ms", 101, 105, 100, [["10", "3"]])]
    beside.insert(0 if other_first else 1, whole)
    frames = [
        *([] if same else [binance(market, "depth@100ms", 95, 100, 94, [["10", "1"]])]),
        snapshot,
        *beside,
        binance(market, "depth@100ms", 106, 110, 105, [["10", "4"]]),
    ]
    if same:
        frames += [binance(market, other, 108, 115, 107, [["10", "4"]])]
    assert replay("binance", market, *frames) == (("10", "4"), ("11", "1"), 0, 0)


@pytest.mark.parametrize("market", MARKETS)
def test_a_snapshot_beside_partial_depth_alone_is_no_book(market: str) -> None:
    # The address of an answer over REST says the symbol, so that the snapshot has a book to go to.
    answer = {"lastUpdateId": 100, "bids": BIDS, "asks": ASKS}
    lines = [f"https://x/depth?symbol=X&limit=1000 -> 1790000000.0: {json.dumps(answer)}"]
    lines += [json.dumps(binance(market, "depth5@100ms", 101, 105, 100, [["8", "1"]], [["9", "1"]]))]
    run = BookReplay(feed_for("binance", market))
    run.play(line for number, text in enumerate(lines, 1) if (line := as_line(number, text.encode())))
    assert played(run) == (None, None, 0, 0)
    lines += [json.dumps(binance(market, "depth@100ms", 101, 106, 100, [["10", "5"]]))]
    run = BookReplay(feed_for("binance", market))
    run.play(line for number, text in enumerate(lines, 1) if (line := as_line(number, text.encode())))
    assert played(run) == (("10", "5"), ("11", "1"), 0, 0)


# More than was documented, and nothing


def wider(levels: Any, more: Any) -> Any:
    return [[price, size, *more] for price, size in levels]


@pytest.mark.parametrize("more", [[[]], [None, 3], [{"n": 1}], [0.5]])
@pytest.mark.parametrize("feed", [pytest.param(feed, id=feed.venue) for feed in FEEDS.values()])
def test_parsers_require_only_what_they_use(feed: Any, more: Any) -> None:
    bids, asks, change = wider(BIDS, more), wider(ASKS, more), wider([["10", "3"]], more)
    extra: dict[str, Any] = {"n": {"new": []}}
    if feed.exchange == "binance":
        update = binance(feed.market, "depth@100ms", 101, 105, 100, change)
        odd = {**update["data"], "m": {"x": 1}, "p": [], "B": None}
        frames: list[Any] = [
            binance(feed.market, "depth@100ms", 95, 100, 94, wider([["10", "1"]], more)),
            {"lastUpdateId": 100, "bids": bids, "asks": asks, **extra},
            {**update, "data": odd, **extra},
        ]
    elif feed.exchange == "okx":
        frames = [okx("snapshot", 5, -1, 0, bids, asks), {**okx("update", 6, 5, 9, change), **extra}]
    elif feed.exchange == "bybit":
        update = bybit("delta", 6, 9, change)
        del update["data"]["a"], update["data"]["seq"], update["ts"]
        frames = [bybit("snapshot", 5, 0, bids, asks), {**update, **extra}]
        # Without its side and its time the second reading cannot read it.
        run = BookReplay(feed)
        run.play(line for number, frame in enumerate(frames) if (line := as_line(number, json.dumps(frame).encode())))
        assert played(run) == (("10", "3"), ("11", "1"), 0, 0)
        return
    elif feed.exchange == "bitfinex":
        tail = json.dumps(more)[1:-1]
        frames = [
            {"event": "subscribed", "channel": "book", "chanId": 1, "symbol": "tX", "prec": "P0", "len": "25", **extra},
            f"[1,[[10,1,1,{tail}],[9,1,2,{tail}],[11,1,-1,{tail}]]]",
            f"[1,[10,1,3,{tail}]]",
        ]
    else:
        frames = _kraken(json.dumps(more))
    found = replay(feed.exchange, feed.market, *frames)
    assert found == (("10", "3"), ("11", "1"), 0, 0)


def _kraken(more: str) -> list[str]:
    def frame(kind: str, bids: str, digits: str) -> str:
        total = oracle.zlib.crc32(digits.encode())
        book = (
            f'"symbol":"A/B","bids":[{bids}],"asks":[{{"price":11,"qty":1,"n":{more}}}],"checksum":{total},"n":{more}'
        )
        return f'{{"channel":"book","type":"{kind}","n":{more},"data":[{{{book}}}]}}'

    return [
        frame("snapshot", f'{{"price":10,"qty":1,"n":{more}}},{{"price":9,"qty":2}}', "11110192"),
        frame("update", f'{{"n":{more},"price":10,"qty":3}}', "11110392"),
    ]


def _binance_trade(kind: str, price: str, size: str, **more: Any) -> Any:
    event = {"e": kind, "E": 5, "T": 5, "s": "X", "p": price, "q": size, "m": True, **more}
    return {"stream": f"x@{kind}", "data": event}


OKX_TRADE = {"instId": "X", "px": "0", "sz": "0", "side": "", "ts": "5"}
KRAKEN_TRADE = {"symbol": "X", "side": "buy", "price": 1.5, "qty": 0, "timestamp": "2026-01-01T00:00:00Z"}
NOTHING: dict[str, list[Any]] = {
    "binance": [
        _binance_trade("trade", "0", "0", t=1, X="NA"),
        _binance_trade("aggTrade", "1.5", "0.0", a=2),
        _binance_trade("trade", "0", "0", b={}, a=None),
    ],
    "okx": [{"arg": {"channel": "trades", "instId": "X"}, "data": [OKX_TRADE]}],
    "bybit": [{"topic": "publicTrade.X", "data": [{"T": 5, "s": "X", "S": "Buy", "v": "0", "p": "1.5"}]}],
    "bitfinex": [{"event": "subscribed", "channel": "trades", "chanId": 2, "symbol": "tX"}, '[2,"te",["a",5,0,1.5]]'],
    "kraken": [{"channel": "trade", "type": "update", "data": [KRAKEN_TRADE]}],
}


@pytest.mark.parametrize("feed", [pytest.param(feed, id=feed.venue) for feed in FEEDS.values()])
def test_a_trade_of_size_nought_is_known_and_says_nothing(feed: Any) -> None:
    decoder = feed.decoder()
    for frame in NOTHING[feed.exchange]:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        assert not [message for message in decoder.decode(text.encode()) if hasattr(message, "taker_buys")]


# Healthy, and sent again


def _at_times(exchange: str, market: str, timed: list[tuple[float, Any]]) -> tuple[Any, Any, int, int]:
    lines = [
        f"{1_790_000_000 + at:.3f}: {frame if isinstance(frame, str) else json.dumps(frame)}" for at, frame in timed
    ]
    run = BookReplay(feed_for(exchange, market))
    run.play(line for number, text in enumerate(lines, 1) if (line := as_line(number, text.encode())))
    return played(run)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("deeper", [False, True])
def test_the_best_level_told_again_every_three_seconds_is_a_sign_of_life(market: str, deeper: bool) -> None:
    # Bybit: "if 3 seconds have elapsed without a change, a snapshot will be pushed again, `u` stays the same".
    def best(at: int, number: int = 5) -> tuple[float, Any]:
        return at, bybit("snapshot", number, 1000 * at, [["10", "1"]], [["11", "1"]], cts=0, depth=1)

    again = [best(at) for at in range(0, 300, 3)]
    if deeper:
        # What changes at last reaches the best level first.
        again += [best(300, 6), (300.1, bybit("delta", 701, 300_020, [["9", "3"]]))]
        again.insert(0, (0, bybit("snapshot", 700, 0, BIDS, ASKS)))
    assert _at_times("bybit", market, again) == (("10", "1"), ("11", "1"), 0, 0)


@pytest.mark.parametrize("market", MARKETS)
def test_an_update_of_bybit_with_number_one_is_the_whole_book(market: str) -> None:
    frames = [bybit("snapshot", 500, 0, BIDS, ASKS), bybit("delta", 501, 10, [["10", "2"]])]
    anew = bybit("delta", 1, 5000, NEW_BIDS, NEW_ASKS)
    assert replay("bybit", market, *frames, anew, bybit("delta", 2, 5020, [["5", "3"]])) == (
        ("5", "3"),
        ("6", "2"),
        0,
        1,
    )
    # One side alone is no whole book.
    assert replay("bybit", market, *frames, bybit("delta", 1, 5000, NEW_BIDS))[:3] == (None, None, 1)


@pytest.mark.parametrize("market", MARKETS)
def test_what_was_put_by_of_an_earlier_count_is_not_laid_on_the_snapshot_of_the_next(market: str) -> None:
    lost = [bybit("delta", 2 + step, 1000 + step, [["10", str(7 + step)]]) for step in range(3)]
    anew = [bybit("snapshot", 1, 2000, NEW_BIDS, NEW_ASKS), bybit("delta", 2, 2020, [["5", "3"]])]
    first = bybit("snapshot", 500, 0, BIDS, ASKS)
    assert replay("bybit", market, first, *lost, *anew) == (("5", "3"), ("6", "2"), 1, 1)
    lost = [okx("update", 6 + step, 5 + step, 1000 + step, [["10", "7"]]) for step in range(3)]
    anew = [okx("snapshot", 6, -1, 2000, NEW_BIDS, NEW_ASKS), okx("update", 9, 6, 2020, [["5", "3"]])]
    assert replay("okx", market, okx("snapshot", 500, -1, 0, BIDS, ASKS), *lost, *anew) == (
        ("5", "3"),
        ("6", "2"),
        1,
        1,
    )


def test_numbers_without_times_that_go_back_are_a_gap_where_they_may_begin_anew() -> None:
    frames = [bybit("snapshot", 500, 0, BIDS, ASKS), bybit("delta", 2, 0, [["10", "7"]])]
    for frame in frames:
        del frame["ts"], frame["cts"]
    assert _at_times("bybit", "spot", list(enumerate(frames)))[:3] == (None, None, 1)


_BITFINEX = [
    '{"event":"info","version":2}',
    '{"event":"conf","status":"OK","flags":65536}',
    '{"event":"subscribed","channel":"book","chanId":1,"symbol":"tX","prec":"P0","len":"25"}',
    "[1,[[10,1,1],[11,1,-1]],50]",
    "[1,[10,2,3],51]",
]


@pytest.mark.parametrize(
    ("more", "bid", "gaps", "resyncs"),
    [
        pytest.param(["[1,[10,2,9],2]", "[1,[10,2,8],3]", "[1,[10,0,1],4]"], None, 1, 0, id="the first word was lost"),
        pytest.param(["[1,[[10,1,7],[11,1,-1]],1]", "[1,[10,2,9],2]"], ("10", "9"), 0, 1, id="a snapshot begins anew"),
        pytest.param(["[1,[10,2,5],52]", "[1,[10,2,3],51]", "[1,[10,2,6],53]"], ("10", "6"), 0, 0, id="came twice"),
        pytest.param(["[1,[10,2,5],53]", "[1,[10,2,4],52]", "[1,[10,2,6],54]"], None, 1, 0, id="changed places"),
    ],
)
def test_numbers_of_a_connection_that_begin_anew_freeze_no_book(
    more: list[str], bid: Best | None, gaps: int, resyncs: int
) -> None:
    found = _at_times("bitfinex", "spot", list(enumerate([*_BITFINEX, *more])))
    assert (found[0], *found[2:]) == (bid, gaps, resyncs)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("kind", ["trade", "aggTrade"])
@pytest.mark.parametrize(("price", "size"), [("0", "3.0"), ("", ""), (None, None)])
def test_trades_of_kind_na_are_known_whatever_they_hold(market: str, kind: str, price: Any, size: Any) -> None:
    decoder = feed_for("binance", market).decoder()
    assert not decoder.decode(json.dumps(_binance_trade(kind, price, size, X="NA")).encode())


def test_trades_that_no_order_of_the_book_took_part_in_say_nothing_of_it() -> None:
    def block(at: int, **more: Any) -> tuple[float, Any]:
        row = {"T": T + 1000 * at, "s": "X", "S": "Buy", "v": "1", "p": "20", **more}
        return at, {"topic": "publicTrade.X", "type": "snapshot", "ts": T + 1000 * at, "data": [row]}

    book = bybit("snapshot", 700, 0, BIDS, ASKS)
    for beside in ({"BT": True}, {"RPI": True}):
        quiet = [(0, book), *(block(at, **beside) for at in range(1, 100, 5))]
        assert _at_times("bybit", "usdm", quiet) == (("10", "1"), ("11", "1"), 0, 0)
    assert _at_times("bybit", "usdm", [(0, book), *(block(at) for at in range(1, 100, 5))])[2] == 1
    decoder = feed_for("binance", "usdm").decoder()
    for named, beside_book in (("INSURANCE_FUND", True), ("ADL", True), ("MARKET", False)):
        (trade,) = decoder.decode(json.dumps(_binance_trade("trade", "10", "1", X=named)).encode())
        assert trade.beside_book is beside_book  # type: ignore[union-attr]
