"""The only writer of events: for updaters, for time (`expire`) and for admins."""

from events.lifecycle.corrections import correct_event, unpin_event
from events.lifecycle.effects import subject_of
from events.lifecycle.expiry import after_clock_jump, expire, follow_renamed_coins
from events.lifecycle.lives import reopenable_events
from events.lifecycle.manual import close_event, open_manual_event, reopen_event
from events.lifecycle.manual_preview import TokenPreview, preview_manual_event
from events.lifecycle.pins import date_key, source_key
from events.lifecycle.recorder import REOPENED_AGAINST, record, record_many
from events.lifecycle.rehearsal import Rehearsal, is_rehearsing, rehearse
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
    "date_key",
    "expire",
    "follow_renamed_coins",
    "is_rehearsing",
    "open_manual_event",
    "preview_manual_event",
    "record",
    "record_many",
    "rehearse",
    "reopen_event",
    "reopenable_events",
    "source_key",
    "subject_of",
    "unpin_event",
]
