"""`bookreplay` beside the oracle: recorded and made-up streams with faults planted by chance, from fixed seeds."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from orderbooks.books.session import FeedSession
from orderbooks.replay.replay import BookReplay, NothingReadable
from streams.capture import as_line
from streams.feeds import FEEDS, feed_for
from streams.feeds.base import MalformedFrame
from tests.orderbooks.books import oracle
from tests.streams.market import (
    STREAMS,
    BinanceSpotStream,
    BitfinexStream,
    BybitStream,
    Market,
    UnsummedOkxStream,
    timed,
)
from tests.support.captures import capture

pytestmark = pytest.mark.long

RECEIVED = "1723161253937085768 "


def product(lines: list[str], exchange: str, market: str) -> dict[str, Any]:
    replay = BookReplay(feed_for(exchange, market))
    read = (as_line(number, line.strip().encode()) for number, line in enumerate(lines, 1))
    replay.play(line for line in read if line is not None)
    report = replay.report()
    return {field: report[field] for field in ("messages", "gaps", "resyncs", "checksums", "symbols")}


def recorded(name: str) -> list[str]:
    path = capture(f"streams/{name}")
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0]).decode().splitlines()
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode().splitlines()
    return path.read_text().splitlines()


def recorded_apart(exchange: str) -> list[str]:
    """cryptofeed's messages and answers over REST, in order of their times."""
    lines = [*recorded(f"cryptofeed_{exchange}.ws.1.0.gz"), *recorded(f"cryptofeed_{exchange}.http.0.0.gz")]
    dated = [(float(line.split(" -> ")[-1].split(":")[0]), line) for line in lines if " -> " in line[:200]]
    dated += [(float(line.split(":")[0]), line) for line in lines if line[:1].isdigit()]
    return [line for _, line in sorted(dated, key=lambda pair: pair[0])]


RECORDED: dict[str, tuple[str, str, Callable[[], list[str]]]] = {
    "binance spot": ("binance", "spot", lambda: recorded_apart("BINANCE")),
    "binance spot, one pair": ("binance", "spot", lambda: recorded("spot_btcusdt_20240808.gz")[:4000]),
    "binance usdm": ("binance", "usdm", lambda: recorded_apart("BINANCE_FUTURES")),
    "binance usdm, one pair": ("binance", "usdm", lambda: recorded("usdm_btcusdt_20240808_first60k.gz")[:1500]),
    "okx": ("okx", "spot", lambda: recorded("cryptofeed_OKX.ws.1.0.gz")),
    "bitfinex": ("bitfinex", "spot", lambda: recorded("cryptofeed_BITFINEX.ws.11.0.gz")),
    "bybit": ("bybit", "spot", lambda: recorded("bybit_orderbook.jsonl")),
    "bybit, 500 levels": ("bybit", "usdm", lambda: recorded("bybit_xrpusdt-ob500.data.zip")),
    "kraken": ("kraken", "spot", lambda: recorded("kraken_book.jsonl")),
}


def snapshots_at(lines: list[str], market: str) -> list[str]:
    """What Binance would have answered over REST after these messages."""
    venue = oracle.Binance(market != "spot")
    for line in oracle.lines("\n".join(lines)):
        if line.body:
            venue.take(line)
    answers = []
    for symbol, book in venue.books.items():
        if book.in_sync:
            bids, asks = book.top(1000)
            body = {"lastUpdateId": book.last, "bids": bids, "asks": asks}
            answers.append(f"https://x/depth?symbol={symbol}&limit=1000 -> 1723161253.5: {json.dumps(body)}")
    return answers


