"""`ews-client` against the API as the daemon serves it: one answer by SQL and client, and no "yes" without one."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.db import connection
from ews_client import AssetRisk, Client, EwsError, Message, Notice, RiskChange, Risks, Row, Snapshot, TokenRisk
from ews_client.answers import NOBODY
from ews_client.command import main

from events import clock
from events.daemon.endpoints import health
from events.daemon.webserver import Role, WebServer
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually

PAIRS = [
    ("binance", "BTC/USDT"), ("BINANCE_USDM", "BTCUSDT"), ("okx", "BTC-USDT"), ("binance", "BTC/USDT:USDT"),
    ("binance", "XYZ/USDT"), ("binance", "NOSUCH/USDT"), ("nowhere", "BTC/USDT"), ("binance", "ethbtc"),
]  # fmt: skip


@pytest.fixture
def token(token_of: Callable[..., str]) -> str:
    return token_of()


@pytest.fixture
def client(api_url: str, token: str) -> Iterator[Client]:
    quiet_market()
    with Client(api_url, token, fail="closed", timeout=10) as made:
        eventually(lambda: made.risks().fresh, 5, "the market is seen")
        eventually(lambda: made.risk("BTC").covered == "watched", 7, "the names are read")
        yield made


def rows_of(exchange: str, symbol: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(row) FROM can_trade_many(ARRAY[%s], ARRAY[%s]) AS row", [exchange, symbol])
        return [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]


def test_sql_and_client_give_one_answer_for_every_spelling(client: Client) -> None:
    manual_event("ETH", action="reduce_only")
    all_is_fresh()
    many = client.can_trade_many(PAIRS)
    assert [answer.fault for answer in many] == [None] * len(PAIRS)
    for pair, answer in zip(PAIRS, many, strict=True):
        found = rows_of(*pair)
        one = client.can_trade(*pair)
        for kind in (answer, one):
            assert kind.may_open is found[0]["may_open"], (pair, kind)
            assert (kind.may_close, kind.action, kind.status, kind.covered) == (
                found[0]["may_close"], found[0]["action"], found[0]["status"], found[0]["covered"],
            ), pair  # fmt: skip
            assert len(kind.rows) == len(found)
    opens = {pair: answer.may_open for pair, answer in zip(PAIRS, many, strict=True)}
    assert opens["binance", "BTC/USDT"] and opens["okx", "BTC-USDT"] and not opens["binance", "ethbtc"]


def test_the_fields_of_the_client_are_those_of_the_api(client: Client, api_url: str, token: str) -> None:
    reader = httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    manual_event("BTC", action="exit")
    eventually(lambda: len(client.risks().tokens) == 1, 3, "a row")
    body = reader.get("/api/v1/can-trade", params={"exchange": "binance", "symbol": "BTC/USDT"}).json()
    assert {field.name for field in dataclasses.fields(Row)} == body["rows"][0].keys()
    assert vars(NOBODY).keys() == body["rows"][0].keys()
    risk = reader.get("/api/v1/risk").json()
    assert {field.name for field in dataclasses.fields(TokenRisk)} == risk["tokens"][0].keys()
    assert {field.name for field in dataclasses.fields(Risks)} - {"age_ms"} == risk.keys()
    asset = reader.get("/api/v1/risk/BTC").json()
    assert {field.name for field in dataclasses.fields(AssetRisk)} - {"age_ms"} <= asset.keys()
    (event,) = client.events()
    assert (event.status, event.category, event.raw["tokens"]) == ("open", event.category, ["BTC"])
    assert client.risks(venue="OKX", min_action="exit").tokens[0].token == "BTC"


@pytest.mark.long
def test_memory_is_taken_away_by_push_and_the_end_of_a_heartbeat_is_seen(
    client: Client, api_url: str, token: str
) -> None:
    all_is_fresh()
    with Client(api_url, token, fail="closed", cache_for=60, timeout=10) as bot:
        assert bot.wait_for_push(5)
        all_is_fresh()
        eventually(lambda: [bot.can_trade("binance", "BTC/USDT").source for _ in range(2)][1] == "cache", 8, "complete")
        assert bot.can_trade("binance", "BTC/USDT").may_open
        manual_event("BTC", action="avoid_new")
        began = time.monotonic()
        eventually(lambda: not bot.can_trade("binance", "BTC/USDT").may_open, 2, "push")
        assert time.monotonic() - began < 1.0
        Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=13))
        eventually(lambda: bot.can_trade("okx", "BTC-USDT").status == "unknown", 3, "the daemon's end")
        assert not bot.can_trade("okx", "BTC-USDT").may_open


def test_watch_gives_what_happens(client: Client) -> None:
    watched = client.watch(kinds=["risk", "event"])
    assert isinstance(first := next(watched), Snapshot) and first.tokens == ()
    manual_event("DOGE", action="halt")
    found: dict[type, Message] = {}
    while not {RiskChange, Notice} <= found.keys():
        message = next(watched)
        found[type(message)] = message
    change, event = found[RiskChange], found[Notice]
    assert isinstance(change, RiskChange) and change.changed[0].token == "DOGE"
    assert isinstance(event, Notice) and event.what == "event.opened"
    watched.close()  # type: ignore[attr-defined]


def test_a_token_that_is_not_known_is_refused_and_says_nothing_of_itself(api_url: str) -> None:
    wrong = "ews_" + "x" * 43
    with Client(api_url, wrong, fail="open") as bot:
        answer = bot.can_trade("binance", "BTC/USDT")
        assert (answer.may_open, answer.fault) == (False, "credentials")
        with pytest.raises(EwsError, match="credentials") as caught:
            next(bot.watch())
        assert wrong not in str(caught.value) + repr(answer)


def test_the_command_asks_the_real_server(
    client: Client, api_url: str, token: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EWS_URL", api_url)
    monkeypatch.setenv("EWS_TOKEN", token)
    all_is_fresh()
    assert main(["can-trade", "binance", "BTC/USDT"]) == 0
    manual_event("BTC", action="exit")
    eventually(lambda: client.risks().tokens != (), 3, "a row")
    assert main(["can-trade", "binance", "BTC/USDT"]) == 1
    assert main(["risk", "--venue", "BINANCE"]) == 0
    capsys.readouterr()
    assert main(["export", "freqtrade-blacklist", "--venue", "BINANCE"]) == 0
    assert "(?:1(?:0{3,7}|M))?BTC/.*" in json.loads(capsys.readouterr().out)
    assert main(["can-trade", "binance", "NOSUCH/USDT"]) == 2


def test_a_server_that_is_gone_makes_nobody_braver(api_url: str, token: str) -> None:
    from crypto_ews.asgi import application

    quiet_market()
    role = Role()
    role.leading = True
    server = WebServer("127.0.0.1", 0, role, application, health)
    server.start()
    made: dict[str, dict[str, Any]] = {"closed": {}, "stale": {"stale_for": 60.0}, "open": {}}
    bots = {fail: Client(server.url, token, fail=fail, timeout=5, **more) for fail, more in made.items()}
    try:
        for bot in bots.values():
            assert bot is bots["closed"] or bot.wait_for_push(5)
            eventually(lambda bot=bot: bot.can_trade("binance", "BTC/USDT").may_open, 5, "a yes")  # type: ignore[misc]
    finally:
        server.stop()
    opens = {fail: bot.can_trade("binance", "BTC/USDT").may_open for fail, bot in bots.items()}
    for bot in bots.values():
        bot.close()
    assert opens == {"closed": False, "stale": True, "open": True}


def test_lists_and_positions_by_the_real_doors(client: Client, api_url: str, token_of: Callable[..., str]) -> None:
    assert {item["source"] for item in client.items("sources")} != set()
    assert len(list(client.items("instruments", limit=2))) == 5
    assert list(client.items("alerts")) == []
    book: list[dict[str, Any]] = [
        {"venue": "OKX", "asset": "USDC", "quantity": Decimal("1200000.5")},
        {"asset": "NOSUCH", "quantity": "1"},
    ]
    with pytest.raises(EwsError, match="credentials: HTTP 403"):
        client.positions(book)
    with Client(api_url, token_of("act", "read", name="desk"), fail="closed", timeout=10) as desk:
        eventually(lambda: desk.can_trade("okx", "BTC-USDT").fault is None, 3, "the new token is known")
        stored = desk.positions(book)
        assert (stored.account, stored.count, stored.replaced) == ("desk", 2, 0)
        assert [name["value"] for name in stored.unresolved] == ["NOSUCH"]
        with pytest.raises(EwsError, match="request: HTTP 422"):
            desk.positions([])
        assert desk.positions([], empty=True).replaced == 2
