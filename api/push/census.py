"""How many streams are open, against their limits."""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from api.problems import Problem
from api.push import metrics
from crypto_ews.conf import get_config


class Census:
    """Open streams by token or user, and by address, against their limits."""

    def __init__(self) -> None:
        self._by_owner: Count[Hashable] = Count()
        self._by_address: Count[str] = Count()

    @contextmanager
    def counted(self, owner: Hashable, address: str, transport: str) -> Iterator[None]:
        """Count a stream while it is open. Raises Problem (429) where it is one too many."""
        config = get_config()
        if self._by_owner[owner] >= config.api_streams_per_token:
            raise _too_many(f"this token has {self._by_owner[owner]} streams (API_STREAMS_PER_TOKEN)")
        if self._by_address[address] >= config.api_streams_per_address:
            raise _too_many(f"this address has {self._by_address[address]} streams (API_STREAMS_PER_ADDRESS)")
        self._by_owner[owner] += 1
        self._by_address[address] += 1
        try:
            with metrics.open_streams.labels(transport).track_inprogress():
                yield
        finally:
            _count_down(self._by_owner, owner)
            _count_down(self._by_address, address)

    def __len__(self) -> int:
        return sum(self._by_owner.values())


def server_full() -> Problem:
    """The server has no room for one more stream."""
    return _too_many("this server has as many streams as it may have (API_STREAMS)", 503)


def _too_many(why: str, status: int = 429) -> Problem:
    return Problem(
        status,
        f"{why}, expected one of them to end first; try again in 5 s",
        {"retry_after": 5},
        ((b"retry-after", b"5"),),
    )


def _count_down(counts: Count[Any], key: Hashable) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
