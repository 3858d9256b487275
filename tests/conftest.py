"""What all tests share: moments to count from, and rules that every database starts with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import caches

from events.upstream import rate_limit
from exchanges.announcements.sites import okx
from tests.upstreams import UpstreamServer

pytest_plugins = ["tests.support.browser", "tests.support.flush", "tests.support.schema"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files of cards anew, to be read")


@pytest.fixture
def now() -> datetime:
    """The injected clock's moment in most tests."""
    return datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[UpstreamServer]:
    """A loopback server that plays the upstreams of one test."""
    with UpstreamServer() as running:
        yield running


@pytest.fixture(autouse=True, scope="session")
def a_faster_okx() -> None:
    """The loopback OKX allows more requests a second than the real one; the pace itself is tested by its own clock."""
    rate_limit.limit(okx.LIST_SOURCE, requests=5, seconds=0.02)


@pytest.fixture(autouse=True)
def no_wrong_passwords() -> None:
    """What the throttle of logins counted in another test, from the same address."""
    caches["logins"].clear()


# Few tests and long ones: begun last, one process would be left with them while the other has nothing to do.
LONG_FILES = (
    "test_crash_smoke", "test_dispatcher", "test_replay", "test_daemon", "test_names", "test_service", "test_backup",
    "test_bot_role", "test_upgrade", "test_faults_apart", "test_captured_october", "test_luna_replay", "test_okx_flow",
    "test_stream_faults", "test_stream_refusals", "test_embedded_postgres", "test_live_page", "test_admin_pages",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; otherwise in the order that pytest-randomly gave."""
    items.sort(key=lambda item: item.path.stem not in LONG_FILES)
