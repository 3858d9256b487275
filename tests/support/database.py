"""A pytest plugin, loaded before Django's settings: the suite runs on a throw-away PostgreSQL cluster.

It is named in pyproject.toml with `-p`, because settings are read before any conftest. With EWS_TESTS=unit (`make
unit`) there is no cluster, and only the tests that need no database are kept.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from tests.support.postgres_cluster import ThrowawayCluster

_CLUSTER: ThrowawayCluster | None = None
UNIT = os.environ.get("EWS_TESTS") == "unit"
_NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/none"

# Six hundred modules with their assertions rewritten: 15 s of compiling in every worker where nothing of it is kept.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Nothing that a developer has in .env may reach the tests, and no upstream is a real one.
os.environ["EWS_ENV_FILE"] = ""
if UNIT:
    os.environ["DATABASE_URL"] = _NOWHERE
elif "PYTEST_XDIST_WORKER" not in os.environ:
    _CLUSTER = ThrowawayCluster()
    os.environ["DATABASE_URL"] = _CLUSTER.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no search for garbage goes through it again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    if _CLUSTER is not None:
        _CLUSTER.stop()


# Fixtures of pytest-django and of ours that open the database, or a browser or a daemon that does.
_WITH_DATABASE = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "live_server"}
# Worlds (servers, daemons, commands in processes of their own), recordings in full, and the rules of the house.
_NOT_UNITS = (
    "tests/crash/", "tests/upgrades/", "tests/events/database/", "tests/events/daemon/", "tests/streams/test_stream_",
    "tests/upstreams/", "tests/crypto_ews/test_embedded", "tests/orderbooks/collector/", "tests/orderbooks/replay/",
    "tests/orderbooks/recording/test_recorded", "tests/orderbooks/books/test_whale_score.py",
    "tests/exchanges/announcements/test_explain", "tests/exchanges/announcements/test_labelled.py",
    "tests/exchanges/announcements/test_markup.py", "tests/exchanges/announcements/test_notice_mutations.py",
    "tests/volatility/test_luna", "tests/events/upstream/test_client.py", "tests/alerts/channels/", "tests/test_",
)  # fmt: skip


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that have no unit are not even imported."""
    if not UNIT or collection_path.is_dir():
        return None
    return str(collection_path.relative_to(config.rootpath)).startswith(_NOT_UNITS) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not UNIT:
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        wants = item.get_closest_marker("django_db") or fixtures & _WITH_DATABASE
        (left if wants else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
