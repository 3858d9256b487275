"""What tests of the API write into the database."""

from __future__ import annotations

from events import clock
from events.lifecycle import open_manual_event
from events.models import Event


def manual_event(*tokens: str, **values: str) -> Event:
    """An open event on tokens, as an admin opens it."""
    outcome = open_manual_event(clock.database_now(), by="test", tokens=tokens, title=f"block {tokens}", **values)
    assert outcome.event is not None
    return outcome.event
