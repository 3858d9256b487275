"""Gives a reader that comes back what it has missed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from api.picture import Picture
from api.push import compose
from api.push.ledger import MOST_PAGES, PAGE, CannotReplay, missed_after, missed_since
from api.push.position import NOWHERE, Position
from api.push.reader import Reader
from api.runtime import Runtime
from events.clock import monotonic

_PATIENCE_SECONDS = 4.0
_BUSY_SECONDS = 0.01


async def send_missed(
    runtime: Runtime,
    reader: Reader,
    since: Position | None,
    rows: Mapping[str, bytes],
    until: Position,
    turns: asyncio.Semaphore,
    full: bool = False,
) -> None:
    """Everything between two positions, a page at a time as the reader takes it: it can be much.

    rows: of the view, at `until`. What comes later waits in the reader's queue. turns: so many replays read the
    database at a time. full: begin with all rows, and not with what changed. Raises CannotReplay, and what
    `api.connection.UNAVAILABLE` names.
    """
    if since is None:
        raise CannotReplay("the id is none of ours")
    if until.database == NOWHERE.database:
        raise CannotReplay("the database does not answer")
    if since.database == until.database and since.seq > until.seq:
        raise CannotReplay("the id is from the future")
    after: tuple[int, int] | None = None
    for _ in range(MOST_PAGES):
        async with asyncio.timeout(_PATIENCE_SECONDS), turns, (await runtime.pool()).acquire() as connection:
            if after is None:
                found = await missed_since(connection, since)
            else:
                found = await missed_after(connection, until.database, after)
        now, freshness = now_of(runtime.picture), runtime.picture.freshness()
        if full:
            # The rows of the ledger are still to come.
            at = since._replace(seq=until.seq)
            reader.send_now(compose.snapshot(at, now, freshness, rows, reader.subscription))
            found, full = found._replace(tokens=frozenset()), False
        for message in compose.missed(found, rows, now, freshness, reader.subscription, since, until):
            reader.send_now(message)
            while reader.busy and not reader.ended:
                await asyncio.sleep(_BUSY_SECONDS)
        if found.after is None or reader.ended:
            return
        since, after = compose.since_after(since._replace(seq=until.seq), found.rows), found.after
    raise CannotReplay(f"the id is more than {PAGE * MOST_PAGES:,} rows old")


def now_of(picture: Picture) -> datetime:
    """The database's time, as far as it is known."""
    seen = picture.seen
    if seen is None:
        return datetime.now(UTC)
    return seen.database_now + timedelta(seconds=monotonic() - seen.looked_at)
