"""Readers of the ledger and of the view's history: what the view was at a moment, and what happened since a cursor.

Tables and bodies: docs/contracts/ledger.md. All times are the database's clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from events.ledger.lead_times import Entry


class CursorLostError(Exception):
    """The cursor is not of this database's ledger (an older backup was restored, or it is no cursor): read anew."""


@dataclass(frozen=True)
class LedgerRow:
    """A row of `ledger`. n: unique and about the order of writing; rows that commit later may have a smaller one."""

    n: int
    at: datetime
    kind: str
    event_id: int | None
    payload_sha256: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class ViewChange:
    """A change of one token's row in the view. row: its columns as JSON has them, None where the token left the view.

    snapshot: written for every token at once, so perhaps no change.
    """

    n: int
    seq: int
    token: str
    at: datetime
    snapshot: bool
    row: dict[str, Any] | None


# From the last snapshot on: rows that lie together, however long the history is. The last row is that of the refreshes'
# order: after the database's clock was set back, later rows have earlier times.
_VIEW_AT = """
WITH cut AS MATERIALIZED (
    SELECT n, base FROM view_changed
     WHERE n = (SELECT max(n) FROM (SELECT n FROM view_changed WHERE at <= %s
                                     ORDER BY at DESC, n DESC LIMIT 2000) AS near)
), latest AS MATERIALIZED (
    SELECT max(n) AS n FROM view_changed
     WHERE n BETWEEN (SELECT base FROM cut) AND (SELECT n FROM cut) GROUP BY token
)
SELECT entry."row"::text FROM latest JOIN view_changed AS entry ON entry.n = latest.n
 WHERE entry."row" IS NOT NULL ORDER BY entry.token
"""
# A range of one token, so that no plan walks through the rows of all tokens by their number.
_VIEW_CHANGES = """
SELECT n, seq, token, at, snapshot, "row"::text FROM view_changed
 WHERE token >= %(token)s AND token <= %(token)s AND at >= %(begin)s AND at < %(end)s AND n > %(after)s
 ORDER BY token DESC, n LIMIT %(limit)s
"""
_HEAD = "SELECT era, pg_current_snapshot()::text FROM ledger_state"
# New is what the snapshot of the cursor did not see. `upto`: the snapshot of the page's first read; what commits while
# pages are read is left to the next round.
_ROWS_AFTER = """
SELECT n, at, kind, event_id, payload_sha256, body::text, era, xid::text FROM ledger
 WHERE (era, xid, n) > (%(era)s, %(xid)s::xid8, %(n)s)
   AND (era > %(seen_era)s
        OR era = %(seen_era)s AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot))
   AND (era < %(upto_era)s OR pg_visible_in_snapshot(xid, %(upto)s::pg_snapshot))
 ORDER BY ledger.era, ledger.xid, ledger.n LIMIT %(limit)s
"""
# Whether the database went on since the cursor was made.
_KNOWS = "SELECT pg_snapshot_xmax(%s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())"

# Texts of the body rather than the body: a year of rows passes through.
_WAY = """
SELECT n, at, kind, event_id, coalesce(body #>> '{event,life}', body ->> 'life')::integer,
       coalesce(body #>> '{event,source}', ''), (body #>> '{event,published_at}')::timestamptz,
       (body #>> '{event,seen_at}')::timestamptz, coalesce((body #>> '{event,false_alarm}')::boolean, false)
  FROM ledger
 WHERE at >= %s AND n > %s
   AND kind IN ('event.opened', 'event.reopened', 'event.updated', 'event.closed', 'alert.delivered',
                'event.acknowledged')
   AND event_id IS NOT NULL
 ORDER BY n LIMIT %s
"""
# Rows that commit late have a smaller number than others of their time.
_BEGINS = "SELECT coalesce(min(n), 1) - 1 FROM (SELECT n FROM ledger WHERE at >= %s ORDER BY at LIMIT 1000) AS first"
_PAGE = 5000


def way_of_events(since: datetime) -> Iterator[Entry]:
    """What `lead_times` counts, of rows written since then, oldest first, read in pages."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGINS, [since])
        (after,) = cursor.fetchone()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_WAY, [since, after, _PAGE])
            found = cursor.fetchall()
        for _n, *fields in found:
            yield Entry(*fields)
        if len(found) < _PAGE:
            return
        after = found[-1][0]


def view_at(moment: datetime) -> list[dict[str, Any]]:
    """`token_risk_view` as it was at that moment, by token; rows as JSON has them, times as ISO texts in UTC.

    `updated_at` may lag: that it alone changed is no news, and not kept. Empty before the history begins.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VIEW_AT, [moment])
        return [json.loads(row) for (row,) in cursor.fetchall()]


