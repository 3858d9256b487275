"""What push allows to be served from memory, and what it takes away."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, message, risk_row, stamp
from push_world import FIRST, PAIR, World, heard, sent

from ews_client import Client
from ews_client.bodies import token_risk_of
from ews_client.messages import message_of
from ews_client.picture import Picture, action_by_name

UNTOUCHED: dict[str, dict[str, Any]] = {
    "a heartbeat": message("heartbeat"),
    "another token": message("risk", seq=8, changed=[risk_row("LUNA")]),
    "another token leaves": message("risk", seq=8, removed=["LUNA"]),
    "an alert": message("alert", n=4, what="alert.delivered"),
    "an acknowledgement": message("event", what="event.acknowledged"),
    "a kind of another version": message("weather"),
}
TAKEN: dict[str, dict[str, Any]] = {
    "the base": message("risk", seq=8, changed=[risk_row("BTC")]),
    "the quote": message("risk", seq=8, changed=[risk_row("USDT")]),
    "the base leaves": message("risk", seq=8, removed=["BTC"]),
    "all of a venue": message("risk", seq=8, changed=[risk_row("*", asset_action=None, venue_actions={"OKX": "halt"})]),
    "all of a venue leaves": message("risk", seq=8, removed=["*"]),
    "its instrument": message("risk", seq=8, changed=[risk_row("RON", tickers=["BINANCE:BTCUSDT"])]),
    "a number is skipped": message("risk", seq=9, changed=[risk_row("LUNA")]),
    "a number that no change had": message("heartbeat", seq=8),
    "an event of low priority": message("event"),
    "a source": message("source", n=5, what="source.stale"),
    "a status": message("heartbeat", status="stale", stale_sources=["okx"]),
    "stale sources": message("heartbeat", stale_sources=["okx"]),
    "resync": message("resync"),
    "a snapshot": message("snapshot"),
}


@pytest.mark.parametrize("what", [*UNTOUCHED, *TAKEN])
def test_an_answer_is_served_again_until_push_touches_it(what: str, serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    with world.client() as client:
        assert [client.can_trade(*PAIR).source for _ in range(3)] == ["server", "cache", "cache"]
        assert world.asked() == 1
        sent(world, client, {**UNTOUCHED, **TAKEN}[what])
        world.answer = {"may_open": False, "seq": 9}
        answer = client.can_trade(*PAIR)
        assert (answer.source, answer.may_open) == (("cache", True) if what in UNTOUCHED else ("server", False))


def test_without_cache_for_nothing_is_served_again(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    with world.client(cache_for=0.0, push=True) as client:
        assert [client.can_trade(*PAIR).source for _ in range(3)] == ["server"] * 3


def test_memory_serves_only_while_push_is_provably_complete(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    world = World(serve)
    with Client(world.server.url, TOKEN, fail="closed", cache_for=60.0, clock=lambda: now[0]) as client:
        assert client.wait_for_push(5)
        heard(client, lambda picture: picture.complete(0.0))
        assert client.can_trade(*PAIR).source == "server"
        now[0] = 11.6
        assert client.can_trade(*PAIR).source == "cache"
        # 300 ms old when it came: 12 s after it was written nobody knows.
        now[0] = 11.8
        assert client.can_trade(*PAIR).may_open is True
        assert world.asked() == 2
        world.stream.send(message("heartbeat", as_of=stamp(11)))
        heard(client, lambda picture: picture.complete(11.8))
        assert client.can_trade(*PAIR).source == "cache"
        world.stream_is_down = True
        world.stream.cut()
        heard(client, lambda picture: not picture.complete(11.8))
        assert client.can_trade(*PAIR).source == "server"


def test_an_answer_is_served_for_cache_for_and_no_longer(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    world = World(serve)
    with Client(world.server.url, TOKEN, fail="closed", cache_for=5.0, clock=lambda: now[0]) as client:
        assert client.wait_for_push(5)
        heard(client, lambda picture: picture.complete(0.0))
        sources = []
        for now[0] in (0.0, 5.0, 5.1):
            sources.append(client.can_trade(*PAIR).source)
        assert sources == ["server", "cache", "server"]


def test_a_heartbeat_from_the_future_is_not_fresh_for_longer() -> None:
    picture = Picture()
    picture.take(message_of(json.dumps(message("snapshot"))), 0.0)
    picture.take(message_of(json.dumps(message("heartbeat", age_ms=-4_000))), 0.0)
    assert [picture.complete(seconds) for seconds in (0.0, 11.9, 12.1)] == [True, True, False]
    picture.take(message_of(json.dumps(message("heartbeat", age_ms=-5_001))), 20.0)
    assert not picture.complete(20.0)


@pytest.mark.parametrize("options", [{"fail": "stale", "stale_for": 60.0}, {"fail": "open"}])
def test_what_push_calls_stale_from_the_beginning_is_no_ground_to_go_on(
    options: dict[str, Any], serve: Callable[..., FakeApi]
) -> None:
    world = World(serve, message("snapshot", status="stale", stale_sources=["okx"]))
    with Client(world.server.url, TOKEN, **options) as client:
        assert client.wait_for_push(5)
        assert client.can_trade(*PAIR).may_open
        world.answer = None
        assert not client.can_trade(*PAIR).may_open
        assert not client.can_trade("binance", "NEW/USDT").may_open


def test_an_answer_that_a_change_overtook_is_not_served_again(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    with world.client() as client:
        sent(world, client, message("risk", seq=8, changed=[risk_row("ETH")]))
        assert [client.can_trade(*PAIR).source for _ in range(2)] == ["server", "server"]


def test_an_end_that_passes_meanwhile_is_not_slept_through(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    world = World(serve)
    world.answer = {"trading_ends_at": stamp(20)}
    options = {"fail": "stale", "stale_for": 600.0, "cache_for": 60.0}
    with Client(world.server.url, TOKEN, clock=lambda: now[0], **options) as client:
        assert client.wait_for_push(5)
        heard(client, lambda picture: picture.complete(0.0))
        assert [client.can_trade(*PAIR).source for _ in range(2)] == ["server", "cache"]
        world.answer, now[0] = None, 8.1
        answer = client.can_trade(*PAIR)
        assert (answer.may_open, answer.may_close, answer.action) == (False, False, "halt")


SINCE: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "nothing": (message("heartbeat"), True, True),
    "another token": (message("risk", seq=8, changed=[risk_row("LUNA")]), True, True),
    "exit of the base": (message("risk", seq=8, changed=[risk_row("BTC")]), False, True),
    "halt of the base on the exchange": (
        message("risk", seq=8, changed=[risk_row("BTC", asset_action=None, venue_actions={"BINANCE_USDM": "halt"})]),
        False,
        False,
    ),
    "halt of all that the venue trades": (
        message("risk", seq=8, changed=[risk_row("*", asset_action=None, venue_actions={"BINANCE": "halt"})]),
        False,
        False,
    ),
    "an event": (message("event"), False, True),
    "unknown": (message("heartbeat", status="unknown"), False, True),
    "resync": (message("resync"), False, True),
}


@pytest.mark.parametrize("what", SINCE)
@pytest.mark.parametrize("options", [{"fail": "stale", "stale_for": 60.0}, {"fail": "open"}])
def test_the_last_answer_is_never_braver_than_what_push_has_said_since(
    what: str, options: dict[str, Any], serve: Callable[..., FakeApi]
) -> None:
    body, may_open, may_close = SINCE[what]
    world = World(serve)
    with world.client(cache_for=0.0, **options) as client:
        assert client.can_trade(*PAIR).may_open
        sent(world, client, body)
        world.answer = None
        answer = client.can_trade(*PAIR)
        assert (answer.may_open, answer.may_close, answer.source) == (may_open, may_close, "cache")
        # Push itself dies as well: what it said stays said.
        world.stream_is_down = True
        world.stream.cut()
        assert client.can_trade(*PAIR).may_open is may_open


def test_open_keeps_every_no_that_is_known_and_stale_ends_when_its_time_is_over(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    world = World(serve, message("snapshot", tokens=[risk_row("LUNA"), risk_row("UST", asset_action="halt")]), FIRST[1])
    with Client(world.server.url, TOKEN, fail="open", clock=lambda: now[0]) as client:
        assert client.wait_for_push(5)
        world.answer = {"action": "halt", "may_open": False, "may_close": False}
        client.can_trade("binance", "ICX/USDT")
        world.answer, now[0] = None, 90_000.0
        asked = {pair: client.can_trade("binance", pair) for pair in ("ICX/USDT", "ETH/USDT", "LUNA/USDT", "USTUSDT")}
        opens = {pair: (answer.may_open, answer.may_close) for pair, answer in asked.items()}
        assert opens == {
            "ICX/USDT": (False, False), "ETH/USDT": (True, True), "LUNA/USDT": (False, True), "USTUSDT": (False, False),
        }  # fmt: skip
    world.answer, now[0] = {}, 0.0
    with Client(world.server.url, TOKEN, fail="stale", stale_for=60.0, clock=lambda: now[0]) as client:
        assert client.wait_for_push(5)
        assert client.can_trade(*PAIR).may_open
        world.answer, now[0] = None, 60.0
        assert client.can_trade(*PAIR).may_open
        now[0] = 60.1
        assert (client.can_trade(*PAIR).may_open, client.can_trade(*PAIR).status) == (False, "unknown")


@pytest.mark.parametrize(
    ("exchange", "symbol", "action"),
    [
        ("binanceusdm", "UST/USDT:USDT", "halt"),
        ("BINANCE_USDM", "USTUSDT", "halt"),
        ("Binance", "1000USTUSDT", "halt"),
        ("kraken", "UST/USDT", "none"),
        ("nowhere", "UST/USDT", "halt"),
        ("bitmex", "XBTUSD", "exit"),
        ("bitfinex", "tBTCUSD", "exit"),
        ("okex", "ICX-USDT", "halt"),
        ("gateio", "ICX/USDT", "none"),
        ("binance", "ETH/RON", "exit"),
        ("binance", "ETH/USDT", "none"),
    ],
)
def test_a_pair_that_was_never_answered_is_judged_by_all_that_its_name_may_hold(
    exchange: str, symbol: str, action: str
) -> None:
    rows = {
        "UST": risk_row("UST", asset_action=None, venue_actions={"BINANCE": "halt"}),
        "BTC": risk_row("BTC"),
        "ICX": risk_row("ICX", asset_action=None, venue_actions={"OKX": "halt"}),
        "RON": risk_row("RON", asset_action="none", tickers=["BINANCE:ETHRON"]),
        "TH": risk_row("TH", asset_action="watch"),
    }
    assert action_by_name(exchange, symbol, {name: token_risk_of(row) for name, row in rows.items()}) == action.replace(
        "none", "watch" if "ETH" in symbol else "none"
    )


def test_an_old_copy_of_the_stream_takes_no_halt_back_and_is_no_ground_to_go_on(serve: Callable[..., FakeApi]) -> None:
    """Of another database, or of a cache on the way: a snapshot with a lower number, and without the coin."""
    world = World(serve, message("snapshot", seq=9, tokens=[risk_row("UST", asset_action="halt")]), FIRST[1])
    with Client(world.server.url, TOKEN, fail="open") as client:
        assert client.wait_for_push(5)
        world.stream.first = [message("snapshot", seq=5), message("heartbeat", seq=5, age_ms=77)]
        world.stream.cut()
        heard(client, lambda picture: picture.status == "unknown" and bool(world.stream.connections))
        world.answer = None
        answer = client.can_trade("binance", "UST/USDT")
        assert (answer.may_open, answer.may_close, answer.action) == (False, False, "halt")
        assert not client.can_trade("binance", "ETH/USDT").may_open


def test_memory_is_used_again_after_a_daemon_that_was_away(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    # One message: a second one that is read after the clock has moved on would be doubted.
    world = World(serve, message("snapshot"))
    options = {"fail": "closed", "cache_for": 60.0}
    with Client(world.server.url, TOKEN, clock=lambda: now[0], **options) as client:
        assert client.wait_for_push(5)
        now[0] = 30.0
        world.stream.send(message("heartbeat", status="unknown", age_ms=30_000))
        heard(client, lambda picture: picture.status == "unknown")
        world.stream.first = [message(kind, as_of=stamp(31.0)) for kind in ("snapshot", "heartbeat")]
        world.answer, now[0] = {"as_of": stamp(31.0)}, 31.0
        world.stream.send(world.stream.first[1])
        heard(client, lambda picture: picture.complete(31.0))
        assert [client.can_trade(*PAIR).source for _ in range(2)] == ["server", "cache"]
    assert len(world.server.paths("/stream")) == 2
