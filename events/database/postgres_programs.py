"""PostgreSQL's client programs for dump and restore, of a version that fits the server."""

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
    """A program is missing or has failed; `str()` names it and the reason, without a password."""


def for_dump(server_major: int) -> Path:
    """The folder of programs that can dump a server of this version: of the same, else of the next newer one.

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
    """The folder of the newest programs, which read the files and reach the servers of all older versions.

    Raises ProgramError.
    """
    found = _found()
    if not found:
        raise ProgramError("pg_restore and psql were not found; install postgresql-client")
    return found[max(found)]


def _found() -> dict[int, Path]:
    return {major: folder for folder in _folders() if (major := _major(folder)) is not None}


def _folders() -> Iterator[Path]:
    """The preferred folders last: they replace others of the same version."""
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
        done = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    number = re.search(r"\) (\d+)", done.stdout)
    return int(number[1]) if number else None


def connection_arguments() -> tuple[list[str], Mapping[str, str]]:
    """How a program reaches the default database: arguments, which other users can see, and the environment, with the
    password.
    """
    parameters: dict[str, Any] = dict(connections["default"].get_connection_params())
    for name in ("cursor_factory", "context", "isolation_level", "assume_role", "server_side_binding", "pool"):
        parameters.pop(name, None)
    password = parameters.pop("password", None)
    parameters["application_name"] = "crypto_ews backup"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment = {**variables, "LC_ALL": "C", **({"PGPASSWORD": str(password)} if password else {})}
    return ["--dbname", make_dsn(**parameters)], environment


def run(command: list[Any], environment: Mapping[str, str]) -> str:
    """The output of the program. Raises ProgramError with the first lines of its errors."""
    done = subprocess.run(
        command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProgramError(f"{Path(command[0]).name} failed: {complaint(done.stderr)}")
    return done.stdout


def complaint(printed: str) -> str:
    lines = [line for line in printed.strip().splitlines() if line.strip()]
    return " | ".join(lines[:4]) or "it gave no reason"
