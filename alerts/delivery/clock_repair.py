"""Times that were written by a clock which was ahead: an alert must not wait for them.

When our time was corrected by a known span, what the wrong clock wrote is moved by it. Whatever is found further ahead
than we ever write, or was queued in the future, was written by such a clock too (another process, an earlier run): it
is due now. Nobody is told twice by this, only sooner.
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
_LONGEST_LEASE = timedelta(minutes=10)
_ALERTS, _CHANNELS = Alert._meta.db_table, ChannelState._meta.db_table
_ATTEMPTS, _SILENCES = AlertAttempt._meta.db_table, Silence._meta.db_table
# One by one: each has a partial index, and the history is never read.
_WAITING = ("state IN ('pending', 'sending')", "state = 'held'")


def mend(now: datetime) -> int:
    """Make due what waits for a moment that we would never have written; how many alerts."""
    values = {
        "now": now,
        "soon": now + _TOLERANCE,
        "furthest": now + GIVE_UP_AFTER + _TOLERANCE,
        "lease": now + _LONGEST_LEASE,
    }
    with connection.cursor() as cursor:
        mended = 0
        for waiting in _WAITING:
            # Rows that are held locked are being written just now; the next look takes them.
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
        # What was told counts from when it was queued: repeats, escalations and flapping would wait as well.
        cursor.execute(
            f"UPDATE {_ALERTS} SET queued_at = %(now)s, done_at = least(done_at, %(now)s) WHERE queued_at > %(soon)s",
            values,
        )
        cursor.execute(
            f"UPDATE {_CHANNELS} SET probe_at = %s WHERE probe_at > %s", [now, now + PROBE_EVERY + _TOLERANCE]
        )
        # The pace of a channel is counted from its last request: until then nothing at all would go out.
        cursor.execute(
            f"UPDATE {_CHANNELS} SET last_started_at = least(last_started_at, %(now)s),"
            " market_card_at = least(market_card_at, %(now)s)"
            " WHERE last_started_at > %(soon)s OR market_card_at > %(soon)s",
            values,
        )
    if mended:
        logger.warning("%d alerts waited for times that a wrong clock had written; they are due now", mended)
    return mended


def move(jump: Jump) -> None:
    """Our time was corrected: what was written by the wrong clock is as far from now as it was.

    A silence that was made by a clock ahead would hide alerts for years: it lasts for as long as it was meant to. It is
    never made longer, as nobody can tell whether its end was counted from then or named.
    """
    values: dict[str, Any] = {
        "since": jump.since,
        "before": jump.before,
        "after": jump.after,
        "by": jump.by,
    }
    written = "BETWEEN %(since)s AND %(before)s"
    with transaction.atomic(), connection.cursor() as cursor:
        # What waits has been queued by the wrong clock or not; what it waits for was written by it if it lies ahead.
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
