"""The path that a bot's author walks first: a token, the risk, one pair, a list."""

from __future__ import annotations

import httpx

from events import clock
from events.models import Heartbeat
from tests.api.support import manual_event


def test_a_token_reads_risk_one_pair_and_sources(reader: httpx.Client) -> None:
    Heartbeat.objects.update_or_create(defaults={"beat_at": clock.database_now()})
    manual_event("DOGE")
    answer = reader.get("/api/v1/risk")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [row["token"] for row in body["tokens"]] == ["DOGE"] and body["tokens"][0]["action"] == "avoid_new"
    assert int(answer.headers["x-age-ms"]) < 12_000 and body["seq"] > 0

    pair = reader.get("/api/v1/can-trade", params={"exchange": "binance", "symbol": "NOSUCH/USDT"}).json()
    assert (pair["may_open"], pair["may_close"], pair["covered"]) == (False, True, "unknown")

    assert reader.get("/api/v1/sources").json()["items"] == []


def test_without_a_token_nothing_is_read(api_url: str) -> None:
    for path in ("/api/v1/risk", "/api/v1/can-trade?symbol=X", "/api/v1/sources"):
        answer = httpx.get(api_url + path, trust_env=False)
        assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
