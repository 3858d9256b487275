"""The proxy that plays the faults, in front of the real server: what a client gets before, during and after each."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from api.botcheck.faults import FAULTS, MEANING, PORTAL
from api.botcheck.proxy import FaultProxy
from tests.api.support import all_is_fresh, manual_event, quiet_market

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


def test_each_fault_has_a_meaning() -> None:
    assert tuple(MEANING) == FAULTS


def test_without_a_fault_every_byte_passes(proxy: FaultProxy, client: httpx.Client, api_url: str) -> None:
    headers = {"Authorization": client.headers["Authorization"]}
    direct = httpx.get(f"{api_url}{ALLOW}", headers=headers, trust_env=False)
    first, second = client.get(ALLOW), client.get(ALLOW)
    assert first.content == second.content == direct.content
    assert json.loads(first.content)["pairs"] == ["BTC/USDT"]
    assert [name for name, _ in first.headers.raw] == [name for name, _ in direct.headers.raw]
    assert proxy.asked == [f"GET {ALLOW}"] * 2 and proxy.open_connections == 1
    many = client.post("/api/v1/can-trade", json={"pairs": [{"exchange": "binance", "symbol": "BTC/USDT"}]})
    assert many.json()["answers"][0]["may_open"] is True
    assert client.head(RISK).status_code in (200, 405)
    tag = client.get(RISK).headers["etag"]
    assert client.get(RISK, headers={"If-None-Match": tag}).status_code == 304


def test_faults_that_answer_take_the_form_of_the_door(proxy: FaultProxy, client: httpx.Client) -> None:
    client.get(ALLOW)
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


def test_a_truncated_answer_promises_its_whole_length(proxy: FaultProxy, client: httpx.Client) -> None:
    client.get(ALLOW)
    proxy.fault = "truncated"
    with pytest.raises(httpx.RemoteProtocolError, match=r"received .* bytes, expected"):
        client.get(ALLOW)
    proxy.fault = None
    assert client.get(ALLOW).status_code == 200


def test_a_slow_answer_comes_byte_by_byte_and_is_whole(proxy: FaultProxy, client: httpx.Client) -> None:
    expected = client.get(ALLOW).content
    proxy.fault = "slow_drip"
    begun = time.monotonic()
    with pytest.raises(httpx.TimeoutException), client.stream("GET", ALLOW) as slow:
        assert slow.status_code == 200 and time.monotonic() - begun > 0.3
        raise httpx.ReadTimeout("we have seen enough")
    proxy.fault = None
    assert client.get(ALLOW).content == expected


def test_dead_is_silence_and_goes_on_after_it(proxy: FaultProxy, client: httpx.Client) -> None:
    client.get(ALLOW)
    proxy.fault = "dead"
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            client.get(ALLOW, timeout=0.2)
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


def test_a_stale_leader_says_unknown_at_every_door(proxy: FaultProxy, client: httpx.Client) -> None:
    fresh = client.get(RISK)
    proxy.fault = "stale_leader"
    body = client.get(RISK, headers={"If-None-Match": fresh.headers["etag"]}).json()
    assert (body["status"], body["stale_sources"]) == ("unknown", ["heartbeat"])
    assert body["tokens"] == fresh.json()["tokens"]
    assert datetime.fromisoformat(body["as_of"]) < datetime.fromisoformat(fresh.json()["as_of"])
    may = client.get("/api/v1/can-trade?exchange=binance&symbol=BTC/USDT").json()
    assert (may["may_open"], may["may_close"], may["status"]) == (False, True, "unknown")
    assert {row["may_open"] for row in may["rows"]} == {False}
    assert client.get(ALLOW).json()["pairs"] == ["EWS/NOTHING"]


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_is_off_in_header_and_body(proxy: FaultProxy, client: httpx.Client, hours: int) -> None:
    before = client.get(RISK).json()
    proxy.skew = timedelta(hours=hours)
    proxy.fault = "clock_skew"
    found = client.get(RISK)
    moved = datetime.fromisoformat(found.json()["as_of"]) - datetime.fromisoformat(before["as_of"])
    assert moved == timedelta(hours=hours) and found.json()["status"] == "fresh"
    assert found.json()["tokens"] == before["tokens"]
    date = parsedate_to_datetime(found.headers["date"])
    assert abs(date - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(seconds=5)


def test_an_open_websocket_gets_the_fault_as_well(proxy: FaultProxy, client: httpx.Client) -> None:
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
            connection.recv(0.4)
        proxy.fault = None
        assert message(connection, "heartbeat")["status"] == "fresh"
        proxy.fault = "401"
        with pytest.raises(ConnectionClosed) as closed:
            message(connection, "nothing")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
    with pytest.raises(Exception, match="HTTP 401"):
        socket_of(proxy, client)


def test_a_change_of_the_status_is_reported_at_once(
    proxy: FaultProxy, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.push.hub.HEARTBEAT_SECONDS", 60.0)
    with socket_of(proxy, client) as connection:
        message(connection, "snapshot")
        for fault, status in (("stale_leader", "unknown"), (None, "fresh")):
            proxy.fault = fault
            assert json.loads(connection.recv(1))["status"] == status
    with client.stream("GET", "/api/v1/stream?kinds=risk") as stream:
        events = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
        assert next(events)["kind"] == "snapshot"
        proxy.fault = "stale_leader"
        assert next(events)["status"] == "unknown"


def test_a_stream_is_cut_in_the_middle_of_an_event(proxy: FaultProxy, client: httpx.Client) -> None:
    with client.stream("GET", "/api/v1/stream?kinds=risk") as stream:
        lines = stream.iter_lines()
        while not next(lines).startswith("data: "):
            continue
        proxy.fault = "truncated"
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    proxy.fault = None
    with client.stream("GET", "/api/v1/stream?kinds=risk") as stream:
        lines = stream.iter_lines()
        next(lines)
        proxy.fault = "stale_leader"
        body = next(json.loads(line[6:]) for line in lines if line.startswith("data: ") and '"heartbeat"' in line)
        assert body["status"] == "unknown"
        proxy.fault = "html_200"
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)


def test_a_fault_that_is_none_is_refused(proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match="fault was '402', expected None or one of 401"):
        proxy.fault = "402"
    with pytest.raises(ValueError, match="target_url was 'nothing', expected http"):
        FaultProxy("nothing")
