"""Replaces the configured database by a separate one, which a command then reads and writes instead."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection, connections

from crypto_ews.conf import Config
from crypto_ews.postgres.cluster_use import EmbeddedPostgresError, connection_url, ensure_running, release
from crypto_ews.postgres.settings import database_settings


class ReplayDatabaseError(Exception):
    """The database cannot be used; `str()` says why, without its URL."""


@contextmanager
def replay_database(config: Config, url: str | None) -> Iterator[None]:
    """Connect the default alias to the empty database at `url` and create our schema there.

    Without a URL it is a temporary embedded cluster, which is deleted at the end. Raises ReplayDatabaseError.
    """
    folder = None if url else Path(tempfile.mkdtemp(prefix="ews-replay-"))
    try:
        if folder is not None:
            try:
                url = connection_url(ensure_running(folder, throwaway=True))
            except EmbeddedPostgresError as error:
                raise ReplayDatabaseError(str(error)) from error
        with default_connection_to(replace(config, database_url=url)):
            _check_empty()
            call_command("migrate", verbosity=0, interactive=False)
            yield
    finally:
        if folder is not None:
            release(folder)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def default_connection_to(config: Config) -> Iterator[None]:
    """Let the default alias lead to the database of `config`, in every thread that connects from now on."""
    before = connections.settings
    _forget_connection()
    connections.settings = connections.configure_settings({"default": database_settings(config)})
    try:
        yield
    finally:
        _forget_connection()
        connections.settings = before


def _forget_connection() -> None:
    connections["default"].close()
    del connections["default"]


def _check_empty() -> None:
    try:
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
    except OperationalError as error:
        raise ReplayDatabaseError(f"the database cannot be reached: {str(error).strip()}") from None
    if tables:
        raise ReplayDatabaseError(f"the database has {len(tables)} tables ({tables[0]} …); expected an empty one")
