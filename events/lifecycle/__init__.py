"""The only writer of events: for updaters, for time (`expire`) and for admins."""

from events.lifecycle.expiry import after_clock_jump, expire, follow_renamed_coins
from events.lifecycle.lives import reopenable_events
from events.lifecycle.manual import close_event, correct_event, open_manual_event, reopen_event, unpin_event
from events.lifecycle.manual_preview import TokenPreview, preview_manual_event
from events.lifecycle.recorder import REOPENED_AGAINST, record, record_many
from events.lifecycle.rehearsal import Rehearsal, rehearse
from events.lifecycle.validation import DraftError, LifecycleError

__all__ = [
    "REOPENED_AGAINST",
    "DraftError",
    "LifecycleError",
    "Rehearsal",
    "TokenPreview",
    "after_clock_jump",
    "close_event",
    "correct_event",
    "expire",
    "follow_renamed_coins",
    "open_manual_event",
    "preview_manual_event",
    "record",
    "record_many",
    "rehearse",
    "reopen_event",
    "reopenable_events",
    "unpin_event",
]
