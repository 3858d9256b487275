"""Databases beside the tests' own: empty ones, and those of releases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.contrib.contenttypes.models import ContentType
from django.db import connections

RELEASES = sorted(Path(__file__).parent.glob("release_*.sql"))


def server() -> dict[str, Any]:
    settings = connections["default"].get_connection_params()
    return {name: settings[name] for name in ("user", "password", "host", "port") if name in settings}


def of_this_worker(name: str) -> str:
    """The name of a role or a database that no other worker has: they share the server to which these belong."""
    return f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@contextmanager
def fresh_database(name: str, blocker: Any) -> Iterator[str]:
    """An empty database beside the tests' own, as the default connection while the block runs."""
    name = of_this_worker(name)
    with blocker.unblock():
        address = server()
        admin = psycopg2.connect(**address, dbname="postgres")
        admin.autocommit = True
        try:
            with admin.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
                before = connections["default"].settings_dict["NAME"]
                connections["default"].close()
                connections["default"].settings_dict["NAME"] = name
                ContentType.objects.clear_cache()
                try:
                    yield name
                finally:
                    connections["default"].close()
                    connections["default"].settings_dict["NAME"] = before
                    ContentType.objects.clear_cache()
                    cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            admin.close()


def load(name: str, dump: Path) -> None:
    # A connection of its own: a dump leaves its session without a search path.
    loading = psycopg2.connect(**server(), dbname=name)
    loading.autocommit = True
    with loading.cursor() as cursor:
        cursor.execute(dump.read_text(encoding="utf-8"))
    loading.close()
