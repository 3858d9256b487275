"""The proxy that plays the faults, in front of the real server: what a client gets before, during and after each."""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from api.botcheck.faults import FAULTS, PORTAL
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.upstreams import Reply, Request, UpstreamServer

ALLOW = "/bots/freqtrade/allow?venue=BINANCE"
RISK = "/api/v1/risk"


@pytest.fixture
def proxy(api_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    monkeypatch.setattr("api.push.hub.HEARTBEAT_SECONDS", 0.1)
    quiet_market()
    manual_event("ETH", action="exit")
    all_is_fresh()
    with FaultProxy(api_url, drip_seconds=0.002) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy, token_of: Callable[..., str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token_of()}"}
    with httpx.Client(base_url=proxy.url, headers=headers, trust_env=False, timeout=5.0) as client:
        yield client


def socket_of(proxy: FaultProxy, client: httpx.Client) -> ClientConnection:
    token = client.headers["Authorization"]
    url = f"ws://127.0.0.1:{proxy.port}/api/v1/ws?kinds=risk"
    return connect(url, additional_headers={"Authorization": token}, compression=None, proxy=None)


def message(connection: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = json.loads(connection.recv(5))
        if found["kind"] == kind:
            return found


def test_each_fault_is_what_its_name_says(proxy: FaultProxy, client: httpx.Client, api_url: str) -> None:
    """One server for all of it: to begin and end one takes longer than each fault."""
    _every_byte_passes(proxy, client, api_url)
    _answers_take_the_form_of_the_door(proxy, client)
    _a_truncated_answer_promises_its_whole_length(proxy, client)
    _a_slow_answer_comes_byte_by_byte_and_is_whole(proxy, client)
    _dead_is_silence_and_goes_on_after_it(proxy, client)
    _a_stale_leader_says_unknown_at_every_door(proxy, client)
    for hours in (1, -1):
        _a_clock_is_off_in_header_and_body(proxy, client, hours)


def _every_byte_passes(proxy: FaultProxy, client: httpx.Client, api_url: str) -> None:
    headers = {"Authorization": client.headers["Authorization"]}
    direct = httpx.get(f"{api_url}{ALLOW}", headers=headers, trust_env=False)
    first, second = client.get(ALLOW), client.get(ALLOW)
    assert first.content == second.content == direct.content
    assert json.loads(first.content)["pairs"] == ["BTC/USDT"]
    assert [name for name, _ in first.headers.raw] == [name for name, _ in direct.headers.raw]
    assert proxy.asked == [f"GET {ALLOW}"] * 2 and proxy.open_connections == 1
    many = client.post("/api/v1/can-trade", json={"pairs": [{"exchange": "binance", "symbol": "BTC/USDT"}]})
    assert many.json()["answers"][0]["may_open"] is True
    assert client.head(RISK).status_code == 200
    tag = client.get(RISK).headers["etag"]
    assert client.get(RISK, headers={"If-None-Match": tag}).status_code == 304


def _answers_take_the_form_of_the_door(proxy: FaultProxy, client: httpx.Client) -> None:
    for fault in ("401", "403", "404", "429"):
        proxy.fault = fault
        bots, api = client.get(ALLOW), client.get(RISK)
        assert (bots.status_code, bots.headers["content-type"].split(";")[0]) == (int(fault), "text/plain")
        assert bots.headers["content-length"] == str(len(bots.content)) and not bots.text.startswith("{")
        assert (api.headers["content-type"], api.json()["data_status"]) == ("application/problem+json", "unknown")
    proxy.fault = "500_json"
    assert (client.get(ALLOW).status_code, client.get(ALLOW).json()) == (500, {"error": "internal server error"})
    proxy.fault = "html_200"
    assert (client.get(ALLOW).status_code, client.get(RISK).content) == (200, PORTAL)
    proxy.fault = "empty"
    found = client.get(ALLOW)
    assert (found.status_code, found.headers["content-type"], found.content) == (200, "application/json", b"")
    assert proxy.open_connections == 1
    proxy.fault = None
    assert client.get(ALLOW).json()["pairs"] == ["BTC/USDT"]


def _a_truncated_answer_promises_its_whole_length(proxy: FaultProxy, client: httpx.Client) -> None:
    proxy.fault = "truncated"
    with pytest.raises(httpx.RemoteProtocolError, match=r"received .* bytes, expected"):
        client.get(ALLOW)
    proxy.fault = None
    assert client.get(ALLOW).status_code == 200


def _a_slow_answer_comes_byte_by_byte_and_is_whole(proxy: FaultProxy, client: httpx.Client) -> None:
    expected = client.get(ALLOW).content
    proxy.fault = "slow_drip"
    begun = time.monotonic()
    with pytest.raises(httpx.TimeoutException), client.stream("GET", ALLOW) as slow:
        assert slow.status_code == 200 and time.monotonic() - begun > 0.3
        raise httpx.ReadTimeout("we have seen enough")
    proxy.fault = None
    assert client.get(ALLOW).content == expected


def _dead_is_silence_and_goes_on_after_it(proxy: FaultProxy, client: httpx.Client) -> None:
    proxy.fault = "dead"
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            client.get(ALLOW, timeout=0.1)
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as late:
        request = f"GET {ALLOW} HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['Authorization']}\r\n\r\n"
        late.sendall(request.encode())
        proxy.fault = None
        late.settimeout(5)
        assert late.recv(100).startswith(b"HTTP/1.1 200")
    proxy.refuse()
    with pytest.raises(httpx.ConnectError):
        client.get(ALLOW)
    proxy.accept()
    assert client.get(ALLOW).status_code == 200


def _a_stale_leader_says_unknown_at_every_door(proxy: FaultProxy, client: httpx.Client) -> None:
    all_is_fresh()
    fresh = client.get(RISK)
    doors = (ALLOW, RISK, "/bots/pairs.csv?venue=BINANCE", "/bots/allow.txt?venue=BINANCE")
    lengths = [client.head(door).headers["content-length"] for door in doors]
    proxy.fault = "stale_leader"
    body = client.get(RISK, headers={"If-None-Match": fresh.headers["etag"]}).json()
    assert (body["status"], body["stale_sources"]) == ("unknown", ["heartbeat"])
    assert body["tokens"] == fresh.json()["tokens"]
    assert datetime.fromisoformat(body["as_of"]) < datetime.fromisoformat(fresh.json()["as_of"])
    may = client.get("/api/v1/can-trade?exchange=binance&symbol=BTC/USDT").json()
    assert (may["may_open"], may["may_close"], may["status"]) == (False, True, "unknown")
    assert {row["may_open"] for row in may["rows"]} == {False}
    assert client.get(ALLOW).json()["pairs"] == ["EWS/NOTHING"]
    # What has no body keeps its length, and the connection goes on.
    assert [client.head(door).headers["content-length"] for door in doors] == lengths
    assert int(client.head(ALLOW).headers["x-age-ms"]) >= 60_000
    proxy.fault = None


def _a_clock_is_off_in_header_and_body(proxy: FaultProxy, client: httpx.Client, hours: int) -> None:
    all_is_fresh()
    before = client.get(RISK).json()
    proxy.skew = timedelta(hours=hours)
    proxy.fault = "clock_skew"
    found = client.get(RISK)
    moved = datetime.fromisoformat(found.json()["as_of"]) - datetime.fromisoformat(before["as_of"])
    assert abs(moved - timedelta(hours=hours)) < timedelta(seconds=5)
    assert found.json()["tokens"] == before["tokens"]
    for answer in (found, client.head(ALLOW)):
        date = parsedate_to_datetime(answer.headers["date"])
        assert abs(date - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(seconds=5)
    proxy.fault = None


def test_what_is_open_gets_the_fault_as_well(
    proxy: FaultProxy, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket_of(proxy, client) as connection:
        assert message(connection, "heartbeat")["status"] == "fresh"
        proxy.fault = "stale_leader"
        found = message(connection, "heartbeat")
        assert (found["status"], found["stale_sources"]) == ("unknown", ["heartbeat"])
        proxy.fault = "clock_skew"
        ahead = datetime.fromisoformat(message(connection, "heartbeat")["as_of"])
        assert ahead - datetime.now(ahead.tzinfo) > timedelta(minutes=50)
        proxy.fault = "dead"
        with pytest.raises(TimeoutError):
            connection.recv(0.3)
        proxy.fault = None
        assert message(connection, "heartbeat")["status"] == "fresh"
        proxy.fault = "401"
        with pytest.raises(ConnectionClosed) as closed:
            message(connection, "nothing")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    with pytest.raises(Exception, match="HTTP 401"):
        socket_of(proxy, client)
    proxy.fault = None
    for fault in ("truncated", "html_200"):
        with client.stream("GET", "/api/v1/stream?kinds=risk") as stream:
            lines = stream.iter_lines()
            while not next(lines).startswith("data: "):
                continue
            proxy.fault = "stale_leader"
            body = next(json.loads(line[6:]) for line in lines if line.startswith("data: ") and '"heartbeat"' in line)
            assert body["status"] == "unknown"
            proxy.fault = fault
            with pytest.raises(httpx.RemoteProtocolError):
                list(lines)
        proxy.fault = None

    # A change of the status is reported at once, without a message of ours.
    monkeypatch.setattr("api.push.hub.HEARTBEAT_SECONDS", 60.0)
    with socket_of(proxy, client) as connection:
        message(connection, "snapshot")
        for fault_now, status in (("stale_leader", "unknown"), (None, "fresh")):
            proxy.fault = fault_now
            ends = time.monotonic() + 2
            while json.loads(connection.recv(1))["status"] != status:
                assert time.monotonic() < ends


def test_requests_of_every_form_pass(server: UpstreamServer) -> None:
    """Several at once on one connection, one in chunks, a large one, and HEAD; then what is no HTTP."""
    seen: list[tuple[str, bytes]] = []

    def answer(request: Request) -> Reply:
        seen.append((request.method, request.body[:5]))
        return Reply(b"x" * 3_000_000 if request.path == "/large" else b"ok")

    server.route("/large", answer)
    server.route("/small", answer)
    with FaultProxy(server.url("")) as proxy, socket.create_connection(("127.0.0.1", proxy.port), 5) as open_one:
        small = b"GET /small HTTP/1.1\r\nhost: x\r\n\r\n"
        posted = b"POST /small HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"
        open_one.sendall(small + b"HEAD /small HTTP/1.1\r\nhost: x\r\n\r\n" + posted + small)
        got = b""
        while got.count(b"ok") < 3:
            got += open_one.recv(65_536)
        assert (got.count(b"HTTP/1.1 200"), proxy.asked) == (
            4,
            ["GET /small", "HEAD /small", "POST /small", "GET /small"],
        )
        assert seen == [("GET", b""), ("HEAD", b""), ("POST", b"hello"), ("GET", b"")]
        with httpx.Client(base_url=proxy.url, trust_env=False) as client:
            assert len(client.get("/large").content) == 3_000_000
            proxy.fault = "truncated"
            with pytest.raises(httpx.RemoteProtocolError, match="peer closed"):
                client.get("/large")
        with socket.create_connection(("127.0.0.1", proxy.port), 5) as stranger:
            stranger.sendall(b"\x16\x03\x01\r\n\r\n")
            assert stranger.recv(100) == b""


def test_a_proxy_leaves_nothing_behind(server: UpstreamServer, caplog: pytest.LogCaptureFixture) -> None:
    """Stopped while things are open, while one is being accepted, and during each fault."""

    server.route("/small", Reply(b"ok"))
    before = threading.active_count(), len(os.listdir("/proc/self/fd"))
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING, "asyncio"):
        warnings.simplefilter("always", ResourceWarning)
        for fault in (None, *FAULTS):
            with FaultProxy(server.url("")) as proxy:
                clients = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(3)]
                clients[0].sendall(b"GET /small HTTP/1.1\r\nhost: x\r\n\r\n")
                proxy.fault = fault
                late = socket.create_connection(("127.0.0.1", proxy.port))
                late.sendall(b"GET /small HTTP/1.1\r\nhost: x\r\n\r\n")
            for one in (*clients, late):
                one.close()
        gc.collect()
    said = [str(one.message) for one in warned if "127.0.0.1" in str(one.message)]
    assert (said, [record.getMessage() for record in caplog.records if "Executing" not in record.getMessage()]) == (
        [],
        [],
    )
    ends = time.monotonic() + 2
    while (threading.active_count(), len(os.listdir("/proc/self/fd"))) > before and time.monotonic() < ends:
        time.sleep(0.01)
    assert not [one.name for one in threading.enumerate() if one.name == "the fault proxy"]
    assert len(os.listdir("/proc/self/fd")) <= before[1]


def test_a_fault_that_is_none_is_refused() -> None:
    refused = pytest.raises(ValueError, match="fault was '402', expected None or one of 401")
    with FaultProxy("http://127.0.0.1:1") as proxy, refused:
        proxy.fault = "402"
    for url in ("nothing", "https://ews.example", "http://127.0.0.1:1/ews"):
        with pytest.raises(ValueError, match=f"target_url was '{url}', expected http"):
            FaultProxy(url)
