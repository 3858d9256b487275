"""The leader's jobs about bots: ends sessions that are busy for too long, and restores the settings of their role.

Any role can change its own password and settings, switch its timeouts off, and keep a transaction open; an open
transaction delays the vacuum of every table.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

from events.database.bot_role import BOT, role_exists, secure, sentence
from events.models import BotLogin

logger = logging.getLogger(__name__)

OLDEST_SECONDS = 10.0
SESSIONS_SECONDS = 5.0
ROLE_SECONDS = 60.0
# Connections that the daemon needs: one per thread of sources, jobs, services and pages.
_OURS = 50

_MAY_END = f"""
SELECT pg_has_role('{BOT}', 'USAGE')
       OR pg_has_role('pg_signal_backend', 'USAGE') AND pg_has_role('pg_read_all_stats', 'USAGE')
"""
_BUSY = """
SELECT pid, client_addr, state, extract(epoch FROM clock_timestamp() - least(xact_start, query_start))::float,
       xact_start, query_start
  FROM pg_stat_activity
 WHERE usename = %s AND pid <> pg_backend_pid() AND state <> 'idle'
"""
_END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE pid = %s AND usename = %s AND state <> 'idle'
   AND (xact_start = %s OR query_start = %s)
"""

_Begun = tuple[int, str, datetime]
"""Server process, "transaction" or "statement", and when that began by the database's clock."""


def _begins(transaction: datetime | None, statement: datetime | None) -> list[tuple[str, datetime]]:
    found = (("transaction", transaction), ("statement", statement))
    return [(kind, at) for kind, at in found if at is not None]


