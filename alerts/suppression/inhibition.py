"""Inhibition: an open event defers the alerts of the events that it explains.

The price moves and dry markets of a delisted or hacked token are consequences of an event that was alerted already; so
are the pairs that halt one by one while their whole exchange is halted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.suppression import transitions
from alerts.verdicts import SuppressionReason
from events.enums import Action, Category, Priority, Scope, Status
from events.models import Effect, Event, plain_events

_OF_TOKENS: Mapping[str, SuppressionReason] = {
    Category.DELISTING: SuppressionReason.TOKEN_DELISTED,
    Category.HACK: SuppressionReason.TOKEN_HACKED,
    Category.BRIDGE_HACK: SuppressionReason.TOKEN_HACKED,
}
INHIBITORS: Mapping[str, SuppressionReason] = {**_OF_TOKENS, Category.EXCHANGE_HALT: SuppressionReason.EXCHANGE_HALT}
_DERIVED = frozenset(
    {Category.VOLATILITY, Category.LOW_LIQUIDITY, Category.DEPTH_DROP, Category.WHALE, Category.VOLUME_ANOMALY}
)
INHIBITED = _DERIVED | {Category.TRADING_SUSPENSION}


@dataclass(frozen=True)
class Inhibitor:
    """An open event that explains another one, and the suppression reason it gives."""

    event_id: int
    reason: SuppressionReason
    title: str

    @property
    def why(self) -> str:
        """For people: the event's title and number."""
        return f"{self.title} (event {self.event_id})"


def inhibitor_of(event: Event, effects: Sequence[Effect]) -> Inhibitor | None:
    """The open event that explains every effect of this one, or None. One query, if the category can be inhibited."""
    if event.category not in INHIBITED or not effects:
        return None
    categories = _OF_TOKENS if event.category in _DERIVED else (Category.EXCHANGE_HALT,)
    causes = list(
        Effect.objects.filter(
            event__status=Status.OPEN,
            event__priority=Priority.HIGH,
            event__category__in=list(categories),
            token__in={effect.token for effect in effects},
        )
        .exclude(event=event.pk)
        .select_related(None)
        .order_by("event_id")
        .values("event_id", "event__category", "event__title", "token", "scope", "venue", "action")
    )
    measured_at = str(event.facts.get("pair") or "")
    explained = [
        next((cause for cause in causes if _explains(cause, event.category, effect, measured_at)), None)
        for effect in effects
    ]
    first = explained[0]
    if first is None or None in explained:
        return None
    return Inhibitor(first["event_id"], INHIBITORS[first["event__category"]], first["event__title"])


def _explains(cause: Mapping[str, Any], category: str, effect: Effect, measured_at: str) -> bool:
    if cause["token"] != effect.token:
        return False
    if category not in _DERIVED:
        # A suspension announced for later is new information; a pair that is halted now is part of the outage.
        return effect.action == Action.HALT and effect.venue == cause["venue"]
    if cause["event__category"] != Category.DELISTING:
        return cause["scope"] == Scope.ASSET and cause["action"] != Action.WATCH
    if cause["scope"] == Scope.ASSET:
        return True
    # A token delisted at one venue still trades at others, and its moves there are new information.
    where = [measured_at] if measured_at else list(effect.tickers)
    venue = f"{cause['venue']}:"
    return cause["scope"] == Scope.VENUE and bool(where) and all(ticker.startswith(venue) for ticker in where)


def defer_waiting(cause: Event, tokens: Collection[str], now: datetime) -> int:
    """Defer waiting alerts that an event, which has just opened, explains; the number deferred.

    Alerts that a dispatcher has leased are not touched.
    """
    categories = {Category.TRADING_SUSPENSION} if cause.category == Category.EXCHANGE_HALT else _DERIVED
    waiting = transitions.pending_locked().filter(
        event__effects__token__in=tokens, event__status=Status.OPEN, event__category__in=list(categories)
    )
    alerts = {alert.pk: alert for alert in waiting}
    events = plain_events().prefetch_related("effects").in_bulk({alert.event_id for alert in alerts.values()})
    deferred = 0
    for alert in alerts.values():
        event = events[alert.event_id or 0]
        by = inhibitor_of(event, list(event.effects.all()))
        if by is None:
            continue
        transitions.defer(alert, by.reason, by.event_id, by.why, now)
        deferred += 1
    return deferred
