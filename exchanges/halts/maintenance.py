"""Detects outages and maintenance from an exchange's system status. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import EVERYTHING, Category
from events.facts import HaltFacts, facts_as
from exchanges.halts.detect import (
    KIND,
    concerns_watched,
    halt_effects,
    halt_event,
    halt_key,
    signals_of,
    with_signal,
    without_signal,
)
from exchanges.venues import venue_name
from markets.knowledge import MarketKnowledge
from markets.venues import exchange_title
from markets.watch import WatchLists

STATUS_SIGNAL = "system status"
_PLANNED_END = "maintenance is planned to end"
# States as OKX lists them.
_GOING_ON = frozenset({"ongoing", "pre_open"})
_OVER = frozenset({"completed", "canceled"})
# If the source fails during a maintenance, the halt must expire all the same.
_OVERRUN = timedelta(days=1)


@dataclass(frozen=True)
class Maintenance:
    """One maintenance of an exchange. markets: those whose trading stops; none: no order is stopped."""

    title: str
    state: str
    begins_at: datetime
    ends_at: datetime | None
    service: str
    markets: tuple[str, ...]
    url: str = ""


def detect_outage(
    exchange: str,
    in_maintenance: bool,
    open_events: Iterable[EventDraft],
    knowledge: MarketKnowledge,
    watch: WatchLists,
    now: datetime,
) -> list[EventDraft]:
    """For an exchange whose status is yes or no: its spot trading stops, or resumes."""
    halt = next((event for event in open_events if event.natural_key == halt_key(exchange)), None)
    if not in_maintenance:
        if halt is None or STATUS_SIGNAL not in signals_of(halt):
            return []
        return [without_signal(halt, STATUS_SIGNAL, "its system status is normal again")]
    if halt and STATUS_SIGNAL in signals_of(halt):
        return []
    base = halt or halt_event(exchange, now)
    venue = venue_name(exchange, "spot")
    known = {(effect.venue, effect.token) for effect in base.effects}
    fresh = [
        effect
        for effect in halt_effects(venue, knowledge.by_venue.get(venue, {}).values(), watch, live_only=True)
        if (effect.venue, effect.token) not in known
    ]
    effects = tuple(sorted((*base.effects, *fresh), key=lambda effect: (effect.venue, effect.token)))
    draft = replace(
        base, effects=effects, priority="high" if concerns_watched(effects) else base.priority, reopen="always"
    )
    return [with_signal(draft, STATUS_SIGNAL)]


def detect_maintenance(
    exchange: str,
    listed: Sequence[Maintenance],
    open_events: Iterable[EventDraft],
    knowledge: MarketKnowledge,
    watch: WatchLists,
    now: datetime,
    gone: Collection[str] = (),
) -> list[EventDraft]:
    """For an exchange that lists its maintenances: one event each, from the plan to the end.

    A planned maintenance is a trading suspension with its stages; one that is first seen ongoing is a halt at once. If
    the instrument list has halted as well, the event stays open until that list trades again. gone: keys of those that
    vanished from the status list (`vanished`) for so long that they are accepted as over.
    """
    known = _known(exchange, open_events)
    drafts = {
        key: _maintenance_event(exchange, item, key, known.get(key), knowledge, watch, now)
        for key, item in _by_key(exchange, listed).items()
    }
    for key, event in known.items():
        if key in drafts or not _has_status_signal(event):
            continue
        reported = [item.state for item in listed if item.title == _title_of(event)]
        if "canceled" in reported:
            drafts[key] = without_signal(event, STATUS_SIGNAL, "the maintenance was cancelled")
        elif reported or _is_past(event, now):
            drafts[key] = without_signal(event, STATUS_SIGNAL, "the maintenance is over")
        elif key in gone:
            reason = f"{exchange_title(exchange)} no longer lists the maintenance"
            drafts[key] = without_signal(event, STATUS_SIGNAL, reason)
    return list(drafts.values())


def vanished(
    exchange: str, listed: Sequence[Maintenance], open_events: Iterable[EventDraft], now: datetime
) -> dict[str, str]:
    """Key → title of open maintenances that the list lacks although their planned end has not passed."""
    titles = {item.title for item in listed}
    return {
        key: _title_of(event)
        for key, event in _known(exchange, open_events).items()
        if _has_status_signal(event) and _title_of(event) not in titles and not _is_past(event, now)
    }


def _known(exchange: str, open_events: Iterable[EventDraft]) -> dict[str, EventDraft]:
    """The open events of maintenances, by key."""
    prefix = f"{exchange}.status:"
    return {event.natural_key: event for event in open_events if event.natural_key.startswith(prefix)}


def _has_status_signal(event: EventDraft) -> bool:
    return STATUS_SIGNAL in signals_of(event)


def _title_of(event: EventDraft) -> str:
    """The title of its maintenance as the exchange lists it."""
    return facts_as(HaltFacts, event.facts).get("said", "")


def _by_key(exchange: str, listed: Sequence[Maintenance]) -> dict[str, Maintenance]:
    """The maintenances that are not over, by the keys of their events."""
    ahead = [item for item in listed if item.state not in _OVER]
    titles = Counter((item.service, item.title) for item in ahead)
    found = {}
    for item in ahead:
        key = f"{exchange}.status:{item.service}:{item.title}"
        if titles[(item.service, item.title)] > 1:
            key += f":{item.begins_at:%Y-%m-%dT%H:%M}"
        found[key] = item
    return found


def _is_past(event: EventDraft, now: datetime) -> bool:
    """Whether the planned end has passed; False without a planned end: then only the list can end it."""
    ends = [date.at for date in event.important_dates if date.what == _PLANNED_END]
    return bool(ends) and max(ends) <= now


def _maintenance_event(
    exchange: str,
    item: Maintenance,
    key: str,
    known: EventDraft | None,
    knowledge: MarketKnowledge,
    watch: WatchLists,
    now: datetime,
) -> EventDraft:
    going_on = item.state in _GOING_ON
    unplanned = known.category == Category.EXCHANGE_HALT if known else going_on
    begins = min(item.begins_at, now) if going_on and item.begins_at > now else item.begins_at
    effects = _concerned(exchange, item, None if unplanned else begins, known, knowledge, watch, now)
    dates = [ImportantDate(item.begins_at, "maintenance begins")]
    if item.ends_at and item.ends_at > item.begins_at:
        dates.append(ImportantDate(item.ends_at, _PLANNED_END))
    facts = {**(known.facts if known else {}), "said": item.title, "service": item.service}
    draft = EventDraft(
        source=exchange,
        category=Category.EXCHANGE_HALT if unplanned else Category.TRADING_SUSPENSION,
        natural_key=key,
        title=f"{exchange_title(exchange)} maintenance: {item.title}",
        kind=KIND,
        priority="high" if concerns_watched(effects) else "low",
        url=item.url,
        effects=effects,
        important_dates=tuple(dates),
        valid_until=item.ends_at + _OVERRUN if item.ends_at and not going_on else None,
        published_at=known.published_at if known else now,
        facts=facts,
        extra={"stopped": list(known.extra.get("stopped", ())) if known else []},
        reopen="always",
    )
    return with_signal(draft, STATUS_SIGNAL)


def _concerned(
    exchange: str,
    item: Maintenance,
    begins: datetime | None,
    known: EventDraft | None,
    knowledge: MarketKnowledge,
    watch: WatchLists,
    now: datetime,
) -> tuple[EffectDraft, ...]:
    """Effects on the watched tokens of the markets concerned. begins: when trading stops; None: it has stopped."""
    fresh = tuple(
        effect
        for venue in (venue_name(exchange, market) for market in item.markets)
        for effect in halt_effects(venue, knowledge.by_venue.get(venue, {}).values(), watch, begins, live_only=True)
    )
    if known is None:
        return fresh
    same = {(effect.venue, effect.token) for effect in fresh} == {(e.venue, e.token) for e in known.effects}
    if not same and item.begins_at > now:
        return fresh
    # No pair is live during it, and a pair that comes or goes before it is no update: the tokens concerned are fixed.
    settled = {(effect.venue, effect.token) for effect in known.effects}
    return tuple(
        effect if effect.in_force_at and effect.in_force_at <= now else replace(effect, in_force_at=begins)
        for effect in (
            *known.effects,
            # Events of earlier releases have no effect on the venue itself.
            *(e for e in fresh if e.token == EVERYTHING and (e.venue, e.token) not in settled),
        )
    )
