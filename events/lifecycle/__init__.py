"""The only writer of events: for updaters, for the clock (`expire`) and for admins."""

from events.lifecycle.by_hand import (
    close_event,
    correct_event,
    open_manual_event,
    reopen_event,
    unpin_event,
)
from events.lifecycle.checks import DraftError, LifecycleError
from events.lifecycle.lives import kept_away_no_longer
from events.lifecycle.recording import record, record_many
from events.lifecycle.time_steps import expire

__all__ = [
    "DraftError",
    "LifecycleError",
    "close_event",
    "correct_event",
    "expire",
    "kept_away_no_longer",
    "open_manual_event",
    "record",
    "record_many",
    "reopen_event",
    "unpin_event",
]
