"""What all tests share: moments to count from, and rules that every database starts with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import caches

pytest_plugins = ["tests.browser"]


@pytest.fixture
def now() -> datetime:
    """The injected clock's moment in most tests."""
    return datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_wrong_passwords() -> None:
    """What the throttle of logins counted in another test, from the same address."""
    caches["logins"].clear()
