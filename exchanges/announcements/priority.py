"""The priority of an event on an exchange by the watch lists of the desk (section 7 of the design). Pure.

One rule for announcements, their edits, instruments, tags and `explain`.
"""

from __future__ import annotations

from collections.abc import Iterable

from events.drafts import EffectDraft
from events.enums import Priority, Scope
from markets.pairs import Find, watched_pair
from markets.watch import WatchLists

ALPHA = "_ALPHA"


def effects_priority(effects: Iterable[EffectDraft], watch: WatchLists, find: Find) -> Priority:
    """High where an effect names a watched pair, or concerns a watched currency as an asset or on a venue; else low.

    BTC/RON is low with BTC watched and RON not counted. find: (venue, symbol) → its row in the instrument lists.
    """
    return Priority.HIGH if any(_concerns(effect, watch, find) for effect in effects) else Priority.LOW


def _concerns(effect: EffectDraft, watch: WatchLists, find: Find) -> bool:
    # Where a notice names the coin and none of its pairs, any pair may be watched. On Alpha tickers may be those of
    # other coins, and no watched venue trades them.
    unnamed = not effect.tickers and not effect.venue.endswith(ALPHA)
    if (effect.scope != Scope.PAIRS or unnamed) and watch.currency(effect.token, effect.venue):
        return True
    return any(watched_pair(effect.token, ticker, watch, find) for ticker in effect.tickers)
