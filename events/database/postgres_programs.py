"""PostgreSQL's own programs for a dump and its way back, of a version that can talk to the server."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import connections
from psycopg2.extensions import make_dsn

from crypto_ews.postgres.cluster import binaries
from crypto_ews.postgres.cluster_use import EmbeddedPostgresError

# Debian, Red Hat, from source, Homebrew.
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)
_NEEDED = ("pg_dump", "pg_restore", "psql")


class ProgramError(Exception):
    """A program is missing or has failed; `str()` says what and why, without a password."""


def for_dump(server_major: int) -> Path:
    """Where programs lie that can dump a server of this version: of the same, else of the next newer one.

    An older pg_dump refuses a newer server. Raises ProgramError.
    """
    found = _found()
    fitting = [major for major in sorted(found) if major >= server_major]
    if not fitting:
        has = ", ".join(str(major) for major in sorted(found)) or "no version"
        raise ProgramError(
            f"the server is PostgreSQL {server_major}, but pg_dump, pg_restore and psql were found of {has} only; "
            f"install postgresql-client-{server_major} or newer"
        )
    return found[fitting[0]]


def for_restore() -> Path:
    """The newest: it reads the files of all versions before it, and its psql talks to their servers."""
    found = _found()
    if not found:
        raise ProgramError("pg_restore and psql were not found; install postgresql-client")
    return found[max(found)]


def _found() -> dict[int, Path]:
    return {major: folder for folder in _folders() if (major := _major(folder)) is not None}


def _folders() -> Iterator[Path]:
    """The preferred ones last: they replace others of the same version."""
    for place in _PLACES:
        yield from (Path(folder) for folder in sorted(glob.glob(place)))
    program = shutil.which("pg_dump")
    if program is not None:
        yield Path(program).parent
    try:
        yield binaries()
    except EmbeddedPostgresError:
        return


def _major(folder: Path) -> int | None:
    if not all((folder / name).exists() for name in _NEEDED):
        return None
    try:
        said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if number else None


def connection_arguments() -> tuple[list[str], Mapping[str, str]]:
    """How a program reaches the default database: arguments, which others may see, and what holds the password."""
    parameters: dict[str, Any] = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "isolation_level", "assume_role", "server_side_binding", "pool"):
        parameters.pop(name, None)
    password = parameters.pop("password", None)
    parameters["application_name"] = "crypto_ews backup"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment = {**kept, "LC_ALL": "C", **({"PGPASSWORD": str(password)} if password else {})}
    return ["--dbname", make_dsn(**parameters)], environment


def run(command: list[Any], environment: Mapping[str, str]) -> str:
    """What it printed. Raises ProgramError with the first lines of its complaint."""
    done = subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProgramError(f"{Path(command[0]).name} failed: {complaint(done.stderr)}")
    return done.stdout


def complaint(said: str) -> str:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return " | ".join(lines[:4]) or "it gave no reason"
