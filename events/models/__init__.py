"""The tables of the events app: events with their effects, their rules, and the health of sources."""

from events.models.archive import PayloadBody, PayloadPoll, QuarantinedItem
from events.models.bot import BotLogin
from events.models.event import Effect, Event, ManualEvent, OperationsEvent, of_tokens, plain_events
from events.models.positions import Position, PositionBook
from events.models.review import Review
from events.models.risk import InstrumentRisk, TokenRisk, TokenRiskStatus
from events.models.rules import ActionRule, KeySuppression, RetentionRule
from events.models.sources import ClockState, Heartbeat, MissingRow, SourceHealth
from events.models.trade import TradeSetting, VenueSource

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
    "Position",
    "PositionBook",
    "QuarantinedItem",
    "RetentionRule",
    "Review",
    "SourceHealth",
    "TokenRisk",
    "TokenRiskStatus",
    "TradeSetting",
    "VenueSource",
    "of_tokens",
    "plain_events",
]
