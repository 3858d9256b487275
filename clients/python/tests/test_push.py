"""What push allows to be served from memory, what it takes away, and the stream itself."""

from __future__ import annotations

import gc
import json
import logging
import os
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fake_api import TOKEN, FakeApi, Reply, Request, Stream, can_trade, frame, message, risk_row, stamp

from ews_client import Client, EwsError, Heartbeat, Notice, Resync, RiskChange, Snapshot
from ews_client.bodies import token_risk_of
from ews_client.listener import wait_seconds
from ews_client.messages import message_of
from ews_client.picture import Picture, action_by_name
from ews_client.sse import Frames

PAIR = ("binance", "BTC/USDT")
FIRST = (message("snapshot"), message("heartbeat"))


class World:
    """A server with a stream; `answer` is what it says about any pair, None: it is down."""

    def __init__(self, serve: Callable[..., FakeApi], *first: dict[str, Any]) -> None:
        self.stream = Stream(*(first or FIRST))
        self.answer: dict[str, Any] | None = {}
        self.stream_is_down = False
        self.server = serve(self._reply)

    def _reply(self, request: Request) -> Reply:
        if request.path == "/stream":
            # A stream that came back would bring a snapshot, which takes every answer away.
            return Reply(503) if self.stream_is_down else self.stream.reply()
        if self.answer is None:
            return Reply(503)
        return Reply(body=can_trade(request.query["exchange"], request.query["symbol"], **self.answer))

    def asked(self) -> int:
        return len(self.server.paths("/can-trade"))

    def client(self, **options: Any) -> Client:
        client = Client(self.server.url, TOKEN, **{"fail": "closed", "cache_for": 60.0, **options})
        assert client.wait_for_push(5)
        heard(client, lambda picture: picture.complete(time.monotonic()))
        return client


def heard(client: Client, condition: Callable[[Picture], bool]) -> None:
    ends = time.monotonic() + 5
    while not condition(client._inner._heard.picture):
        assert time.monotonic() < ends, "push did not come"
        time.sleep(0.002)


def changes(client: Client) -> int:
    return client._inner._heard.memory.changes


def sent(world: World, client: Client, *bodies: dict[str, Any]) -> None:
    """Sends messages, and waits until the client has heard them: a heartbeat follows that nothing else sends."""
    mark = 200 + changes(client) % 90 + len(world.server.requests)
    world.stream.send(
        *bodies,
        {**message("heartbeat"), **(bodies[-1] if "seq" in bodies[-1] else {}), "kind": "heartbeat", "age_ms": mark},
    )
    heard(client, lambda picture: picture._age_ms == mark)


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


# ------------------------------------------------------------------------------------------------------------- stream


