"""From what a collector tells its listener to rows, events, the view, alerts, and again out of the archive."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection

from alerts.models import Alert
from crypto_ews.conf import Config, parse_config
from events.database.partitions import drop_partitions
from events.lifecycle import expire
from events.models import Event, PayloadPoll, SourceHealth, TokenRisk, plain_events
from events.replay.engine import Replay
from events.replay.report import report_of
from events.upstream.archive import recorded_payloads
from events.upstream.client import Payload
from events.upstream.errors import SchemaDrift
from markets.knowledge import InstrumentRow
from orderbooks.collector.recorder import BookRecorder
from orderbooks.detection.observations import parse_observations
from orderbooks.fields import moment_of
from orderbooks.models import BookMinute, DepthDropEvent, WhaleEvent, WhaleOrder
from orderbooks.records import GRACE_MS, MINUTE_MS, MinuteRow
from tests.exchanges.support import Clock
from tests.orderbooks.recording.minutes_support import NOON, PlainPair, minute_row, order
from tests.support.daemon_process import eventually

pytestmark = pytest.mark.django_db

DEEP = ({100.0: 50.0, 99.5: 50.0}, {100.5: 50.0, 100.9: 50.0})
SIX_HOURS = 361


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    yield
    for table in ("orderbooks_bookminute", "orderbooks_whaleorder"):
        drop_partitions(table, date(9999, 1, 1))


def config(**environment: str) -> Config:
    return parse_config({"SPOT_CURRENCIES": "BTC", "USDM_CURRENCIES": "BTC", **environment})


def instrument(base: str, quote: str = "USDT") -> InstrumentRow:
    return InstrumentRow("BINANCE", f"{base}{quote}", base, quote, base, "TRADING", True)


class Bench:
    """A recorder with an injected clock, fed by two pairs of one venue; the database is seen to in turns."""

    def __init__(self, **environment: str) -> None:
        self.clock = Clock(moment_of(NOON))
        self.live: list[MinuteRow] = []
        self.recorder = BookRecorder(config(**environment), self.clock, self.live.append)
        listener = self.recorder.listener("BINANCE")
        self.recorder.name_symbols("BINANCE", {"btcusdt": instrument("BTC"), "abcusdt": instrument("ABC")})
        self.btc, self.abc = PlainPair(listener, "btcusdt"), PlainPair(listener, "abcusdt")

    def history(self, minutes: int = SIX_HOURS) -> None:
        """Complete minutes of both pairs before the start, in the database."""
        for minute in range(-minutes, 0):
            for symbol in ("btcusdt", "abcusdt"):
                self.recorder.storage.put_minute(minute_row(minute, symbol, depth=5000.0))
        self.recorder.storage.flush(self.clock())

    def begin(self) -> None:
        for pair in (self.btc, self.abc):
            pair.sync(NOON - 1_000, *DEEP)
            pair.update(NOON)

    def minute(self, number: int, depth: float | None = None) -> None:
        """Play the minute of this number to its end, with so much of BTC left on the bid; then the recorder's turn."""
        start = NOON + number * MINUTE_MS
        if depth is not None:
            self.btc.update(start + 1_000, bids={100.0: depth / 100.0, 99.5: 0.0})
        self.abc.update(start + MINUTE_MS + GRACE_MS)
        self.clock.at = moment_of(start + MINUTE_MS + GRACE_MS)
        self.recorder.work()
        expire(self.clock())


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.history()
    bench.begin()
    return bench


def reasons() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("id").values_list("reason", "channel"))


@pytest.mark.usefixtures("committed")
def test_a_book_that_thins_out_is_an_event_with_an_alert_a_row_in_the_view_and_its_end() -> None:
    bench = Bench()
    bench.history()
    bench.begin()
    for number, depth in enumerate((None, 900.0, 800.0)):
        assert not Event.objects.exists()
        bench.minute(number, depth)
    event = DepthDropEvent.objects.get()
    assert (event.source, event.category, event.priority, event.status) == ("orderbooks", "depth_drop", "high", "open")
    assert (event.depth, event.median, event.opened_at) == (800.0, 5000.0, bench.clock())
    risk = TokenRisk.objects.get()
    assert (risk.token, risk.action, risk.tickers, risk.sources) == (
        "BTC", "watch", ["BINANCE:BTCUSDT"], ["orderbooks"],
    )  # fmt: skip
    for number in range(3, 6):
        bench.minute(number, 4000.0)
    event.refresh_from_db()
    assert (event.status, event.closed_at) == ("closed", bench.clock())
    assert "third minute above 45 % of normal" in event.close_reason
    assert reasons() == [("opened", "token_volatility"), ("closed", "token_volatility")]
    assert not TokenRisk.objects.exists()


