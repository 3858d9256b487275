"""The table of the README: what each `fail` mode answers, fault by fault, over real sockets."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fail_modes import GOOD, PAIR, answers, in_each_mode
from fake_api import BEGIN, TOKEN, FakeApi, Reply, Request, as_bytes, can_trade, chunk, reset, stamp

from ews_client import Answer, Client, EwsError

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


def test_a_client_that_rests_asks_again_when_it_has_rested(serve: Callable[..., FakeApi]) -> None:
    now = [100.0]
    replies = [Reply(503), Reply(body=can_trade())]
    server = serve(lambda request: replies[0])
    with Client(server.url, TOKEN, fail="closed", rest=5.0, clock=lambda: now[0]) as client:
        assert client.can_trade("binance", "BTC/USDT").fault == "server"
        replies.pop(0)
        resting = client.can_trade("binance", "BTC/USDT")
        assert (resting.fault, len(server.requests)) == ("server", 1) and "asked again in 0.5 s" in str(resting.problem)
        now[0] += 0.6
        assert client.can_trade("binance", "BTC/USDT").may_open and len(server.requests) == 2
    with pytest.raises(ValueError, match="rest was -1"):
        Client(server.url, TOKEN, fail="closed", rest=-1)


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
