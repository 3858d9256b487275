"""What a test must leave as it found it: the triggers and functions of the database that all tests of a worker share.

The order of tests is random: a test that loses one makes others fail that have nothing to do with it, and not always.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from django.db import connections

_SCHEMA = """
SELECT format('%s on %s %s', tgname, tgrelid::regclass, tgenabled) FROM pg_trigger
 WHERE NOT tgisinternal AND tgparentid = 0
UNION ALL
SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_last: list[frozenset[str]] = []


@pytest.fixture(autouse=True)
def the_schema_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that commits and leaves a trigger or a function that was not there, or takes one away."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if not ("transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))):
        return
    names = _names()
    before, _last[:] = list(_last), [names]
    assert before in ([], [names]), f"lost {sorted(before[0] - names)}, left behind {sorted(names - before[0])}"


def _names() -> frozenset[str]:
    """Read by a connection for this alone: an open one would keep the database from being dropped."""
    given = connections["default"].get_connection_params()
    connection = psycopg2.connect(
        **{name: given[name] for name in ("dbname", "user", "password", "host", "port") if name in given}
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SCHEMA)
            return frozenset(name for (name,) in cursor.fetchall())
    finally:
        connection.close()
