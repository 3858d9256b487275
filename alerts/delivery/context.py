"""The data behind the cards of some alerts. Nothing else in delivery reads events and watch lists."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from alerts.models import Acknowledgement, Alert
from alerts.rendering.past import Restriction
from alerts.rendering.summary import Deferral, EventSummary, Manual, is_over, summarize
from alerts.suppression import acknowledgements
from alerts.verdicts import FLAPS
from events import clock
from events.enums import EVERYTHING, AlertReason, Priority, Scope, Status, TradingStatus
from events.models import Effect, Event, ManualEvent, plain_events
from events.positions.phrases import Touched, touched
from events.positions.store import stored_positions
from markets.instruments import listed_instruments
from markets.knowledge import InstrumentRow
from markets.models import Instrument
from markets.watch import WatchLists
from markets.watch_store import effective_watch_lists

if TYPE_CHECKING:
    from crypto_ews.conf import Config

logger = logging.getLogger(__name__)

MANUAL_SOURCE = "manual"
# A halt is not among these: its end may be alerted before the instrument list shows the pair as live.
_REMOVED = frozenset({TradingStatus.DELISTING, TradingStatus.DELISTED})


@dataclass(frozen=True)
class DeliveryContext:
    """The stored data that the cards of some alerts are made of, as read when the alerts were claimed.

    acknowledgements: the latest of each event. others: for closed events, the effects of other open events on the same
    tokens and pairs. manual: who opened the manual ones. gone: tickers of closed events that are no longer live.
    listed: (venue, symbol) → the instrument, for the tickers of the effects. positions: of the desk, as far as each
    event touches them; None where the receiver is not given them, or no book is stored.
    """

    events: Mapping[int, Event]
    effects: Mapping[int, Sequence[Effect]]
    acknowledgements: Mapping[int, Acknowledgement]
    watch: WatchLists
    others: Mapping[int, Sequence[Restriction]] = field(default_factory=dict)
    manual: Mapping[int, Manual] = field(default_factory=dict)
    gone: Collection[str] = ()
    listed: Mapping[tuple[str, str], InstrumentRow] = field(default_factory=dict)
    positions: Mapping[int, Touched] | None = None

    def summary(
        self, event: Event, reasons: Sequence[str], detail: Mapping[str, Any], deferred: Deferral | None
    ) -> EventSummary:
        return summarize(
            event,
            self.effects.get(event.pk, []),
            self.watch,
            reasons,
            detail.get("changes", {}),
            detail.get(FLAPS, 0),
            self.others.get(event.pk, ()),
            deferred,
            self.manual.get(event.pk),
            self.gone,
            self.listed,
            None if self.positions is None else self.positions.get(event.pk),
        )


def load_context(alerts: Sequence[Alert], config: Config, positions: bool = False) -> DeliveryContext:
    """Five queries whatever the number of alerts; up to three more if some events are closed or manual.

    positions: whether the receiver is told what the desk holds (three queries, or one where nothing changed).
    """
    ids = {alert.event_id for alert in alerts if alert.event_id is not None}
    if digests := [alert.pk for alert in alerts if alert.reason == AlertReason.DIGEST]:
        listed = Alert.objects.filter(digest__in=digests, event__isnull=False).order_by()
        ids |= {event_id for event_id in listed.values_list("event_id", flat=True) if event_id is not None}
    events = {event.pk: event for event in plain_events().filter(pk__in=ids)}
    effects: dict[int, list[Effect]] = {}
    for effect in Effect.objects.filter(event__in=ids):
        effects.setdefault(effect.event_id, []).append(effect)
    over = [event.pk for event in events.values() if is_over(event)]
    manual = [event.pk for event in events.values() if event.source == MANUAL_SOURCE]
    ended = {event_id: effects.get(event_id, []) for event_id in over}
    return DeliveryContext(
        events,
        effects,
        acknowledgements.latest(ids),
        effective_watch_lists(config, clock.now()),
        others_of(ended),
        manual_of(manual),
        gone_of(ended),
        listed_instruments({ticker for found in effects.values() for effect in found for ticker in effect.tickers}),
        _touched(events, effects, config) if positions else None,
    )


def _touched(
    events: Mapping[int, Event], effects: Mapping[int, Sequence[Effect]], config: Config
) -> dict[int, Touched] | None:
    """What of the desk's positions each event touches. A fault here costs the line about them, never the card."""
    try:
        now = clock.now()
        positions = stored_positions(now)
        if positions is None:
            return None
        return {
            pk: touched(positions.touched(effects.get(pk, ()), event.category), now, config.positions_max_age)
            for pk, event in events.items()
        }
    except (ArithmeticError, LookupError, TypeError, ValueError) as fault:
        # Without the fault's text, which may name a position.
        logger.error("cards go out without the desk's positions, which could not be read: %s", type(fault).__name__)
        return None


