"""What is answered where the server did not answer: the three `fail` modes. Pure.

The README has the table; `tests/test_faults.py` holds it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from ews_client.answers import ACTIONS, FRESH_MS, Answer, no_answer, strictest
from ews_client.faults import OUTAGES, EwsError
from ews_client.picture import Memory, Picture, Remembered, action_by_name, action_now

MODES: Final = ("closed", "stale", "open")


@dataclass(frozen=True)
class Policy:
    """What was chosen when the client was made. Seconds."""

    fail: str
    stale_for: float = 0.0
    cache_for: float = 0.0

    @classmethod
    def chosen(cls, fail: object, stale_for: float | None, cache_for: float) -> Policy:
        """Raises TypeError where `fail` was not chosen, ValueError where a choice makes no sense."""
        if fail is None:
            raise TypeError(
                'fail was not given, expected "closed", "stale" or "open": what can_trade answers when nobody answers. '
                'With "closed" nothing is opened then; the README says what the others cost'
            )
        if fail not in MODES:
            raise ValueError(f'fail was {fail!r}, expected "closed", "stale" or "open"')
        if (fail == "stale") != (stale_for is not None):
            raise ValueError(
                f"stale_for was {stale_for!r} with fail={fail!r}: "
                'the seconds for which an answer goes on being used belong to fail="stale", and to it alone'
            )
        if stale_for is not None and not 0 < stale_for <= 86_400:
            raise ValueError(f"stale_for was {stale_for!r}, expected seconds between 0 and 86,400")
        if not 0 <= cache_for <= 60:
            raise ValueError(f"cache_for was {cache_for!r}, expected seconds between 0 and 60")
        return cls(str(fail), stale_for or 0.0, float(cache_for))


def from_cache(policy: Policy, picture: Picture, known: Remembered | None, now: float) -> Answer | None:
    """The remembered answer, where it is provably what the server would say but for what push does not carry."""
    if known is None or known.changed or not policy.cache_for or not picture.complete(now):
        return None
    waited = now - known.asked_at
    if waited > policy.cache_for or known.answer.status != "fresh":
        return None
    if _ended(known, now):
        return None
    age_ms = (known.answer.age_ms or 0) + int(waited * 1000)
    return dataclasses.replace(known.answer, source="cache", age_ms=age_ms)


def without_answer(
    policy: Policy, picture: Picture, memory: Memory, exchange: str, symbol: str, fault: EwsError, now: float
) -> Answer:
    """The answer where the server gave none. `now` is monotonic."""
    closed = no_answer(exchange, symbol, fault.kind, fault.detail)
    if policy.fail == "closed" or fault.kind not in OUTAGES:
        return closed
    known = memory.get(exchange, symbol)
    if policy.fail == "stale":
        if known is None or now - known.asked_at > policy.stale_for:
            return closed
        return _remembered(known, picture, fault, now)
    if known is not None:
        return _remembered(known, picture, fault, now)
    action = action_by_name(exchange, symbol, picture.rows)
    return dataclasses.replace(
        closed, may_open=_opens(action) and not _doubted(picture), may_close=action != "halt", action=action
    )


def _remembered(known: Remembered, picture: Picture, fault: EwsError, now: float) -> Answer:
    """The last answer, no braver than anything that was heard since."""
    last = known.answer
    action = strictest([last.action, action_now(last, picture.rows), "halt" if _ended(known, now) else "none"])
    return dataclasses.replace(
        last,
        may_open=last.may_open and _opens(action) and not known.changed and not _doubted(picture),
        may_close=last.may_close and action != "halt",
        action=action,
        status="stale" if last.status == "fresh" else last.status,
        age_ms=None if last.age_ms is None else last.age_ms + int((now - known.asked_at) * 1000),
        source="cache",
        fault=fault.kind,
        problem=fault.detail,
    )


def _opens(action: str) -> bool:
    return ACTIONS.index(action) <= ACTIONS.index("watch")


def _doubted(picture: Picture) -> bool:
    """Push was heard, and the last that it said was that not all is known."""
    return picture.reported and picture.status != "fresh"


def _ended(known: Remembered, now: float) -> bool:
    """Whether its trading has ended meanwhile, by the server's time and what has passed since."""
    answer = known.answer
    ends = min((one.trading_ends_at for one in answer.rows or (answer,) if one.trading_ends_at), default=None)
    if ends is None or answer.as_of is None:
        return False
    # The heartbeat may be so much older than the answer.
    return (ends - answer.as_of).total_seconds() - FRESH_MS / 1000.0 <= now - known.asked_at
