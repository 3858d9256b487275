"""Backup of the database, and its restore into an empty database of any version from PostgreSQL 14 on.

The dump is pg_dump's custom format. A restore also makes what a dump lacks: the bots' role with its password and
settings, which belong to the cluster, and the rights that PUBLIC must not have in this database.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from django.core.management import call_command
from django.db import connection

from events.database.bot_guard import BotGuard
from events.database.bot_role import BOT, role_exists, secure
from events.database.ledger_owner import FUNCTIONS, SEQUENCES, TABLES, give_to_owner
from events.database.postgres_programs import ProgramError, complaint, connection_arguments, for_dump, for_restore, run
from events.database.view_refresh import refresh_now

_MAGIC = b"PGDMP"
# The schema exists already, its comment belongs to the cluster's owner, and `secure` grants rights to it. The rights
# to the ledger name the roles of the server that was backed up; `give_to_owner` grants those of this one.
_GIVEN = "|".join(
    [*(f"{name} " for name in (*TABLES, *SEQUENCES)), *(f"{name.partition('(')[0]}\\(" for name in FUNCTIONS)]
)
_NOT_RESTORED = re.compile(rf" SCHEMA - | COMMENT - SCHEMA | ACL - SCHEMA | ACL \S+ \w+ (?:{_GIVEN})")
# Drops everything in the schema but an extension's objects: relations, then the types and functions that remain.
_EMPTY_SCHEMA = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        -- Sequences after the tables that own them.
        SELECT format('DROP %s IF EXISTS %s CASCADE', CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW'
                      WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
                      c.oid::regclass)
          FROM pg_class AS c
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
         ORDER BY relkind = 'S'
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
          FROM pg_proc AS p
         WHERE pronamespace = current_schema()::regnamespace AND prokind <> 'a'
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
         UNION ALL
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', t.oid::regtype)
          FROM pg_type AS t
         WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd', 'r')
           AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = t.oid AND deptype = 'e')
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
"""


def server_major() -> int:
    connection.ensure_connection()
    return int(connection.pg_version) // 10000  # type: ignore[attr-defined]


def backup(file: Path) -> int:
    """Dump the database into `file` while the daemon runs; its size in bytes.

    The file appears complete or not at all. Raises ProgramError, and OSError where it cannot be written.
    """
    programs = for_dump(server_major())
    where, environment = connection_arguments()
    part = file.with_name(f".{file.name}.part")
    # Readable for this user only: it contains the addresses of receivers, and who acknowledged what.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        options = ["--format=custom", "--no-owner", f"--schema={_schema()}", f"--file={part}"]
        run([programs / "pg_dump", *options, *where], environment)
        # Read back: an unreadable dump is no backup.
        contents = run([programs / "pg_restore", "--list", part], environment)
        if "events_event" not in contents:
            raise ProgramError("the dump contains no events: is this the daemon's database?")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, now: datetime, connection_limit: int, *, replace: bool = False) -> list[str]:
    """Restore the database from `file`, migrate it to this release, and set up the bots' role.

    connection_limit: of the role. replace: drop the present contents. Either all of the dump is loaded or nothing is
    changed. Returns the problems with the bots' role, in words. Raises ProgramError.
    """
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:
            raise ProgramError(f"{file} is no dump in pg_dump's custom format, as `manage.py backup` writes it")
    leader = _leader()
    if leader:
        raise ProgramError(f"a daemon leads on this database (server process {leader}): stop it first")
    relations, seq = _relations(), _seq()
    if relations and not replace:
        raise ProgramError(f"the database has {relations} relations; expected an empty one, or --replace to drop them")
    secure()
    if not role_exists():
        raise ProgramError(
            f"the role {BOT} does not exist and cannot be created here; as a superuser: CREATE ROLE {BOT} LOGIN"
        )
    connection.close()
    _load(file)
    call_command("migrate", verbosity=0, interactive=False)
    # A dump has no rights to it, and a database that is migrated already gives nothing away.
    ledger_problem = give_to_owner()
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_restored()")
    refresh_now()
    with connection.cursor() as cursor:
        # Listeners ignore a `seq` below the last that they saw.
        cursor.execute(
            "WITH state AS (UPDATE risk_view_state SET seq = greatest(seq, %s) + 1 RETURNING seq)"
            " SELECT pg_notify('token_risk', json_build_object('seq', seq, 'resync', true)::text),"
            " view_changed_snapshot(seq) FROM state",
            [seq],
        )
        cursor.execute("ANALYZE")
    return [*filter(None, [ledger_problem]), *BotGuard(connection_limit).keep_role(now)]


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _leader() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE relation = to_regclass('ews_lock_leader') AND mode = 'ExclusiveLock'"
            " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _relations() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class AS c WHERE relnamespace = current_schema()::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
            " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')"
        )
        return int(cursor.fetchone()[0])


def _seq() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('risk_view_state') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute("SELECT max(seq) FROM risk_view_state")
        return int(cursor.fetchone()[0] or 0)


def _load(file: Path) -> None:
    """Load the dump through psql in one transaction, without settings that only a newer server knows."""
    major = server_major()
    programs = for_restore()
    where, environment = connection_arguments()
    contents = run([programs / "pg_restore", "--list", file], environment)
    entries = [line for line in contents.splitlines() if not _NOT_RESTORED.search(line)]
    with tempfile.TemporaryDirectory(prefix="ews-restore-") as folder:
        listing, unread, refused = (Path(folder) / name for name in ("contents", "pg_restore", "psql"))
        listing.write_text("\n".join(entries) + "\n")
        with unread.open("w") as read_errors, refused.open("w") as load_errors:
            reading = subprocess.Popen(
                [programs / "pg_restore", "--no-owner", f"--use-list={listing}", "--file=-", file],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=read_errors,
            )
            loading = subprocess.Popen(
                [programs / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *where],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=load_errors,
            )
            _pass_on(reading, loading, major)
        if reading.returncode > 0:
            raise ProgramError(f"nothing was changed, {file} cannot be read: {complaint(unread.read_text())}")
        if loading.returncode:
            raise ProgramError(f"nothing was changed, psql failed: {complaint(refused.read_text())}")


def _pass_on(reading: subprocess.Popen[bytes], loading: subprocess.Popen[bytes], major: int) -> None:
    """Pipe the dump into psql, whose transaction commits only if pg_restore succeeded."""
    assert reading.stdout and loading.stdin
    try:
        loading.stdin.write(_EMPTY_SCHEMA.encode())
        for line in _readable(reading.stdout, major):
            loading.stdin.write(line)
        if reading.wait():
            # At the end of its input psql would commit what it has: half of a truncated file. Killed, it commits
            # nothing.
            loading.kill()
        loading.stdin.close()
    except BrokenPipeError:
        # The error of psql is in its file. Without a reader pg_restore would wait for ever.
        reading.kill()
    reading.stdout.close()
    reading.wait()
    loading.wait()


def _readable(lines: IO[bytes], major: int) -> Iterator[bytes]:
    head = True
    for line in lines:
        # Settings come before the first object; a row of data that looks like a setting is passed on.
        head = head and not line.startswith((b"CREATE", b"COPY"))
        if head and major < 17 and line.startswith(b"SET transaction_timeout"):
            continue
        yield line
