"""Repairs times that a wrong clock wrote, so that no alert waits for them.

When the clock is corrected by a known span, the times written by the wrong clock are moved by that span. A time further
ahead than we ever write, or an alert queued in the future, comes from a wrong clock too (of another process, or an
earlier run) and is made due now. This sends alerts sooner; it sends none twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from alerts.delivery.claims import PROBE_EVERY
from alerts.delivery.retry import GIVE_UP_AFTER
from alerts.models import Alert, AlertAttempt, ChannelState, Silence
from events.clock import Jump

logger = logging.getLogger(__name__)

_TOLERANCE = timedelta(seconds=30)
"""Clocks of processes may differ by this."""
_LONGEST_LEASE = timedelta(minutes=10)
_ALERTS, _CHANNELS = Alert._meta.db_table, ChannelState._meta.db_table
_ATTEMPTS, _SILENCES = AlertAttempt._meta.db_table, Silence._meta.db_table
# Queried one by one: each has a partial index, so the history is never read.
_WAITING = ("state IN ('pending', 'sending')", "state = 'held'")


def mend(now: datetime) -> int:
    """Make alerts due that wait for a time which we never write; the number of alerts."""
    values = {
        "now": now,
        "soon": now + _TOLERANCE,
        "furthest": now + GIVE_UP_AFTER + _TOLERANCE,
        "lease": now + _LONGEST_LEASE,
    }
    with connection.cursor() as cursor:
        mended = 0
        for waiting in _WAITING:
            # Locked rows are being written now; the next run repairs them.
            cursor.execute(
                f"""
                UPDATE {_ALERTS} SET
                    queued_at = least(queued_at, %(now)s),
                    due_at = least(due_at, %(now)s),
                    leased_until = CASE WHEN leased_until > %(lease)s THEN %(now)s ELSE leased_until END
                WHERE id IN (
                    SELECT id FROM {_ALERTS} a
                    WHERE {waiting} AND (
                        queued_at > %(soon)s OR due_at > %(furthest)s OR leased_until > %(lease)s
                        OR due_at > %(soon)s AND EXISTS (
                            SELECT FROM {_ATTEMPTS} t WHERE t.alert_id = a.id AND t.started_at > %(soon)s))
                    FOR NO KEY UPDATE SKIP LOCKED)
                """,
                values,
            )
            mended += cursor.rowcount
        # Repeats, escalation and flap detection count from when alerts were queued: these times are repaired too.
        cursor.execute(
            f"UPDATE {_ALERTS} SET queued_at = %(now)s, done_at = least(done_at, %(now)s) WHERE queued_at > %(soon)s",
            values,
        )
        cursor.execute(
            f"UPDATE {_CHANNELS} SET probe_at = %s WHERE probe_at > %s", [now, now + PROBE_EVERY + _TOLERANCE]
        )
        # The rate limit counts from the last request: a channel would send nothing until then.
        cursor.execute(
            f"UPDATE {_CHANNELS} SET last_started_at = least(last_started_at, %(now)s),"
            " market_card_at = least(market_card_at, %(now)s)"
            " WHERE last_started_at > %(soon)s OR market_card_at > %(soon)s",
            values,
        )
    if mended:
        logger.warning("%d alerts waited for times written by a wrong clock; they are due now", mended)
    return mended


def move(jump: Jump) -> None:
    """Move the times written by a wrong clock after the clock was corrected; they stay as far from now as before.

    A silence made by a clock ahead would hide alerts for years, so its end is moved too. It never gets longer: whether
    its end was a duration or a date is not known.
    """
    values: dict[str, Any] = {
        "since": jump.since,
        "before": jump.before,
        "after": jump.after,
        "by": jump.by,
    }
    written = "BETWEEN %(since)s AND %(before)s"
    with transaction.atomic(), connection.cursor() as cursor:
        # Times of alerts that were queued in the wrong interval; `mend` repairs the other ones.
        moved = ", ".join(
            f"{column} = {column} + %(by)s" for column in ("queued_at", "due_at", "leased_until", "done_at")
        )
        cursor.execute(f"UPDATE {_ALERTS} SET {moved} WHERE queued_at {written}", values)
        cursor.execute(
            f"UPDATE {_ATTEMPTS} SET started_at = started_at + %(by)s WHERE started_at {written}",
            values,
        )
        cursor.execute(
            f"""
            UPDATE {_CHANNELS} SET
                probe_at = CASE WHEN suspended_at {written} THEN probe_at + %(by)s ELSE probe_at END,
                suspended_at = CASE WHEN suspended_at {written} THEN suspended_at + %(by)s ELSE suspended_at END,
                last_started_at = least(last_started_at, %(after)s),
                market_card_at = least(market_card_at, %(after)s)
            """,
            values,
        )
        if jump.by < timedelta(0):
            cursor.execute(
                f"UPDATE {_SILENCES} SET until = until + %(by)s WHERE made_at {written} AND until > %(before)s",
                values,
            )
    mend(jump.after)
