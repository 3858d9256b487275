"""One bot process for a file of tests, and a desk whose ETH is at `exit`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.peers.ccxt.desk import Bot, desk_market


@pytest.fixture(scope="module")
def bot() -> Iterator[Bot]:
    with Bot() as bot:
        yield bot


@pytest.fixture
def ews(api_url: str, token_of: Callable[..., str]) -> dict[str, Any]:
    """Where the running system is, as the bot takes it."""
    desk_market("ETH")
    return {"url": api_url, "token": token_of(), "timeout": 10.0}
