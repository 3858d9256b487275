"""The service that sends `risk` messages, over real sockets, to the example's receiver."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from alerts.channels.webhook import WebhookTransport
from alerts.models import AddedReceiver
from api.botcheck.faults import FAULTS
from api.botcheck.proxy import FaultProxy
from api.push import risk_webhooks
from api.push.metrics import health_gauges
from events import clock
from events.models import Heartbeat
from tests.alerts.factories import make_config
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.examples import example

receiver = example("webhook/receiver")
SECRET = "whsec_" + "c2l4dGVlbiBieXRlcyBhbmQgbW9yZQ=="


def until(condition: Callable[[], bool], seconds: float = 8.0) -> float:
    """Wait; how many seconds it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it did not happen"
        time.sleep(0.01)
    return time.monotonic() - begun


@contextmanager
def sending(*channels: dict[str, Any]) -> Iterator[None]:
    """The daemon's service with these channels."""
    config = make_config(ALERT_CHANNELS=json.dumps([
        {"kind": "webhook", "secret": SECRET, "follows": [], "risk": True, **channel} for channel in channels
    ]), TIMEOUT="1")  # fmt: skip
    stop = threading.Event()
    thread = threading.Thread(target=risk_webhooks.run, args=(config, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A receiver that listens, with its state and its address."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    monkeypatch.setattr(risk_webhooks, "RECEIVERS_SECONDS", 0.2)
    quiet_market()
    with receiver.server("127.0.0.1", 0, SECRET) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        made.state = made.RequestHandlerClass.state
        made.url = f"http://127.0.0.1:{made.server_port}"
        yield made
        made.shutdown()
        thread.join(5)


@pytest.mark.long
def test_a_receiver_knows_at_once_what_the_view_says(desk: Any) -> None:
    manual_event("ETH")
    all_is_fresh()
    with sending({"name": "desk", "url": desk.url}):
        until(lambda: desk.state.may_open("BTC"))
        assert not desk.state.may_open("ETH") and desk.state.may_open("ETH", "OKX") is False
        begun = time.monotonic()
        manual_event("BTC")
        until(lambda: not desk.state.may_open("BTC"))
        assert time.monotonic() - begun < 1.0
        # Our daemon stops beating: nobody knows, and nothing may be opened.
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(minutes=1))
        until(lambda: not desk.state.may_open("XYZ"))
        all_is_fresh()
        until(lambda: desk.state.may_open("XYZ"))


@pytest.mark.long
def test_a_receiver_that_restarts_gets_everything_and_hears_of_a_daemon_that_stops(desk: Any) -> None:
    manual_event("ETH")
    all_is_fresh()
    with sending({"name": "desk", "url": desk.url}):
        until(lambda: desk.state.may_open("BTC"))
        # Our daemon stops beating: nobody knows, and nothing may be opened.
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(minutes=1))
        until(lambda: not desk.state.may_open("XYZ"))
        all_is_fresh()
        until(lambda: desk.state.may_open("XYZ"))
        desk.RequestHandlerClass.state = restarted = receiver.State()
        assert not restarted.may_open("BTC")
        manual_event("SOL")
        until(lambda: restarted.may_open("BTC"))
        assert not restarted.may_open("ETH") and not restarted.may_open("SOL")


@pytest.mark.long
def test_a_receiver_that_hangs_delays_no_other_and_one_that_an_admin_adds_is_found(desk: Any) -> None:
    all_is_fresh()
    with FaultProxy(desk.url) as proxy, sending({"name": "hangs", "url": proxy.url}):
        proxy.fault = "500_json"
        until(lambda: health_gauges() == {"risk_webhooks_failing": 1.0})
        proxy.fault = "dead"
        added = AddedReceiver(name="desk", kind="webhook", follows=[], risk=True, made_by="test")
        added.set_secrets(desk.url, SECRET)
        added.save()
        until(lambda: desk.state.may_open("BTC"))
        manual_event("BTC")
        assert until(lambda: not desk.state.may_open("BTC")) < 1.0
        AddedReceiver.objects.update(enabled=False)
        time.sleep(0.5)
        manual_event("ETH")
        time.sleep(0.3)
        assert desk.state.may_open("ETH"), "it was switched off"
    assert health_gauges() == {"risk_webhooks_failing": 0.0}


