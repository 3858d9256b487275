"""The models of the trades."""

from trades.models.bars import FiveMinuteBar, HourBar, MinuteBar
from trades.models.history import BackfilledSpan, BackfillPass, RepairMinute
from trades.models.instruments import TradedInstrument

__all__ = [
    "BackfillPass",
    "BackfilledSpan",
    "FiveMinuteBar",
    "HourBar",
    "MinuteBar",
    "RepairMinute",
    "TradedInstrument",
]
