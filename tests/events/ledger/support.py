"""Rows of the ledger that a test wrote, and drafts to write them with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from events.drafts import EffectDraft, EventDraft
from events.ledger.history import LedgerRow
from tests.events.risk_view.support import query


class Written:
    """The rows since the block began. In the test's own transaction: what commits in others is there too."""

    def __init__(self) -> None:
        ((self._from,),) = query("SELECT coalesce(max(n), 0) FROM ledger")

    @property
    def rows(self) -> list[LedgerRow]:
        commit()
        return _rows_after_number(self._from)

    @property
    def kinds(self) -> list[str]:
        return [row.kind for row in self.rows]

    @property
    def last(self) -> LedgerRow:
        return self.rows[-1]


def commit() -> None:
    """What waits for the end of the test's transaction is written now."""
    query("SET CONSTRAINTS ALL IMMEDIATE")
    query("SET CONSTRAINTS ALL DEFERRED")


def _rows_after_number(n: int) -> list[LedgerRow]:
    found = query("SELECT n, at, kind, event_id, payload_sha256, body::text FROM ledger WHERE n > %s ORDER BY n", n)
    return [
        LedgerRow(n, at, kind, event_id, payload, json.loads(body)) for n, at, kind, event_id, payload, body in found
    ]


def draft(key: str = "ledger:1", **changes: Any) -> EventDraft:
    values: dict[str, Any] = {
        "source": "binance",
        "category": "delisting",
        "natural_key": key,
        "title": "Binance will delist ABC",
        "url": "https://exchange.example/1",
        "priority": "high",
        "effects": (EffectDraft("ABC", "asset", "", ("BINANCE:ABCUSDT",)),),
        **changes,
    }
    return EventDraft(**values)


@contextmanager
def unlocked() -> Iterator[None]:
    """As the owner of the database may: rows can be changed in the block."""
    ((name,),) = query("SELECT quote_ident(current_database())")
    query(f"ALTER DATABASE {name} SET ews.ledger_unlocked = on")
    try:
        yield
    finally:
        query(f"ALTER DATABASE {name} RESET ews.ledger_unlocked")


def moment_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
