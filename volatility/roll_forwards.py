"""Decides which roll-forwards of an open event are recorded.

A broken window stays broken for hours, and every poll would refresh the view and wake every bot for a price that hardly
moved. Immaterial drafts are deferred; once no window is broken any more, the last one is recorded, and the end of the
event is exact to the minute.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from events.drafts import EventDraft
from volatility.detect import Announced

_PROLONGED = timedelta(minutes=5)
_PRICE_OFF = 0.01  # in log price


class DeferredDrafts:
    """The last immaterial draft of each token with an open event. A restart loses them: minutes of validity."""

    def __init__(self) -> None:
        self._drafts: dict[str, EventDraft] = {}

    @property
    def tokens(self) -> Collection[str]:
        return self._drafts.keys()

    def sift(self, at: datetime, drafts: Iterable[EventDraft], announced: Mapping[str, Announced]) -> list[EventDraft]:
        """The drafts to be recorded: the material ones of a reading, and deferred ones of tokens without a new draft.

        announced: the open events of these tokens and of `tokens`.
        """
        waited, self._drafts = self._drafts, {}
        due = []
        for draft in drafts:
            token = draft.effects[0].token
            waited.pop(token, None)
            if is_material(draft, announced.get(token)):
                due.append(draft)
            else:
                self._drafts[token] = draft
        return due + [
            draft for token, draft in waited.items() if token in announced and not announced[token].is_over(at)
        ]


def is_material(draft: EventDraft, known: Announced | None) -> bool:
    """Whether a draft opens, closes or alerts, prolongs the event by five minutes, or moves its price by a percent."""
    alerts = draft.alert or draft.extra or draft.state != "open"
    if alerts or known is None or known.valid_until is None or draft.valid_until is None:
        return True
    price_off = abs(math.log(float(draft.facts["price"]) / known.shown_price))
    return draft.valid_until - known.valid_until >= _PROLONGED or price_off >= _PRICE_OFF
