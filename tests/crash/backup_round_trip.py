"""Backups across versions: `python -m tests.crash.backup_round_trip`, part of `make crashtest`.

A database of the last release is backed up from the embedded PostgreSQL and restored into an empty cluster of another
version, and from there back again. What must hold: a bot logs in with the password that it had and reads the same rows
in the view, without a manual step, and its role is as narrow as before.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.support.daemon_process import manage
from tests.support.postgres_cluster import ThrowawayCluster

DUMP = Path(__file__).resolve().parents[1] / "upgrades" / "release_0_1.sql"


def other_versions() -> list[Path]:
    """Folders with the programs of servers that are installed beside the embedded one."""
    return [
        Path(folder) for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin")) if Path(folder, "initdb").exists()
    ]


@contextmanager
def other_cluster(programs: Path) -> Iterator[str]:
    """A fresh cluster of an installed version, owned by `nobody` where we are root; the URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="ews-other-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    secret = folder / "secret"
    secret.write_text("owner")
    secret.chmod(0o644)
    subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", "ews", "-A", "scram-sha-256", f"--pwfile={secret}", "-N"],
        check=True,
        stdout=subprocess.DEVNULL,
        **as_user,
    )
    settings = ["-c", f"port={port}", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_user,
    )
    try:
        url = f"postgresql://ews:owner@127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while True:
            try:
                run(f"{url}/postgres", "CREATE DATABASE ews")
                break
            except psycopg2.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield f"{url}/ews"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def run(url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


def as_bot(url: str, password: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"ews_bot:{password}@{parts.netloc.rpartition('@')[2]}").geturl()


def view(url: str) -> list[tuple[Any, ...]]:
    return run(
        url, "SELECT token, action, trading_status, venues, tickers, event_ids FROM token_risk_view ORDER BY token"
    )


def round_trip(source: str, target: str, password: str) -> bool:
    """Backup, restore, and a bot that reads; whether it sees the same."""
    before = view(as_bot(source, password))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ews.dump"
        manage("backup", str(file), environment={"DATABASE_URL": source})
        manage("restore", str(file), environment={"DATABASE_URL": target})
    after = view(as_bot(target, password))
    (version,) = run(target, "SELECT current_setting('server_version')")[0]
    (limit,) = run(target, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'ews_bot'")[0]
    can_harm = run(target, "SELECT has_function_privilege('ews_bot', 'lo_create(oid)', 'EXECUTE')")
    holds = len(before) > 30 and after == before and limit == 40 and can_harm == [(False,)]
    print(
        f"into PostgreSQL {version}: {len(before)} rows before, {len(after)} after, limit {limit}: {holds}", flush=True
    )
    return holds


def main() -> int:
    versions = other_versions()
    if not versions:
        print("backups across versions: left out, no other PostgreSQL is installed (apt-get install postgresql)")
        return 0
    with ThrowawayCluster() as url:
        run(url, DUMP.read_text(encoding="utf-8"))
        manage("migrate", "--verbosity", "0", environment={"DATABASE_URL": url}, stderr=subprocess.DEVNULL)
        said = manage("dburl", "--bot", "--set-password", environment={"DATABASE_URL": url}, stdout=subprocess.PIPE)
        password = urlsplit(said.stdout.strip()).password or ""
        holds = True
        for programs in versions:
            with other_cluster(programs) as other:
                holds = round_trip(url, other, password) and holds
                run(url, "CREATE DATABASE back")
                back = urlsplit(url)._replace(path="/back").geturl()
                holds = round_trip(other, back, password) and holds
                run(url, "DROP DATABASE back WITH (FORCE)")
    print("holds" if holds else "DOES NOT HOLD")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
