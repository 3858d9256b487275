"""The models of the trades."""

from trades.models.bars import FiveMinuteBar, HourBar, MinuteBar
from trades.models.events import VolumeAnomalyEvent
from trades.models.history import BackfilledSpan, BackfillPass, RepairMinute
from trades.models.instruments import TradedInstrument
from trades.models.volume import (
    TrackerRow,
    UnusualVolume,
    VolumeDay,
    VolumeEventKey,
    VolumeJob,
    VolumeObservation,
    VolumeThreshold,
)

__all__ = [
    "BackfillPass",
    "BackfilledSpan",
    "FiveMinuteBar",
    "HourBar",
    "MinuteBar",
    "RepairMinute",
    "TrackerRow",
    "TradedInstrument",
    "UnusualVolume",
    "VolumeAnomalyEvent",
    "VolumeDay",
    "VolumeEventKey",
    "VolumeJob",
    "VolumeObservation",
    "VolumeThreshold",
]
