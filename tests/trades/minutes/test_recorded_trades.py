"""Minutes of recorded sessions beside a plain reckoning of the same bytes, and beside Binance's own candles."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from streams.capture import Line, LineKind, read_lines
from streams.feeds.base import ExactTrade
from streams.feeds.trades import trade_feed_for
from tests.support.captures import capture
from trades.minutes.venue import VenueMinutes
from trades.records import MINUTE_MS, TradeMinute
from trades.replay.captures import CaptureMinutes, NothingReadable, minutes_of
from trades.replay.rows import row_as_json

SPOT = ("streams/spot_btcusdt_20240808.gz", "streams/spot_ethusdt_20240808.gz")
USDM = "streams/usdm_btcusdt_20240808_first60k.gz"
CANDLES = ("streams/cryptofeed_BINANCE.ws.1.0.gz", "streams/cryptofeed_BINANCE_FUTURES.ws.1.0.gz")


class Event(NamedTuple):
    received_ms: int
    data: dict[str, Any]


@cache
def events(path: str) -> list[Event]:
    """The events of a recording with their receive times, read without any of our own code."""
    found = []
    with gzip.open(capture(path)) as file:
        for line in file:
            start = line.find(b'{"stream"')
            if start > 0 and b"://" not in line[:start]:
                stamp = line[:start].rstrip(b": ")
                received = int(stamp) // 10**6 if b"." not in stamp else int(float(stamp) * 1000)
                found.append(Event(received, json.loads(line[start:])["data"]))
    return found


@cache
def reckoned(path: str) -> dict[int, tuple[object, ...]]:
    """By minute: open, high, low, close, n, n of buyers, volume, buyers' volume, first and last number."""
    minutes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for _, data in events(path):
        if data.get("e") == "trade":
            minutes[data["T"] // 60_000 * 60_000].append(data)
    found: dict[int, tuple[object, ...]] = {}
    for minute, those in minutes.items():
        prices = [Decimal(trade["p"]) for trade in those]
        bought = [trade for trade in those if not trade["m"]]
        volume, buy_volume = (
            sum((Decimal(trade["p"]) * Decimal(trade["q"]) for trade in some), Decimal()) for some in (those, bought)
        )
        prices_of = (prices[0], max(prices), min(prices), prices[-1])
        numbers = (len(those), len(bought), volume, buy_volume, those[0]["t"], those[-1]["t"])
        found[minute] = (*prices_of, *numbers)
    return found


def values(row: TradeMinute) -> tuple[object, ...]:
    return (*row[3:11], row.first_id, row.last_id)


@pytest.mark.parametrize(("paths", "count"), [(SPOT[:1], 7), (SPOT[1:], 7), ((USDM,), 5)])
def test_recorded_minutes_are_those_of_a_plain_reckoning(paths: tuple[str, ...], count: int) -> None:
    rows = minutes_of([capture(path) for path in paths], "binance")
    assert {row.minute_ms: values(row) for row in rows} == reckoned(paths[0])
    assert len(rows) == count
    assert [row.complete for row in rows] == [False] + [True] * (count - 1)
    assert {row.venue for row in rows} == {"BINANCE" if paths[0] in SPOT else "BINANCE_USDM"}


@pytest.mark.long
def test_files_of_two_pairs_are_played_together() -> None:
    rows = minutes_of([capture(path) for path in SPOT], "binance", "spot")
    assert {(row.symbol, row.minute_ms): values(row) for row in rows} == {
        (symbol, minute): those
        for symbol, path in zip(("BTCUSDT", "ETHUSDT"), SPOT, strict=True)
        for minute, those in reckoned(path).items()
    }


@pytest.mark.parametrize("path", [SPOT[0], *(pytest.param(path, marks=pytest.mark.long) for path in (*SPOT[1:], USDM))])
@pytest.mark.parametrize("shift_ms", [-250, 250])
def test_other_streams_that_are_late_or_early_move_no_trade(path: str, shift_ms: int) -> None:
    """Messages of other streams show the venue's clock before or after trades that they came with."""
    feed = trade_feed_for("binance", "spot")
    rows: list[TradeMinute] = []
    minutes = VenueMinutes("BINANCE", feed.numbering, rows.append, lambda *args: None)
    (symbol,) = {data["s"] for _, data in events(path) if data.get("e") == "trade"}
    minutes.add(symbol)
    shifted = sorted(
        events(path), key=lambda event: event.received_ms + (0 if event.data.get("e") == "trade" else shift_ms)
    )
    for received_ms, data in shifted:
        if data.get("e") == "trade":
            price, size, number = Decimal(data["p"]), Decimal(data["q"]), data["t"]
            minutes.traded(ExactTrade(symbol, price, size, not data["m"], data["T"], number, number), received_ms)
        elif "E" in data:
            minutes.seen(data["E"], received_ms)
    minutes.finish()
    assert {row.minute_ms: values(row) for row in rows} == reckoned(path)
    # Not one row was given before its last trade.
    assert {row.revision for row in rows} == {0} and minutes.counters.late == 0


def test_every_increment_of_the_recorded_candles_is_that_of_our_minutes() -> None:
    """Between two pushes of a candle, and from nothing to its first: trades, volume and taker's volume. Where a push
    comes in the middle of an aggregate, the increment goes on to the next one that does not."""
    compared = equal = equal_by_messages = 0
    for path in CANDLES:
        trades: dict[str, list[dict[str, Any]]] = defaultdict(list)
        candles: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        for _, data in events(path):
            if data.get("e") == "aggTrade":
                trades[data["s"]].append(data)
            elif data.get("e") == "kline":
                candles[data["s"], data["k"]["t"]].append(data["k"])
        for (symbol, minute_ms), pushed in candles.items():
            ours = trades[symbol]
            ends = {trade["l"] for trade in ours}
            known = [candle for candle in pushed if candle["L"] in ends]
            if pushed[0]["f"] >= ours[0]["f"]:
                nothing = {"L": pushed[0]["f"] - 1, "n": 0, "q": "0", "Q": "0"}
                known.insert(0, nothing)
            for before, after in pairwise(known):
                wanted = tuple(Decimal(after[name]) - Decimal(before[name]) for name in ("n", "q", "Q"))
                compared += 1
                equal += counted(symbol, minute_ms, ours, before["L"], after["L"]) == wanted
                messages = [trade for trade in ours if before["L"] < trade["l"] <= after["L"]]
                equal_by_messages += len(messages) == wanted[0]
    assert (compared, equal) == (49, 49)
    # Messages are no trades.
    assert compared - equal_by_messages == 13


def counted(symbol: str, minute_ms: int, trades: list[dict[str, Any]], after: int, until: int) -> tuple[Decimal, ...]:
    """Trades, volume and taker's volume of one minute's row, from the frames with these numbers."""
    capture_minutes = CaptureMinutes("binance", "spot")
    for trade in trades:
        if after < trade["l"] <= until:
            frame = json.dumps({"stream": f"{symbol.lower()}@aggTrade", "data": trade}).encode()
            capture_minutes.take(Line(1, LineKind.FRAME, 0, frame))
    capture_minutes.minutes.finish()
    rows = [row for row in capture_minutes.rows() if row.minute_ms == minute_ms]
    if not rows:
        return Decimal(), Decimal(), Decimal()
    (row,) = rows
    assert row.n_trades is not None and row.buy_volume is not None
    return Decimal(row.n_trades), row.volume, row.buy_volume


def test_a_row_as_json() -> None:
    row = minutes_of([capture(SPOT[0])], "binance")[-1]
    assert row_as_json(row) == {
        "instrument": "BINANCE:BTCUSDT",
        "minute": "2024-08-09T00:00:00+00:00",
        "open": "61686",
        "high": "61686",
        "low": "61685.99",
        "close": "61685.99",
        "n_trades": 19,
        "n_buys": 9,
        "volume": "10618.6278",
        "buy_volume": "9138.16404",
        "complete": True,
        "source": "stream",
        "first_id": 3735692997,
        "last_id": 3735693015,
        "revision": 0,
    }


def test_okx_trades_are_counted_and_contracts_of_unknown_value_are_left_out() -> None:
    found = CaptureMinutes("okx", "spot")
    found.play(read_lines(capture("streams/cryptofeed_OKX.ws.1.0.gz")))
    (row,) = found.rows()
    assert (row.symbol, row.n_trades, row.first_id, row.last_id) == ("BTC-USDT", 69, 338476307, 338476375)
    assert row.minute_ms % MINUTE_MS == 0
    assert found.left_out == {"BTC-USD-220527": "no spot pair", "UNI-USD-SWAP": "no spot pair"}


def test_a_recording_of_another_exchange_is_refused() -> None:
    with pytest.raises(NothingReadable, match="nothing here is the protocol of bybit spot: line"):
        minutes_of([capture("streams/cryptofeed_KRAKEN.ws.48.0.gz")], "bybit")