class BotGuard:
    """The two jobs. Each accepts the database in any state, and warns once of what it cannot do."""

    def __init__(self, connection_limit: int, steady: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._steady = connection_limit, steady
        self._last_warning = ""
        # When each running statement and transaction was first seen, by the monotonic clock.
        self._seen: dict[_Begun, float] = {}

    def end_old_sessions(self, older_than_seconds: float = OLDEST_SECONDS) -> int:
        """End the bots' sessions whose statement or transaction is older than that; returns how many.

        The age is the greater of two: by the database's clock, and by how long we have seen the same statement. After
        the database's clock was set back the first finds none until that clock has caught up, a day perhaps.
        """
        with connection.cursor() as cursor:
            cursor.execute(_BUSY, [BOT])
            busy = cursor.fetchall()
            ages = self._ages({(pid, kind, at) for pid, *_, xact, query in busy for kind, at in _begins(xact, query)})
            ended = []
            for pid, address, state, age, xact, query in busy:
                age = max([age or 0.0, *(ages[pid, kind, at] for kind, at in _begins(xact, query))])
                if age <= older_than_seconds:
                    continue
                # It may have ended since the query, and another process have its number.
                cursor.execute(_END, [pid, BOT, xact, query])
                if cursor.fetchall():
                    ended.append((pid, address, state, round(age)))
            cursor.execute(
                "SELECT gid FROM pg_prepared_xacts WHERE owner = %s AND database = current_database()"
                " AND NOT prepared BETWEEN clock_timestamp() - %s * interval '1 second' AND clock_timestamp()",
                [BOT, older_than_seconds],
            )
            for (gid,) in cursor.fetchall():
                cursor.execute("ROLLBACK PREPARED %s", [gid])
        if ended:
            # One line, however many there are: a bot must not be able to fill the log.
            pid, address, state, seconds = max(ended, key=lambda row: row[3])
            logger.warning(
                "%s session(s) of %s ended; the oldest (pid %s, from %s) was %s for %s s; a bot's statement or "
                "transaction may take %g s",
                len(ended),
                BOT,
                pid,
                address or "this machine",
                state,
                seconds,
                older_than_seconds,
            )
        return len(ended)

    def _ages(self, begun: set[_Begun]) -> dict[_Begun, float]:
        """For how many seconds each of these has been seen, over the last calls."""
        now = self._steady()
        self._seen = {key: self._seen.get(key, now) for key in begun}
        return {key: now - first for key, first in self._seen.items()}

    def keep_role(self, now: datetime) -> list[str]:
        """Restore rights, settings, password and connection limit of the role; returns problems, in words."""
        problems = [sentence(doors)] if (doors := secure()) else []
        if role_exists():
            problems += self._keep_settings()
            problems += self._keep_password(now)
            problems += self._keep_limit()
            if not _value(_MAY_END):
                problems.append(
                    f"old sessions of {BOT} cannot be ended: GRANT {BOT} TO {connection.settings_dict['USER']}"
                )
        warning = "; ".join(problems)
        if warning != self._last_warning:
            if warning:
                logger.warning("%s", warning)
            self._last_warning = warning
        return problems

    def _keep_settings(self) -> list[str]:
        expected = _settings()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setdatabase = 0, setting FROM pg_db_role_setting, unnest(setconfig) AS setting"
                " WHERE setrole = %s::regrole"
                " AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
                [BOT],
            )
            found = cursor.fetchall()
            cursor.execute("SELECT current_database()")
            database = connection.ops.quote_name(cursor.fetchone()[0])
        everywhere = sorted(setting for of_all, setting in found if of_all)
        here = dict(setting.split("=", 1) for of_all, setting in found if not of_all)
        statements = [f"ALTER ROLE {BOT} RESET ALL"] if everywhere else []
        if here != expected:
            statements.append(f"ALTER ROLE {BOT} IN DATABASE {database} RESET ALL")
        if not statements:
            return []
        refused = _try(statements)
        if refused:
            return [f"settings of {BOT} cannot be restored: {refused}"]
        foreign = sorted(
            {*everywhere, *(f"{name}={value}" for name, value in here.items() if expected.get(name) != value)}
        )
        if foreign:
            logger.warning("settings of %s were restored; it had %s", BOT, ", ".join(foreign))
        problems = []
        for name, value in expected.items() if here != expected else ():
            refused = _try([f"ALTER ROLE {BOT} IN DATABASE {database} SET {name} = {_quoted(name, value)}"])
            if refused:
                problems.append(f"{name} of {BOT} cannot be set: {refused}")
        return problems

    def _keep_password(self, now: datetime) -> list[str]:
        login = BotLogin.objects.first()
        readable = _value("SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')")
        present = _value("SELECT rolpassword FROM pg_authid WHERE rolname = %s", BOT) if readable else None
        if login is None:
            if present:
                # Set manually before the daemon stored passwords.
                BotLogin.objects.create(verifier=present, set_at=now)
            return []
        if readable and present == login.verifier:
            return []
        refused = _try([f"ALTER ROLE {BOT} PASSWORD '{login.verifier}'"])
        if refused:
            return [f"the password of {BOT} cannot be restored: {refused}"]
        if present:
            logger.warning(
                "the password of %s had been changed and was restored; change it with `manage.py dburl --bot "
                "--set-password`",
                BOT,
            )
        return []

    def _keep_limit(self) -> list[str]:
        problems = []
        if _value("SELECT rolconnlimit FROM pg_roles WHERE rolname = %s", BOT) != self._limit:
            refused = _try([f"ALTER ROLE {BOT} CONNECTION LIMIT {self._limit}"])
            if refused:
                problems.append(f"the connections of {BOT} cannot be limited: {refused}")
        available = _value(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        )
        if available - self._limit < _OURS:
            problems.append(
                f"BOT_CONNECTION_LIMIT was {self._limit} of the server's {available} connections for users, "
                f"expected to leave {_OURS} to the daemon"
            )
        return problems


def _settings() -> dict[str, str]:
    """As pg_db_role_setting has them. A bot can change them in its session; `end_old_sessions` applies all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema()), current_setting('server_version_num')::int >= 170000")
        schema, has_transaction_timeout = cursor.fetchone()
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        (is_superuser,) = cursor.fetchone()
    limit = f"{OLDEST_SECONDS:g}s"
    settings = {
        "search_path": schema,
        # Compiling a query of the plain views takes longer than executing it.
        "jit": "off",
        "statement_timeout": limit,
        "idle_in_transaction_session_timeout": limit,
        "lock_timeout": "5s",
    }
    if has_transaction_timeout:
        settings["transaction_timeout"] = limit
    if is_superuser:
        settings["temp_file_limit"] = "64MB"
    return settings


def _quoted(name: str, value: str) -> str:
    return value if name == "search_path" else f"'{value}'"


def _try(statements: list[str]) -> str:
    """Execute all or none; returns the error, or ""."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        return str(error).strip().splitlines()[0]
    return ""


def _value(sql: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        ((value,),) = cursor.fetchall()
    return value
