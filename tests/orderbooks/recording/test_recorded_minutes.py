"""Minute rows of Binance's recorded session beside a plain reckoning of the same bytes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from orderbooks.recording.minutes import minute_of
from orderbooks.recording.venue_recorder import VenueListener
from orderbooks.records import MINUTE_MS, MinuteRow, WhaleObservation
from orderbooks.replay.replay import BookReplay
from streams.capture import read_lines
from streams.feeds import feed_for
from tests.support.captures import capture

RECORDED = "streams/spot_ethusdt_20240808.gz"


class Reckoning:
    """The book as two dictionaries, and what each minute came to, without any of our own code."""

    def __init__(self) -> None:
        self.bids: dict[float, float] = {}
        self.asks: dict[float, float] = {}
        self.last_id = 0
        self.flow, self.updates = 0.0, 0
        self.minute: int | None = None
        self.minutes: dict[int, dict[str, Any]] = {}
        self.trades: dict[int, list[float]] = {}

    def best(self) -> tuple[float, float, float, float]:
        bid, ask = max(self.bids), min(self.asks)
        return bid, self.bids[bid], ask, self.asks[ask]

    def take(self, message: dict[str, Any]) -> None:
        if "lastUpdateId" in message:
            self.last_id = message["lastUpdateId"]
            self.bids, self.asks = ({float(p): float(q) for p, q in message[side]} for side in ("bids", "asks"))
            return
        data = message["data"]
        if data.get("e") == "trade":
            tally = self.trades.setdefault(minute_of(data["T"]), [0, 0.0, 0.0])
            tally[0] += 1
            tally[2 if data["m"] else 1] += float(data["q"])
        if data.get("e") != "depthUpdate" or not self.last_id or data["u"] <= self.last_id:
            return
        minute = minute_of(data["E"])
        if self.minute is not None and minute != self.minute:
            self.minutes[self.minute] = self.figures()
            self.flow, self.updates = 0.0, 0
        self.minute = minute
        before = self.best()
        for side, changes in ((self.bids, data["b"]), (self.asks, data["a"])):
            for price, size in changes:
                if float(size):
                    side[float(price)] = float(size)
                else:
                    side.pop(float(price), None)
        bid, bid_size, ask, ask_size = self.best()
        self.flow += (bid >= before[0]) * bid_size - (bid <= before[0]) * before[1]
        self.flow += (ask >= before[2]) * before[3] - (ask <= before[2]) * ask_size
        self.updates += 1
        self.last_id = data["u"]

    def figures(self) -> dict[str, Any]:
        bid, _, ask, _ = best = self.best()
        mid = (bid + ask) / 2
        depth = {
            percent: (
                sum(p * q for p, q in self.bids.items() if mid - p <= mid * percent / 100),
                sum(p * q for p, q in self.asks.items() if p - mid <= mid * percent / 100),
            )
            for percent in (0.1, 0.5)
        }
        return {"best": best, "flow": self.flow, "updates": self.updates, "depth": depth}


def messages() -> Iterator[dict[str, Any]]:
    with gzip.open(capture(RECORDED)) as lines:
        for line in lines:
            if b"bookTicker" not in line:
                yield json.loads(line.partition(b" ")[2])


def test_the_recorded_minutes_are_as_a_plain_reckoning_says() -> None:
    reckoning = Reckoning()
    for message in messages():
        reckoning.take(message)
    rows: list[MinuteRow] = []
    news: list[WhaleObservation] = []
    replay = BookReplay(feed_for("binance", "spot"), listener=VenueListener("BINANCE", 3, rows.append, news.append))
    replay.play(read_lines(capture(RECORDED)))
    complete = [row for row in rows if not row.partial]
    assert len(rows) == 5 and len(complete) == 4 and rows[0].partial
    assert [row.minute_ms for row in rows] == sorted(reckoning.minutes)[: len(rows)]
    for row in complete:
        said = reckoning.minutes[row.minute_ms]
        assert (row.best_bid, row.best_bid_size, row.best_ask, row.best_ask_size) == said["best"]
        assert row.updates == said["updates"] and 500 < row.updates <= MINUTE_MS / 100
        assert row.order_flow_imbalance == pytest.approx(said["flow"])
        trades, bought, sold = reckoning.trades[row.minute_ms]
        assert row.trades == trades > 0
        assert (row.buy_volume, row.sell_volume) == (pytest.approx(bought), pytest.approx(sold))
        for band in row.bands[:2]:
            assert (band.bid, band.ask) == pytest.approx(said["depth"][band.percent])
            assert band.bid_coverage == band.ask_coverage == 1.0
        # A thousand levels do not reach 4 % of this book, and that is said.
        assert row.bands[4].bid_coverage < 1.0 and row.bands[4].ask_coverage < 1.0
