"""The leader's job about the ledger: seals what is complete, logs an anchor each hour, and says when seals are held.

A row is sealed once no transaction older than it is running, so a transaction that stays open holds the seals: nothing
is lost by that, but what is not sealed is not proven either.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from crypto_ews.conf import Config
from events.drafts import EventDraft
from events.enums import Category, Status
from events.ledger.chain import anchor_text
from events.ledger.verification import head
from events.lifecycle import record
from events.models import plain_events

logger = logging.getLogger(__name__)

SECONDS = 1.0
ANCHOR_SECONDS = 3600.0
# Above the first a card opens, below the second it closes.
LATE_SECONDS, DONE_SECONDS = 60.0, 10.0
KEY = "operations:ledger:unsealed"
# A run of the job ends after this: the rest is sealed by the next.
_LONGEST_SECONDS = 5.0
# By era apart: a comparison of pairs is estimated by its first half, that is as the whole table.
_UNSEALED = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float
  FROM (SELECT at FROM ledger WHERE era = %(era)s AND xid >= %(xid)s::xid8
        UNION ALL
        SELECT at FROM ledger WHERE era > %(era)s
        UNION ALL
        SELECT at FROM view_changed WHERE era = %(era)s AND xid >= %(xid)s::xid8
        UNION ALL
        SELECT at FROM view_changed WHERE era > %(era)s) AS entry
"""
_LAST = "SELECT n, era, to_xid::text FROM ledger_seal ORDER BY n DESC LIMIT 1"
# Whoever has the oldest transaction that writes; without the right to see others its row is empty.
_HOLDER = """
SELECT format('%s %s (%s, %s) has a transaction open since %s UTC', kind, name, owner,
              coalesce(nullif(program, ''), '?'), to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'))
  FROM (SELECT 'server process' AS kind, pid::text AS name, usename::text AS owner, application_name AS program,
               xact_start AS since, age(backend_xid) AS age
          FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
         UNION ALL
        SELECT 'prepared transaction', gid, owner::text, database::text, prepared, age(transaction)
          FROM pg_prepared_xacts) AS holder
 ORDER BY holder.age DESC LIMIT 1
"""


@dataclass(frozen=True)
class Unsealed:
    """What no seal covers yet. seals: the number of the last one. seconds: age of the oldest row, by the database."""

    seals: int
    rows: int
    seconds: float


def unsealed() -> Unsealed:
    """Raises django.db.Error where the database cannot be reached."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        n, era, xid = cursor.fetchone() or (0, 0, "0")
        cursor.execute(_UNSEALED, {"era": era, "xid": xid})
        rows, seconds = cursor.fetchone()
    return Unsealed(n, rows, max(0.0, seconds))


def seal_all(longest_seconds: float = _LONGEST_SECONDS) -> int:
    """Seal what is complete; the number of seals made. Idempotent, and safe beside another that does the same."""
    made, began = 0, time.monotonic()
    with connection.cursor() as cursor:
        while time.monotonic() - began < longest_seconds:
            cursor.execute("SELECT ledger_seal_now()")
            if cursor.fetchone() != (True,):
                break
            made += 1
    return made


def keep_snapshot() -> bool:
    """Write a snapshot of the view to its history where too many changes lie behind the last one; whether it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT view_changed_keep()")
        return bool(cursor.fetchone()[0])


def holder() -> str:
    """In words, who has the oldest open transaction; "" where nobody is seen."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDER)
        found = cursor.fetchone()
    return str(found[0]) if found and found[0] else ""


def gauges() -> dict[str, float]:
    """For /healthz and /metrics."""
    now = unsealed()
    return {
        "ledger_seals": float(now.seals),
        "ledger_unsealed_rows": float(now.rows),
        "ledger_unsealed_seconds": now.seconds,
    }


class Sealer:
    """The job. steady: the monotonic clock, which the hour between two anchors is measured by."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._logged_at: float | None = None
        self._logged = 0
        # An earlier daemon may have left a card open.
        self._may_be_open = True

    def run(self, _config: Config, now: datetime) -> None:
        """Seal, log the anchor, and report what waits. now: our time, of the card."""
        waits = unsealed()
        if waits.rows:
            # Only then: a seal takes a transaction number, and most seconds of a day have no news.
            seal_all()
            keep_snapshot()
            waits = unsealed()
        self._log_anchor()
        self._report(waits.seconds, now)

    def _log_anchor(self) -> None:
        due = self._logged_at is None or self._steady() - self._logged_at >= ANCHOR_SECONDS
        last = head() if due else None
        if last is None or last[0] == self._logged:
            return
        self._logged_at, self._logged = self._steady(), last[0]
        logger.info("ledger anchor %s (kept elsewhere, it proves all rows before it)", anchor_text(*last))

    def _report(self, seconds: float, now: datetime) -> None:
        if seconds > LATE_SECONDS and not (self._may_be_open and _is_open()):
            who = holder()
            logger.warning("the ledger's oldest row has not been sealed for %.0f s: %s", seconds, who or "?")
            _card(now, who)
            self._may_be_open = True
        elif seconds < DONE_SECONDS and self._may_be_open:
            if _is_open():
                _card(now, "", closed=True)
            self._may_be_open = False


def _is_open() -> bool:
    return plain_events().filter(natural_key=KEY, status=Status.OPEN).exists()


def _card(now: datetime, who: str, closed: bool = False) -> None:
    record(
        EventDraft(
            source="operations",
            category=Category.OPERATIONS,
            natural_key=KEY,
            title="The ledger cannot be sealed",
            kind="operations",
            priority="low",
            effects=(),
            facts={} if closed or not who else {"error": who},
            extra={"subject": "ledger"},
            state="closed" if closed else "open",
            close_reason="it is sealed again" if closed else "",
            reopen="always",
        ),
        now,
    )
