"""`GET /api/v1/risk`: the rows of `token_risk_view`, from memory."""

from __future__ import annotations

import msgspec

from api.doors.answers import JSON, Receive, Scope, Send, send_bytes
from api.runtime import Runtime


async def risk(runtime: Runtime, scope: Scope, receive: Receive, send: Send) -> None:
    """Every token at risk. In an outage: the last known rows with the status `unknown`."""
    picture = runtime.picture
    freshness = picture.freshness()
    head = msgspec.json.encode(
        {
            "as_of": freshness.as_of,
            "seq": freshness.seq,
            "status": freshness.status,
            "stale_sources": freshness.stale_sources,
            "refreshed_at": picture.seen and picture.seen.refreshed_at,
        }
    )
    body = head[:-1] + b',"tokens":[' + b",".join(picture.rows.values()) + b"]}"
    age = b"" if freshness.age_ms is None else str(freshness.age_ms).encode()
    await send_bytes(send, 200, JSON, body, ((b"x-age-ms", age),))
