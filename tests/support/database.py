"""A pytest plugin, loaded before Django's settings: the suite runs on a throw-away PostgreSQL cluster.

It is named in pyproject.toml with `-p`, because settings are read before any conftest.
"""

from __future__ import annotations

import os

import pytest

from tests.support.postgres_cluster import ThrowawayCluster

_CLUSTER: ThrowawayCluster | None = None

# Nothing that a developer has in .env may reach the tests, and no upstream is a real one.
os.environ["EWS_ENV_FILE"] = ""
if "PYTEST_XDIST_WORKER" not in os.environ:
    _CLUSTER = ThrowawayCluster()
    os.environ["DATABASE_URL"] = _CLUSTER.start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _CLUSTER is not None:
        _CLUSTER.stop()