def test_watch_goes_on_where_it_was_cut_and_gives_typed_messages(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    world.stream.first += [message("risk", seq=8, changed=[risk_row()], removed=["ATOM"])]
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch(kinds=["risk", "event"], assets="BTC", venues=["BINANCE"])
        snapshot, beat, change = next(watched), next(watched), next(watched)
        assert isinstance(snapshot, Snapshot) and isinstance(beat, Heartbeat) and isinstance(change, RiskChange)
        assert (change.changed[0].token, change.removed, change.seq, beat.age_ms) == ("LUNA", ("ATOM",), 8, 300)
        world.stream.first = [message("event", n=77, what="event.closed"), message("resync", why="queue was full")]
        world.stream.cut()
        event, resync = next(watched), next(watched)
        assert isinstance(event, Notice) and isinstance(resync, Resync)
        assert (event.n, event.what, resync.why) == (77, "event.closed", "queue was full")
        watched.close()  # type: ignore[attr-defined]
    first, second = world.server.paths("/stream")
    assert first.query == {"kinds": "risk,event", "assets": "BTC", "venues": "BINANCE"}
    assert (first.headers.get("last-event-id"), second.headers.get("last-event-id")) == (None, "c8")


def test_an_id_that_no_header_can_hold_ends_no_stream(serve: Callable[..., FakeApi]) -> None:
    world = World(serve, message("snapshot"), {**message("event"), "id": "ż\t€"})
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch()
        assert [next(watched).kind for _ in range(2)] == ["snapshot", "event"]
        world.stream.cut()
        assert next(watched).kind == "snapshot"
        watched.close()  # type: ignore[attr-defined]
    assert [one.headers.get("last-event-id") for one in world.server.paths("/stream")] == [None, "c7"]


def test_watch_ends_where_the_server_refuses_and_not_where_it_is_away(serve: Callable[..., FakeApi]) -> None:
    replies = iter([Reply(502, b"<html>", content_type="text/html"), Reply(body={}), Reply(401)])
    server = serve(lambda request: next(replies))
    with Client(server.url, TOKEN, fail="closed") as client, pytest.raises(EwsError, match="credentials: HTTP 401"):
        next(client.watch())
    assert len(server.requests) == 3
    with Client(server.url, TOKEN, fail="closed") as client, pytest.raises(ValueError, match="kinds named risks"):
        next(client.watch(kinds="risks"))


@pytest.mark.long
def test_a_stream_without_heartbeat_is_dead_whatever_drips_in(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews_client.listener.SILENCE_SECONDS", 0.3)
    world = World(serve)
    with Client(world.server.url, TOKEN, fail="closed") as client:
        watched = client.watch()
        assert [type(next(watched)).__name__ for _ in range(2)] == ["Snapshot", "Heartbeat"]
        dripping = threading.Event()

        def drip() -> None:
            while not dripping.wait(0.05):
                for conn in world.stream.connections:
                    try:
                        conn.sendall(b"3\r\n:x\n\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert isinstance(next(watched), Snapshot)
        finally:
            dripping.set()
            thread.join()
    assert len(world.server.paths("/stream")) == 2


def test_waits_double_up_to_ten_seconds_are_scattered_and_never_shorter_than_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ews_client.listener.FIRST_WAIT_SECONDS", 0.25)
    assert [wait_seconds(n, jitter=1.0) for n in (1, 2, 3, 6, 7, 1000)] == [0.25, 0.5, 1.0, 8.0, 10.0, 10.0]
    assert wait_seconds(1, retry_after=30.0) == 30.0
    assert len({wait_seconds(7) for _ in range(20)}) > 10
    assert all(5.0 <= wait_seconds(9) <= 10.0 for _ in range(100))


def test_frames_are_cut_as_the_standard_says_wherever_the_bytes_are_split() -> None:
    text = b"\xef\xbb\xbfdata: a\r\ndata:b\r\n\r\n: comment\n\nid: 7\rdata: {\xe2\x82\xac}\r\r"
    text += b"event: x\nid: 8\n\ndata\n\ndata: c\n\n"
    expected = [("a\nb", None), ("{€}", "7"), ("", None), ("c", None)]
    for size in range(1, len(text)):
        frames = Frames()
        found = [one for at in range(0, len(text), size) for one in frames.feed(text[at : at + size])]
        assert [(one.data, one.id) for one in found] == expected, size
    with pytest.raises(EwsError, match="too_large"):
        list(Frames(most_bytes=100).feed(b"data: " + b"x" * 200))
    with pytest.raises(EwsError, match="too_large"):
        frames = Frames(most_bytes=100)
        for _ in range(50):
            list(frames.feed(b"data: xxx\n"))
    comments = Frames(most_bytes=100)
    assert [one for _ in range(100) for one in comments.feed(b":\n\n")] == []
    with pytest.raises(EwsError, match="malformed"):
        message_of("[]")


# ------------------------------------------------------------------------------------------------- threads and secrets


def ours() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("ews-client")]


def test_no_thread_and_no_connection_outlives_a_client(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    # Those of earlier tests may end meanwhile.
    before = set(ours())
    for _ in range(5):
        with world.client() as client:
            client.can_trade(*PAIR)
            assert len(set(ours()) - before) == 1
        client.close()
    assert not set(ours()) - before
    dropped = world.client()
    dropped.can_trade(*PAIR)
    del dropped
    gc.collect()
    ends = time.monotonic() + 5
    while set(ours()) - before and time.monotonic() < ends:
        time.sleep(0.01)
    assert not set(ours()) - before


def test_a_watch_in_another_thread_ends_with_the_client(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    client = Client(world.server.url, TOKEN, fail="closed")
    ended: list[str] = []

    def watch() -> None:
        try:
            for _ in client.watch():
                pass
        except EwsError as fault:
            ended.append(fault.kind)

    thread = threading.Thread(target=watch)
    thread.start()
    ends = time.monotonic() + 5
    while not world.stream.connections and time.monotonic() < ends:
        time.sleep(0.01)
    client.close()
    thread.join(5)
    assert not thread.is_alive() and ended == ["closed"]


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_begins_anew_and_the_parent_goes_on(serve: Callable[..., FakeApi]) -> None:
    world = World(serve)
    with world.client() as client:
        assert [client.can_trade(*PAIR).source for _ in range(2)] == ["server", "cache"]
        child = os.fork()
        if not child:
            answer = client.can_trade(*PAIR)
            os._exit(0 if answer.source == "server" and answer.may_open else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert client.can_trade(*PAIR).source == "cache"
        sent(world, client, message("risk", seq=8, changed=[risk_row("BTC")]))
        assert client.can_trade(*PAIR).source == "server"


def test_the_token_is_in_no_repr_log_error_or_pickle(
    serve: Callable[..., FakeApi], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    problem = {"title": f"Bearer {TOKEN}", "detail": f"token {TOKEN} is unknown"}
    server = serve(Reply(401, problem, content_type="application/problem+json"))
    with Client(server.url, TOKEN, fail="closed", push=True) as client:
        answer = client.can_trade(*PAIR)
        assert answer.problem == "HTTP 401: token ews_… is unknown"
        shown = [repr(client), repr(client._inner), repr(vars(client._inner)), repr(answer), caplog.text]
        with pytest.raises(EwsError) as caught:
            client.risks()
        shown += [str(caught.value), repr(caught.value), repr(pickle.loads(pickle.dumps(caught.value)))]
        assert [one for one in shown if TOKEN in one] == []
        for secret in (client, client._inner, client._inner._token):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(secret)
    assert all(TOKEN not in str(request.query) and TOKEN not in request.path for request in server.requests)


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no fail": ({"fail": None}, TypeError, 'fail was not given, expected "closed", "stale" or "open"'),
    "another fail": ({"fail": "never"}, ValueError, "fail was 'never'"),
    "stale without its bound": ({"fail": "stale"}, ValueError, "stale_for was None"),
    "a bound without stale": ({"stale_for": 5.0}, ValueError, "stale_for was 5.0"),
    "an endless bound": ({"fail": "stale", "stale_for": 1e9}, ValueError, "stale_for was"),
    "no number": ({"fail": "stale", "stale_for": float("nan")}, ValueError, "stale_for was nan"),
    "no time": ({"timeout": 0}, ValueError, "timeout was 0"),
    "a long memory": ({"cache_for": 61}, ValueError, "cache_for was 61"),
    "a memory without push": ({"cache_for": 5, "push": False}, ValueError, "push was False"),
    "TLS switched off": ({"verify": False}, TypeError, "TLS is not switched off"),
    "http elsewhere": ({"url": "http://ews.desk:8000"}, ValueError, "expected https"),
    "a password": ({"url": "https://me:secret@ews.desk"}, ValueError, "url had a user"),
    "no address": ({"url": "ews.desk:8000"}, ValueError, "expected http:// or https://"),
    "a short token": ({"token": "ews_short"}, ValueError, "token was of 9 characters"),
    "no token": ({"token": None}, ValueError, "token was a NoneType"),
    "a token with its line end": ({"token": TOKEN + "\n"}, ValueError, "token was of 48 characters"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_meant_is_refused_when_the_client_is_made(what: str) -> None:
    changes, error, text = WRONG[what]
    given: dict[str, Any] = {"url": "http://127.0.0.1:8000", "token": TOKEN, "fail": "closed", **changes}
    with pytest.raises(error, match=text.replace('"', ".")) as caught:
        Client(given.pop("url"), given.pop("token"), **given)
    assert "secret" not in str(caught.value) and TOKEN not in str(caught.value)


def test_the_addresses_that_are_taken() -> None:
    for url in ("http://localhost:8000/", "http://[::1]:8000", "https://ews.desk/api/v1/", "https://ews.desk/ews"):
        assert TOKEN not in repr(Client(url, TOKEN, fail="closed"))
    assert "http://ews.desk" in repr(Client("http://ews.desk", TOKEN, fail="closed", allow_http=True))
    assert frame(message("heartbeat")).endswith(b"\n\n")
