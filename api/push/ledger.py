"""Reads the ledger and the view's history for the streams. No row is left out because it was committed late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import msgspec

from api.push.position import Position

Places = tuple[tuple[str, str], ...]
"""Token and venue, "" for every venue."""

# A restored backup has tables of its own, a promoted replica a time line.
_DATABASE = """
SELECT substr(encode(sha256(convert_to(concat_ws('/', system.system_identifier, checkpoint.timeline_id,
           (SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('risk_view_state')::oid,
           to_regclass('ledger')::oid, state.era), 'UTF8')), 'hex'), 1, 12) AS database,
       state.era,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax
  FROM pg_control_system() AS system, pg_control_checkpoint() AS checkpoint, ledger_state AS state
"""
_ROWS = """
SELECT n, era, xid::text::bigint AS xid, at, kind, event_id, body::text AS body
  FROM ledger
 WHERE (era, xid, n) > ($1, $2::text::xid8, $3) AND n <> ALL ($4::bigint[])
 ORDER BY era, xid, n
 LIMIT $5
"""
_PLACES = "SELECT event_id, upper(token) AS token, venue FROM events_effect WHERE event_id = ANY ($1::bigint[])"
_OLDEST = """
SELECT COALESCE((SELECT seq - 1 FROM view_changed ORDER BY n LIMIT 1), (SELECT seq FROM risk_view_state)) AS seq,
       (SELECT xid::text::bigint FROM ledger WHERE era = $1 ORDER BY era, xid, n LIMIT 1) AS xid
"""
# Refreshes come one after the other, so that `n` has the order of `seq`; an index leads to it from its end.
_CHANGED = """
SELECT DISTINCT token FROM view_changed
 WHERE n > COALESCE((SELECT n FROM view_changed WHERE seq <= $1 ORDER BY n DESC LIMIT 1), 0)
"""
# Of the ledger's kinds before their first dot. What is not named here goes to nobody.
KINDS = {
    "event": "event",
    "truncated": "event",
    "alert": "alert",
    "silence": "alert",
    "source": "source",
    "daemon": "source",
}


class _Effect(msgspec.Struct):
    token: str = ""
    venue: str = ""


class _Body(msgspec.Struct):
    effects: list[_Effect] = []


class LedgerRow(NamedTuple):
    """A row of the ledger. kind: of the stream's message; what: the row's own. body: a JSON object. places: the tokens
    and venues that it is about, none where nobody knows. settled: no row before it, in the order of (xid, n), can come
    any more."""

    n: int
    xid: int
    at: datetime
    kind: str
    what: str
    event_id: int | None
    body: bytes
    places: Places
    settled: bool


@dataclass
class Feed:
    """Where the reading of the ledger stands. early: rows behind `xid` that were read already, because theirs was among
    the transactions that were still running."""

    database: str = ""
    era: int = 0
    xid: int = 0
    n: int = 0
    early: set[int] = field(default_factory=set)

    async def begin(self, connection: asyncpg.Connection[Any]) -> bool:
        """Stand at the end of the ledger, or go on where this database was left. Returns whether it is another one."""
        now = await connection.fetchrow(_DATABASE)
        if now["database"] == self.database:
            return False
        self.database, self.era, self.xid, self.n = now["database"], now["era"], now["xmin"], 0
        self.early = set()
        return True

    async def rows(self, connection: asyncpg.Connection[Any], limit: int = 500) -> list[LedgerRow]:
        """The next rows, each once. Raises asyncpg.PostgresError or OSError."""
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            now = await connection.fetchrow(_DATABASE)
            if now["database"] != self.database:
                raise asyncpg.InterfaceError("the database is another one now")
            found = await connection.fetch(_ROWS, self.era, str(self.xid), self.n, list(self.early), limit)
            rows = await _complete(connection, found, self.era, now["xmin"])
        # A later era begins when ours ends, and until then its rows are read ahead.
        ahead = [row["era"] > self.era or row["xid"] >= now["xmin"] for row in found]
        finished = [(row["xid"], row["n"]) for row, early in zip(found, ahead, strict=True) if not early]
        self.early.update(row["n"] for row, early in zip(found, ahead, strict=True) if early)
        if len(found) < limit:
            self.xid, self.n = max((self.xid, self.n), (now["xmin"], 0))
            if self.early:
                await self._forget(connection)
        elif finished:
            self.xid, self.n = finished[-1]
        return rows

    async def _forget(self, connection: asyncpg.Connection[Any]) -> None:
        """Keep of the early ones only those that a later look would find again."""
        ask = "SELECT n FROM ledger WHERE n = ANY ($4::bigint[]) AND (era, xid, n) > ($1, $2::text::xid8, $3)"
        again = await connection.fetch(ask, self.era, str(self.xid), self.n, list(self.early))
        self.early = {row["n"] for row in again}


async def _complete(
    connection: asyncpg.Connection[Any], found: Iterable[asyncpg.Record], era: int, xmin: int
) -> list[LedgerRow]:
    """The rows that readers may get, with their places: an alert's row names only its event."""
    events = {row["event_id"] for row in found if row["event_id"] is not None}
    places: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for effect in await connection.fetch(_PLACES, list(events)) if events else ():
        places[effect["event_id"]].add((effect["token"], effect["venue"]))
    rows = []
    for row in found:
        kind = KINDS.get(row["kind"].partition(".")[0])
        if kind is None:
            continue
        body = row["body"].encode()
        named = {(effect.token.upper(), effect.venue) for effect in _effects(body) if effect.token}
        # Also what the event was about before: it may have left the token.
        about = named | places.get(row["event_id"], set())
        settled = row["era"] == era and row["xid"] < xmin
        number, at, what, event_id = row["n"], row["at"], row["kind"], row["event_id"]
        rows.append(LedgerRow(number, row["xid"], at, kind, what, event_id, body, tuple(sorted(about)), settled))
    return rows


def _effects(body: bytes) -> list[_Effect]:
    try:
        return msgspec.json.decode(body, type=_Body).effects
    except msgspec.ValidationError:
        # Another form: nobody is kept from the message.
        return []


class Missed(NamedTuple):
    """A page of what a reader has missed. tokens: of the view, changed since its position. rows: of the ledger. after:
    the place in the ledger at which the next page begins; None: this was the last one."""

    tokens: frozenset[str]
    rows: list[LedgerRow]
    after: tuple[int, int] | None


class CannotReplay(Exception):
    """The message says why, to the reader."""


PAGE = 500
MOST_PAGES = 10


async def missed_since(connection: asyncpg.Connection[Any], position: Position) -> Missed:
    """The first page of everything after a position, at least once.

    Raises CannotReplay, asyncpg.PostgresError or OSError.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        now = await connection.fetchrow(_DATABASE)
        if now["database"] != position.database:
            raise CannotReplay("the id is of another database")
        if position.xid > now["xmax"]:
            raise CannotReplay("the id is from the future")
        oldest = await connection.fetchrow(_OLDEST, now["era"])
        if oldest["xid"] is not None and position.xid < oldest["xid"]:
            raise CannotReplay("the id is older than the ledger")
        if position.seq < oldest["seq"]:
            raise CannotReplay("the id is older than what is kept")
        tokens = frozenset(row["token"] for row in await connection.fetch(_CHANGED, position.seq))
        return Missed(tokens, *await _page(connection, now, (position.xid, position.n)))


async def missed_after(connection: asyncpg.Connection[Any], database: str, place: tuple[int, int]) -> Missed:
    """The next page. A row that was committed meanwhile and belongs before it comes with what is new.

    Raises CannotReplay, asyncpg.PostgresError or OSError.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        now = await connection.fetchrow(_DATABASE)
        if now["database"] != database:
            raise CannotReplay("the database is another one")
        return Missed(frozenset(), *await _page(connection, now, place))


async def _page(
    connection: asyncpg.Connection[Any], now: asyncpg.Record, place: tuple[int, int]
) -> tuple[list[LedgerRow], tuple[int, int] | None]:
    found = await connection.fetch(_ROWS, now["era"], str(place[0]), place[1], [], PAGE)
    rows = await _complete(connection, found, now["era"], now["xmin"])
    return rows, (found[-1]["xid"], found[-1]["n"]) if len(found) == PAGE else None
