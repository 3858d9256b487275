"""The rows of `token_risk_view` and how far they can be trusted, as of the last look of this process.

One task looks at the database: at each notification, and otherwise once in half a second. Readers never wait for it.
Notifications are hints, because any database user can send them: what they say is always read again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec

from api.freshness import SQL, Freshness, Seen, freshness_of

_ROWS = 'SELECT token, row_to_json(view)::text AS row FROM token_risk_view AS view ORDER BY token COLLATE "C"'


@dataclass(frozen=True)
class Picture:
    """rows: token → row of the view as JSON text. seen: None before the first look."""

    seen: Seen | None = None
    rows: Mapping[str, bytes] = field(default_factory=dict)

    def freshness(self) -> Freshness:
        """What holds now."""
        return freshness_of(self.seen, time.monotonic())

    def row(self, token: str) -> dict[str, Any] | None:
        """A row, decoded."""
        return msgspec.json.decode(self.rows[token]) if token in self.rows else None


async def look(connection: asyncpg.Connection[Any], before: Picture) -> Picture:
    """The picture now; rows are read again when `seq` has changed. Raises asyncpg.PostgresError or OSError."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        began = time.monotonic()
        status = await connection.fetchrow(SQL)
        if status is None:
            return Picture(None, before.rows)
        seen = Seen(
            status["database_now"],
            status["refreshed_at"],
            status["seq"],
            status["heartbeat_at"],
            tuple(status["stale_sources"]),
            began,
        )
        if before.seen is not None and before.seen.seq == seen.seq:
            return Picture(seen, before.rows)
        rows = {row["token"]: row["row"].encode() for row in await connection.fetch(_ROWS)}
    return Picture(seen, rows)
