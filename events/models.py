"""Everything that the events app keeps: events with their effects, their rules, and the health of sources."""

from events.models_archive import PayloadBody, PayloadPoll, QuarantinedItem
from events.models_bot import BotLogin
from events.models_event import Effect, Event, ManualEvent, OperationsEvent, of_tokens, plain_events
from events.models_risk import InstrumentRisk, TokenRisk, TokenRiskStatus
from events.models_rules import ActionRule, KeySuppression, RetentionRule
from events.models_sources import ClockState, Heartbeat, MissingRow, SourceHealth
from events.models_trade import TradeSetting, VenueSource

__all__ = [
    "ActionRule",
    "BotLogin",
    "ClockState",
    "Effect",
    "Event",
    "Heartbeat",
    "InstrumentRisk",
    "KeySuppression",
    "ManualEvent",
    "MissingRow",
    "OperationsEvent",
    "PayloadBody",
    "PayloadPoll",
    "QuarantinedItem",
    "RetentionRule",
    "SourceHealth",
    "TokenRisk",
    "TokenRiskStatus",
    "TradeSetting",
    "VenueSource",
    "of_tokens",
    "plain_events",
]