@pytest.mark.long
def test_a_filter_holds_back_other_venues_and_a_venue_that_nobody_knows_holds_back_nothing(desk: Any) -> None:
    manual_event("ETH", venues=("OKX",))
    manual_event("SOL", venues=("BINANCE",))
    all_is_fresh()
    with sending({"name": "desk", "url": desk.url, "risk": {"venues": ["BINANCE"], "min_action": "avoid_new"}}):
        until(lambda: desk.state.may_open("BTC"))
        until(lambda: desk.state.may_open("ETH"))
        assert not desk.state.may_open("SOL")
        assert desk.state.may_open("ETH", "BINANCE") and not desk.state.may_open("ETH", "OKX")
    desk.RequestHandlerClass.state = state = receiver.State()
    with sending({"name": "desk", "url": desk.url, "risk": {"venues": ["BINANCE", "NOWHERE"]}}):
        until(lambda: state.may_open("BTC"))
        assert not state.may_open("ETH") and not state.may_open("SOL")


class Line:
    """A channel whose way to its own receiver has a fault of its own."""

    def __init__(self, stack: ExitStack, fault: str) -> None:
        self.fault = fault
        self.server = stack.enter_context(receiver.server("127.0.0.1", 0, SECRET, self.fresh()))
        stack.callback(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.proxy = stack.enter_context(FaultProxy(f"http://127.0.0.1:{self.server.server_port}"))
        self.channel = {"name": f"line_{fault}", "url": self.proxy.url}

    def fresh(self) -> Any:
        self.state = receiver.State(silence=1.0)
        return self.state

    def restart(self) -> None:
        """The receiver knows nothing more."""
        self.server.RequestHandlerClass.state = self.fresh()


@pytest.mark.long
def test_no_fault_on_the_way_lets_a_token_be_opened(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """ETH was denied before; BTC becomes denied during the fault; api/botcheck/adapters/webhook.py has what follows."""
    monkeypatch.setattr("api.push.risk_feed.HEARTBEAT_SECONDS", 0.3)
    monkeypatch.setattr("api.push.risk_feed.SLOWEST_SECONDS", 0.3)
    skewed: dict[str, float] = {}
    begin = WebhookTransport.__init__

    def with_clock(self: WebhookTransport, url: str, secret: str, deadline: float) -> None:
        begin(self, url, secret, deadline, lambda: time.time() + skewed.get(url, 0.0))

    monkeypatch.setattr(WebhookTransport, "__init__", with_clock)
    manual_event("ETH")
    all_is_fresh()
    with ExitStack() as stack:
        lines = [Line(stack, fault) for fault in FAULTS]
        stack.enter_context(sending(*(line.channel for line in lines)))
        until(lambda: all(line.state.may_open("XYZ") for line in lines))
        for line in lines:
            if line.fault == "clock_skew":
                skewed[line.proxy.url] = 3600.0
            elif line.fault != "stale_leader":
                line.proxy.fault = line.fault
        manual_event("BTC")
        ends = time.monotonic() + 2.0
        while time.monotonic() < ends:
            assert not any(line.state.may_open("ETH") for line in lines)
            time.sleep(0.02)
        # Of two faults only the answer is hurt: what was sent has come, and comes again.
        knowing = {line.fault for line in lines if line.state.may_open("XYZ")}
        assert knowing == {"truncated", "slow_drip", "stale_leader"}
        assert not any(line.state.may_open("BTC") for line in lines)
        for line in lines:
            line.restart()
        # And the last fault, of everybody's: our daemon does not beat.
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(minutes=1))
        skewed.update({line.proxy.url: -3600.0 for line in lines if line.fault == "clock_skew"})
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            assert not any(line.state.may_open("ETH") for line in lines)
            time.sleep(0.02)
        assert not any(line.state.may_open("XYZ") for line in lines)
        skewed.clear()
        for line in lines:
            line.proxy.fault = None
        all_is_fresh()
        until(lambda: all(line.state.may_open("XYZ") for line in lines), 15.0)
        assert not any(line.state.may_open(token) for line in lines for token in ("BTC", "ETH"))