def with_faults(lines: list[str], exchange: str, market: str, chance: Random) -> tuple[list[str], list[str]]:
    """Up to four kinds of faults, and their names."""
    whole, lines, planted = lines, list(lines), []
    for _ in range(chance.randint(1, 4)):
        fault = chance.choice(["lose", "double", "again later", "swap", "late", "cut", "garbage", "snapshot", "resend"])
        planted.append(fault)
        place = chance.randrange(len(lines) - 1)
        if fault == "lose":
            every = chance.choice([30, 200, len(lines)])
            lines = [line for line in lines if chance.randrange(every)]
        elif fault == "double":
            lines.insert(place, lines[place])
        elif fault == "again later":
            lines.insert(place + chance.randint(1, 200), lines[place])
        elif fault == "swap":
            lines[place : place + 2] = reversed(lines[place : place + 2])
        elif fault == "late":
            lines.insert(place + chance.randint(1, 50), lines.pop(place))
        elif fault == "cut":
            lines[place] = lines[place][: chance.randint(20, max(20, len(lines[place]) - 1))]
        elif fault == "garbage":
            lines.insert(place, chance.choice(["", "#####", RECEIVED, RECEIVED + "{", RECEIVED + '{"a":1', "\0\xff"]))
        elif fault == "snapshot" and exchange == "binance":
            known = chance.randrange(len(whole))
            # An answer takes its time, so it may be older than the stream.
            lines[place:place] = snapshots_at(whole[: max(0, known - chance.choice([0, 0, 5, 300]))], market)
        elif fault == "resend":
            snapshots = [line for line in lines if "lastUpdateId" in line or "snapshot" in line]
            if snapshots:
                lines.insert(place, chance.choice(snapshots))
    return lines, planted


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_stream_with_faults_is_what_the_oracle_says(name: str) -> None:
    exchange, market, read = RECORDED[name]
    lines = read()
    assert product(lines, exchange, market) == oracle.replay("\n".join(lines), exchange, market)
    disturbed = 0
    for seed in range(30 if len(lines) < 100 else 8):
        faulty, planted = with_faults(lines, exchange, market, Random(f"{name} {seed}"))
        expected = oracle.replay("\n".join(faulty), exchange, market)
        assert product(faulty, exchange, market) == expected, f"seed {seed}: {planted}"
        disturbed += bool(expected["gaps"] or expected["resyncs"] or expected["checksums"]["failed"])
    assert disturbed


@pytest.mark.parametrize("kind", [*STREAMS, BitfinexStream])
def test_a_made_up_stream_with_faults_is_what_the_oracle_says(kind: Any) -> None:
    disturbed = 0
    for seed in range(15):
        stream = kind(Market(seed=seed))
        frames = stream.start()
        for _ in range(4):
            for _ in range(40):
                frames += [*stream.updates(), stream.checksum()] if kind is BitfinexStream else [stream.update()]
            frames.append(stream.snapshot())
        lines, planted = with_faults(list(timed(frames)), stream.exchange, stream.market_name, Random(seed))
        expected = oracle.replay("\n".join(lines), stream.exchange, stream.market_name)
        assert product(lines, stream.exchange, stream.market_name) == expected, f"seed {seed}: {planted}"
        disturbed += bool(expected["gaps"] or expected["checksums"]["failed"])
    assert disturbed >= 4


def restarted(lines: list[str], exchange: str, chance: Random) -> list[str]:
    """The venue begins anew here and there, with low numbers at the times of then; at times its first word is lost."""
    changed, base, lost = [], 0, False
    for line in lines:
        at, _, text = line.partition(" ")
        message = json.loads(text)
        data = message.get("data", [])
        rows = [data] if isinstance(data, dict) else data
        kind = message.get("type", message.get("action"))
        if kind == "snapshot" and chance.random() < 0.6:
            number = "u" if exchange == "bybit" else "seqId"
            base, lost = rows[0][number] - chance.randint(1, 5), chance.random() < 0.4
            if lost:
                continue
        for row in rows:
            for field in ("u", "seqId", "prevSeqId"):
                if row.get(field, -1) >= 0:
                    row[field] -= base
        changed.append(f"{at} {json.dumps(message)}")
    return changed


@pytest.mark.parametrize("kind", [BybitStream, UnsummedOkxStream])
def test_a_venue_that_begins_anew_is_followed_as_the_oracle_says(kind: Any) -> None:
    gaps = resyncs = 0
    for seed in range(40):
        stream = kind(Market(seed=seed))
        frames = stream.start()
        for _ in range(6):
            frames += [*(stream.update() for _ in range((0, 1, 3, 20)[seed % 4])), stream.snapshot()]
        lines = restarted(list(timed(frames)), stream.exchange, Random(seed))
        if seed % 2:
            lines, _ = with_faults(lines, stream.exchange, stream.market_name, Random(seed))
        expected = oracle.replay("\n".join(lines), stream.exchange, stream.market_name)
        assert product(lines, stream.exchange, stream.market_name) == expected, f"seed {seed}"
        gaps, resyncs = gaps + expected["gaps"], resyncs + expected["resyncs"]
    assert gaps > 20 and resyncs > 60


@pytest.mark.parametrize(
    "name", ["binance spot", "binance usdm", "okx", "bitfinex", "bybit", "kraken"], ids=lambda name: name
)
def test_bytes_changed_by_chance_are_a_malformed_frame_or_none(name: str) -> None:
    exchange, market, read = RECORDED[name]
    chance = Random(name)
    frames = [line.content for text in read() if (line := as_line(1, text.encode())) and 0 < len(line.content) < 5000]
    session = FeedSession(FEEDS[exchange, market])
    malformed = 0
    for _ in range(3000):
        frame = bytearray(chance.choice(frames))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(frame))
            length = chance.choice([0, 1, 1, 8])
            frame[place : place + length] = chance.choice([b"", b"\xff", b'"', b"[", b"}", b"-", b"e9", b"0"])
        try:
            session.take(bytes(frame), 1)
        except MalformedFrame:
            malformed += 1
    assert 0 < malformed < 3000