def test_a_whale_that_stands_is_stored_and_becomes_an_event(bench: Bench) -> None:
    whale = order(NOON + 5_000, 100.0)
    bench.btc.update(NOON + 5_000, bids={100.0: 100.0}, orders=[whale])
    for number in range(2):
        bench.minute(number)
    stored = WhaleOrder.objects.get()
    assert (stored.symbol, stored.score, stored.is_bid, stored.ended_at) == ("btcusdt", 5, True, None)
    event = WhaleEvent.objects.get()
    assert (event.natural_key, event.side, event.priority) == ("whale:BINANCE:BTCUSDT:bid", "bid", "high")
    (effect,) = event.effects.all()
    assert (effect.token, effect.scope, effect.action, effect.tickers) == ("BTC", "pairs", "watch", ["BINANCE:BTCUSDT"])
    assert reasons() == [("opened", "token_volatility")]


def test_whales_of_pairs_that_nobody_watches_are_low_and_alert_nobody(bench: Bench) -> None:
    bench.abc.update(NOON + 5_000, orders=[order(NOON + 5_000, 100.0, symbol="abcusdt")])
    for number in range(2):
        bench.minute(number)
    assert Event.objects.get().priority == "low" and reasons() == []


def test_a_spoof_is_marked_in_its_row(bench: Bench) -> None:
    bench.btc.trade(NOON + 1_000, 100.5, 1.0, True)
    bench.btc.update(NOON + 5_000, orders=[order(NOON + 5_000, 100.0), order(NOON + 5_000, 99.0)])
    bench.recorder.listener("BINANCE").vanished("btcusdt", True, 100.0, NOON + 8_000)
    bench.btc.update(NOON + 30_000)
    bench.minute(0)
    assert list(WhaleOrder.objects.order_by("-price").values_list("price", "possible_spoof")) == [
        (100.0, True),
        (99.0, None),
    ]


def test_an_event_whose_book_was_lost_expires(bench: Bench) -> None:
    bench.minute(0, 500.0)
    bench.minute(1, 400.0)
    bench.btc.lose()
    for number in range(2, 20):
        bench.minute(number)
        assert Event.objects.get().status == "open"
    bench.minute(22)
    assert (Event.objects.get().status, Event.objects.get().close_reason) == ("closed", "expired")


def test_a_restart_keeps_the_days_rows_and_its_medians(bench: Bench) -> None:
    bench.minute(0, 900.0)
    again = Bench()
    again.clock.at = bench.clock()
    again.btc.sync(NOON + MINUTE_MS + 10_000, {100.0: 8.0}, DEEP[1])
    again.abc.sync(NOON + MINUTE_MS + 10_000, *DEEP)
    for number in (1, 2):
        again.minute(number)
    # The first minute after the restart is partial: the low one before it and the next do not follow each other.
    assert not Event.objects.exists()
    assert len(again.recorder.memory.window("BINANCE", "btcusdt")) == 1440
    assert int(again.recorder.memory.window("BINANCE", "btcusdt")["known"].sum()) == SIX_HOURS + 3
    again.minute(3)
    assert Event.objects.get().category == "depth_drop"


