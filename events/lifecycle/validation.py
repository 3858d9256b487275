"""Checks whether a draft can be recorded."""

from __future__ import annotations

import re
from datetime import datetime

from events.drafts import EventDraft
from events.enums import Action, Category, Priority, RiskLevel, Scope, Stage, TradingStatus

_SOURCE = re.compile(r"^[a-z][a-z0-9_.]{0,31}$")
_TICKER = re.compile(r"^[A-Z0-9_]+:\S+$")


class LifecycleError(Exception):
    """An operation on an event is impossible; `str()` is a sentence for the person who requested it."""


class DraftError(LifecycleError, ValueError):
    """A draft holds a value that no event can have."""


def _known(name: str, value: str | None, allowed: list[str]) -> None:
    if value is not None and value not in allowed:
        raise DraftError(f"{name} was {value!r}, expected one of {', '.join(allowed)}")


def _aware(name: str, value: datetime | None) -> None:
    if value is not None and value.tzinfo is None:
        raise DraftError(f"{name} was {value!r}, expected a time with a time zone")


def check_draft(draft: EventDraft, now: datetime) -> None:
    """Raises DraftError that names the field, its value and the expected values."""
    _aware("now", now)
    if not _SOURCE.match(draft.source):
        raise DraftError(f"source was {draft.source!r}, expected a lower-case name such as binance")
    if not draft.natural_key or len(draft.natural_key) > 400:
        raise DraftError(f"natural_key was {draft.natural_key[:60]!r}…, expected 1 to 400 characters")
    if not draft.title.strip():
        raise DraftError(f"title of {draft.natural_key!r} was empty, expected a text")
    _known("category", draft.category, Category.values)
    _known("priority", draft.priority, Priority.values)
    _known("state", draft.state, ["open", "closed"])
    _known("reopen", draft.reopen, ["auto", "always", "new_date", "resume"])
    for name in ("valid_until", "published_at", "seen_at"):
        _aware(name, getattr(draft, name))
    for date in draft.important_dates:
        _aware("an important date", date.at)
    for effect in draft.effects:
        if not effect.token.strip() or len(effect.token) > 64:
            raise DraftError(f"token was {effect.token[:80]!r}, expected 1 to 64 characters")
        _known("scope", effect.scope, Scope.values)
        _known("stage", effect.stage, Stage.values)
        _known("action", effect.action, Action.values)
        _known("risk_level", effect.risk_level, RiskLevel.values)
        _known("trading_status", effect.trading_status, TradingStatus.values)
        _known("in_force_status", effect.in_force_status, TradingStatus.values)
        _aware("trading_ends_at", effect.trading_ends_at)
        _aware("in_force_at", effect.in_force_at)
        for ticker in effect.tickers:
            if not _TICKER.match(ticker):
                raise DraftError(f"ticker was {ticker!r}, expected VENUE:SYMBOL such as BINANCE:LUNAUSDT")
