"""The rows of `token_risk_view` and how far they can be trusted, as of the last look of this process.

One task looks at the database: at each notification, and otherwise once in half a second. Readers never wait for it.
Notifications are hints, because any database user can send them: what they say is always read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec

from api.freshness import SQL, Freshness, Seen, freshness_of
from events.clock import monotonic

_ROWS = 'SELECT token, row_to_json(view)::text AS row FROM token_risk_view AS view ORDER BY token COLLATE "C"'
READ_AGAIN_SECONDS = 10.0
"""Rows are read again at least so often: a view that somebody refreshed by hand counts nothing up."""


@dataclass(frozen=True)
class Picture:
    """rows: token → row of the view as JSON text, by token. seen: None before the first look.

    digest: of the rows' content, so that two databases, or a restored one, cannot be taken for each other. read_at: of
    the monotonic clock, when the rows were read.
    """

    seen: Seen | None = None
    rows: Mapping[str, bytes] = field(default_factory=dict)
    digest: str = ""
    read_at: float = 0.0

    def freshness(self) -> Freshness:
        """What holds now."""
        return freshness_of(self.seen, monotonic())

    def row(self, token: str) -> dict[str, Any] | None:
        """A row, decoded."""
        return msgspec.json.decode(self.rows[token]) if token in self.rows else None


async def look(connection: asyncpg.Connection[Any], before: Picture, again: bool = False) -> Picture:
    """The picture now. Raises asyncpg.PostgresError, TimeoutError or OSError.

    Rows are read again when the view was refreshed, after ten seconds, and where `again` says so: a new connection may
    lead to another database. The caller ends the connection after an error, which may leave its transaction open.
    """
    status, began = await _status(connection)
    seen = _seen(status, began)
    if seen is None:
        return Picture(None, before.rows, before.digest)
    known = before.seen
    changed = known is None or (known.seq, known.refreshed_at) != (seen.seq, seen.refreshed_at)
    if not (changed or again or began - before.read_at > READ_AGAIN_SECONDS):
        return Picture(seen, before.rows, before.digest, before.read_at)
    # Without `transaction()`, whose ROLLBACK after an error would wait for a server that hangs.
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    status, began = await _status(connection)
    read = await connection.fetch(_ROWS)
    await connection.execute("COMMIT")
    rows = {row["token"]: row["row"].encode() for row in read}
    if before.digest and rows == before.rows:
        return Picture(_seen(status, began), before.rows, before.digest, began)
    digest = hashlib.blake2b(b"\n".join(rows.values()), digest_size=12).hexdigest()
    return Picture(_seen(status, began), rows, digest, began)


async def _status(connection: asyncpg.Connection[Any]) -> tuple[asyncpg.Record | None, float]:
    began = monotonic()
    return await connection.fetchrow(SQL), began


def _seen(status: asyncpg.Record | None, began: float) -> Seen | None:
    if status is None:
        return None
    return Seen(
        status["database_now"],
        status["refreshed_at"],
        status["seq"],
        status["heartbeat_at"],
        tuple(status["stale_sources"]),
        began,
    )
