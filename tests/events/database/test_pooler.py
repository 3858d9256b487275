"""Behind a real pgbouncer: session pooling works, and whatever would lose sessions is refused with one sentence."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection
from django.db import connections as django_connections
from psycopg2.extensions import connection as PgConnection

from api import connection as connections
from events.database.pooler import PoolerError, refuse_transaction_pooling
from tests.support.pgbouncer import PROGRAM, PgBouncer

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed (apt-get install pgbouncer)"),
    pytest.mark.django_db,
]


def database_url() -> str:
    settings = connection.get_connection_params()
    login = f"{quote(settings['user'])}:{quote(settings['password'])}"
    return f"postgresql://{login}@{settings['host']}:{settings['port']}/{settings['dbname']}"


def connect(url: str) -> PgConnection:
    opened = psycopg2.connect(url)
    opened.autocommit = True
    return opened


def check(url: str) -> None:
    opened = connect(url)
    try:
        refuse_transaction_pooling(opened, lambda: connect(url))
    finally:
        opened.close()


def test_postgresql_itself_and_session_pooling_are_fine() -> None:
    check(database_url())
    with PgBouncer(database_url(), "session") as pooler:
        check(pooler.url)


def test_the_api_reads_through_session_pooling(monkeypatch: pytest.MonkeyPatch) -> None:
    """pgbouncer refused each of its connections: "unsupported startup parameter: jit"."""

    async def ask() -> list[str]:
        alone, pool = await connections.connect("tests"), await connections.open_pool("tests pool", 1)
        found = [await one.fetchval("SHOW jit") for one in (alone, pool, pool)]
        await alone.close()
        await pool.close()
        return found

    with PgBouncer(database_url(), "session") as pooler:
        settings = django_connections.settings["default"]
        monkeypatch.setitem(settings, "HOST", "127.0.0.1")
        monkeypatch.setitem(settings, "PORT", str(pooler.port))
        assert asyncio.run(ask()) == ["off", "off", "off"]


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ("transaction", {}),
        ("transaction", {"default_pool_size": 1}),
        ("transaction", {"server_round_robin": 1, "min_pool_size": 5}),
        ("statement", {}),
    ],
    ids=str,
)
def test_what_loses_sessions_is_refused_with_one_sentence(mode: str, settings: dict[str, Any]) -> None:
    with PgBouncer(database_url(), mode, **settings) as pooler, pytest.raises(PoolerError) as refused:
        for _ in range(3):
            check(pooler.url)
    assert f"connection pooler in {mode} pooling" in str(refused.value)
    assert "connect to PostgreSQL itself" in str(refused.value) and "\n" not in str(refused.value)


def test_a_pooler_with_too_few_connections_is_refused_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.database.pooler._PATIENCE_SECONDS", 0.5)
    with PgBouncer(database_url(), "session", default_pool_size=1) as pooler, pytest.raises(PoolerError) as refused:
        check(pooler.url)
    assert "no second connection within 0.5 s" in str(refused.value)
