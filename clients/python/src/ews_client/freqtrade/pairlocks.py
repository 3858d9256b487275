"""Locks that a strategy sets in its own bot, so that its pages show what is denied, and why."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Protocol

from ews_client.answers import Answer
from ews_client.freqtrade.judge import Judge, is_denied, why_not

logger = logging.getLogger("ews_client.freqtrade")

PREFIX: Final = "EWS guard: "
"""With what the reasons of these locks begin; all others are somebody else's."""

LASTS: Final = timedelta(days=1)
"""How long a lock lasts whose event is open-ended, or of low priority. It is renewed, and ends with the risk."""

MOST_NAMES: Final = 200
LONGEST: Final = timedelta(days=30)
RENEWED: Final = timedelta(minutes=30)


class Strategy(Protocol):
    """What is used of freqtrade's strategy."""

    def lock_pair(self, pair: str, until: datetime, reason: str | None = None, side: str = "*") -> None: ...

    def unlock_reason(self, reason: str) -> None: ...


class PairLocks:
    """The guard's own locks of one bot. They are a notice: the hooks deny with or without them."""

    def __init__(self, strategy: Any, judge: Judge) -> None:
        self._strategy: Strategy = strategy
        self._judge = judge
        self._held: dict[str, tuple[str, datetime]] = _left_over()

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Locks what is denied, and takes back own locks of what the server allows; unknown changes nothing."""
        now = datetime.now(timezone.utc)
        wanted = {pair: reason_of(pair, answer) for pair, answer in answers.items() if is_denied(answer)}
        new = {
            pair: reason
            for pair, reason in wanted.items()
            if pair not in self._held or self._held[pair][0] != reason or self._held[pair][1] - now < RENEWED
        }
        ends = self._ends({pair: answers[pair] for pair in new}, now) if new else {}
        for pair, reason in new.items():
            before = self._held.get(pair)
            self._strategy.lock_pair(pair, ends[pair], reason=reason)
            self._held[pair] = reason, ends[pair]
            if before is not None and before[0] != reason:
                self._strategy.unlock_reason(before[0])
        for pair in [pair for pair in self._held if pair in answers and answers[pair].may_open]:
            self._strategy.unlock_reason(self._held.pop(pair)[0])

    def _ends(self, denied: Mapping[str, Answer], now: datetime) -> dict[str, datetime]:
        """Until when: `valid_until` of the risk view, the latest of what concerns the pair."""
        tokens = {one for answer in denied.values() for one in (answer.base, answer.quote, answer.settle) if one}
        until: dict[str, datetime] = {}
        try:
            # No names mean all: the view has what is at risk, and the server takes 500 names at most.
            asked = sorted(tokens) if len(tokens) <= MOST_NAMES else ()
            for row in self._judge.client.risks(tokens=asked).tokens if tokens else ():
                if row.valid_until is not None:
                    until[row.token] = row.valid_until
        except Exception as error:  # noqa: BLE001 (the lock counts, not its end)
            logger.info("EWS: until when the locks last is not known (%s): %s", error, LASTS)
        return {pair: _end([until.get(one) for one in (answer.base, answer.quote, answer.settle)], now)
                for pair, answer in denied.items()}  # fmt: skip


def reason_of(pair: str, answer: Answer) -> str:
    """One for each pair: freqtrade takes all locks of a reason back at once."""
    return f"{PREFIX}{pair} {why_not(answer)}"[:255]


def _end(known: Iterable[datetime | None], now: datetime) -> datetime:
    latest = max((one for one in known if one is not None and one > now + RENEWED), default=now + LASTS)
    return min(latest, now + LONGEST)


def _left_over() -> dict[str, tuple[str, datetime]]:
    """The guard's locks that the bot's database has from before its restart."""
    try:
        locks = importlib.import_module("freqtrade.persistence").PairLocks.get_pair_locks(None)
        return {
            lock.pair: (lock.reason, lock.lock_end_time.replace(tzinfo=timezone.utc))
            for lock in locks
            if (lock.reason or "").startswith(PREFIX)
        }
    except Exception as error:  # noqa: BLE001 (a bot without a database, or another freqtrade)
        logger.info("EWS: locks from before the restart were not read (%s)", error)
        return {}
