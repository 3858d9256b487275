"""The role `ews_ledger` owns the ledger's tables and the functions that append to them, and nobody logs in as it.

Then even the daemon's own role can append and read, no more: it could neither edit a row nor switch the triggers off.
A superuser still can; what finds that is an anchor that is kept elsewhere (docs/contracts/ledger.md). Where we may not
create roles, the tables stay ours: the triggers then guard against mistakes only.
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import connection

from events.database.bot_role import LEDGER_OWNER as OWNER
from events.database.bot_role import attempt, value

logger = logging.getLogger(__name__)

TABLES = ("ledger", "view_changed", "ledger_seal", "ledger_state")
SEQUENCES = ("ledger_n_seq", "view_changed_n_seq")
# Called with the owner's rights. `ledger_line` and `view_changed_line` take a row of a table, hence its type.
FUNCTIONS = (
    "ledger_refuse()",
    "ledger_append(text, bigint, text, jsonb)",
    "view_changed_append(bigint, boolean, text[], jsonb[])",
    "ledger_private(text)",
    "ledger_line(ledger)",
    "view_changed_line(view_changed)",
    "ledger_seal_now(integer)",
    "ledger_restored()",
)
_SOMETHING_OURS = """
SELECT EXISTS (SELECT FROM pg_class WHERE oid = ANY (%s::regclass[]::oid[]) AND pg_get_userbyid(relowner) <> %s)
    OR EXISTS (SELECT FROM pg_proc WHERE oid = ANY (%s::regprocedure[]::oid[]) AND pg_get_userbyid(proowner) <> %s)
"""
_PROBLEM = (
    "the ledger belongs to {us}, which can therefore change it: {why}; run `manage.py migrate` once as a superuser of "
    "this server, or CREATE ROLE {owner} NOLOGIN and GRANT {owner} TO {us}"
)


def give_to_owner() -> str:
    """Create the role and give it tables and functions; returns the problem, in words, "" without one. Idempotent."""
    if not _ours_still():
        return ""
    # A restore made them anew, and PUBLIC may execute what is new.
    attempt(f"REVOKE ALL ON FUNCTION {', '.join(FUNCTIONS)} FROM PUBLIC")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, quote_ident(current_user), quote_ident(current_schema())")
        name, us, schema = cursor.fetchone()
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (superuser,) = cursor.fetchone()
    # Roles are the whole server's: another database may be making this one now.
    if not _role_exists():
        refused = attempt(f"CREATE ROLE {OWNER} NOLOGIN")
        if not _role_exists():
            return _PROBLEM.format(us=name, owner=OWNER, why=refused)
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO {OWNER}"]
    if not superuser:
        statements.append(f"GRANT CREATE ON SCHEMA {schema} TO {OWNER}")
    statements += [f"ALTER TABLE {table} OWNER TO {OWNER}" for table in TABLES]
    statements += [f"ALTER FUNCTION {function} OWNER TO {OWNER}" for function in FUNCTIONS]
    for user in _users():
        # Sequences too: a backup reads them.
        statements += [
            f"GRANT SELECT ON {', '.join((*TABLES, *SEQUENCES))} TO {user}",
            f"GRANT EXECUTE ON FUNCTION {', '.join(FUNCTIONS)} TO {user}",
        ]
    if not superuser:
        statements.append(f"REVOKE CREATE ON SCHEMA {schema} FROM {OWNER}")
    # To give something away one must belong to who gets it; and who belongs to the role may do what it may.
    if not value("SELECT has_function_privilege(%s, 'pg_current_xact_id()', 'EXECUTE')", OWNER):
        statements.append(f"GRANT EXECUTE ON FUNCTION pg_current_xact_id() TO {OWNER}")
    lent = not superuser and not attempt(f"GRANT {OWNER} TO {us}")
    refused = attempt(*statements)
    if lent:
        attempt(f"REVOKE {OWNER} FROM {us}")
    return _PROBLEM.format(us=name, owner=OWNER, why=refused) if refused else ""


def _users() -> list[str]:
    """Who appends and reads: we, and the owner of the events, whose triggers write; a superuser needs no grant."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(rolname) FROM pg_roles WHERE NOT rolsuper AND (rolname = current_user"
            " OR oid = (SELECT relowner FROM pg_class WHERE oid = to_regclass('events_event'))) ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def _role_exists() -> bool:
    return bool(value("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", OWNER))


def _ours_still() -> bool:
    """Whether the ledger is there and something of it belongs to another than its owner."""
    if not value("SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s) AS name", list(TABLES)):
        return False  # Migrated to a release without it.
    return bool(value(_SOMETHING_OURS, list(TABLES), OWNER, list(FUNCTIONS), OWNER))


def give_after_migrate(plan: Any = None, **_signal: Any) -> None:
    """Receiver of `post_migrate`. A flush has no plan."""
    if plan is not None and (problem := give_to_owner()):
        logger.warning(problem)
