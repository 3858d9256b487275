"""A digest of all that a database holds, and what is notified in it: to see that nothing of a drill gets there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from drills.database import PREFIX_SQL
from events.database.dedicated import dedicated_connection, notifications

CHANNELS = ("token_risk", "alert_queued")
_RELATIONS = """
SELECT oid::regclass::text FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v') AND relname !~ '^ews_lock_'
 ORDER BY 1
"""


def digest() -> dict[str, str]:
    """Of each table and view all rows; of each sequence its last number."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} AS t")
            found[name] = cursor.fetchone()[0] or "0"
        cursor.execute("SELECT sequencename, last_value::text FROM pg_sequences WHERE schemaname = 'public'")
        found |= {f"sequence {name}": value or "" for name, value in cursor.fetchall()}
    return found


@contextmanager
def heard() -> Iterator[list[str]]:
    """The payloads of all our channels in the default database, complete at the end of the block."""
    session = dedicated_connection("tests", CHANNELS[0])
    try:
        with session.cursor() as cursor:
            for channel in CHANNELS[1:]:
                cursor.execute(f"LISTEN {channel}")
        payloads: list[str] = []
        yield payloads
        payloads += notifications(session, 0.1)
    finally:
        session.close()


def drill_databases() -> set[str]:
    """Those of drills of the database that this test has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT datname FROM pg_database WHERE starts_with(datname, {PREFIX_SQL})")
        return {name for (name,) in cursor.fetchall()}


def production_url() -> str:
    """DATABASE_URL of the database that this test has: the production of a drill that it starts."""
    name = connection.settings_dict["NAME"]
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
