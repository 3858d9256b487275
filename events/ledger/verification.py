"""Reads rows and seals for `events.ledger.chain`, in pages: no long transaction, and memory for one page.

What is sealed never changes, so reading may go on while more is written and sealed: the check ends with the seal that
was the last when it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from events.ledger.chain import Report, Row, Seal, check

PAGE = 5000
_AT = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_LEDGER = f"{_AT}, kind, coalesce(event_id::text, ''), coalesce(payload_sha256, ''), body::text"
_VIEW = f"""{_AT}, seq::text, base::text, to_jsonb(token)::text, snapshot::text, coalesce("row"::text, '')"""
_SEALS = f"""
SELECT n, {_AT}, era, from_xid::text, to_xid::text, count, root, view_count, view_root, prev, hash FROM ledger_seal
 WHERE n > %s AND n <= %s ORDER BY n LIMIT %s
"""


def head() -> tuple[int, bytes] | None:
    """Number and hash of the last seal; None where nothing is sealed yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, hash FROM ledger_seal ORDER BY n DESC LIMIT 1")
        found = cursor.fetchone()
    return (int(found[0]), bytes(found[1])) if found else None


def verify(anchors: Mapping[int, bytes]) -> Report:
    """Check the whole ledger. anchors: number of a seal → its hash as written down elsewhere."""
    last = head()
    return check(_seals(last[0] if last else 0), _rows("ledger", _LEDGER), _rows("view_changed", _VIEW), anchors)


def _seals(last: int) -> Iterator[Seal]:
    # From below zero: a number that no seal can have is found too.
    after = -(2**63)
    while True:
        found = _page(_SEALS, after, last, PAGE)
        for n, at, era, begins, ends, count, root, view_count, view_root, prev, stored in found:
            yield Seal(
                n, at, era, int(begins), int(ends), count, bytes(root), view_count, bytes(view_root), bytes(prev),
                bytes(stored),
            )  # fmt: skip
        if len(found) < PAGE:
            return
        after = found[-1][0]


def _rows(table: str, rest: str) -> Iterator[Row]:
    statement = (
        f"SELECT era, xid::text, n, {rest} FROM {table} AS entry WHERE (era, xid, n) > (%s, %s::xid8, %s)"
        " ORDER BY entry.era, entry.xid, entry.n LIMIT %s"  # `xid` alone would be the text
    )
    place: tuple[int, int, int] = (-(2**31), 0, -(2**63))
    while True:
        found = _page(statement, place[0], str(place[1]), place[2], PAGE)
        for era, xid, n, *fields in found:
            place = (era, int(xid), n)
            yield Row(place, tuple(fields))
        if len(found) < PAGE:
            return


def _page(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """By the index, whatever statistics say of a table that has just grown: a sort of all rows for each page is what
    they might choose.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(statement, values)
        return list(cursor.fetchall())
