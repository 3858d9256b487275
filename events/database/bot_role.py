"""The role `ews_bot`: revokes the rights that it must not have, and names those that could not be revoked.

Bots read the views and listen. PostgreSQL gives every role more than that through PUBLIC: large objects until the disk
is full, advisory locks until the shared lock table is, messages and WAL without end. Some of these rights only a
superuser can revoke; NOTIFY nobody can, which is why its payloads are hints. And a role can always change its own
password and settings; `events.database.bot_guard` restores them.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction

logger = logging.getLogger(__name__)

BOT = "ews_bot"
LEDGER_OWNER = "ews_ledger"
"""Owns the ledger (`events.database.ledger_owner`), whose rows bear the number of their transaction."""
# Databases of every server, in which the role has the rights of PUBLIC.
_MAINTENANCE = ("postgres", "template1")

# Functions that leave something behind or lock something that others need, by name. Not among them: pg_sleep, DO
# blocks and all that only costs time (timeouts bound it), and what PUBLIC has no right to anyway (files, slots).
_FUNCTIONS = (
    "^(pg_(try_)?advisory_.*|lo_.*|loread|lowrite|pg_notify|pg_logical_emit_message|txid_current|pg_current_xact_id"
    "|pg_export_snapshot)$"
)
_ELSEWHERE = "connect to "
_ABLE = f"""
SELECT p.oid::regprocedure::text
  FROM pg_proc p
 WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '{_FUNCTIONS}'
   AND has_function_privilege('{BOT}', p.oid, 'EXECUTE')
 ORDER BY 1
"""
# These roles keep the rights that PUBLIC loses: our own functions and statements run as one of them.
_OWNERS = f"""
SELECT quote_ident(rolname) FROM pg_roles
 WHERE NOT rolsuper
   AND oid IN ((SELECT datdba FROM pg_database WHERE datname = current_database()),
               (SELECT nspowner FROM pg_namespace WHERE nspname = current_schema()),
               (SELECT oid FROM pg_roles WHERE rolname = current_user),
               (SELECT oid FROM pg_roles WHERE rolname = '{LEDGER_OWNER}'))
