"""The database of a drill: apart from every other, gone with the drill, and spared while one runs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

from crypto_ews.conf import get_config
from drills import database
from drills.database import DrillDatabaseError, drill_database, drop_left_behind
from tests.drills.digest import drill_databases
from tests.support.daemon_process import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def name_in(url: str) -> str:
    return urlsplit(url).path[1:]


def sessions_in(database_name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database_name])
        return int(cursor.fetchone()[0])


@pytest.fixture
def a_role_without_createdb() -> Iterator[str]:
    name = "ews_test_no_createdb"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name}")
    options = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = {**options, "options": f"-c role={name}"}
    try:
        yield name
    finally:
        connection.settings_dict["OPTIONS"] = options
        with connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {name}")


def test_two_drills_run_apart_and_whoever_looks_for_dead_ones_spares_both() -> None:
    with drill_database(get_config()) as first, drill_database(get_config()) as second:
        assert drill_databases() == {name_in(first), name_in(second)} and first != second
        assert drop_left_behind() == []
        with connection.cursor() as cursor:
            for url in (first, second):
                cursor.execute("SELECT has_database_privilege('public', %s, 'CONNECT')", [name_in(url)])
                assert cursor.fetchone() == (False,), "a bot's role could see it"
        psycopg2.connect(first).close()
    assert drill_databases() == set()


def test_what_a_killed_drill_left_is_dropped_by_the_next_one() -> None:
    _, dead, session = database._created(database._server_url(get_config()))
    # The kernel closes the connections of a process that is killed; nothing else of it ends.
    session.close()
    eventually(lambda: not sessions_in(dead), 5, "the server has noticed")
    with drill_database(get_config()) as url:
        assert drill_databases() == {name_in(url)}
    assert drill_databases() == set() and drop_left_behind() == []


def test_a_database_with_a_like_name_is_never_dropped() -> None:
    """Of another program, or of the production next door on the same server."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {database.PREFIX_SQL} || 'notes', 'ews_drill_' || left(md5('other'), 8) || '_0a1b2c3d'")
        names = cursor.fetchone()
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            assert drop_left_behind() == []
        finally:
            for name in names:
                cursor.execute(f'DROP DATABASE "{name}"')


def test_a_role_that_may_create_no_database_is_named_with_what_it_needs(a_role_without_createdb: str) -> None:
    with pytest.raises(DrillDatabaseError) as refused, drill_database(get_config()):
        pass
    assert str(refused.value) == (
        f"the role {a_role_without_createdb} may not create databases, and a drill needs one of its own. "
        f'As a superuser: ALTER ROLE "{a_role_without_createdb}" CREATEDB'
    )
    assert drill_databases() == set()
