"""Lists of instruments that come each minute and change a few times a day: an unchanged one is not parsed again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Generic, TypeVar

from events.http import Payload

Parsed = TypeVar("Parsed")

# When Binance made the answer: all that differs from one minute to the next, and nothing that a parser reads.
_MADE_AT = re.compile(rb'"serverTime"\s*:\s*\d+')


class UnchangedLists(Generic[Parsed]):
    """What each list was parsed to last. The results are handed out again: they must not be changed."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[bytes, Parsed]] = {}

    def parsed(self, name: str, payload: Payload, parse: Callable[[Payload], Parsed]) -> Parsed:
        """What `parse` makes of a list's answer; one that it refuses is parsed, and refused, each time."""
        digest = hashlib.sha256(_MADE_AT.sub(b"", payload.body, count=1)).digest()
        held = self._held.get(name)
        if held is None or held[0] != digest:
            held = self._held[name] = (digest, parse(payload))
        return held[1]
