"""What became of a draft: the result of recording it, and what the alert policy is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.enums import OutcomeKind

if TYPE_CHECKING:
    from events.models import Event


@dataclass(frozen=True)
class Outcome:
    """What `record` made of a draft, and why.

    alert: the alert reason that is due to it, or None where nobody is to be told.
    changes: field → (before, after) of what an update changed, for the card.
    """

    kind: OutcomeKind
    reason: str
    event: Event | None
    alert: str | None = None
    changes: dict[str, tuple[object, object]] | None = None
