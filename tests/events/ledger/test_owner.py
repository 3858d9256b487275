"""The ledger belongs to a role of its own, where we may make one; where not, that is said, and all else works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction

from events.database.bot_role import LEDGER_OWNER
from events.database.ledger_owner import FUNCTIONS, TABLES, give_to_owner
from events.ledger.seals import seal_all
from events.ledger.verification import verify
from tests.events.risk_view.support import make_event, query
from tests.support.daemon_process import eventually
from tests.upgrades.databases import fresh_database, of_this_worker, server

PLAIN = of_this_worker("ews_plain")


@contextmanager
def logged_in(login: tuple[str, str]) -> Iterator[None]:
    """The default connection is that of this role."""
    settings = connections["default"].settings_dict
    before = settings["USER"], settings["PASSWORD"]
    connections["default"].close()
    settings["USER"], settings["PASSWORD"] = login
    try:
        yield
    finally:
        connections["default"].close()
        settings["USER"], settings["PASSWORD"] = before


@contextmanager
def as_role(name: str, database: str, options: str) -> Iterator[None]:
    """The default connection is that of a new role which owns the database and may do what `options` say."""
    admin = psycopg2.connect(**server(), dbname=database)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {name}")
        cursor.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'of-a-test' {options}")
        if options:
            # As if it had made the role itself.
            cursor.execute(f"GRANT {LEDGER_OWNER} TO {name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        cursor.execute(f"ALTER DATABASE {database} OWNER TO {name}")
        cursor.execute(f"ALTER SCHEMA public OWNER TO {name}")
    try:
        with logged_in((name, "of-a-test")):
            yield
    finally:
        with admin.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [name])
            cursor.execute(f"ALTER DATABASE {database} OWNER TO CURRENT_USER")
            cursor.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER")
            cursor.execute(f"DROP OWNED BY {name} CASCADE")
            cursor.execute(f"DROP ROLE {name}")
        admin.close()


def owners() -> set[str]:
    found = query(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = ANY (%s::regclass[]::oid[])"
        " UNION SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE oid = ANY (%s::regprocedure[]::oid[])",
        list(TABLES),
        list(FUNCTIONS),
    )
    return {name for (name,) in found}


@pytest.mark.django_db
def test_tables_and_functions_are_the_roles_and_nobody_logs_in_as_it() -> None:
    assert give_to_owner() == "" and owners() == {LEDGER_OWNER}
    assert query("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", LEDGER_OWNER) == [(False, False)]


@pytest.mark.long
def test_what_a_superuser_gives_away_later_the_daemon_still_writes_to(
    django_db_setup: None, django_db_blocker: Any
) -> None:
    settings = connections["default"].settings_dict
    superuser = settings["USER"], settings["PASSWORD"]
    with fresh_database("ews_plain_role", django_db_blocker) as name, as_role(PLAIN, name, ""):
        call_command("migrate", verbosity=0, interactive=False)
        assert owners() == {PLAIN}
        with logged_in(superuser):
            assert give_to_owner() == ""
        assert owners() == {LEDGER_OWNER}
        make_event({"token": "ABC"})
        eventually(lambda: seal_all() >= 0 and verify({}).unsealed == 0, 60, "all is sealed")
        assert verify({}).ok and query("SELECT count(*) FROM view_changed") == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize("options", ["CREATEROLE", ""], ids=["may make roles", "may not"])
def test_a_daemon_without_a_superuser_appends_and_where_the_role_is_cannot_change(
    options: str, django_db_setup: None, django_db_blocker: Any
) -> None:
    with fresh_database("ews_plain_role", django_db_blocker) as name, as_role(PLAIN, name, options):
        call_command("migrate", verbosity=0, interactive=False)
        event = make_event({"token": "ABC"})
        query("UPDATE events_event SET title = 'Other' WHERE id = %s", event.pk)
        assert [kind for (kind,) in query("SELECT kind FROM ledger WHERE event_id IS NOT NULL ORDER BY n")] == [
            "event.opened", "event.updated",
        ]  # fmt: skip
        assert query("SELECT count(*) FROM view_changed") == [(2,)]
        # Another worker's transaction may hold the seals for a while.
        eventually(lambda: seal_all() >= 0 and verify({}).unsealed == 0, 60, "all is sealed")
        report = verify({})
        assert report.ok and report.rows > 2
        for statement in (
            "UPDATE ledger SET kind = 'x'",
            "DELETE FROM view_changed",
            "TRUNCATE ledger_seal",
        ):
            with pytest.raises(DatabaseError, match=r"append only|permission denied"):
                query(statement)
        given = owners() == {LEDGER_OWNER}
        if given:
            for statement in (
                "ALTER TABLE ledger DISABLE TRIGGER ALL",
                "INSERT INTO ledger_seal SELECT * FROM ledger_seal",
                "INSERT INTO view_changed (era) VALUES (1)",
                f"SET ROLE {LEDGER_OWNER}",
            ):
                with pytest.raises(DatabaseError, match=r"must be owner|permission denied"), transaction.atomic():
                    query(statement)
        else:
            assert f"the ledger belongs to {PLAIN}" in give_to_owner() and "as a superuser" in give_to_owner()
        assert given == bool(options)
        # Going back and forth needs no other right.
        call_command("migrate", "alerts", "0006", verbosity=0, interactive=False)
        call_command("migrate", "events", "0010", verbosity=0, interactive=False)
        assert query("SELECT to_regclass('ledger')") == [(None,)]
        call_command("migrate", verbosity=0, interactive=False)
        assert query("SELECT kind FROM ledger WHERE event_id = %s", event.pk) == [("snapshot",)]
