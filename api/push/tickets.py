"""One-time tickets for streams: a browser's EventSource and WebSocket cannot send `Authorization`.

A ticket is valid for 30 s and once, in whichever process serves the stream: a row that is deleted when it is used.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

import msgspec

from api.connection import UNAVAILABLE
from api.problems import Problem
from api.push import metrics
from api.runtime import Runtime
from api.tokens.directory import Caller

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

VALID_SECONDS = 30
PREFIX = "ewt_"
"""Logs mask what begins with it (`crypto_ews.logs.masked`)."""
_TEXT = re.compile(r"ewt_[A-Za-z0-9_-]{43}")
_MOST_WAITING = 1_000

_GIVE = """
WITH ended AS (DELETE FROM api_streamticket WHERE expires_at <= clock_timestamp())
INSERT INTO api_streamticket (sha256, token_id, expires_at)
SELECT $1, $2, clock_timestamp() + $3 * interval '1 second'
 WHERE (SELECT count(*) FROM api_streamticket WHERE token_id = $2 AND expires_at > clock_timestamp()) < $4
RETURNING expires_at
"""
_TAKE = "DELETE FROM api_streamticket WHERE sha256 = $1 RETURNING token_id, expires_at > clock_timestamp() AS valid"
_UNAVAILABLE = "the database does not answer, and tickets are kept there"
_RETRY = ((b"retry-after", b"1"),)


async def ticket(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """`POST /api/v1/ticket`: a ticket for the token that asks: {ticket, expires_at}.

    Raises Problem: 403 for a caller without a token, 429 with a thousand tickets that wait, 503 in an outage.
    """
    caller: Caller = scope["ews_caller"]
    if caller.token_id is None:
        raise Problem(403, "tickets are for tokens: a session opens streams by its cookie")
    text = PREFIX + secrets.token_urlsafe(32)
    try:
        pool = await runtime.pool()
        row = await pool.fetchrow(_GIVE, _digest(text), caller.token_id, VALID_SECONDS, _MOST_WAITING)
    except UNAVAILABLE:
        raise Problem(503, _UNAVAILABLE, headers=_RETRY) from None
    if row is None:
        raise Problem(
            429, f"the token has {_MOST_WAITING:,} tickets that wait, expected them to be used", headers=_RETRY
        )
    metrics.tickets.inc()
    body = msgspec.json.encode({"ticket": text, "expires_at": row["expires_at"]})
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def redeem(runtime: Runtime, scope: Scope, text: str) -> Caller | None:
    """Whose ticket this is, which ends with it; None for one that was used, has ended, or whose token was revoked.

    Raises Problem (503) in an outage.
    """
    if not _TEXT.fullmatch(text):
        return None
    try:
        row = await runtime.fetch_row(_TAKE, _digest(text))
    except UNAVAILABLE:
        raise Problem(503, _UNAVAILABLE, headers=_RETRY) from None
    if row is None or not row["valid"]:
        return None
    caller = runtime.callers.directory.of_id(row["token_id"], runtime.now())
    return None if caller is None else replace(caller, kind="ticket")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
