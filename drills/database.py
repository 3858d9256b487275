"""The database of a drill: its own, on the server of the production database, and dropped at the end.

A schema of its own would not do: channels of NOTIFY, the leader's lock and the settings of functions belong to a whole
database (docs/decisions). `presence` is a session that the drill keeps open in its database for as long as it lives.
While it is open PostgreSQL refuses to drop the database; a drill that was killed has none, and whoever looks next
drops what it left. So no clock and no lock of ours decides whether a drill lives.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from django.db import connection
from psycopg2 import errors, sql
from psycopg2.extensions import connection as PgConnection

from alerts.models import Alert
from crypto_ews.conf import Config
from crypto_ews.postgres.cluster_use import EmbeddedPostgresError, connection_url, ensure_running
from events.database.dedicated import dedicated_connection
from events.models import Event

logger = logging.getLogger(__name__)

APPLICATION = "crypto_ews drill"
_ATTEMPTS = 3
# Of this production alone: several may share a server. No other program's database has such a name.
PREFIX_SQL = "'ews_drill_' || left(md5(current_database()), 8) || '_'"
_LEFT_BEHIND = f"""
SELECT datname FROM pg_database AS found
 WHERE datname ~ ('^' || {PREFIX_SQL} || '[0-9a-f]{{8}}$') AND pg_has_role(datdba, 'USAGE')
   AND NOT EXISTS (SELECT FROM pg_stat_activity AS session
                    WHERE session.datid = found.oid AND session.backend_type = 'client backend')
 ORDER BY datname
"""
# No timeout of the server may end a drill, and one on a machine that is gone must not look alive for two hours.
_SESSION = {
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


class DrillDatabaseError(Exception):
    """There can be no database for the drill; `str()` says what is missing, without any URL."""


@contextmanager
def drill_database(config: Config) -> Iterator[str]:
    """A new, empty database on the server of `config`; gives its URL. Raises DrillDatabaseError.

    First drops what drills left that were killed. At the end the database is dropped with all sessions in it.
    """
    for name in drop_left_behind():
        logger.warning("dropped %s, which a drill left that was killed", name)
    url, name, presence = _created(_server_url(config))
    try:
        yield url
    finally:
        presence.close()
        _drop(name)


def drop_left_behind() -> list[str]:
    """Drop the databases of drills that are no longer running; returns their names. Raises DrillDatabaseError."""
    try:
        session = dedicated_connection(APPLICATION)
    except psycopg2.Error as error:
        raise DrillDatabaseError(f"the database cannot be reached: {_first_line(error)}") from None
    dropped = []
    try:
        with session.cursor() as cursor:
            cursor.execute(_LEFT_BEHIND)
            names = [name for (name,) in cursor.fetchall()]
        for name in names:
            try:
                _execute(session, "DROP DATABASE IF EXISTS {}", name)
            except errors.ObjectInUse:
                continue  # A drill that began this moment: its session was not open yet when we looked.
            except psycopg2.Error as error:
                logger.error("%s, which a drill left, cannot be dropped: %s", name, _first_line(error))
                continue
            dropped.append(name)
    finally:
        session.close()
    return dropped


def _created(server_url: str) -> tuple[str, str, PgConnection]:
    """URL, name and presence in a new database."""
    for attempt in range(_ATTEMPTS):
        name = _create()
        url = _with_database(server_url, name)
        try:
            presence = _presence(url)
        except psycopg2.OperationalError as error:
            # Another drill took it for one left behind before our session was open.
            if attempt + 1 < _ATTEMPTS and not _exists(name):
                continue
            _drop(name)
            raise DrillDatabaseError(
                f"the drill's database was created, and cannot be connected to: {_first_line(error)}. Behind a pooler, "
                "DATABASE_URL must lead to one that passes every database on, or to the server itself"
            ) from None
        return url, name, presence
    raise DrillDatabaseError("the drill's database was dropped by another drill while it was created; try again")


def _presence(url: str) -> PgConnection:
    session = psycopg2.connect(url, application_name=APPLICATION)
    session.autocommit = True
    with session.cursor() as cursor:
        for setting, value in _SESSION.items():
            cursor.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", [value, setting])
    return session


def _create() -> str:
    """The name of a new database."""
    try:
        session = dedicated_connection(APPLICATION)
    except psycopg2.Error as error:
        raise DrillDatabaseError(f"the database cannot be reached: {_first_line(error)}") from None
    try:
        with session.cursor() as cursor:
            cursor.execute(f"SELECT {PREFIX_SQL} || %s", [secrets.token_hex(4)])
            (name,) = cursor.fetchone() or ("",)
        _execute(session, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
        # Every role may connect to a new database otherwise: those of bots must not see it.
        _execute(session, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)
        with session.cursor() as cursor:
            comment = "A drill of crypto_ews, and nothing real. Dropped when the drill ends, or by the next one."
            cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(name)), [comment])
        return str(name)
    except errors.InsufficientPrivilege:
        with session.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (role,) = cursor.fetchone() or ("",)
        raise DrillDatabaseError(
            f"the role {role} may not create databases, and a drill needs one of its own. As a superuser: "
            f'ALTER ROLE "{role}" CREATEDB'
        ) from None
    except psycopg2.Error as error:
        raise DrillDatabaseError(f"the drill's database cannot be created: {_first_line(error)}") from None
    finally:
        session.close()


def _drop(name: str) -> None:
    try:
        session = dedicated_connection(APPLICATION)
        try:
            _execute(session, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        finally:
            session.close()
    except psycopg2.Error as error:
        logger.error("%s cannot be dropped: %s; the next drill or the daemon tries again", name, _first_line(error))


def _exists(name: str) -> bool:
    session = dedicated_connection(APPLICATION)
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [name])
            return cursor.fetchone() == (True,)
    finally:
        session.close()


def _execute(session: PgConnection, statement: str, name: str) -> None:
    with session.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _server_url(config: Config) -> str:
    if config.database_url:
        return config.database_url
    try:
        return connection_url(ensure_running(config.data_dir))
    except EmbeddedPostgresError as error:
        raise DrillDatabaseError(str(error)) from None


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


# Receivers and services know events and messages by number: none of a drill may be one of the production's.
_NUMBERED = (Event._meta.db_table, Alert._meta.db_table)
_MARK = """
DO $$
DECLARE
    name regclass;
BEGIN
    FOR name IN
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                                   AND NOT relispartition AND pg_has_role(relowner, 'USAGE')
    LOOP
        EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS drill text NOT NULL DEFAULT %L',
                       name, current_setting('ews.drill'));
    END LOOP;
END
$$
"""


def mark_rows(crisis: str) -> None:
    """Mark every row of the default database, whose schema is complete, as one of this drill, in a column `drill`.

    Events and alerts are numbered from a number on that no production reaches: the thousandths of a second since 1970.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ews.drill', %s, false)", [f"DRILL {crisis}"])
        cursor.execute(_MARK)
        for table in _NUMBERED:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, int(time.time() * 1000)])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
