"""One answer: SQL, HTTP and client say the same of every pair, in every spelling, in a world that is unwell."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone
from ews_client import Answer, AsyncClient, Client

from events.models import Heartbeat, SourceHealth
from markets.models import InstrumentName
from tests.trade.oracle import World, random_world
from tests.trade.worlds import write

PAIRS = 400
SEED = 3
# What no two answers share: the moment that they were given at.
_OF_THE_MOMENT = ("as_of", "age_ms", "seq")


def spellings(chance: random.Random) -> list[tuple[str, str]]:
    """(exchange, symbol) of random instruments as five kinds of programs write them, and some that nobody knows."""
    names = InstrumentName.objects.values_list("venue", "exchange", "convention", "name").order_by("pk")
    native = [(venue, name) for venue, _, convention, name in names if convention == "native"]
    others = [(venue, exchange, name) for venue, exchange, convention, name in names if convention != "native"]
    asked: list[tuple[str, str]] = []
    while len(asked) < PAIRS:
        venue, name = chance.choice(native)
        _, exchange, other = chance.choice(others)
        asked += [
            (venue, name),
            (exchange, other),
            (exchange.title(), f" {other.lower()} "),
            ("", f"{venue}:{name}"),
            (exchange, name.replace("-", "_").lower()),
            (exchange, "NOSUCH/USDT"),
            ("gate", "BTC/USDT"),
        ]
    return asked[:PAIRS]


def renew(world: World) -> None:
    """Set every age as it was when the world began, so that none crosses its bound between two rounds."""
    now = timezone.now()
    if world.heartbeat is not None:
        Heartbeat.objects.update(beat_at=now - timedelta(seconds=world.heartbeat))
    for source in world.sources:
        if source.answered is not None:
            at = now - timedelta(seconds=source.answered)
            SourceHealth.objects.filter(source=source.name).update(last_success_at=at)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE risk_view_state SET refreshed_at = %s", [now - timedelta(seconds=world.refreshed)])


def by_sql(asked: list[tuple[str, str]]) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = [[] for _ in asked]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM can_trade_many(%s, %s)", [list(names) for names in zip(*asked, strict=True)])
        columns = [column.name for column in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(columns, values, strict=True))
            row["reasons"] = json.loads(row["reasons"])
            found[row.pop("n") - 1].append(plain(row))
    return found


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what belongs to its moment; times as numbers."""
    return {name: _plain(value) for name, value in row.items() if name not in (*_OF_THE_MOMENT, "n")}


def _plain(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 18 and value[4:5] == value[7:8] == "-":
        value = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if isinstance(value, datetime):
        return value.astimezone(UTC).timestamp()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "items"):
        return {name: _plain(item) for name, item in value.items()}
    return value


def of_client(pair: tuple[str, str], answer: Answer) -> list[dict[str, Any]] | None:
    """The rows of an answer; None where no exchange was named: the client asks nobody then.

    SQL and HTTP answer for wherever a symbol fits. For a bot an empty exchange is a setting that is missing, and the
    answer for all exchanges that are known could be a yes where the bot is on one that nobody knows.
    """
    if not pair[0]:
        assert (answer.may_open, answer.may_close, answer.fault) == (False, True, "request")
        return None
    assert answer.source == "server" and answer.fault is None, answer
    strictest = answer.rows[0]
    assert (answer.may_open, answer.may_close, answer.action) == (
        strictest.may_open, strictest.may_close, strictest.action,
    )  # fmt: skip
    return [plain({name: getattr(row, name) for name in row.__dataclass_fields__}) for row in answer.rows]


@pytest.mark.parametrize("seed", [SEED, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(10, 20))])
def test_sql_http_and_client_agree(api_url: str, token_of: Callable[..., str], seed: int) -> None:
    chance = random.Random(seed)
    world = random_world(chance, timezone.now())
    write(world)
    asked = spellings(chance)
    token = token_of()
    pairs = [{"exchange": exchange, "symbol": symbol} for exchange, symbol in asked]

    renew(world)
    expected = by_sql(asked)
    if seed == SEED:
        # A world of which there is something to say; not each of the others is one.
        assert len({row["action"] for rows in expected for row in rows}) > 1
        assert any(len(rows) > 1 for rows in expected)

    with httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as reader:
        many = reader.post("/api/v1/can-trade", json={"pairs": pairs})
        assert many.status_code == 200, many.text
        for pair, rows, one in zip(asked, expected, many.json()["answers"], strict=True):
            assert [plain(row) for row in one["rows"]] == rows, pair
        renew(world)
        for named, rows in list(zip(pairs, expected, strict=True))[::7]:
            body = reader.get("/api/v1/can-trade", params=named).json()
            assert [plain(row) for row in body["rows"]] == rows, named
            assert (body["may_open"], body["action"]) == (rows[0]["may_open"], rows[0]["action"]), named

    renew(world)
    with Client(api_url, token, fail="closed", push=False) as client:
        for pair, rows, answer in zip(asked, expected, client.can_trade_many(asked), strict=True):
            assert of_client(pair, answer) in (rows, None), pair

    async def asynchronously() -> list[Answer]:
        async with AsyncClient(api_url, token, fail="closed", push=False) as client:
            return [await client.can_trade(*pair) for pair in asked[:40]]

    renew(world)
    for pair, rows, answer in zip(asked, expected, asyncio.run(asynchronously()), strict=False):
        assert of_client(pair, answer) in (rows, None), pair
