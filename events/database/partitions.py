"""Daily partitions of a table: created before their first row, dropped after the retention time."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import OperationalError, connection, transaction

from events.database.locks import lock_until_commit

logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
# Tomorrow's partition exists a day early: at midnight no row waits for a lock.
DAYS_AHEAD = 1
# A dump or an export may read the table for hours, and every later query would queue behind our lock.
_LOCK_TIMEOUT = "2s"


def partition_name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def partition_days(table: str) -> set[date]:
    """The days that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    return {datetime.strptime(name[-8:], "%Y%m%d").replace(tzinfo=UTC).date() for name in names}


def make_partitions(table: str, days: Iterable[date]) -> list[date]:
    """Create the missing partitions; returns their days. Readers and writers of the table do not wait."""
    missing = sorted(set(days) - partition_days(table))
    if not missing:
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        # Two daemons may find the same day missing.
        lock_until_commit(table)
        missing = sorted(set(missing) - partition_days(table))
        for day in missing:
            name = partition_name(table, day)
            # CREATE TABLE … PARTITION OF would lock the whole table against readers; ATTACH does not.
            cursor.execute(f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING ALL)')
            cursor.execute(
                f'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM (%s) TO (%s)',
                [_midnight(day), _midnight(day + DAY)],
            )
    return missing


def drop_partitions(table: str, before: date) -> list[date]:
    """Drop the days before this one; returns the dropped ones. A day that is being read is left for the next time."""
    dropped = []
    for day in sorted(day for day in partition_days(table) if day < before):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
                cursor.execute(f'DROP TABLE IF EXISTS "{partition_name(table, day)}"')
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != "55P03":
                raise
            logger.info("%s is being read; it is dropped later", partition_name(table, day))
            break
        dropped.append(day)
    return dropped


def _midnight(day: date) -> str:
    return f"{day:%Y-%m-%d} 00:00:00+00"


def first_retained_day(now: datetime, keep_days: float) -> date:
    """The first day within the retention time."""
    return (now - timedelta(days=keep_days)).astimezone(UTC).date()
