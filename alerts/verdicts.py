"""An alert that is about to be queued, and what a stage of the pipeline says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.models import Alert
from events.enums import Action, AlertReason, RiskLevel
from events.models import Effect, Event

MOST_DECISIONS = 24
"""Of each alert; when there are more, the first ones and the latest stay."""
_FIRST_KEPT = 8

RENOTIFICATIONS = frozenset({AlertReason.REPEAT, AlertReason.ESCALATED})
"""What tells nothing new, and is spared to whoever has the event in hand."""


FLAPS = "flaps"
"""Key in `Alert.detail`: how often the event opened within the window, where it flaps."""


class SuppressionReason(StrEnum):
    """Why an alert is held back, silenced or muted (`Alert.muted_by`)."""

    SILENCE = "silence"
    FLAPPING = "flapping"
    OPENING_NOT_SENT = "untold"
    """The end of what nobody heard of."""
    TOKEN_DELISTED = "token_delisted"
    TOKEN_HACKED = "token_hacked"
    EXCHANGE_HALT = "exchange_halt"
    ACKNOWLEDGED = "acknowledged"
    RECEIVER_OFF = "receiver_off"
    OVER = "over"
    """Held back, and over before it could be told."""


class Disposition(StrEnum):
    """What a verdict makes of the alert: a value is the state of its row."""

    SEND = Alert.State.PENDING.value
    DEFER = Alert.State.DEFERRED.value
    SILENCE = Alert.State.SILENCED.value
    SUPPRESS = Alert.State.SUPPRESSED.value


@dataclass(frozen=True)
class AlertDraft:
    """severity: of the event as it stands now, from `severity_of`."""

    event: Event
    effects: Sequence[Effect]
    reason: str
    revision: int

    @property
    def severity(self) -> int:
        return severity_of(self.effects)


@dataclass(frozen=True)
class StageResult:
    """What one stage decided. decision: its stable name; reason: a few words for people.

    muted_by, inhibitor_id, silence_id: what keeps it from being told, where the fate is not PASS. says: further facts
    for the card.
    """

    stage: str
    decision: str
    reason: str = ""
    disposition: Disposition = Disposition.SEND
    muted_by: str = ""
    inhibitor_id: int | None = None
    silence_id: int | None = None
    card_facts: Mapping[str, Any] = field(default_factory=dict)

    def as_row(self, now: datetime) -> dict[str, str]:
        return decision_row(self.stage, self.decision, self.reason, now)


def decision_row(stage: str, decision: str, reason: str, now: datetime) -> dict[str, str]:
    """As it stands in `Alert.decisions`."""
    return {"stage": stage, "decision": decision, "reason": reason[:200], "at": now.isoformat(timespec="milliseconds")}


def with_decisions(kept: Sequence[Mapping[str, Any]], fresh: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The decisions of an alert after further ones, bounded."""
    rows = [*kept, *fresh]
    if len(rows) <= MOST_DECISIONS:
        return rows
    return [*rows[:_FIRST_KEPT], *rows[_FIRST_KEPT - MOST_DECISIONS :]]


def severity_of(effects: Iterable[Effect]) -> int:
    """How bad an event is, for comparison with itself: its risk level before its action."""
    return max(
        (RiskLevel(effect.risk_level).severity * 10 + Action(effect.action).severity for effect in effects), default=0
    )