def test_the_archive_of_the_day_gives_the_same_events_in_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = 31
    monkeypatch.setattr("orderbooks.detection.depth_drop.ENOUGH_MINUTES", enough - 1)
    # The archive must hold the time that makes the median, so the collector tells them.
    bench = Bench()
    bench.begin()
    for number in range(enough):
        bench.minute(number)
    at_ms = NOON + enough * MINUTE_MS + 500
    bench.btc.update(at_ms, orders=[order(at_ms, 100.5, bid=False)])
    for number, depth in enumerate((900.0, 800.0, 700.0, 8000.0, 8000.0, 8000.0), enough):
        bench.minute(number, depth)

    def told() -> list[tuple[Any, ...]]:
        events = plain_events().order_by("id")
        return [
            (event.natural_key, event.opened_at, event.closed_at, event.title, event.facts,
             [(alert.reason, alert.queued_at) for alert in Alert.objects.filter(event_id=event.pk).order_by("id")])
            for event in events
        ]  # fmt: skip

    live = told()
    assert [event[0].partition(":")[0] for event in live] == ["whale", "depth_drop"]
    assert live[1][2] is not None
    payloads = list(recorded_payloads())
    for model in (Alert, Event, SourceHealth, PayloadPoll):
        model.objects.all().delete()
    report = report_of(Replay(config(), iter(payloads)).run())
    assert told() == live
    assert report["failures"] == [] and {event["kind"] for event in report["events"]} == {"whale", "depth_drop"}


def test_what_is_archived_names_the_pairs_and_is_small(bench: Bench) -> None:
    bench.minute(0)
    (payload,) = recorded_payloads()
    assert payload.source == "orderbooks.events"
    body = json.loads(payload.body)
    assert body["pairs"] == {
        "BINANCE:abcusdt": ["BINANCE:ABCUSDT", "ABC", "USDT"],
        "BINANCE:btcusdt": ["BINANCE:BTCUSDT", "BTC", "USDT"],
    }
    assert ["BINANCE:btcusdt", NOON, 9975.0] in body["depths"]
    health = SourceHealth.objects.get(pk="orderbooks.events")
    assert (health.state, health.last_item_count) == ("ok", 4)


def test_rows_reach_whoever_listens_and_the_memory_before_the_database(bench: Bench) -> None:
    before = BookMinute.objects.count()
    bench.abc.update(NOON + MINUTE_MS + GRACE_MS)
    assert {row.symbol for row in bench.live if row.minute_ms == NOON} == {"abcusdt", "btcusdt"}
    assert bench.recorder.memory.window("BINANCE", "btcusdt", 1)["minute_ms"] == [NOON]
    assert BookMinute.objects.count() == before


def test_names_that_are_withdrawn_are_forgotten(bench: Bench) -> None:
    bench.recorder.name_symbols("BINANCE", {"abcusdt": instrument("ABC")})
    bench.minute(0)
    assert not [row for row in bench.live if row.symbol == "btcusdt" and row.minute_ms == NOON]


@pytest.mark.usefixtures("committed")
def test_its_thread_writes_through_an_outage_and_what_is_left_at_the_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="orderbooks")
    monkeypatch.setattr("orderbooks.collector.recorder.FLUSH_SECONDS", 0.02)
    monkeypatch.setattr("orderbooks.collector.recorder._LONGEST_WAIT_SECONDS", 0.02)
    bench, stop = Bench(), threading.Event()
    bench.begin()
    settings = connection.settings_dict
    port, settings["PORT"] = settings["PORT"], "1"
    thread = threading.Thread(target=bench.recorder.run, args=(stop,))
    try:
        thread.start()
        bench.abc.update(NOON + MINUTE_MS + GRACE_MS)
        eventually(lambda: "wait for the database" in caplog.text, 10, "the outage to be said")
        settings["PORT"] = port
        eventually(lambda: BookMinute.objects.filter(minute=moment_of(NOON)).count() == 2, 10, "the rows")
        eventually(lambda: "written again" in caplog.text, 10, "the end of the outage to be said")
        monkeypatch.setattr("orderbooks.collector.recorder.FLUSH_SECONDS", 60)
        bench.abc.update(NOON + 2 * MINUTE_MS + GRACE_MS)
    finally:
        settings["PORT"] = port
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert BookMinute.objects.filter(minute=moment_of(NOON + MINUTE_MS)).count() == 2
    numbers = bench.recorder.gauges()
    assert (numbers["minute_rows_written"], numbers["waiting_for_database"]) == (6, 0)


def test_a_payload_in_another_shape_is_drift_and_no_event() -> None:
    for body in ("[]", '{"pairs": []}', '{"depths": [1]}', '{"placed": [["x"]]}', '{"pairs": {"a": ["b"]}}'):
        payload = Payload("orderbooks.events", "", 200, {}, body.encode(), datetime.now().astimezone(), 0, None)
        with pytest.raises(SchemaDrift):
            parse_observations(payload)
