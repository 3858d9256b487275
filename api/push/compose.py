"""What each kind of message holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from api.freshness import Freshness
from api.push.ledger import LedgerRow, Missed
from api.push.messages import PIECE, Message, body_of, rows_member
from api.push.position import Position
from api.push.subscription import Subscription

Rows = Mapping[str, bytes]
"""Token → row of the view as JSON."""


def heartbeat(position: Position, now: datetime, freshness: Freshness) -> Message:
    fields = {**_freshness(position, freshness), "age_ms": freshness.age_ms}
    return _one("heartbeat", position, now, fields)


def resync(position: Position, now: datetime, why: str) -> Message:
    return _one("resync", position, now, {"why": why, "seq": position.seq})


def snapshot(
    position: Position, now: datetime, freshness: Freshness, rows: Rows, subscription: Subscription
) -> Message:
    taken = [row for row in rows.values() if subscription.takes(row)]
    return _one("snapshot", position, now, _freshness(position, freshness), rows_member("tokens", taken))


def risk(
    position: Position, now: datetime, freshness: Freshness, changed: Iterable[bytes], removed: Iterable[str]
) -> Message:
    fields = {**_freshness(position, freshness), "removed": sorted(removed)}
    return _one("risk", position, now, fields, rows_member("changed", changed))


def other(kind: str, position: Position, now: datetime, fields: Mapping[str, Any]) -> Message:
    return _one(kind, position, now, fields)


def changes(old: Rows, new: Rows, different: Collection[str], asked: Subscription) -> tuple[list[bytes], list[str]]:
    """Rows that a reader gets, and tokens that it loses: also those whose row is no longer what it asked for.

    different: the tokens whose rows are not equal.
    """
    changed = [new[token] for token in different if token in new and asked.takes(new[token])]
    removed = [
        token for token in different
        if token in old and asked.takes(old[token]) and not (token in new and asked.takes(new[token]))
    ]  # fmt: skip
    return changed, removed


def missed(
    found: Missed,
    rows: Rows,
    now: datetime,
    freshness: Freshness,
    asked: Subscription,
    since: Position,
    until: Position,
) -> Iterator[Message]:
    """A page of what a reader has missed between two positions. rows: of the view, at `until`."""
    if "risk" in asked.kinds and found.tokens:
        changed = [rows[token] for token in sorted(found.tokens) if token in rows and asked.takes(rows[token])]
        # What the reader holds of the others is not known: each may have been what it asked for.
        removed = [
            token for token in found.tokens
            if not (token in rows and asked.takes(rows[token])) and (asked.assets is None or token in asked.assets)
        ]  # fmt: skip
        if changed or removed:
            yield risk(since._replace(seq=until.seq), now, freshness, changed, removed)
    since = since._replace(seq=until.seq)
    yield from of_ledger(found.rows, since, until if found.after is None else since, asked)


def of_ledger(rows: Iterable[LedgerRow], since: Position, until: Position, asked: Subscription) -> Iterator[Message]:
    """Rows of the ledger, several in a message. The last one says that all were read."""
    taken = [row for row in rows if asked.takes_any(row.kind, row.places)]
    for part in parts(taken):
        yield bundle(part, since, until if part[-1] is taken[-1] else since)
        since = since_after(since, part)


def bundle(rows: list[LedgerRow], since: Position, until: Position) -> Message:
    """One message of several rows. Each says how far its reader has come: up to itself where nothing before it can
    come any more."""
    events, position = [], since
    for row in rows:
        if row is rows[-1] and until != since:
            position = until
        elif row.settled:
            position = position._replace(xid=row.xid, n=row.n)
        fields = {"n": row.n, "what": row.what, "event_id": row.event_id}
        events.append((str(position), body_of(row.kind, position, row.at, fields, b'"body":' + row.body)))
    return Message(events)


def since_after(since: Position, rows: Iterable[LedgerRow]) -> Position:
    """The position behind rows that were all given."""
    settled = [row for row in rows if row.settled]
    return since._replace(xid=settled[-1].xid, n=settled[-1].n) if settled else since


def parts(rows: Iterable[LedgerRow]) -> Iterator[list[LedgerRow]]:
    """The rows, some 64 kB at a time."""
    part: list[LedgerRow] = []
    size = 0
    for row in rows:
        part.append(row)
        size += len(row.body)
        if size > PIECE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _freshness(position: Position, freshness: Freshness) -> dict[str, Any]:
    return {
        "seq": position.seq,
        "as_of": freshness.as_of,
        "status": freshness.status,
        "stale_sources": freshness.stale_sources,
    }


def _one(kind: str, position: Position, now: datetime, fields: Mapping[str, Any], *raw: bytes) -> Message:
    return Message([(str(position), body_of(kind, position, now, fields, *raw))])
