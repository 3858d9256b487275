"""The draft of an alert, and what a stage of the pipeline decides about it."""

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
"""Stored per alert; of more, the first `_FIRST_DECISIONS` and the latest are stored."""
_FIRST_DECISIONS = 8

RENOTIFICATIONS = frozenset({AlertReason.REPEAT, AlertReason.ESCALATED})
"""Re-notifications: they carry no new information and are not sent while the event is acknowledged."""

WORSENINGS = frozenset({AlertReason.WORSE, AlertReason.TURNED})
"""The event got worse or turned: never deferred as flapping, and sent through silences that let worse through."""

FLAPS = "flaps"
"""Key in `Alert.detail` of a flapping event: how often it opened within `flap_detection.WINDOW`."""


class SuppressionReason(StrEnum):
    """Why an alert is deferred, silenced or suppressed (`Alert.muted_by`)."""

    SILENCE = "silence"
    FLAPPING = "flapping"
    OPENING_NOT_SENT = "untold"
    """The resolution of an event whose opening was never delivered."""
    TOKEN_DELISTED = "token_delisted"
    TOKEN_HACKED = "token_hacked"
    EXCHANGE_HALT = "exchange_halt"
    ACKNOWLEDGED = "acknowledged"
    RECEIVER_OFF = "receiver_off"
    OVER = "over"
    """Deferred, and over before it could be delivered."""


class Disposition(StrEnum):
    """What becomes of an alert draft. A value is the state of the alert's row."""

    SEND = Alert.State.PENDING.value
    DEFER = Alert.State.DEFERRED.value
    SILENCE = Alert.State.SILENCED.value
    SUPPRESS = Alert.State.SUPPRESSED.value


@dataclass(frozen=True)
class AlertDraft:
    """An alert of an event before it is routed to channels. severity: of the event now, from `severity_of`."""

    event: Event
    effects: Sequence[Effect]
    reason: str
    revision: int

    @property
    def severity(self) -> int:
        return severity_of(self.effects)


@dataclass(frozen=True)
class StageResult:
    """What one stage decided. decision: a stable name (metric label); reason: a few words for people.

    muted_by: a SuppressionReason if the disposition is not SEND; inhibitor_id, silence_id: the event or silence behind
    it. card_facts: extra facts for the card, as keys of `Alert.detail`.
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
    """An element of `Alert.decisions`."""
    return {"stage": stage, "decision": decision, "reason": reason[:200], "at": now.isoformat(timespec="milliseconds")}


def with_decisions(stored: Sequence[Mapping[str, Any]], fresh: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """An alert's decisions with new ones appended, at most `MOST_DECISIONS`."""
    rows = [*stored, *fresh]
    if len(rows) <= MOST_DECISIONS:
        return rows
    return [*rows[:_FIRST_DECISIONS], *rows[_FIRST_DECISIONS - MOST_DECISIONS :]]


def severity_of(effects: Iterable[Effect]) -> int:
    """The severity of an event, comparable with its own at other times: by risk level, then by action."""
    return max(
        (RiskLevel(effect.risk_level).severity * 10 + Action(effect.action).severity for effect in effects), default=0
    )