def test_a_line_that_is_no_utf8_is_passed_over() -> None:
    stream = BinanceSpotStream(Market(seed=1))
    frames = [*stream.start(), *(stream.update() for _ in range(5))]
    lines = [line.encode() for line in timed(frames)]
    lines.insert(3, lines[3].replace(b"depthUpdate", b"depth\xffpdate"))
    lines.insert(3, b"https://\xff/depth?symbol=X -> 1.5: {}")
    lines.insert(3, b"https://[/depth?symbol=X -> 1.5: {}")
    replay = BookReplay(feed_for("binance", "spot"))
    replay.play(line for number, raw in enumerate(lines, 1) if (line := as_line(number, raw)) is not None)
    assert replay.malformed == 1 and replay.report()["symbols"][stream.symbol]["best_bid"] == stream.market.best()[0]


BITFINEX = [
    '{"event":"info","version":2}',
    '{"event":"conf","status":"OK","flags":65536}',
    '{"event":"subscribed","channel":"book","chanId":1,"symbol":"tAAAUSD","prec":"P0","len":"25"}',
    "[1,[[100,1,1],[99,1,2],[101,1,-1]],1]",
    "[1,[100,0,1],2]",
]


def state(lines: list[str], exchange: str, market: str = "spot") -> tuple[int, int, dict[str, Any]]:
    report = product(lines, exchange, market)
    return report["gaps"], report["resyncs"], report["symbols"]


@pytest.mark.parametrize("level", ["-5,1,1", "0,1,1", '"x",1,1', "98,1,null", "98,1,1e999"])
def test_a_level_that_bitfinex_cannot_have_meant_is_a_hole_that_the_next_number_shows(level: str) -> None:
    # Its number used to be taken, and the book went on without the update.
    gaps, _, symbols = state([*BITFINEX, f"[1,[{level}],3]", "[1,[98,1,1],4]"], "bitfinex")
    assert gaps == 1 and not symbols["tAAAUSD"]["in_sync"]


def test_bitfinex_numbers_count_where_the_word_that_announces_them_was_lost() -> None:
    without = [BITFINEX[0], *BITFINEX[2:]]
    assert state([*without, "[1,[98,1,1],3]"], "bitfinex")[0] == 0
    assert state([*without, "[1,[98,1,1],5]"], "bitfinex")[0] == 1
    # Times (flag 32768) stand in the same place.
    dated = [BITFINEX[2], "[1,[[100,1,1],[101,1,-1]],1618677543000]", "[1,[99,1,5],1618677543009]"]
    assert state(dated, "bitfinex")[2]["tAAAUSD"] == {
        "best_bid": ["100", "1"],
        "best_ask": ["101", "1"],
        "in_sync": True,
    }


@pytest.mark.parametrize(
    ("channel", "rows"),
    [
        ('"symbol":"tAAAUSD","prec":"R0"', "[[65000000001,100.5,1],[65000000002,101,-1]]"),
        ('"symbol":"fUSD","prec":"P0"', "[[0.0002,30,1,1000],[0.0003,30,2,-100]]"),
    ],
)
def test_single_orders_and_funding_of_bitfinex_are_no_levels(channel: str, rows: str) -> None:
    beside = f'{{"event":"subscribed","channel":"book","chanId":2,{channel}}}'
    gaps, resyncs, symbols = state([*BITFINEX, beside, f"[2,{rows},3]", "[1,[98,1,1],4]"], "bitfinex")
    assert (gaps, resyncs) == (0, 0)
    assert symbols == {"tAAAUSD": {"best_bid": ["99", "2"], "best_ask": ["101", "1"], "in_sync": True}}


def test_a_slower_depth_stream_beside_the_fast_one_is_no_gap() -> None:
    def depth(first: int, last: int, price: str, ms: int) -> str:
        return json.dumps(
            {"e": "depthUpdate", "E": ms, "s": "AUSDT", "U": first, "u": last, "b": [[price, "1.0"]], "a": []}
        )

    snapshot = '{"lastUpdateId":2,"bids":[["1.00","1.0"]],"asks":[["2.00","1.0"]]}'
    lines = [depth(1, 2, "1.00", 1), snapshot, depth(3, 4, "1.10", 100), depth(5, 6, "1.20", 200)]
    lines += [depth(3, 6, "1.20", 201), depth(7, 8, "1.30", 300)]
    gaps, _, symbols = state(lines, "binance")
    assert gaps == 0 and symbols["AUSDT"]["best_bid"] == ["1.30", "1.0"]
    # Numbers from before the snapshot at a later time are a new count.
    assert state([*lines, depth(1, 2, "1.30", 400)], "binance")[0] == 1


