"""One event loop with a Runtime, against the test database, and writers beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from django.db import connections

from api.bots.tradable import Tradable, VenuePairs, tradable_of
from api.runtime import Runtime


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Runtime, Tradable]]:
    """A Runtime that has looked at the database, and its Tradable."""
    runtime = Runtime()
    await runtime.start()
    try:
        yield runtime, tradable_of(runtime)
    finally:
        await runtime.stop()


async def written(work: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """What somebody else writes into the database meanwhile, in a thread that leaves no connection behind."""

    def run() -> Any:
        try:
            return work(*values, **named)
        finally:
            connections.close_all()

    return await asyncio.to_thread(run)


async def until(tradable: Tradable, venue: str, holds: Callable[[VenuePairs], bool], seconds: float = 5.0) -> float:
    """Wait until something holds for a venue; returns after how many seconds. Raises AssertionError."""
    began = time.monotonic()
    while not holds(found := await tradable.of(venue)):
        assert time.monotonic() - began < seconds, found
        await asyncio.sleep(0.005)
    return time.monotonic() - began
