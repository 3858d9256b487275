"""`bookreplay`: what a recording is worth, with losses, doubles and disorder planted."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orderbooks.replay.replay import BookReplay
from streams.capture import Line, as_line
from streams.feeds import feed_for
from tests.streams.market import (
    STREAMS,
    BinanceSpotStream,
    BinanceUsdmStream,
    BitfinexStream,
    BybitStream,
    KrakenStream,
    Market,
    OkxStream,
    UnnumberedOkxStream,
    UnsummedOkxStream,
    timed,
)
from tests.support.captures import capture

PROJECT = Path(__file__).resolve().parents[3]
# Without update numbers only the checksum shows that something is missing: that is no gap of a chain.
CHAINED = [BinanceSpotStream, BinanceUsdmStream, OkxStream, UnsummedOkxStream, BybitStream]
SUMMED_ONLY = [UnnumberedOkxStream, KrakenStream]


def replay(folder: Path, stream: Any, frames: list[str]) -> tuple[dict[str, Any], str]:
    file = folder / "capture"
    file.write_text("\n".join(timed(frames)) + "\n")
    return replay_file(file, stream.exchange, stream.market_name)


def replay_file(file: Path, exchange: str, market: str = "spot") -> tuple[dict[str, Any], str]:
    out, err = StringIO(), StringIO()
    call_command("bookreplay", str(file), exchange=exchange, market=market, json=True, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def numbers(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["gaps"], report["resyncs"], report["checksums"]["failed"]


@pytest.mark.parametrize("kind", STREAMS)
def test_an_undisturbed_stream_ends_at_the_venues_own_best_prices(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=3))
    frames = [*stream.start(), *(stream.update() for _ in range(200))]
    report, _ = replay(tmp_path, stream, frames)
    bid, ask = stream.market.best()
    assert report["symbols"] == {stream.symbol: {"best_bid": bid, "best_ask": ask, "in_sync": True}}
    assert numbers(report) == (0, 0, 0)
    assert report["messages"] == len(frames) and report["bytes"] == sum(map(len, frames))
    summed = isinstance(stream, KrakenStream) or (isinstance(stream, OkxStream) and stream.summed)
    assert report["checksums"]["checked"] == (201 if summed else 0)


@pytest.mark.parametrize("kind", CHAINED)
def test_a_lost_message_is_one_gap_and_the_next_snapshot_one_resync(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market())
    frames = [*stream.start(), *(stream.update() for _ in range(20))]
    del frames[12]
    lost, errors = replay(tmp_path, stream, frames)
    assert numbers(lost) == (1, 0, 0)
    assert lost["symbols"][stream.symbol] == {"best_bid": None, "best_ask": None, "in_sync": False}
    assert "waits for a snapshot: a gap" in errors
    frames += [stream.snapshot(), *(stream.update() for _ in range(20))]
    found, _ = replay(tmp_path, stream, frames)
    bid, ask = stream.market.best()
    assert numbers(found) == (1, 1, 0)
    assert found["symbols"][stream.symbol] == {"best_bid": bid, "best_ask": ask, "in_sync": True}


@pytest.mark.parametrize("kind", SUMMED_ONLY)
def test_where_only_the_checksum_tells_a_loss_fails_once_and_the_next_snapshot_heals(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=5))
    frames = [*stream.start(), *(stream.update() for _ in range(30))]
    del frames[12]
    lost, _ = replay(tmp_path, stream, frames)
    assert numbers(lost) == (0, 0, 1) and not lost["symbols"][stream.symbol]["in_sync"]
    frames += [stream.snapshot(), *(stream.update() for _ in range(20))]
    found, _ = replay(tmp_path, stream, frames)
    assert numbers(found) == (0, 1, 1)
    assert found["symbols"][stream.symbol]["best_bid"] == stream.market.best()[0]


@pytest.mark.parametrize("kind", STREAMS)
def test_doubled_messages_change_nothing(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=7))
    frames = [*stream.start(), *(stream.update() for _ in range(60))]
    doubled = [frame for frame in frames for _ in range(2)]
    report, _ = replay(tmp_path, stream, doubled)
    bid, ask = stream.market.best()
    assert numbers(report) == (0, 0, 0)
    assert report["symbols"][stream.symbol] == {"best_bid": bid, "best_ask": ask, "in_sync": True}


@pytest.mark.parametrize("kind", CHAINED)
def test_a_message_that_comes_again_much_later_is_passed_over(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=7))
    frames = [*stream.start(), *(stream.update() for _ in range(60))]
    report, _ = replay(tmp_path, stream, [*frames[:50], *frames[:30], *frames[50:]])
    assert numbers(report) == (0, 0, 0)
    assert report["symbols"][stream.symbol]["best_ask"] == stream.market.best()[1]


@pytest.mark.parametrize("kind", CHAINED)
def test_two_messages_that_change_places_are_one_gap(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=11))
    frames = [*stream.start(), *(stream.update() for _ in range(20))]
    frames[12], frames[13] = frames[13], frames[12]
    report, _ = replay(tmp_path, stream, frames)
    assert numbers(report) == (1, 0, 0) and not report["symbols"][stream.symbol]["in_sync"]
    frames += [stream.snapshot(), *(stream.update() for _ in range(5))]
    report, _ = replay(tmp_path, stream, frames)
    assert numbers(report) == (1, 1, 0) and report["symbols"][stream.symbol]["in_sync"]


def test_updates_out_of_order_before_the_first_snapshot_are_put_in_order(tmp_path: Path) -> None:
    stream = BinanceSpotStream(Market(seed=2))
    snapshot = stream.snapshot()
    frames = [stream.update() for _ in range(10)]
    frames[3], frames[6] = frames[6], frames[3]
    report, _ = replay(tmp_path, stream, [*frames, snapshot])
    assert numbers(report) == (0, 0, 0)
    assert report["symbols"]["BTCUSDT"]["best_bid"] == stream.market.best()[0]


def test_a_snapshot_older_than_the_stream_does_not_fit_and_a_later_one_does(tmp_path: Path) -> None:
    stream = BinanceSpotStream(Market(seed=2))
    old = stream.snapshot()
    stream.update()
    frames = [*(stream.update() for _ in range(5)), old]
    report, errors = replay(tmp_path, stream, frames)
    assert not report["symbols"]["BTCUSDT"]["in_sync"] and "older than the stream" in errors
    report, _ = replay(tmp_path, stream, [*frames, stream.snapshot(), stream.update()])
    # It had never been in sync before: no gap, and no resync.
    assert numbers(report) == (0, 0, 0) and report["symbols"]["BTCUSDT"]["best_bid"] == stream.market.best()[0]


def test_a_snapshot_without_symbol_may_come_before_any_update(tmp_path: Path) -> None:
    stream = BinanceSpotStream(Market(seed=4))
    frames = [stream.snapshot(), *(stream.update() for _ in range(5))]
    report, _ = replay(tmp_path, stream, frames)
    assert report["symbols"]["BTCUSDT"]["best_bid"] == stream.market.best()[0]


def test_a_snapshot_without_symbol_belongs_to_nobody_among_several(tmp_path: Path) -> None:
    one, other = BinanceSpotStream(Market(seed=4)), BinanceSpotStream(Market(seed=5))
    other.symbol = "ETHUSDT"
    frames = [one.update(), other.update(), one.snapshot(), one.update()]
    report, errors = replay(tmp_path, one, frames)
    assert {symbol: state["in_sync"] for symbol, state in report["symbols"].items()} == {
        "BTCUSDT": False,
        "ETHUSDT": False,
    }
    assert "1 snapshot(s) without symbol" in errors


def test_a_gap_of_one_symbol_leaves_the_others_alone(tmp_path: Path) -> None:
    one, other = BybitStream(Market(seed=4)), BybitStream(Market(seed=5))
    other.symbol = "ETHUSDT"
    frames = [*one.start(), *other.start()]
    for place in range(20):
        update = one.update()
        frames += [other.update()] if place == 10 else [update, other.update()]
    report, _ = replay(tmp_path, one, frames)
    assert report["gaps"] == 1
    assert not report["symbols"]["BTCUSDT"]["in_sync"]
    assert report["symbols"]["ETHUSDT"]["best_bid"] == other.market.best()[0]


def test_a_venue_that_counts_anew_is_followed(tmp_path: Path) -> None:
    okx = UnsummedOkxStream(Market(seed=6))
    frames = [*okx.start(), *(okx.update() for _ in range(5))]
    # Maintenance: the next update goes back, and names the one before.
    bids, asks = okx.market.step()
    previous, okx.id, okx.ms = okx.id, 3, okx.ms + 100
    frames += [okx._frame("update", bids, asks, previous), *(okx.update() for _ in range(5))]
    report, _ = replay(tmp_path, okx, frames)
    assert numbers(report) == (0, 0, 0) and report["symbols"]["BTC-USDT"]["best_bid"] == okx.market.best()[0]
    # The same with that very update lost: what comes then looks old by number and is new by time.
    del frames[7]
    report, _ = replay(tmp_path, okx, frames)
    assert numbers(report) == (1, 0, 0) and not report["symbols"]["BTC-USDT"]["in_sync"]

    bybit = BybitStream(Market(seed=6))
    frames = [*bybit.start(), *(bybit.update() for _ in range(5))]
    bybit.id, bybit.ms = 1, bybit.ms + 20
    frames += [bybit.snapshot(), *(bybit.update() for _ in range(5))]
    report, _ = replay(tmp_path, bybit, frames)
    assert numbers(report) == (0, 1, 0) and report["symbols"]["BTCUSDT"]["best_ask"] == bybit.market.best()[1]


def test_an_okx_heartbeat_is_neither_gap_nor_duplicate(tmp_path: Path) -> None:
    stream = UnsummedOkxStream(Market(seed=6))
    frames = [*stream.start(), stream.update()]
    stream.ms += 60_000
    frames += [stream._frame("update", [], [], stream.id), stream.update()]
    report, _ = replay(tmp_path, stream, frames)
    assert numbers(report) == (0, 0, 0) and report["symbols"]["BTC-USDT"]["in_sync"]


class TestBitfinex:
    def frames(self, stream: BitfinexStream, steps: int = 30) -> list[str]:
        frames = stream.start()
        for step in range(steps):
            frames += stream.updates()
            if step % 10 == 9:
                frames += [stream.checksum(), stream.heartbeat()]
        return frames

    def test_every_level_and_every_checksum_is_right(self, tmp_path: Path) -> None:
        stream = BitfinexStream(Market(seed=8))
        report, _ = replay(tmp_path, stream, self.frames(stream))
        bid, ask = stream.market.best()
        assert report["symbols"]["tBTCUSD"] == {"best_bid": bid, "best_ask": ask, "in_sync": True}
        assert report["checksums"] == {"checked": 3, "failed": 0} and report["gaps"] == 0

    def test_a_lost_heartbeat_is_a_hole_too_for_nobody_knows_what_was_lost(self, tmp_path: Path) -> None:
        stream = BitfinexStream(Market(seed=8))
        frames = self.frames(stream)
        frames.remove(next(frame for frame in frames if '"hb"' in frame))
        report, _ = replay(tmp_path, stream, frames)
        assert numbers(report) == (1, 0, 0) and not report["symbols"]["tBTCUSD"]["in_sync"]

    def test_a_hole_hits_every_book_of_the_connection_and_counts_once(self, tmp_path: Path) -> None:
        stream = BitfinexStream(Market(seed=8))
        frames = self.frames(stream)
        second = json.dumps({"event": "subscribed", "channel": "book", "chanId": 18, "symbol": "tETHUSD"})
        stream.number += 1
        frames += [second, f"[18,[[50,1,2],[51,1,-2]],{stream.number}]", *stream.updates()]
        stream.number += 1
        frames += stream.updates()
        report, _ = replay(tmp_path, stream, frames)
        assert numbers(report) == (1, 0, 0)
        assert [state["in_sync"] for state in report["symbols"].values()] == [False, False]
        # A new subscription brings one of them back; updates from before it must not be laid on it.
        again = json.dumps({"event": "subscribed", "channel": "book", "chanId": 19, "symbol": "tBTCUSD"})
        frames += [again, stream.snapshot().replace("[17,", "[19,", 1)]
        report, _ = replay(tmp_path, stream, frames)
        assert numbers(report) == (1, 1, 0)
        assert report["symbols"]["tBTCUSD"]["best_bid"] == stream.market.best()[0]
        assert not report["symbols"]["tETHUSD"]["in_sync"]

    def test_a_recording_that_connects_anew_begins_anew(self, tmp_path: Path) -> None:
        first, second = BitfinexStream(Market(seed=8)), BitfinexStream(Market(seed=9))
        info = json.dumps({"event": "info", "version": 2, "platform": {"status": 1}})
        frames = [info, *self.frames(first), info, *self.frames(second)]
        report, _ = replay(tmp_path, first, frames)
        assert numbers(report) == (1, 1, 0)
        assert report["symbols"]["tBTCUSD"]["best_bid"] == second.market.best()[0]

    def test_a_wrong_checksum_takes_the_book_out_of_sync(self, tmp_path: Path) -> None:
        stream = BitfinexStream(Market(seed=8))
        frames = [*self.frames(stream), stream.checksum(wrong=True), *stream.updates()]
        report, _ = replay(tmp_path, stream, frames)
        assert numbers(report) == (0, 0, 1) and not report["symbols"]["tBTCUSD"]["in_sync"]

    def test_doubled_messages_change_nothing(self, tmp_path: Path) -> None:
        stream = BitfinexStream(Market(seed=8))
        doubled = [frame for frame in self.frames(stream) for _ in range(2)]
        report, _ = replay(tmp_path, stream, doubled)
        assert numbers(report) == (0, 0, 0)
        assert report["symbols"]["tBTCUSD"]["best_bid"] == stream.market.best()[0]


BROKEN = [
    "{",
    "null",
    "7",
    "[]",
    "[1,2,3]",
    "{}",
    '"text"',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["NaN","1"]],"a":[]}}',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["-1","1"]],"a":[]}}',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["1"]],"a":[]}}',
    '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","s":"BTCUSDT","b":[],"a":[]}}',
    '{"lastUpdateId":"x","bids":[],"asks":[]}',
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"bids":[["x","1"]],"asks":[],"ts":"1"}]}',
    '{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"update","data":[{"bids":[["1"]],"asks":[],"ts":"1"}]}',
    '{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[["inf","1"]],"a":[],"u":1}}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":"x","qty":1}],"asks":[],"checksum":1}]}',
    "[17,[1,2],99999]",
    "[17]",
    "\x00\xff\xfe",
]


@pytest.mark.parametrize("kind", [*STREAMS])
def test_lines_that_cannot_be_read_are_counted_and_harm_nothing(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=9))
    frames = stream.start()
    for place in range(60):
        frames.append(stream.update())
        if place < len(BROKEN):
            frames.append(BROKEN[place])
    report, errors = replay(tmp_path, stream, frames)
    bid, ask = stream.market.best()
    assert report["symbols"][stream.symbol] == {"best_bid": bid, "best_ask": ask, "in_sync": True}
    assert "line(s) could not be read" in errors and "line " in errors
    assert report["gaps"] == 0


@pytest.mark.parametrize("kind", [*STREAMS])
def test_a_flipped_byte_anywhere_never_kills_it(kind: Any, tmp_path: Path) -> None:
    stream = kind(Market(seed=9))
    chance = stream.market.random
    frames = [*stream.start()]
    for _ in range(60):
        frame = stream.update()
        place = chance.randrange(len(frame))
        frames += [frame[:place] + chance.choice('"[]{}:,0x9\x01') + frame[place + 1 :]]
    report, _ = replay(tmp_path, stream, frames)
    assert set(report) == {
        "exchange",
        "market",
        "messages",
        "bytes",
        "seconds",
        "messages_per_second",
        "bytes_per_second",
        "gaps",
        "resyncs",
        "checksums",
        "orders_scored",
        "whales",
        "symbols",
    }


@pytest.mark.parametrize("form", ["{s}.{f}: ", "{s}{f} ", "{s}: ", "", "{s}{f}000000 "])
@pytest.mark.parametrize("packing", ["plain", "gz", "zip"])
def test_every_form_of_line_and_file_is_read(form: str, packing: str, tmp_path: Path) -> None:
    stream = BybitStream(Market(seed=12))
    frames = [*stream.start(), *(stream.update() for _ in range(10))]
    text = "\n".join(
        form.format(s=1_700_000_000 + place, f="250") + frame for place, frame in enumerate(frames)
    ).encode()
    file = tmp_path / "capture.data"
    if packing == "plain":
        file.write_bytes(text)
    elif packing == "gz":
        file.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("day.data", text)
    report, errors = replay_file(file, "bybit")
    assert report["symbols"]["BTCUSDT"]["best_bid"] == stream.market.best()[0] and errors == ""
    assert report["messages"] == len(frames)


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "bookreplay", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "EWS_ENV_FILE": "", "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"},
        check=False,
    )


@pytest.mark.long
def test_it_needs_no_database_and_answers_one_object(tmp_path: Path) -> None:
    stream = OkxStream(Market(seed=12))
    file = tmp_path / "capture"
    file.write_text("\n".join(timed([*stream.start(), *(stream.update() for _ in range(10))])))
    done = run_command(str(file), "--exchange", "okx", "--json")
    assert done.returncode == 0 and done.stderr == ""
    report = json.loads(done.stdout)
    assert report["symbols"]["BTC-USDT"]["in_sync"] and report["checksums"] == {"checked": 11, "failed": 0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["capture", "--exchange", "coinbase"], "no order-book feed for coinbase spot"),
        (["capture", "--exchange", "kraken", "--market", "usdm"], "no order-book feed for kraken usdm"),
        (["capture", "--exchange", "kraken"], "nothing here is the protocol of kraken spot"),
        (["nowhere", "--exchange", "okx"], "cannot read nowhere: No such file"),
        (["cut.gz", "--exchange", "okx"], "a broken archive"),
    ],
)
def test_what_is_not_supported_is_refused_in_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    # Kraken's first protocol: arrays, and events of another shape.
    (tmp_path / "capture").write_text(
        '1618678132.9: {"event":"heartbeat"}\n1618678133.1: [1841,[["1","2"]],"book-10"]\n'
    )
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"1618678132.9: {}\n" * 2000)[:60])
    file, *rest = arguments
    with pytest.raises(CommandError) as refused:
        call_command("bookreplay", str(tmp_path / file) if file != "nowhere" else file, *rest)
    assert refused.value.returncode == 2
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_the_exit_code_of_a_refusal_is_two() -> None:
    done = run_command("whatever", "--exchange", "coinbase")
    assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1


RECORDED = [
    # file, exchange, market, symbols, checksums right
    ("cryptofeed_OKX.ws.1.0.gz", "okx", "spot", 3, 290),
    ("cryptofeed_BITFINEX.ws.11.0.gz", "bitfinex", "spot", 7, 0),
    ("bybit_orderbook.jsonl", "bybit", "spot", 1, 0),
    ("bybit_xrpusdt-ob500.data.zip", "bybit", "spot", 1, 0),
    ("kraken_book.jsonl", "kraken", "spot", 1, 4),
]


@pytest.mark.parametrize(("file", "exchange", "market", "symbols", "checksums"), RECORDED)
def test_recorded_sessions_have_no_gap_and_right_checksums(
    file: str, exchange: str, market: str, symbols: int, checksums: int
) -> None:
    report, errors = replay_file(capture(f"streams/{file}"), exchange, market)
    assert numbers(report) == (0, 0, 0) and errors == ""
    assert report["checksums"]["checked"] == checksums
    assert len(report["symbols"]) == symbols and all(state["in_sync"] for state in report["symbols"].values())


@pytest.mark.parametrize(("exchange", "market"), [("BINANCE", "spot"), ("BINANCE_FUTURES", "usdm")])
def test_answers_recorded_apart_are_merged_by_time_and_given_to_their_symbols(exchange: str, market: str) -> None:
    files = [str(capture(f"streams/cryptofeed_{exchange}.{part}.0.gz")) for part in ("ws.1", "http.0")]
    out = StringIO()
    call_command("bookreplay", *files, exchange="binance", market=market, json=True, stdout=out)
    report = json.loads(out.getvalue())
    assert numbers(report) == (0, 0, 0)
    assert len(report["symbols"]) == 4 and all(state["in_sync"] for state in report["symbols"].values())


@pytest.mark.parametrize(
    ("file", "market", "updates"),
    [
        ("spot_btcusdt_20240808.gz", "spot", 3400),
        ("spot_ethusdt_20240808.gz", "spot", 3400),
        ("usdm_btcusdt_20240808_first60k.gz", "usdm", 4500),
    ],
)
def test_recorded_books_have_no_gap_and_the_tickers_best_prices_to_the_last_digit(
    file: str, market: str, updates: int
) -> None:
    out, err = StringIO(), StringIO()
    path = str(capture(f"streams/{file}"))
    call_command("bookreplay", path, exchange="binance", market=market, tickers=True, json=True, stdout=out, stderr=err)
    report = json.loads(out.getvalue())
    assert numbers(report) == (0, 0, 0) and report["orders_scored"] > 30_000
    found = re.search(r"the ticker's at (\d+) of (\d+) updates", err.getvalue())
    assert found is not None
    agreed, compared = int(found[1]), int(found[2])
    assert compared > updates and agreed == compared


def test_a_ticker_that_says_otherwise_is_shown(tmp_path: Path) -> None:
    stream = BinanceSpotStream(Market(seed=4))
    frames = [*stream.start()]
    bid, ask = stream.market.best()
    right = {"u": stream.id, "s": "BTCUSDT", "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}
    frames.insert(-1, json.dumps({"stream": "btcusdt@bookTicker", "data": right}))
    frames += [json.dumps({"stream": "btcusdt@bookTicker", "data": {**right, "u": stream.id + 1, "B": "7.7"}})]
    frames += [stream.update()]
    file = tmp_path / "capture"
    file.write_text("\n".join(timed(frames)))
    err = StringIO()
    call_command("bookreplay", str(file), exchange="binance", tickers=True, stdout=StringIO(), stderr=err)
    assert "the ticker's at 1 of 2 updates; first difference: BTCUSDT at" in err.getvalue()


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "market", "symbol"),
    [("spot_ethusdt_20240808.gz", "spot", "ETHUSDT"), ("usdm_btcusdt_20240808_first60k.gz", "usdm", "BTCUSDT")],
)
def test_a_recorded_session_with_faults_planted_ends_where_the_undisturbed_one_does(
    file: str, market: str, symbol: str, tmp_path: Path
) -> None:
    with gzip.open(capture(f"streams/{file}"), "rt") as recorded:
        lines = recorded.read().splitlines()[:12_000]
    plain = BookReplay(feed_for("binance", market))
    plain.play(as_lines(lines[:9_000]))
    book, last_id = plain.session.synchronizers[symbol].book, plain.session.synchronizers[symbol].last_id
    sides = [[[repr(price), repr(size)] for price, size in side.levels.items()] for side in (book.bids, book.asks)]
    snapshot = json.dumps({"lastUpdateId": last_id, "bids": sides[0], "asks": sides[1]})
    plain.play(as_lines(lines[9_000:]))
    updates = [place for place, line in enumerate(lines) if "depthUpdate" in line[:100]]
    faulty = list(lines)
    faulty[updates[300]] = ""  # lost: one gap
    faulty[updates[320]] = ""  # lost while the book is out of sync anyway
    for place in updates[30::7]:
        faulty[place] += "\n" + faulty[place]
    faulty[8_999] += f"\n1723161254206652067 {snapshot}"
    last = next(place for place in updates if place > 10_000)
    faulty[last] = faulty[last][:200]  # cut off: one more gap, and nothing that heals it
    disturbed = BookReplay(feed_for("binance", market))
    disturbed.play(as_lines(faulty[:10_000]))
    undisturbed = BookReplay(feed_for("binance", market))
    undisturbed.play(as_lines(lines[:10_000]))
    report = disturbed.report()
    assert (report["gaps"], report["resyncs"], disturbed.malformed) == (1, 1, 0)
    for key in ("best_bid", "best_ask"):
        assert [float(text) for text in report["symbols"][symbol][key]] == [
            float(text) for text in undisturbed.report()["symbols"][symbol][key]
        ]
    kept, expected = (replay.session.synchronizers[symbol].book for replay in (disturbed, undisturbed))
    assert kept.bids.levels == expected.bids.levels and kept.asks.levels == expected.asks.levels
    disturbed.play(as_lines(faulty[10_000:]))
    assert (disturbed.report()["gaps"], disturbed.malformed) == (2, 1)
    assert disturbed.report()["symbols"][symbol] == {"best_bid": None, "best_ask": None, "in_sync": False}


def as_lines(texts: list[str]) -> list[Line]:
    every = "\n".join(texts).splitlines()
    return [line for number, text in enumerate(every, 1) if (line := as_line(number, text.encode())) is not None]