def test_other_frames_of_binance_are_messages_and_change_nothing() -> None:
    stream = BinanceSpotStream(Market(seed=3))
    lines = [*stream.start(), stream.update()]
    expected = product(lines, "binance", "spot")
    lines += [
        '{"stream":"btcusdt@depth5@100ms","data":{"lastUpdateId":99,"bids":[],"asks":[]}}',
        '{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker","s":"BTCUSDT"}]}',
    ]
    assert product(lines, "binance", "spot") == {**expected, "messages": expected["messages"] + 2}


def test_an_answers_url_may_write_the_symbol_small() -> None:
    stream = BinanceSpotStream(Market(seed=3))
    stream.start()
    answer = f"https://x/api/v3/depth?symbol={stream.symbol.lower()}&limit=1000 -> 1.5: {stream.snapshot()}"
    assert state([answer, stream.update()], "binance")[2][stream.symbol]["in_sync"]


def test_the_deepest_of_bybits_topics_is_the_book() -> None:
    stream = BybitStream(Market(seed=3))
    lines = [*stream.start(), stream.update()]
    expected = state(lines, "bybit")
    top = {"s": stream.symbol, "b": [["1", "1"]], "a": [["2", "1"]], "u": 9_999_999}
    lines.append(
        json.dumps({"topic": f"orderbook.1.{stream.symbol}", "type": "snapshot", "ts": 9_999_999_999_999, "data": top})
    )
    assert state(lines, "bybit") == expected


def test_a_snapshot_that_comes_again_late_does_not_turn_a_book_back_where_only_times_tell() -> None:
    expected = state(KRAKEN_IN_TIME, "kraken")
    assert expected[2]["A/B"]["in_sync"]
    assert state([*KRAKEN_IN_TIME, KRAKEN_IN_TIME[0]], "kraken") == expected


def _kraken(kind: str, bids: str, digits: str, stamp: str) -> str:
    book = f'"symbol":"A/B","bids":[{bids}],"asks":[],"checksum":{zlib.crc32(digits.encode())},"timestamp":"{stamp}"'
    return f'{{"channel":"book","type":"{kind}","data":[{{{book}}}]}}'


KRAKEN_IN_TIME = [
    _kraken("snapshot", '{"price":1.5,"qty":2.0}', "1520", "2026-08-24T22:21:57.1Z"),
    _kraken("update", '{"price":1.6,"qty":3.0}', "16301520", "2026-08-24T22:21:58.1Z"),
]

FOREIGN = {
    "Kraken v1": [
        '{"connectionID":1,"event":"systemStatus","status":"online","version":"1.8.3"}',
        '{"channelID":5,"channelName":"book-10","event":"subscriptionStatus","pair":"XBT/USD","status":"subscribed"}',
        '[5,{"as":[["5541.3","2.5","1534614248.1"]],"bs":[["5541.2","1.5","1534614248.7"]]},"book-10","XBT/USD"]',
        '[6,[["5541.2","0.1","1534614057.3","s","l",""]],"trade","XBT/USD"]',
        '{"event":"heartbeat"}',
    ],
    "Bitfinex v1": [
        '{"event":"info","version":1.1}',
        '{"event":"subscribed","channel":"book","chanId":1,"pair":"BTCUSD","prec":"P0"}',
        "[1,[[100,1,1],[101,1,-1]]]",
        '[1,"hb"]',
    ],
    "Bybit v2": ['{"topic":"orderBookL2_25.BTCUSD","type":"snapshot","data":[{"price":"1","side":"Buy","size":1}]}'],
    "Coinbase": ['{"channel":"l2_data","timestamp":"2026-08-24T22:34:13Z","sequence_num":0,"events":[]}'],
    "Bitfinex v2": BITFINEX,
    "OKX": ['{"event":"subscribe","arg":{"channel":"books","instId":"A-B"}}'],
}


@pytest.mark.parametrize("exchange", ["binance", "okx", "bitfinex", "bybit", "kraken"])
@pytest.mark.parametrize("protocol", FOREIGN)
def test_a_protocol_that_is_not_the_exchanges_is_refused_in_one_line(exchange: str, protocol: str) -> None:
    if (exchange, protocol) in (("bitfinex", "Bitfinex v2"), ("okx", "OKX")):
        return
    with pytest.raises(NothingReadable) as refusal:
        product(FOREIGN[protocol], exchange, "spot")
    assert exchange in str(refusal.value) and "\n" not in str(refusal.value)
