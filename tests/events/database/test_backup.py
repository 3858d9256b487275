"""`manage.py backup` and `restore`: what comes back, what is refused, and that a failure changes nothing.

Across versions of PostgreSQL: `python -m tests.crash.backup_round_trip`, in `make crashtest`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from events.daemon.leader import LeaderLock
from events.daemon.readiness import pending_migrations
from events.database.backup import restore
from events.database.postgres_programs import ProgramError, for_dump
from tests.upgrades.databases import RELEASES, fresh_database, load

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
# As in test_bot_role: the role is the whole cluster's, and another worker may be at it.
LIMIT = 12


def query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def as_a_bot(sql: str) -> list[tuple[Any, ...]]:
    settings = connections["default"].get_connection_params()
    opened = psycopg2.connect(**{name: settings[name] for name in ("dbname", "user", "password", "host", "port")})
    try:
        with opened.cursor() as cursor:
            cursor.execute("SET SESSION AUTHORIZATION ews_bot")
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        opened.close()


READ = "SELECT token, action, trading_status, tickers, event_ids FROM token_risk_view ORDER BY 1"


@pytest.fixture(scope="module")
def backup_file(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[Any, ...]]]:
    """A backup of the last release's database, and what its view said."""
    file = tmp_path_factory.mktemp("backup") / "ews.dump"
    with fresh_database("ews_backed_up", django_db_blocker) as name:
        load(name, RELEASES[-1])
        call_command("backup", str(file), verbosity=0)
        return file, as_a_bot(READ)


@pytest.fixture
def target(django_db_blocker: Any, django_db_setup: None) -> Iterator[str]:
    with fresh_database("ews_restored", django_db_blocker) as name:
        yield name


@pytest.mark.long
def test_what_is_restored_reads_as_before_migrated_and_replaces_what_was_left_over(
    backup_file: tuple[Path, list[tuple[Any, ...]]], target: str
) -> None:
    file, before = backup_file
    assert file.stat().st_mode & 0o777 == 0o600 and len(before) > 30
    assert [found.name for found in file.parent.iterdir()] == [file.name]
    assert not any("BOT_" in problem for problem in restore(file, NOW, LIMIT))
    assert as_a_bot(READ) == before
    assert pending_migrations() == 0
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_a_bot("SELECT lo_create(0)")

    # A table of a later release, a partition of a later day, a row that came since.
    query("CREATE TABLE left_over (id int); CREATE TYPE left_type AS ENUM ('x')")
    query("UPDATE risk_view_state SET seq = seq + 1000")
    ((seq,),) = query("SELECT seq FROM risk_view_state")
    query("DELETE FROM events_effect")
    assert as_a_bot(READ) == []
    with pytest.raises(ProgramError, match="expected an empty one, or --replace"):
        restore(file, NOW, LIMIT)
    restore(file, NOW, LIMIT, replace=True)
    assert as_a_bot(READ) == before
    assert query("SELECT to_regclass('left_over'), to_regtype('left_type')") == [(None, None)]
    assert query("SELECT seq FROM risk_view_state") > [(seq,)], "a listener would take the news for old"


def test_a_cut_file_a_foreign_file_and_a_leading_daemon_change_nothing(
    backup_file: tuple[Path, list[tuple[Any, ...]]], target: str, tmp_path: Path
) -> None:
    file, _before = backup_file
    query("CREATE TABLE precious (id int)")
    whole = file.read_bytes()
    for name, part in (("cut", 0.5), ("cut late", 0.9), ("cut at the end", 0.999)):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
    (tmp_path / "foreign").write_text("-- SQL\n")
    for name in ("cut", "cut late", "cut at the end", "foreign", "absent"):
        with pytest.raises(CommandError):
            call_command("restore", str(tmp_path / name), "--replace")
    lock = LeaderLock()
    assert lock.try_acquire()
    try:
        with pytest.raises(CommandError, match="a daemon leads on this database"):
            call_command("restore", str(file), "--replace")
    finally:
        lock.release()
    assert query("SELECT to_regclass('precious')::text") == [("precious",)]


def test_a_backup_that_cannot_be_made_leaves_the_last_one(target: str, tmp_path: Path) -> None:
    file = tmp_path / "ews.dump"
    file.write_text("the last one")
    with pytest.raises(CommandError, match="contains no events"):
        call_command("backup", str(file))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "no folder" / "ews.dump"))
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("ews.dump", "the last one")]


def test_a_server_newer_than_every_pg_dump_is_said_with_what_to_install() -> None:
    with pytest.raises(ProgramError, match="install postgresql-client-99 or newer"):
        for_dump(99)