"""
# Whether no other role can log in here (embedded server, container): nobody misses then what PUBLIC loses.
_NOBODY_ELSE = f"""
SELECT current_setting('is_superuser') = 'on' AND NOT EXISTS (
    SELECT FROM pg_roles WHERE rolcanlogin AND rolname NOT IN (current_user, '{BOT}')
)
"""


def secure() -> list[str]:
    """Create the role and revoke what can be revoked; returns what it can still do, see `open_doors`.

    Idempotent. Statements that we have no right to are skipped.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_database()")
        schema, database = (connection.ops.quote_name(name) for name in cursor.fetchone())
    if not role_exists():
        _try(f"CREATE ROLE {BOT} LOGIN")
    if not role_exists():
        return open_doors()
    if not value(f"SELECT pg_has_role('{BOT}', 'USAGE')"):
        # Needed to see its sessions and to end them.
        _try(f"GRANT {BOT} TO CURRENT_USER")
    if not value(f"SELECT has_schema_privilege('{BOT}', current_schema(), 'USAGE')"):
        _try(f"GRANT USAGE ON SCHEMA {schema} TO {BOT}")
    if value(f"SELECT has_schema_privilege('{BOT}', current_schema(), 'CREATE')"):
        _try(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")
    if value(f"SELECT has_database_privilege('{BOT}', current_database(), 'TEMPORARY')"):
        _try(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    owners = [name for (name,) in _rows(_OWNERS)]
    functions = ", ".join(name for (name,) in _rows(_ABLE))
    if functions:
        _take_from_public(f"EXECUTE ON FUNCTION {functions}", owners)
    if value(_NOBODY_ELSE):
        for name in {*other_databases()} & {*_MAINTENANCE}:
            _try(f"REVOKE CONNECT, TEMPORARY ON DATABASE {connection.ops.quote_name(name)} FROM PUBLIC")
    return open_doors()


def role_exists() -> bool:
    return bool(value(f"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{BOT}')"))


def other_databases() -> list[str]:
    """Databases that the role may connect to beside ours; what is revoked here, it can still do there."""
    return [
        name
        for (name,) in _rows(
            "SELECT datname FROM pg_database WHERE datallowconn AND datname <> current_database()"
            f" AND has_database_privilege('{BOT}', oid, 'CONNECT') ORDER BY 1"
        )
    ]


def open_doors() -> list[str]:
    """What the role can do and must not, each in words for one line; empty where there is nothing."""
    if not role_exists():
        return ["not log in, because the role does not exist and we may not create it"]
    doors = []
    kinds = {name.partition("(")[0] for (name,) in _rows(_ABLE)}
    for what, found in (
        ("write large objects", {kind for kind in kinds if kind.startswith("lo")}),
        ("take advisory locks", {kind for kind in kinds if "advisory" in kind}),
        ("call", {kind for kind in kinds if not kind.startswith("lo") and "advisory" not in kind}),
    ):
        if found:
            doors.append(f"{what} ({', '.join(sorted(found))})" if what == "call" else what)
    if value(f"SELECT has_schema_privilege('{BOT}', current_schema(), 'CREATE')"):
        doors.append("create tables")
    if value(f"SELECT has_database_privilege('{BOT}', current_database(), 'TEMPORARY')"):
        doors.append("create temporary tables")
    attributes = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    (row,) = _rows(f"SELECT {', '.join(attributes)} FROM pg_roles WHERE rolname = '{BOT}'")
    doors += [f"act with {name.removeprefix('rol')}" for name, has in zip(attributes, row, strict=True) if has]
    doors += [
        f"do what {name} may"
        for (name,) in _rows(
            "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
            f" JOIN pg_roles b ON b.oid = m.member WHERE b.rolname = '{BOT}'"
        )
    ]
    doors += [
        f"write {name}"
        for (name,) in _rows(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
            f" AND has_table_privilege('{BOT}', oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1"
        )
    ]
    others = other_databases()
    if others:
        doors.append(f"{_ELSEWHERE}{', '.join(others)} (reject it there in pg_hba.conf)")
    return doors


def remember_password(verifier: str, now: datetime) -> None:
    """Store the password that the leader restores from now on. Call it in the transaction that sets the password."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('events_botlogin') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute(
                "INSERT INTO events_botlogin (only_row, verifier, set_at) VALUES (true, %s, %s)"
                " ON CONFLICT (only_row) DO UPDATE SET verifier = excluded.verifier, set_at = excluded.set_at",
                [verifier, now],
            )


def secure_after_migrate(plan: Any = None, **_signal: Any) -> None:
    """Receiver of `post_migrate`: a database is secured before its first daemon starts. A flush has no plan."""
    if plan is None:
        return
    doors = secure()
    # The leader warns of other databases: a replay or a test has no bots.
    if any(not door.startswith(_ELSEWHERE) for door in doors):
        logger.warning(sentence(doors))


def sentence(doors: list[str]) -> str:
    """One line for the log."""
    here = [door for door in doors if not door.startswith(_ELSEWHERE)]
    cure = "; run `manage.py migrate` once as a superuser of this server, or revoke it manually" if here else ""
    return f"bots can do harm: {BOT} can {', '.join(doors)}{cure}"


def _take_from_public(what: str, owners: list[str]) -> None:
    statements = [f"REVOKE {what} FROM PUBLIC", f"REVOKE {what} FROM {BOT}"]
    if owners:
        statements.append(f"GRANT {what} TO {', '.join(owners)}")
    _try(*statements)


def attempt(*statements: str) -> str:
    """Execute all or none; returns the error, "" without one.

    An error means that we lack the right, or that another process does the same now.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        return str(error).strip().splitlines()[0]
    return ""


def _try(*statements: str) -> None:
    if error := attempt(*statements):
        logger.debug("%s: %s", statements[0], error)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def value(sql: str, *parameters: Any) -> Any:
    """The only column of the only row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        ((only,),) = cursor.fetchall()
    return only
