"""The bot of a drill: asks `can_trade` of the drill's database for its pairs, and notes every change of the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

_ASK = "SELECT may_open, may_close, action, trading_status, status FROM can_trade(%s, %s)"
_MILD = ("none", "watch")


@dataclass(frozen=True)
class Answer:
    """What `can_trade` said of a pair; the strictest of several rows."""

    may_open: bool
    may_close: bool
    action: str
    trading_status: str
    status: str

    @property
    def blocks(self) -> bool:
        """Whether a risk forbids to open: not because an answer is missing or stale, which forbids it as well."""
        return not self.may_open and self.status == "fresh" and self.action not in _MILD


@dataclass(frozen=True)
class Change:
    """A pair's answer from `at` on."""

    at: datetime
    exchange: str
    symbol: str
    answer: Answer


class DrillBot:
    """pairs: (exchange, symbol). changes: oldest first, the first answer of each pair included."""

    def __init__(self, pairs: Sequence[tuple[str, str]], now: Callable[[], datetime]) -> None:
        self._pairs, self._now = pairs, now
        self.changes: list[Change] = []
        self._last: dict[tuple[str, str], Answer] = {}

    def ask(self) -> None:
        for pair in self._pairs:
            answer = _strictest(pair)
            if self._last.get(pair) != answer:
                self._last[pair] = answer
                self.changes.append(Change(self._now(), *pair, answer))

    def was_free(self, pair: tuple[str, str], before: datetime) -> bool:
        """Whether the pair could be opened at a moment before the crisis: else nothing would be proved by a block."""
        answers = [change.answer for change in self.changes if self._is(change, pair) and change.at <= before]
        return bool(answers) and answers[-1].may_open

    def blocked_at(self, pair: tuple[str, str]) -> datetime | None:
        return next((change.at for change in self.changes if self._is(change, pair) and change.answer.blocks), None)

    @staticmethod
    def _is(change: Change, pair: tuple[str, str]) -> bool:
        return (change.exchange, change.symbol) == pair


def _strictest(pair: tuple[str, str]) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(_ASK, list(pair))
        answers = [Answer(*row) for row in cursor.fetchall()]
    return min(answers, key=lambda answer: (answer.may_open, answer.may_close))
