"""The outcome of recording a draft, which the alert policy gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.enums import OutcomeKind

if TYPE_CHECKING:
    from events.models import Event


@dataclass(frozen=True)
class Outcome:
    """What `record` did with a draft, and why.

    alert: the alert reason that is due, or None where nobody is notified.
    changes: field → (before, after) of an update, for the card.
    correction: who corrected the event and why ("ann: a copy of the notice"), where a person did.
    """

    kind: OutcomeKind
    reason: str
    event: Event | None
    alert: str | None = None
    changes: dict[str, tuple[object, object]] | None = None
    correction: str = ""
