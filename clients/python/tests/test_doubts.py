"""Answers that are not believed: they contradict themselves, are old copies, or are of another database."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from fail_modes import GOOD, PAIR, answers, in_each_mode
from fake_api import BEGIN, TOKEN, FakeApi, Reply, Request, as_bytes, can_trade, risk, stamp

from ews_client import Answer, AsyncClient, Client, EwsError
from ews_client.timeline import Timeline

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
