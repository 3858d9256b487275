"""Tickets, and tokens that end while somebody listens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.models import ApiToken, StreamTicket
from api.problems import Problem
from api.push.census import Census
from api.tokens.store import make_token, revoke
from crypto_ews.logs import masked
from tests.api.push.clients import SseReader
from tests.api.push.test_websocket import refused


def test_a_ticket_opens_one_stream(reader: httpx.Client, api_url: str) -> None:
    given = reader.post("/api/v1/ticket")
    assert given.status_code == 201, given.text
    ticket = given.json()["ticket"]
    left = datetime.fromisoformat(given.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=20) < left <= timedelta(seconds=31)
    path = f"/api/v1/stream?kinds=risk&ticket={ticket}"
    assert ticket not in masked(f"GET {path}")
    with SseReader(api_url, path) as stream:
        assert stream.next()["kind"] == "snapshot"
    with SseReader(api_url, path) as again:
        assert again.status == 401
    late = reader.post("/api/v1/ticket").json()["ticket"]
    StreamTicket.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert refused(api_url, f"/api/v1/ws?ticket={late}") == 401
    assert not StreamTicket.objects.exists()
    assert refused(api_url, "/api/v1/ws?ticket=ewt_nothing") == 401
    # Elsewhere a ticket opens nothing.
    other = reader.post("/api/v1/ticket").json()["ticket"]
    assert httpx.get(f"{api_url}/api/v1/risk?ticket={other}", trust_env=False).status_code == 401


@pytest.mark.parametrize("end", ["expiry", *(pytest.param(one, marks=pytest.mark.long) for one in ("revoked", "less"))])
def test_a_stream_ends_when_its_token_does(api_url: str, transactional_db: None, end: str) -> None:
    by_ticket = end == "expiry"
    token = make_token("short", ["read"], datetime.now(UTC), "test")
    path = "/api/v1/stream"
    if by_ticket:
        bearer = {"Authorization": f"Bearer {token}"}
        path += "?ticket=" + httpx.post(f"{api_url}/api/v1/ticket", headers=bearer, trust_env=False).json()["ticket"]
    with SseReader(api_url, path, "" if by_ticket else token) as stream:
        stream.until("snapshot")
        if by_ticket:
            ApiToken.objects.update(expires_at=datetime.now(UTC))
        elif end == "revoked":
            revoke(ApiToken.objects.get(), datetime.now(UTC), "test")
        else:
            ApiToken.objects.update(scopes=["pairs"])
        with pytest.raises(EOFError):
            stream.until("nothing", timeout=3)


def test_streams_are_counted_by_token_and_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from api.push import census as module
    from crypto_ews.conf import parse_config

    config = parse_config({"API_STREAMS_PER_TOKEN": "2", "API_STREAMS_PER_ADDRESS": "3"})
    monkeypatch.setattr(module, "get_config", lambda: config)
    census = Census()
    with census.counted(1, "a", "sse"), census.counted(1, "b", "sse"):
        with pytest.raises(Problem, match="API_STREAMS_PER_TOKEN"), census.counted(1, "c", "sse"):
            pass
        full = pytest.raises(Problem, match="API_STREAMS_PER_ADDRESS")
        with census.counted(2, "a", "sse"), census.counted(3, "a", "sse"), full, census.counted(4, "a", "websocket"):
            pass
        assert len(census) == 2
    assert len(census) == 0