def history_begins() -> datetime | None:
    """The time of the oldest row of the view's history; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at FROM view_changed ORDER BY n LIMIT 1")
        found = cursor.fetchone()
    return found[0] if found else None


def view_changes(token: str, begin: datetime, end: datetime, after_n: int = 0, limit: int = 100) -> list[ViewChange]:
    """Changes of one token's row with begin <= at < end, oldest first. after_n: `n` of the last one that was read."""
    with connection.cursor() as cursor:
        cursor.execute(_VIEW_CHANGES, {"token": token, "begin": begin, "end": end, "after": after_n, "limit": limit})
        return [
            ViewChange(n, seq, name, at, snapshot, None if row is None else json.loads(row))
            for n, seq, name, at, snapshot, row in cursor.fetchall()
        ]


@dataclass(frozen=True)
class _Cursor:
    """seen: all rows that this snapshot of its era sees were read. Within a round of pages also: upto, the snapshot
    that the round ends with, and the place of the last row read.
    """

    seen_era: int
    seen: str
    upto_era: int = 0
    upto: str = ""
    era: int = 0
    xid: int = 0
    n: int = 0

    def __str__(self) -> str:
        if not self.upto:
            return f"{self.seen_era}~{self.seen}"
        place = f"{self.upto_era}~{self.upto}~{self.era}~{self.xid}~{self.n}"
        return f"{self.seen_era}~{self.seen}~{place}"

    @staticmethod
    def parse(text: str) -> _Cursor:
        """Raises CursorLostError."""
        parts = text.split("~")
        try:
            if len(parts) == 2:
                return _Cursor(int(parts[0]), _snapshot(parts[1]))
            seen_era, seen, upto_era, upto, era, xid, n = parts
            return _Cursor(int(seen_era), _snapshot(seen), int(upto_era), _snapshot(upto), int(era), int(xid), int(n))
        except ValueError:
            raise CursorLostError(f"{text[:80]!r} is no cursor of the ledger") from None


def head_cursor() -> str:
    """A cursor behind everything that is committed now."""
    with connection.cursor() as cursor:
        cursor.execute(_HEAD)
        era, snapshot = cursor.fetchone()
    return str(_Cursor(era, snapshot))


def rows_after(cursor: str, limit: int = 500) -> tuple[list[tuple[str, LedgerRow]], str]:
    """Rows that were committed since the cursor, each with the cursor behind it, and the cursor to go on with.

    No row is lost that commits late: a cursor knows which transactions were running. A row comes once as long as the
    cursor that came last is used. Fewer than `limit` rows: nothing more was there. Raises CursorLostError.
    """
    place = _Cursor.parse(cursor)
    with connection.cursor() as reading:
        reading.execute(_HEAD)
        era, now = reading.fetchone()
        reading.execute(_KNOWS, [place.upto or place.seen])
        (knows,) = reading.fetchone()
        known_era = max(place.seen_era, place.upto_era)
        if known_era > era or (known_era == era and not knows):
            raise CursorLostError("the cursor is ahead of this database: an older backup was restored")
        upto_era, upto = (place.upto_era, place.upto) if place.upto else (era, now)
        values = {**vars(place), "upto_era": upto_era, "upto": upto, "xid": str(place.xid), "limit": limit}
        if not place.upto:
            # Everything below the oldest transaction that was running is visible to the snapshot.
            values |= {"era": place.seen_era, "xid": place.seen.partition(":")[0]}
        reading.execute(_ROWS_AFTER, values)
        found = reading.fetchall()
    rows = []
    for n, at, kind, event_id, payload, body, row_era, xid in found:
        behind = _Cursor(place.seen_era, place.seen, upto_era, upto, row_era, int(xid), n)
        rows.append((str(behind), LedgerRow(n, at, kind, event_id, payload, json.loads(body))))
    ended = len(rows) < limit
    return rows, str(_Cursor(upto_era, upto)) if ended else rows[-1][0]


def all_rows_after(cursor: str, page: int = 500) -> Iterator[tuple[str, LedgerRow]]:
    """Every row that is there after the cursor, page by page; each with the cursor behind it."""
    while True:
        rows, cursor = rows_after(cursor, page)
        yield from rows
        if len(rows) < page:
            return


def _snapshot(text: str) -> str:
    """A snapshot as PostgreSQL writes it, "xmin:xmax:running,…". Raises ValueError."""
    xmin, xmax, running = text.split(":")
    transactions = [int(xmin), int(xmax), *(int(one) for one in running.split(",") if one)]
    if not 0 < transactions[0] <= transactions[1] or any(
        not transactions[0] <= one < transactions[1] for one in transactions[2:]
    ):
        raise ValueError(text)
    return text
