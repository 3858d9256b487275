"""A connection that one task asks by.

What it says is no older than what this process knows already, and of the same database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from api.bots.venue_pairs import Verdict
from api.connection import close, connect
from api.runtime import Runtime
from events.clock import monotonic

ASK_SECONDS = 1.0
BATCH = 250
"""Pairs in one question at most: some 15 ms of the database's time."""

# The strictest row of a question comes first.
_MAY = "SELECT n, may_open, may_close, action, status, as_of, seq FROM can_trade_many($1::text[], $2::text[])"


class OtherDatabaseError(Exception):
    """An answer as of a time before the one that was known: of a database that was restored, or of another one."""


class Line:
    """Opened by its first question, and again after an error or when the process has connected anew."""

    def __init__(self, runtime: Runtime, name: str) -> None:
        self._runtime, self._name = runtime, name
        self._connection: asyncpg.Connection[Any] | None = None
        self._connected = 0

    async def rows(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Raises what `api.connection.UNAVAILABLE` names. After an error another connection is opened."""
        began = monotonic()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                if self._connection is None or self._connected != self._runtime.connected:
                    self.drop()
                    self._connected = self._runtime.connected
                    self._connection = await connect(self._name)
                found = await self._connection.fetch(statement, *values)
            if monotonic() - began > 2 * ASK_SECONDS:
                raise TimeoutError("this process was stopped meanwhile, and the answer has aged")
        except BaseException:
            self.drop()
            raise
        return list(found)

    async def may(self, venue: str, symbols: Sequence[str]) -> list[Verdict]:
        """What `can_trade` says of symbols of a venue, in their order; at most `BATCH` of them.

        Raises as `rows` does; OtherDatabaseError where the answer is older than what this process has seen.
        """
        known = self._runtime.picture.seen
        found: dict[int, Verdict] = {}
        for row in await self.rows(_MAY, [venue] * len(symbols), list(symbols)):
            if known is not None and (row["seq"] < known.seq or not _as_late(row["as_of"], known.heartbeat_at)):
                self.drop()
                raise OtherDatabaseError(
                    f"can_trade answered as of {row['as_of']}, expected {known.heartbeat_at} or later"
                )
            found.setdefault(row["n"], Verdict(row["may_open"], row["may_close"], row["action"], row["status"]))
        return [found[number] for number in range(1, len(symbols) + 1)]

    def drop(self) -> None:
        """Give the connection up, whatever its server does."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def stop(self) -> None:
        connection, self._connection = self._connection, None
        await close(connection)


def _as_late(answered: datetime | None, known: datetime | None) -> bool:
    return known is None or (answered is not None and answered >= known)
