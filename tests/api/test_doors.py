"""The hot doors: what bots read, in which order of caution, and what they are told of a wrong question."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection

from api.doors.asker import Asker
from events import clock
from events.models import Heartbeat
from tests.api.support import all_is_fresh, manual_event, quiet_market
from tests.support.daemon_process import eventually

RISK = "/api/v1/risk"
ONE = "/api/v1/can-trade"


@pytest.fixture
def bot(reader: httpx.Client) -> httpx.Client:
    """A reader of a quiet market."""
    quiet_market()
    eventually(lambda: reader.get(RISK).json()["status"] == "fresh", 3, "the market is seen")
    eventually(lambda: reader.get(f"{RISK}/BTC").json()["covered"] == "watched", 7, "the names are read")
    return reader


def tokens(bot: httpx.Client, **filters: Any) -> list[str]:
    answer = bot.get(RISK, params=filters)
    assert answer.status_code == 200, answer.text
    return [row["token"] for row in answer.json()["tokens"]]


def risk_by_venue_action_and_name(bot: httpx.Client) -> None:
    manual_event("BTC", action="exit", venues=["OKX"])
    manual_event("ETH", action="reduce_only")
    manual_event("USDT", action="halt", venues=["BINANCE"], category="wallet_suspension")
    eventually(lambda: tokens(bot) == ["BTC", "ETH", "USDT"], 2, "three rows")
    assert tokens(bot, venue="OKX") == ["BTC", "ETH"] == tokens(bot, venue="okx")
    # A suspended wallet of an exchange holds on all of its markets, as can_trade has it.
    assert tokens(bot, venue="BINANCE_USDM") == ["ETH", "USDT"] == tokens(bot, venue="binance")
    assert tokens(bot, venue="OKX", min_action="exit") == ["BTC"]
    assert tokens(bot, venue="KRAKEN", min_action="exit") == []
    assert tokens(bot, min_action="exit") == ["BTC", "USDT"]
    assert tokens(bot, token=["xbt", "ETH", "DOGE"]) == ["BTC", "ETH"]
    body = bot.get(RISK, params={"token": ["xbt", "XYZ", "nosuch"]}).json()
    assert body["covered"] == {"xbt": "watched", "XYZ": "listed", "nosuch": "unknown"}
    assert {"as_of", "seq", "status", "stale_sources", "refreshed_at", "tokens"} < body.keys()


def one_asset_by_any_name_and_one_that_nobody_knows(bot: httpx.Client) -> None:
    all_is_fresh()
    eventually(lambda: bot.get(RISK).json()["status"] == "fresh", 2, "it is fresh")
    for name in ("BTC", "btc", "XBT", "xxbt"):
        body = bot.get(f"{RISK}/{name}").json()
        assert (body["asset"], body["token"], body["covered"], body["status"]) == (name, "BTC", "watched", "fresh")
        assert body["risk"]["action"] == "exit"
    listed = bot.get(f"{RISK}/XYZ").json()
    assert (listed["covered"], listed["status"], listed["risk"]) == ("listed", "fresh", None)
    unknown = bot.get(f"{RISK}/NOSUCH").json()
    assert (unknown["covered"], unknown["status"], unknown["risk"]) == ("unknown", "unknown", None)
    assert bot.get(f"{RISK}/").status_code == 404 and bot.get(f"{RISK}/BTC/").status_code == 404


def test_an_etag_is_another_one_for_whatever_changes_an_answer(bot: httpx.Client) -> None:
    first = bot.get(RISK)
    tag = first.headers["etag"]
    again = bot.get(RISK, headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b"" and int(again.headers["x-age-ms"]) < 12_000
    assert bot.get(RISK, headers={"If-None-Match": f'"x", {tag}'}).status_code == 304
    assert bot.get(RISK, headers={"If-None-Match": '"x"'}).status_code == 200
    assert bot.get(RISK, params={"venue": "okx"}, headers={"If-None-Match": tag}).status_code == 200
    seen = {tag}

    def changes(what: str) -> None:
        eventually(lambda: bot.get(RISK, headers={"If-None-Match": tag}).status_code == 200, 3, what)
        new = bot.get(RISK).headers["etag"]
        assert new not in seen, what
        seen.add(new)

    event = manual_event("ETH")
    changes("a row came")
    tag = bot.get(RISK).headers["etag"]
    # As after a restore: the same number of changes, and other rows.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER USER; ALTER TABLE events_effect DISABLE TRIGGER USER")
        cursor.execute("UPDATE events_effect SET action = 'halt' WHERE event_id = %s", [event.pk])
        cursor.execute("ALTER TABLE events_event ENABLE TRIGGER USER; ALTER TABLE events_effect ENABLE TRIGGER USER")
        cursor.execute("SELECT seq FROM risk_view_state")
        ((number,),) = cursor.fetchall()
        cursor.execute("REFRESH MATERIALIZED VIEW token_risk_view")
        cursor.execute("UPDATE risk_view_state SET seq = %s, refreshed_at = clock_timestamp()", [number])
    changes("a restored database has the same seq")
    tag = bot.get(RISK).headers["etag"]
    Heartbeat.objects.update(beat_at=clock.database_now() - timedelta(seconds=30))
    changes("the daemon has died")
    assert bot.get(RISK).json()["status"] == "unknown" and tokens(bot) == ["ETH"]


@pytest.mark.long
def test_an_answer_is_compressed_only_where_that_pays(bot: httpx.Client) -> None:
    small = bot.get(RISK, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers and small.json()["tokens"] == []
    for name in ("BTC", "ETH", "XYZ"):
        manual_event(name, title=f"{name} " * 40)
    eventually(lambda: len(tokens(bot)) == 3, 2, "three rows")
    plain = bot.get(RISK, headers={"Accept-Encoding": "identity"})
    packed = bot.get(RISK, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.json()["tokens"] == plain.json()["tokens"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_can_trade_is_the_answer_of_the_database_one_by_one_and_together(bot: httpx.Client) -> None:
    manual_event("ETH", action="exit")
    pairs = [
        ("binance", "BTC/USDT:USDT"),
        ("BINANCE", "BTCUSDT"),
        ("okx", "BTC-USDT"),
        ("", "BTC/USDT"),
        ("binance", "ETH/BTC"),
        ("kraken", "BTC/USD"),
        ("nowhere", "BTC/USDT"),
        ("binance", "XYZ_usdt"),
        ("binance", "NOSUCH"),
    ]
    asked = [{"exchange": exchange, "symbol": symbol} for exchange, symbol in pairs]
    all_is_fresh()
    together = bot.post(ONE, json={"pairs": asked}).json()
    assert together["status"] == "fresh" and len(together["answers"]) == len(pairs)
    with connection.cursor() as cursor:
        for (exchange, symbol), part in zip(pairs, together["answers"], strict=True):
            alone = bot.get(ONE, params={"exchange": exchange, "symbol": symbol}).json()
            cursor.execute("SELECT row_to_json(answer)::text FROM can_trade(%s, %s) AS answer", [exchange, symbol])
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
            for answer in (alone, part):
                assert (answer["exchange"], answer["symbol"]) == (exchange, symbol)
                assert [without_age(row) for row in answer["rows"]] == [without_age(row) for row in rows]
                for name in ("may_open", "may_close", "action", "covered", "status", "reasons", "stale_sources"):
                    assert answer[name] == rows[0][name], name
            assert alone["as_of"] and alone["seq"] == rows[0]["seq"] and "as_of" not in part
    verdicts = {
        symbol: (part["may_open"], part["may_close"], part["covered"])
        for (_, symbol), part in zip(pairs, together["answers"], strict=True)
    }
    assert verdicts["BTCUSDT"] == (True, True, "watched") and verdicts["ETH/BTC"] == (False, True, "watched")
    assert verdicts["XYZ_usdt"] == (False, True, "listed") and verdicts["NOSUCH"] == (False, True, "unknown")


def without_age(row: dict[str, Any]) -> dict[str, Any]:
    """Times as they are written through Python and through PostgreSQL may differ; ages do."""
    return {name: value for name, value in row.items() if name not in ("age_ms", "as_of")}


WRONG: tuple[dict[str, Any], ...] = (
    {},
    {"symbol": ""},
    {"symbol": "  "},
    {"symbol": ["BTC/USDT", "ETH/USDT"]},
    {"symbol": "B\0TC"},
    {"symbol": "x" * 10_000},
    {"symbol": "BTC", "exchange": ["a", "b"]},
    {"symbol": "BTC", "exchange": "x" * 201},
    {"symbol": "BTC", "nosuch": "1"},
    {"symbol": "BTC", "exchange": "\0"},
)


def a_wrong_question_is_told_what_is_expected(bot: httpx.Client) -> None:
    for wrong in WRONG:
        refused(bot.get(ONE, params=wrong), wrong)
    for raw in ("symbol=%ff", "symbol=%ed%a0%80", "symbol=BTC&symbol=", "&".join(f"a{n}=1" for n in range(2000))):
        refused(bot.get(f"{ONE}?{raw}"), raw)
    for wrong in (
        {"venue": "nowhere"},
        {"venue": ""},
        {"min_action": "panic"},
        {"min_action": ""},
        {"token": ""},
        {"tokn": "X"},
        {"venue": ["okx", "binance"]},
        {"token": ["x"] * 501},
        {"token": "\0"},
        {"min_action": "x" * 300},
    ):
        refused(bot.get(RISK, params=wrong), wrong)
    refused(bot.get(f"{RISK}/B%00C"), "NUL")
    refused(bot.get(f"{RISK}/{'x' * 201}"), "long")
    refused(bot.get(f"{RISK}/BTC?venue=okx"), "no filter here")
    for body in (
        b"",
        b"[]",
        b"{}",
        b"null",
        b"nonsense",
        b'{"pairs": []}',
        b'{"pairs": {}}',
        b'{"pairs": [1]}',
        b"\xff",
        b"[" * 100_000,
        b'{"pairs": [{"symbol": 1}]}',
        b'{"pairs": [{"exchange": "okx"}]}',
        b'{"pairs": [{"symbol": null}]}',
        b'{"pairs": [{"symbol": "\\ud800"}]}',
        b'{"pairs": [{"symbol": "a\\u0000"}]}',
        b'{"pairs": [{"symbol": " "}]}',
        b'{"pairs": [{"symbol": "a", "venue": "b"}]}',
        b'{"pairs": [{"symbol": "a"}], "x": 1}',
        b'{"pairs": [{"symbol": NaN}]}',
        json.dumps({"pairs": [{"symbol": "a"}] * 1001}).encode(),
        json.dumps({"pairs": [{"symbol": "a" * 10_000}]}).encode(),
        b'{"pairs": [{"symbol": "a"}]} {}',
        b"\xef\xbb\xbf{}",
    ):
        refused(bot.post(ONE, content=body), body[:60])
    asked = bot.post(
        ONE, json={"pairs": [{"symbol": "BTCUSDT", "exchange": None}, {"symbol": "\U0001f600", "exchange": "é"}]}
    )
    assert [one["covered"] for one in asked.json()["answers"]] == ["watched", "unknown"]


def test_what_is_asked_is_answered_and_what_cannot_be_is_told(bot: httpx.Client) -> None:
    """Together: what takes longest is to empty the database after each test."""
    risk_by_venue_action_and_name(bot)
    one_asset_by_any_name_and_one_that_nobody_knows(bot)
    a_wrong_question_is_told_what_is_expected(bot)


def refused(answer: httpx.Response, what: object) -> None:
    assert answer.status_code == 422, (what, answer.status_code, answer.text[:200])
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert "expected" in body["detail"] and body["field"] and body["data_status"] == "unknown", (what, body)
    assert len(answer.content) < 2_000


def test_questions_of_one_moment_share_a_query_and_a_slow_one_holds_up_nobody(db: None) -> None:
    """Straight at the asker: on its own loop, with the database that Django has."""

    async def ask() -> None:
        few, many = Asker("tests few", 1), Asker("tests many", 1, together=False)
        try:
            found = await asyncio.gather(*(few.ask([("binance", f"X{n}")]) for n in range(300)))
            assert all(answers is not None and answers[0].covered == "unknown" for answers in found)
            assert [answers[0].rows[0].startswith(b'{"exchange"') for answers in found if answers] == [True] * 300
            slow = asyncio.create_task(many.ask([("binance", f"nosuch {n}") for n in range(1000)]))
            await asyncio.sleep(0.005)
            began = time.monotonic()
            assert await few.ask([("binance", "BTC/USDT")]) is not None
            quick = time.monotonic() - began
            assert len(await slow or ()) == 1000
            assert quick < 0.25
        finally:
            await few.stop()
            await many.stop()

    asyncio.run(ask())


def test_a_question_that_breaks_a_query_breaks_no_other(db: None) -> None:
    """Also where many wait: each alone on a new connection would take longer than they wait."""

    async def ask() -> None:
        asker = Asker("tests", 1)
        try:
            pairs = [("binance", "B\0" if number in (7, 150) else f"A{number}") for number in range(200)]
            found = await asyncio.gather(*(asker.ask([pair]) for pair in pairs))
            assert [number for number, answers in enumerate(found) if answers is None] == [7, 150]
            assert all(answers is None or json.loads(answers[0].rows[0])["symbol"] == f"A{number}"
                       for number, answers in enumerate(found))  # fmt: skip
        finally:
            await asker.stop()

    asyncio.run(ask())
