"""`GET /api/v1/can-trade`: the answer of the database's `can_trade`, for one pair."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import asyncpg
import msgspec

from api.doors.answers import JSON, Receive, Scope, Send, send_bytes
from api.problems import Problem
from api.runtime import Runtime

_ASK = "SELECT row_to_json(answer)::text FROM can_trade($1, $2) AS answer"


async def can_trade(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """The strictest of the rows on top. Raises Problem (422) where a parameter is missing."""
    given = parse_qs(scope["query_string"].decode("latin-1"))
    symbol = given.get("symbol", [""])[0]
    if not symbol:
        raise Problem(422, "symbol was not given, expected a pair such as BTC/USDT")
    exchange = given.get("exchange", [""])[0]
    try:
        pool = await runtime.pool()
        rows = [msgspec.json.decode(row[0]) for row in await pool.fetch(_ASK, exchange, symbol)]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        rows = []
    await send_bytes(send, 200, JSON, msgspec.json.encode(_answer(runtime, exchange, symbol, rows)))


def _answer(runtime: Runtime, exchange: str, symbol: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        freshness = runtime.picture.freshness()
        strictest = {"may_open": False, "may_close": True, "action": "none", "covered": "unknown", "status": "unknown",
                     "as_of": freshness.as_of, "seq": freshness.seq, "age_ms": freshness.age_ms}  # fmt: skip
    else:
        strictest = rows[0]
    names = ("as_of", "seq", "status", "age_ms", "may_open", "may_close", "action", "covered")
    return {"exchange": exchange, "symbol": symbol, **{name: strictest[name] for name in names}, "rows": rows}
