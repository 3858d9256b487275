"""Since when an alert was deferred, and by what: kept in its detail, said on its card, which is not "New" then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from alerts.models import Alert
from alerts.rendering.summary import Deferral
from alerts.verdicts import SuppressionReason

SENT_BEFORE = "told_at"
"""In `Alert.detail` of an alert that is sent again by hand: when it was sent before."""

SINCE, BY = "held_since", "held_by"
"""In `Alert.detail`: when an alert was queued that is released later, and a word for what deferred it."""

LATE = timedelta(minutes=10)
"""A card that waited for longer (for its channel, its pace, a receiver that was away) says since when."""

_WORDS = {SuppressionReason.SILENCE: "silenced", SuppressionReason.FLAPPING: "deferred as flapping"}
DELAYED = "delayed"


def word_for(muted_by: str) -> str:
    return _WORDS.get(SuppressionReason(muted_by), "deferred") if muted_by in set(SuppressionReason) else "deferred"


def note_deferred(alert: Alert) -> None:
    """Remember in an alert that is about to be released when it was first deferred and by what. It is not saved."""
    note_since(alert.detail, alert.queued_at, word_for(alert.muted_by))


def note_resent(alert: Alert) -> None:
    """Remember in an alert that is about to be sent again that it was told before, and when first. It is not saved."""
    alert.detail.setdefault(SENT_BEFORE, (alert.done_at or alert.queued_at).isoformat())


def note_since(detail: dict[str, Any], since: datetime, by: str) -> None:
    known = detail.get(SINCE)
    if known is None or since < datetime.fromisoformat(known):
        detail[SINCE] = since.isoformat()
        detail[BY] = by


def inherit(detail: dict[str, Any], older: Mapping[str, Any]) -> None:
    """Of an alert that speaks for one that was deferred."""
    if SINCE in older:
        note_since(detail, datetime.fromisoformat(older[SINCE]), older.get(BY, "deferred"))


def deferral_of(alert: Alert, now: datetime) -> Deferral | None:
    """What its card says of it, or None where it is told as soon as it was queued."""
    if SENT_BEFORE in alert.detail:
        return Deferral(datetime.fromisoformat(alert.detail[SENT_BEFORE]), "sent before", again=True)
    if SINCE in alert.detail:
        return Deferral(datetime.fromisoformat(alert.detail[SINCE]), alert.detail.get(BY, "deferred"))
    if alert.queued_at is not None and now - alert.queued_at >= LATE:
        return Deferral(alert.queued_at, DELAYED, delayed=True)
    return None
