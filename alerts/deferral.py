"""Since when an alert was deferred and why, for its card, which then does not claim to be new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from alerts.models import Alert
from alerts.rendering.summary import Deferral
from alerts.verdicts import SuppressionReason

SENT_BEFORE = "told_at"
"""Key in `Alert.detail` of an alert that is sent again on request: when it was first sent."""

SINCE, BY = "held_since", "held_by"
"""Keys in `Alert.detail` of a deferred alert: when it was first queued, and a word for the cause."""

LATE = timedelta(minutes=10)
"""A card that waited longer (rate limit, suspended channel, receiver unavailable) shows since when."""

_WORDS = {SuppressionReason.SILENCE: "silenced", SuppressionReason.FLAPPING: "deferred as flapping"}
DELAYED = "delayed"


def word_for(muted_by: str) -> str:
    """The word on a card for a suppression reason."""
    return _WORDS.get(SuppressionReason(muted_by), "deferred") if muted_by in set(SuppressionReason) else "deferred"


def note_deferred(alert: Alert) -> None:
    """Note in an alert that is about to be released when it was first deferred and why. The row is not saved."""
    note_since(alert.detail, alert.queued_at, word_for(alert.muted_by))


def note_resent(alert: Alert) -> None:
    """Note in an alert that is about to be sent again when it was first sent. The row is not saved."""
    alert.detail.setdefault(SENT_BEFORE, (alert.done_at or alert.queued_at).isoformat())


def note_since(detail: dict[str, Any], since: datetime, by: str) -> None:
    """Note a deferral in an alert's detail; the earliest one wins."""
    known = detail.get(SINCE)
    if known is None or since < datetime.fromisoformat(known):
        detail[SINCE] = since.isoformat()
        detail[BY] = by


def inherit(detail: dict[str, Any], older: Mapping[str, Any]) -> None:
    """Take over the deferral of an alert that this one supersedes."""
    if SINCE in older:
        note_since(detail, datetime.fromisoformat(older[SINCE]), older.get(BY, "deferred"))


def deferral_of(alert: Alert, now: datetime) -> Deferral | None:
    """The deferral shown on the card, or None if the alert is sent soon after it was queued."""
    if SENT_BEFORE in alert.detail:
        return Deferral(datetime.fromisoformat(alert.detail[SENT_BEFORE]), "sent before", again=True)
    if SINCE in alert.detail:
        return Deferral(datetime.fromisoformat(alert.detail[SINCE]), alert.detail.get(BY, "deferred"))
    if alert.queued_at is not None and now - alert.queued_at >= LATE:
        return Deferral(alert.queued_at, DELAYED, delayed=True)
    return None
