"""What freqtrade's RemotePairList makes of an answer. Pure: written from its behaviour, without its text.

Proven equal to the real one, on the same answers, by tests/peers/freqtrade/test_model.py (freqtrade 2026.9).
Source: https://www.freqtrade.io/en/stable/plugins/#remotepairlist
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fetched:
    """What came over the network, whatever its status was: freqtrade looks at the content type alone."""

    content_type: str | None
    body: bytes


class BotStops(Exception):
    """freqtrade ends: without entries, and without exits either."""


class RemoteList:
    """One RemotePairList as a filter behind a static list.

    mode: `whitelist` or `blacklist`. keep: `keep_pairlist_on_failure`. markets: pairs that the bot could trade.
    """

    def __init__(self, mode: str, keep: bool, markets: Sequence[str], refresh_period: int = 15) -> None:
        self.mode, self.keep, self.markets = mode, keep, tuple(markets)
        self.refresh_period = refresh_period
        """Seconds; an answer makes it longer, never shorter."""
        self._was_read = False
        self._last: list[str] = []

    def refresh(self, fetched: Fetched | None) -> list[str]:
        """The pairs of the list after one request, None where it failed or took too long. Raises BotStops."""
        try:
            named = self._named(fetched)
            self._last = self._known(named)
        except BotStops:
            raise
        except Exception as error:
            # A pattern that is none, or pairs that are no list: nothing in freqtrade catches these.
            raise BotStops(f"{type(error).__name__}: {error}") from error
        return list(self._last)

    def passes(self, pairs: Iterable[str]) -> list[str]:
        """Of the pairs before it, those that may be opened after the last refresh."""
        passing = self.mode == "whitelist"
        return [pair for pair in dict.fromkeys(pairs) if (pair in self._last) is passing]

    def _named(self, fetched: Fetched | None) -> Any:
        if fetched is None or "application/json" not in str(fetched.content_type):
            return self._failed("no JSON came")
        try:
            found = _loads(fetched.body)
        except ValueError:
            return self._failed("the JSON is broken")
        try:
            # Whatever says nothing about pairs says "no pairs": an error, {}, a status.
            pairs = found.get("pairs", [])
            asked = int(found.get("refresh_period", self.refresh_period))
        except (AttributeError, TypeError, ValueError, OverflowError):
            return self._failed("the JSON is no object")
        self.refresh_period = max(self.refresh_period, asked)
        self._was_read = True
        return pairs

    def _failed(self, why: str) -> list[str]:
        if not self._was_read:
            raise BotStops(why)
        return list(self._last) if self.keep else []

    def _known(self, named: Iterable[str]) -> list[str]:
        """The markets that the names mean: each is a pattern for a whole name, in any case."""
        found: dict[str, None] = {}
        for name in named:
            pattern = re.compile(name, re.IGNORECASE)
            found |= dict.fromkeys(market for market in self.markets if pattern.fullmatch(market))
        return list(found)


def _loads(body: bytes) -> Any:
    """As the library of freqtrade reads it: UTF-8 without a byte-order mark, and NaN. Raises ValueError."""
    return json.loads(body.decode("utf-8", "replace"))
