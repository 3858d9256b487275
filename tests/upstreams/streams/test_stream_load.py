"""The load generator goes round its recordings without a gap, and its snapshots fit anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderbooks.books.session import FeedSession
from streams.feeds.binance import BinanceSpot
from tests.support.captures import capture
from tests.upstreams.streams.load import Pair, load, main


def recording(folder: Path) -> Path:
    """Three updates behind a snapshot: a new level, a deleted one, a changed one."""
    snapshot = {"lastUpdateId": 1000, "bids": [["10.0", "1.0"], ["9.0", "2.0"]], "asks": [["11.0", "1.0"]]}
    changes = [
        (999, 1002, [["9.5", "3.0"]], []),
        (1003, 1003, [["9.0", "0.0"]], [["12.0", "1.0"]]),
        (1004, 1009, [], [["11.0", "5.0"]]),
    ]
    lines = [f"1000000000000000000 {json.dumps(snapshot)}"]
    for number, (first, last, bids, asks) in enumerate(changes):
        data = {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": asks}
        at = 1_000_000_000_000_000_000 + number * 100_000_000
        lines.append(f"{at} {json.dumps({'stream': 'btcusdt@depth@100ms', 'data': data})}")
    file = folder / "capture.txt"
    file.write_text("\n".join(lines))
    return file


def play(pair: Pair, frames: int, snapshot_after: int) -> FeedSession:
    """What a client makes of so many frames, with a snapshot that was taken after some of them."""
    session = FeedSession(BinanceSpot())
    for number in range(frames):
        if number == snapshot_after:
            session.take_rest_snapshot(pair.snapshot(1000), pair.symbol)
            assert session.needing_snapshot == {}
        session.take(pair.next_frame(1_700_000_000_000 + number * 100), 1)
    return session


@pytest.mark.parametrize("begins", range(4))
@pytest.mark.parametrize("snapshot_after", [1, 2, 3, 4, 5, 9])
def test_round_after_round_no_number_is_missing_and_the_book_is_the_recordings(
    begins: int, snapshot_after: int, tmp_path: Path
) -> None:
    pair = Pair("P0USDT", load(recording(tmp_path)), begins)
    session = play(pair, 41, snapshot_after)
    assert session.counters.gaps == 0 and session.synchronizer("P0USDT").in_sync
    book = session.synchronizer("P0USDT").book
    bids, asks = pair.recording.book_before(pair.position)
    assert book.bids.levels == {float(price): float(size) for price, size in bids.items()}
    assert book.asks.levels == {float(price): float(size) for price, size in asks.items()}


@pytest.mark.long
def test_the_recorded_books_go_round_too() -> None:
    pair = Pair("P0USDT", load(capture("streams/spot_ethusdt_20240808.gz")), 3300)
    session = play(pair, 300, 5)
    assert pair.rounds == 1 and session.counters.gaps == 0 and session.synchronizer("P0USDT").in_sync


def test_what_is_no_recording_of_a_book_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text('1000000000000000000 {"e":"trade"}\n')
    assert main([str(empty), "--speed", "max"]) == 2
    assert "expected a depth snapshot" in capsys.readouterr().err
