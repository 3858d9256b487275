"""Reads rows and seals for `events.ledger.chain`, in pages: no long transaction, and memory for one page.

What is sealed never changes, so reading may go on while more is written and sealed: the check ends with the seal that
was the last when it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from events.ledger.chain import Report, Row, Seal, check

PAGE = 5000
# `to_char` writes a year before Christ as the same year after it, and what is infinite as NULL.
_AT = """CASE WHEN at >= '0001-01-01 00:00:00+00' AND at < 'infinity'
             THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
             ELSE coalesce(at::text, 'no time') END"""
_LEDGER = f"{_AT}, kind, coalesce(event_id::text, ''), coalesce(payload_sha256, ''), body::text"
_VIEW = f"""{_AT}, seq::text, base::text, to_jsonb(token)::text, snapshot::text, coalesce("row"::text, '')"""
_SEALS = f"""
SELECT n, {_AT}, era, from_xid::text, to_xid::text, count, root, view_count, view_root, prev, hash FROM ledger_seal
 WHERE n >= %s AND n <= %s ORDER BY n LIMIT %s
"""
# A superuser can drop the constraints first. No order has a place for these rows, and yet readers of other orders find
# them.
_WITHOUT_PLACE = "SELECT count(*) FROM {} WHERE era IS NULL OR xid IS NULL OR n IS NULL"


def head() -> tuple[int, bytes] | None:
    """Number and hash of the last seal; None where nothing is sealed yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, hash FROM ledger_seal ORDER BY n DESC LIMIT 1")
        found = cursor.fetchone()
    return (int(found[0]), bytes(found[1])) if found else None


def verify(anchors: Mapping[int, bytes]) -> Report:
    """Check the whole ledger. anchors: number of a seal → its hash as written down elsewhere."""
    last = head()
    report = check(_seals(last[0] if last else 0), _rows("ledger", _LEDGER), _rows("view_changed", _VIEW), anchors)
    for table in ("ledger", "view_changed"):
        ((count,),) = _fetched(_WITHOUT_PLACE.format(table))
        if count:
            report.add(f"{count} row(s) of {table} have no place in the order: its constraints were dropped")
            report.proven_to = 0
    return report


def _seals(last: int) -> Iterator[Seal]:
    # From below zero: a number that no seal can have is found too.
    for n, at, era, begins, ends, count, root, view_count, view_root, prev, stored in _pages(
        _SEALS, (-(2**63),), lambda row: (row[0],), last
    ):
        yield Seal(
            n, at, era, int(begins), int(ends), count, bytes(root), view_count, bytes(view_root), bytes(prev),
            bytes(stored),
        )  # fmt: skip


def _rows(table: str, rest: str) -> Iterator[Row]:
    statement = (
        f"SELECT era, xid::text, n, {rest} FROM {table} AS entry WHERE (era, xid, n) >= (%s, %s::xid8, %s)"
        " ORDER BY entry.era, entry.xid, entry.n LIMIT %s"  # `xid` alone would be the text
    )
    for era, xid, n, *fields in _pages(statement, (-(2**31), "0", -(2**63)), lambda row: row[:3]):
        yield Row((era, int(xid), n), tuple(fields))


def _pages(
    statement: str, first: tuple[Any, ...], place_of: Callable[[tuple[Any, ...]], tuple[Any, ...]], *values: Any
) -> Iterator[tuple[Any, ...]]:
    """Each page begins with the last row of the one before, so that a second row of the same place is not skipped.

    statement: of the rows from a place on (the values of `first`), further values, and how many.
    """
    after, seen = first, 0
    while True:
        found = _fetched(statement, *after, *values, PAGE + seen)
        yield from found[seen:]
        if len(found) < PAGE + seen:
            return
        after = place_of(found[-1])
        seen = sum(place_of(row) == after for row in found)


def _fetched(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """By the index, whatever statistics say of a table that has just grown: a sort of all rows for each page is what
    they might choose.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        # An error rather than rows that a policy has picked for us.
        cursor.execute("SET LOCAL row_security = off")
        cursor.execute(statement, values)
        return list(cursor.fetchall())
