"""The table of the README: what each `fail` mode answers, fault by fault, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fake_api import BEGIN, TOKEN, FakeApi, Reply, Request, as_bytes, can_trade, chunk, reset, risk, stamp

from ews_client import Answer, AsyncClient, Client, EwsError
from ews_client.timeline import Timeline

GOOD = can_trade()
PAIR = ("binance", "BTC/USDT")
PROBLEM = {"type": "about:blank", "title": "No", "status": 503, "detail": "not ready", "data_status": "unknown"}


def slow_drip(conn: socket.socket) -> None:
    """A byte now and then: each in time, all together never."""
    body = as_bytes(GOOD)
    conn.sendall(Reply().head(len(body)))
    for byte in body:
        conn.sendall(bytes([byte]))
        time.sleep(0.05)


def dripped_head(conn: socket.socket) -> None:
    for byte in Reply().head(10):
        conn.sendall(bytes([byte]))
        time.sleep(0.05)


def reset_in_the_middle(conn: socket.socket) -> None:
    body = as_bytes(GOOD)
    conn.sendall(Reply().head(len(body)) + body[:40])
    time.sleep(0.02)
    reset(conn)


def ends_early(conn: socket.socket) -> None:
    body = as_bytes(GOOD)
    conn.sendall(Reply().head(len(body)) + body[:40])


def endless(conn: socket.socket) -> None:
    """200 MB, in pieces that nobody announced."""
    conn.sendall(Reply().head(None))
    piece = chunk(b" " * 1_000_000)
    for _ in range(200):
        conn.sendall(piece)


def says_nothing(conn: socket.socket) -> None:
    time.sleep(0.6)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def html(status: int) -> Reply:
    return Reply(status, b"<html><body>Please log in</body></html>", content_type="text/html")


BOMB = gzip.compress(as_bytes(GOOD) + b" " * 50_000_000)
OUTAGES: dict[str, tuple[str, Reply]] = {
    "no answer in time": ("timeout", Reply(act=says_nothing)),
    "slow drip": ("timeout", Reply(act=slow_drip)),
    "slow drip of the head": ("timeout", Reply(act=dripped_head)),
    "reset in the middle": ("broken", Reply(act=reset_in_the_middle)),
    "connection ends early": ("broken", Reply(act=ends_early)),
    "reset before a word": ("broken", Reply(act=reset)),
    "truncated JSON": ("malformed", Reply(body=as_bytes(GOOD)[:-20])),
    "empty body": ("malformed", Reply(body=b"")),
    "HTML 200": ("malformed", html(200)),
    "HTML 200 that calls itself JSON": ("malformed", Reply(body=b"<html></html>")),
    "JSON that calls itself HTML": ("malformed", Reply(body=GOOD, content_type="text/html")),
    "{}": ("malformed", Reply(body={})),
    "[]": ("malformed", Reply(body=[])),
    "null": ("malformed", Reply(body=None)),
    "true": ("malformed", Reply(body=True)),
    "204": ("malformed", Reply(204)),
    "may_open as a string": ("malformed", Reply(body={**GOOD, "may_open": "true"})),
    "may_open of the row as a number": ("malformed", Reply(body=can_trade(may_open=1))),
    "no may_open": ("malformed", Reply(body=without("may_open"))),
    "no status": ("malformed", Reply(body=without("status"))),
    "no rows": ("malformed", Reply(body=without("rows"))),
    "rows as null": ("malformed", Reply(body={**GOOD, "rows": None})),
    "a row without action": ("malformed", Reply(body={**GOOD, "rows": [{"may_open": True}]})),
    "another pair": ("malformed", Reply(body=can_trade("binance", "ETH/USDT"))),
    "a time without zone": ("malformed", Reply(body=can_trade(as_of="2026-10-01T12:00:00"))),
    "NaN": ("malformed", Reply(body=as_bytes(GOOD).replace(b'"age_ms": 300', b'"age_ms": NaN'))),
    "a thousand brackets": ("malformed", Reply(body=b"[" * 100_000)),
    "gzip bomb": ("malformed", Reply(body=BOMB, headers={"Content-Encoding": "gzip"})),
    "200 MB": ("too_large", Reply(act=endless)),
    "200 MB, announced": ("too_large", Reply(act=lambda conn: conn.sendall(Reply().head(200_000_000)))),
    "429": ("limited", Reply(429, PROBLEM, {"Retry-After": "7"}, "application/problem+json")),
    "500 as JSON": ("server", Reply(500, {"detail": "x", "may_open": True})),
    "502 as HTML": ("server", html(502)),
    "503 problem": ("server", Reply(503, PROBLEM, content_type="application/problem+json")),
}
REFUSALS: dict[str, tuple[str, Reply]] = {
    "400": ("request", Reply(400, PROBLEM, content_type="application/problem+json")),
    "401": ("credentials", Reply(401, PROBLEM, content_type="application/problem+json")),
    "403": ("credentials", html(403)),
    "404": ("request", Reply(404, {"pairs": []})),
    "409": ("request", Reply(409, PROBLEM)),
    "redirect": ("redirect", Reply(302, headers={"Location": "http://127.0.0.1:1/login"})),
    "permanent redirect": ("redirect", Reply(308, headers={"Location": "https://example.invalid/"})),
}


MODES: list[dict[str, Any]] = [{"fail": "closed"}, {"fail": "stale", "stale_for": 60.0}, {"fail": "open"}]


def in_each_mode(ask: Callable[[dict[str, Any]], list[Answer]]) -> list[tuple[dict[str, Any], list[Answer]]]:
    with ThreadPoolExecutor(len(MODES)) as pool:
        return list(zip(MODES, pool.map(ask, MODES), strict=True))


def answers(url: str, questions: int = 1, **options: Any) -> list[Answer]:
    options = {"timeout": 10.0, "push": False, **options}
    with Client(url, TOKEN, **options) as client:
        return [client.can_trade(*PAIR) for _ in range(questions)]


SLOW = {"no answer in time", "slow drip", "slow drip of the head", "reset in the middle", "200 MB"}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(one, marks=pytest.mark.long if one in SLOW else ()) for one in (*OUTAGES, *REFUSALS)],
)
def test_no_fault_opens_anything_under_closed_and_no_refusal_under_any_mode(
    fault: str, serve: Callable[..., FakeApi]
) -> None:
    kind, reply = {**OUTAGES, **REFUSALS}[fault]

    def ask(options: dict[str, Any]) -> list[Answer]:
        played, later = [reply], 0.0
        server = serve(lambda request: played[-1])
        clock = lambda: time.monotonic() + later  # noqa: E731
        with Client(
            server.url, TOKEN, timeout=0.3 if kind == "timeout" else 10.0, push=False, clock=clock, **options
        ) as client:
            found = [client.can_trade(*PAIR)]
            later = 61.0  # whatever Retry-After asked for
            for next_reply in (Reply(body=GOOD), reply):
                played.append(next_reply)
                found.append(client.can_trade(*PAIR))
            return found

    for options, (first, good, last) in in_each_mode(ask):
        # Nothing was known before.
        opens = options["fail"] == "open" and fault in OUTAGES
        assert (first.may_open, first.may_close, first.status) == (opens, True, "unknown"), options
        assert (first.source, first.fault, first.action) == ("failed", kind, "none")
        assert TOKEN not in repr(first)
        assert (good.may_open, good.source, good.fault) == (True, "server", None)
        # A good answer was had before.
        kept = options["fail"] != "closed" and fault in OUTAGES
        assert (last.may_open, last.may_close, last.fault) == (kept, True, kind), options
        assert (last.source, last.status) == (("cache", "stale") if kept else ("failed", "unknown"))


def test_nobody_listens_a_name_that_is_none_and_a_certificate_that_is_not_trusted(
    serve: Callable[..., FakeApi], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url, kind in ((f"http://127.0.0.1:{port}", "connect"), ("https://no-such-host.invalid", "connect")):
        (answer,) = answers(url, fail="closed", timeout=2.0)
        assert (answer.may_open, answer.may_close, answer.fault) == (False, True, kind)
        (answer,) = answers(url, fail="open", timeout=2.0)
        assert (answer.may_open, answer.may_close, answer.fault) == (True, True, kind)
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    named = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, *files, *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    server = serve(Reply(body=GOOD), context=context)
    for fail in ("closed", "open"):
        (answer,) = answers(server.url, fail=fail)
        assert (answer.may_open, answer.may_close, answer.fault) == (False, True, "tls")
    trusted = ssl.create_default_context(cafile=str(tmp_path / "cert"))
    assert answers(server.url, fail="closed", verify=trusted)[0].may_open


def test_the_token_follows_no_redirect(serve: Callable[..., FakeApi]) -> None:
    other = serve(Reply(body=GOOD))
    server = serve(Reply(302, headers={"Location": f"{other.url}/api/v1/can-trade"}))
    (answer,) = answers(server.url, fail="closed")
    assert (answer.may_open, answer.fault, other.requests) == (False, "redirect", [])
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(server.requests[0].query)


DOUBTS: dict[str, dict[str, Any]] = {
    "stale": {"status": "stale", "stale_sources": ["okx"]},
    "unknown": {"status": "unknown"},
    "a status of another version": {"status": "resting"},
    "an action of another version": {"action": "liquidate"},
    "an action of the quote of another version": {"quote_action": "liquidate"},
    "an exit that contradicts may_open": {"action": "exit"},
    "a base at exit": {"base_action": "exit"},
    "stale sources": {"stale_sources": ["okx"]},
    "nobody knows the name": {"covered": "unknown"},
    "covered of another version": {"covered": "hedged"},
    "as_of too old": {"age_ms": 12_001},
    "as_of in the future": {"age_ms": -5_001},
    "as_of that is null": {"as_of": None, "age_ms": None},
    "no seq": {"seq": None},
    "may_open false": {"may_open": False},
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_an_answer_is_never_braver_than_what_stands_beside_it_in_no_mode(
    doubt: str, serve: Callable[..., FakeApi]
) -> None:
    server = serve(Reply(body=can_trade(**DOUBTS[doubt])))
    for options, (answer,) in in_each_mode(lambda options: answers(server.url, **options)):
        assert answer.source == "server" and not answer.may_open, options
        assert answer.may_close is (answer.action != "halt")
    assert answers(serve(Reply(body=GOOD)).url, fail="closed")[0].may_open


def test_fields_of_a_newer_server_are_ignored_and_the_strictest_row_counts(serve: Callable[..., FakeApi]) -> None:
    newer = can_trade(colour="red")
    assert answers(serve(Reply(body={**newer, "hint": {"a": 1}})).url, fail="closed")[0].may_open
    two = can_trade()
    two["rows"].append(
        {**two["rows"][0], "venue": "BINANCE_USDM", "may_open": False, "may_close": False, "action": "halt"}
    )
    (answer,) = answers(serve(Reply(body=two)).url, fail="open")
    assert (answer.may_open, answer.may_close, answer.action, len(answer.rows)) == (False, False, "halt", 2)
    # The server's own words in an outage of its database.
    outage = {
        **can_trade(status="unknown", may_open=False, covered="unknown"),
        "rows": [],
        "stale_sources": ["database"],
    }
    for fail in ("closed", "open"):
        (answer,) = answers(serve(Reply(body=outage)).url, fail=fail)
        assert (answer.may_open, answer.may_close, answer.status, answer.source) == (False, True, "unknown", "server")
        assert answer.stale_sources == ("database",)
    (answer,) = answers(serve(Reply(body={**GOOD, "rows": []})).url, fail="open")
    assert not answer.may_open


def test_a_copy_from_a_cache_on_the_way_is_noticed(serve: Callable[..., FakeApi]) -> None:
    (answer,) = answers(serve(Reply(body=GOOD, headers={"Age": "13"})).url, fail="open")
    assert (answer.may_open, answer.status, answer.fault) == (False, "unknown", "doubted")
    # A copy that says nothing of its age: as_of stands still, by the monotonic clock.
    now = 100.0
    server = serve(Reply(body=GOOD))

    async def ask() -> list[Answer]:
        nonlocal now
        found = []
        async with AsyncClient(server.url, TOKEN, fail="closed", clock=lambda: now) as client:
            for seconds in (0.0, 11.0, 2.0):
                now += seconds
                found.append(await client.can_trade(*PAIR))
        return found

    assert [answer.may_open for answer in asyncio.run(ask())] == [True, True, False]


def test_lists_and_single_assets_are_doubted_like_answers(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    server = serve(lambda request: Reply(body=risk(), headers=headers))
    headers: dict[str, str] = {}

    async def statuses() -> list[str]:
        found = []
        async with AsyncClient(server.url, TOKEN, fail="closed", clock=lambda: now[0]) as client:
            found.append((await client.risks()).status)
            headers["Age"] = "13"
            found.append((await client.risks()).status)
            headers.clear()
            now[0] = 13.0  # an old copy: as_of stands still
            found.append((await client.risks()).status)
        return found

    assert asyncio.run(statuses()) == ["fresh", "unknown", "unknown"]
    other = {**risk(), "asset": "BTC", "token": "BTC", "covered": "watched", "risk": None}
    del other["tokens"]
    with Client(serve(Reply(body=other)).url, TOKEN, fail="closed") as client:
        assert client.risk("BTC").fresh
        with pytest.raises(EwsError, match="malformed: an answer was about another asset"):
            client.risk("LUNA")


def test_a_number_that_goes_backwards_is_another_database_until_it_alone_was_heard(
    serve: Callable[..., FakeApi],
) -> None:
    now = [0.0]
    played = {"seq": 50, "at": 0.0}
    server = serve(lambda request: Reply(body=can_trade(seq=played["seq"], as_of=stamp(played["at"]))))

    async def ask() -> list[tuple[bool, str | None]]:
        found = []
        async with AsyncClient(server.url, TOKEN, fail="closed", clock=lambda: now[0]) as client:
            for now[0], played["seq"], played["at"] in (
                (0, 50, 0), (2, 3, 2), (4, 51, 4), (6, 3, 6), (8, 3, 8),
                (17.9, 3, 17), (18, 4, 18), (20, 4, 20), (22, 51, 22),
            ):  # fmt: skip
                answer = await client.can_trade(*PAIR)
                found.append((answer.may_open, answer.fault))
        return found

    yes, no = (True, None), (False, "doubted")
    # At 4 the first is back, at 6 the other begins anew; at 18 it alone was heard for 12 s. 51 is ahead of it.
    assert asyncio.run(ask()) == [yes, no, yes, no, no, no, yes, yes, yes]


def test_a_connection_that_is_a_reply_behind_answers_nothing_and_is_left(serve: Callable[..., FakeApi]) -> None:
    """What comes is the answer to the question before, about the very same pair, and each is newer than the last."""
    now = [0.0]
    connections: list[socket.socket] = []

    def one_behind(conn: socket.socket) -> None:
        connections.append(conn)
        waiting = [Reply(body=can_trade(as_of=stamp(now[0])))] if len(connections) == 1 else []
        body = None
        while True:
            waiting.append(Reply(body=can_trade(as_of=stamp(now[0]))))
            body = as_bytes(waiting.pop(0).body)
            conn.sendall(Reply().head(len(body)) + body)
            if not (request := conn.recv(65536)) or b"connection: close" in request.lower():
                if request:
                    body = as_bytes(waiting.pop(0).body) if waiting else as_bytes(can_trade(as_of=stamp(now[0])))
                    conn.sendall(Reply().head(len(body)) + body)
                return

    server = serve(Reply(act=one_behind))

    async def ask() -> list[tuple[bool, str | None]]:
        found = []
        async with AsyncClient(server.url, TOKEN, fail="closed", clock=lambda: now[0]) as client:
            for now[0] in (0.0, 60.0, 120.0, 180.0, 240.0, 300.0):
                answer = await client.can_trade(*PAIR)
                found.append((answer.may_open, answer.fault))
        return found

    # At 60 comes the answer of 0; at 120 that of 60, which is later than any before it; then the connection is left.
    found = asyncio.run(ask())
    assert found[:2] == [(True, None), (False, "doubted")]
    assert (False, "doubted") in found[2:3]
    assert found[3:] == [(True, None)] * 3


def test_a_clock_of_the_server_that_is_set_back_is_believed_after_a_minute_and_a_slow_clock_at_once() -> None:
    began = datetime(2026, 10, 1, tzinfo=timezone.utc)

    def heard(timeline: Timeline, at: float, server: float) -> bool:
        return timeline.doubt(7, began + timedelta(seconds=server), at, 7) is None

    timeline = Timeline()
    assert heard(timeline, 0.0, 0.0)
    # By 11.9 s, which no answer alone shows: as_of goes on forwards within 12 s.
    found = [heard(timeline, 12.0 + step * 2.0, 12.0 + step * 2.0 - 12.5) for step in range(40)]
    assert not any(found[:30]) and all(found[31:])
    # A clock of ours that runs fast by 0.0005 for ten days, asked each hour; nothing is doubted.
    timeline = Timeline()
    assert all(heard(timeline, hour * 3600 * 1.0005, hour * 3600.0) for hour in range(240))


def test_a_clock_of_the_client_that_is_wrong_by_a_year_changes_nothing(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(Reply(body=GOOD))
    monkeypatch.setattr(time, "time", lambda: BEGIN.timestamp() - 365 * 86_400)
    assert answers(server.url, fail="closed")[0].may_open


def test_what_another_database_said_is_void_once_a_new_one_is_believed(serve: Callable[..., FakeApi]) -> None:
    now = [0.0]
    played = {"seq": 50, "at": 0.0}

    def answer(request: Request) -> Reply:
        asked = (request.query["exchange"], request.query["symbol"])
        return (
            Reply(503) if now[0] > 20 else Reply(body=can_trade(*asked, seq=played["seq"], as_of=stamp(played["at"])))
        )

    server = serve(answer)
    options: dict[str, Any] = {"fail": "stale", "stale_for": 600.0, "push": False, "clock": lambda: now[0]}
    with Client(server.url, TOKEN, **options) as client:
        assert client.can_trade("binance", "ETH/USDT").may_open
        for now[0], played["seq"], played["at"] in ((2, 3, 2), (14, 3, 14), (15, 3, 15)):
            client.can_trade(*PAIR)
        now[0] = 21
        assert client.can_trade(*PAIR).may_open
        assert not client.can_trade("binance", "ETH/USDT").may_open


def test_a_compressed_answer_is_not_unpacked(serve: Callable[..., FakeApi]) -> None:
    (answer,) = answers(serve(OUTAGES["gzip bomb"][1]).url, fail="closed")
    assert "content-encoding was 'gzip'" in str(answer.problem)


def test_a_server_that_asks_for_quiet_gets_it(serve: Callable[..., FakeApi]) -> None:
    server = serve(OUTAGES["429"][1])
    found = answers(server.url, 5, fail="closed")
    assert [answer.fault for answer in found] == ["limited"] * 5
    assert len(server.requests) == 1
    server = serve(Reply(429, headers={"Retry-After": "99999999999"}))
    with Client(server.url, TOKEN, fail="closed") as client, pytest.raises(EwsError) as caught:
        client.can_trade(*PAIR, raise_for="all")
    assert caught.value.retry_after == 60.0


def test_a_connection_that_the_server_closed_meanwhile_is_no_fault(serve: Callable[..., FakeApi]) -> None:
    first = iter([True])

    def answer(request: Request) -> Reply:
        return Reply(act=reset) if next(first, False) else Reply(body=GOOD)

    assert answers(serve(answer).url, fail="closed")[0].may_open


def test_faults_are_raised_where_they_are_asked_for_and_never_else(serve: Callable[..., FakeApi]) -> None:
    server = serve(REFUSALS["401"][1])
    with Client(server.url, TOKEN, fail="closed") as client:
        with pytest.raises(EwsError, match="credentials: HTTP 401: not ready") as caught:
            client.can_trade(*PAIR, raise_for=("credentials",))
        assert (caught.value.kind, caught.value.http_status) == ("credentials", 401)
        assert client.can_trade(*PAIR, raise_for=("timeout",)).fault == "credentials"
        with pytest.raises(ValueError, match="raise_for named timout, expected words of broken"):
            client.can_trade(*PAIR, raise_for="timout")
        # What cannot be asked is a no as well: an exception in a bot's hook may be taken for a yes.
        broken: Any = [(None, "BTC/USDT"), ("binance", ""), ("a", "b", "c"), 7, "ab", ("a", "B\0"), ("a", "\ud800")]
        assert [(one.may_open, one.fault) for one in client.can_trade_many(broken)] == [(False, "request")] * 7
        assert [one.fault for one in client.can_trade_many(None)] == ["request"]  # type: ignore[arg-type]
        assert client.can_trade_many([]) == []
    assert client.can_trade(*PAIR).fault == "closed"
    assert not client.can_trade(*PAIR)


def test_many_are_asked_so_many_at_a_time_and_answered_in_order(
    serve: Callable[..., FakeApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews_client.aio.PAIRS_AT_ONCE", 20)

    def answer(request: Request) -> Reply:
        pairs = json.loads(request.body)["pairs"]
        asked = [can_trade(one["exchange"], one["symbol"], may_open=one["symbol"] != "S7") for one in pairs]
        inner = [{name: one[name] for name in one if name not in ("as_of", "seq")} for one in asked]
        return Reply(body={"as_of": stamp(), "seq": 7, "status": "fresh", "answers": inner})

    server = serve(answer)
    with Client(server.url, TOKEN, fail="closed") as client:
        found = client.can_trade_many([("binance", f"S{number}") for number in range(30)])
    assert [number for number, one in enumerate(found) if not one.may_open] == [7]
    assert [one.asked_symbol for one in found] == [f"S{number}" for number in range(30)]
    assert found[0].as_of == BEGIN and found[0].seq == 7
    assert [len(json.loads(request.body)["pairs"]) for request in server.requests] == [20, 10]
    # All of an answer is unknown where its head says so.
    dead = serve(lambda request: Reply(body={**json.loads(as_bytes(answer(request).body)), "status": "unknown"}))
    with Client(dead.url, TOKEN, fail="closed") as client:
        assert [one.may_open for one in client.can_trade_many([PAIR, PAIR])] == [False, False]
    short = serve(Reply(body={"as_of": stamp(), "seq": 7, "status": "fresh", "answers": []}))
    with Client(short.url, TOKEN, fail="closed") as client:
        assert [one.fault for one in client.can_trade_many([PAIR, PAIR])] == ["malformed"] * 2
