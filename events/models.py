"""Everything that the events app keeps: events with their effects, their rules, and the health of sources."""

from events.models_archive import PayloadBody, PayloadPoll, QuarantinedItem
from events.models_event import Effect, Event, ManualEvent, OperationsEvent, plain_events
from events.models_risk import InstrumentRisk, TokenRisk, TokenRiskStatus
from events.models_rules import ActionRule, KeySuppression, RetentionRule
from events.models_sources import ClockState, Heartbeat, SourceHealth

__all__ = [
    "ActionRule",
    "ClockState",
    "Effect",
    "Event",
    "Heartbeat",
    "InstrumentRisk",
    "KeySuppression",
    "ManualEvent",
    "OperationsEvent",
    "PayloadBody",
    "PayloadPoll",
    "QuarantinedItem",
    "RetentionRule",
    "SourceHealth",
    "TokenRisk",
    "TokenRiskStatus",
    "plain_events",
]