def others_of(over: Mapping[int, Sequence[Effect]]) -> dict[int, list[Restriction]]:
    """For each closed event, the effects of other open high-priority events on its tokens and pairs.

    token_risk_view is made of the same effects: low-priority events restrict no token there either.
    """
    tokens = {effect.token for effects in over.values() for effect in effects}
    if not tokens:
        return {}
    # A pair may be at risk by an event of its other token.
    single = {
        ticker
        for effects in over.values()
        for effect in effects
        if effect.scope == Scope.PAIRS
        for ticker in effect.tickers
    }
    condition = Q(token__in=tokens) | Q(tickers__overlap=sorted(single)) if single else Q(token__in=tokens)
    # An effect on everything that a venue trades restricts bots even if no token of it is watched.
    condition = condition & Q(event__priority=Priority.HIGH) | Q(token=EVERYTHING)
    rows = (
        Effect.objects.filter(condition, event__status=Status.OPEN)
        .select_related(None)
        .order_by("event_id", "id")
        .values_list("event_id", "token", "scope", "venue", "tickers", "action", "trading_status")
    )
    restrictions = [Restriction(*row[:4], tuple(row[4]), *row[5:]) for row in rows]
    found = {}
    for event_id, effects in over.items():
        tokens_of_event = {effect.token for effect in effects}
        pairs_of_event = {ticker for effect in effects if effect.scope == Scope.PAIRS for ticker in effect.tickers}
        found[event_id] = [
            restriction
            for restriction in restrictions
            if restriction.event_id != event_id
            and (restriction.token in tokens_of_event or not pairs_of_event.isdisjoint(restriction.tickers))
        ]
        venue_wide = [row for row in restrictions if row.token == EVERYTHING and row.event_id != event_id]
        found[event_id] += [
            replace(row, token=token) for row in venue_wide for token in sorted(_tokens_on(row.venue, effects))
        ]
    return found


def _tokens_on(venue: str, effects: Sequence[Effect]) -> set[str]:
    """The tokens of effects that are on a venue, by the venue of the effect or by its tickers."""
    return {
        effect.token
        for effect in effects
        if effect.token != EVERYTHING
        and (effect.venue == venue or any(ticker.startswith(f"{venue}:") for ticker in effect.tickers))
    }


def gone_of(over: Mapping[int, Sequence[Effect]]) -> frozenset[str]:
    """The tickers that these events removed and whose instruments are known and not live."""
    removed = {
        ticker
        for effects in over.values()
        for effect in effects
        if effect.trading_status in _REMOVED
        for ticker in effect.tickers
    }
    if not removed:
        return frozenset()
    named = [ticker.partition(":") for ticker in removed]
    venues, symbols = {venue for venue, _, _ in named}, {symbol for _, _, symbol in named}
    rows = Instrument.objects.filter(venue__in=venues, symbol__in=symbols, live=False)
    return frozenset(removed & {f"{venue}:{symbol}" for venue, symbol in rows.values_list("venue", "symbol")})


def manual_of(event_ids: Collection[int]) -> dict[int, Manual]:
    """Author and note of manual events."""
    if not event_ids:
        return {}
    rows = ManualEvent.objects.non_polymorphic().filter(pk__in=event_ids)
    return {pk: Manual(author, note) for pk, author, note in rows.values_list("pk", "opened_by", "note")}
