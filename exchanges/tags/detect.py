"""Risk tags of tokens (Monitoring, Seed) as events: a new tag is a warning, its removal ends it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft
from events.enums import Category, Scope
from events.facts import ListFacts, TagFact, facts_as
from exchanges.announcements.priority import effects_priority
from exchanges.corroboration import LIST_KINDS, apply_instrument_facts
from exchanges.venues import venue_name
from markets.knowledge import MarketKnowledge
from markets.venues import exchange_title
from markets.watch import WatchLists

# Renewed each day while the token carries the tag, so that the warning expires if the source fails.
_VALID_FOR = timedelta(days=8)

Tag = tuple[str, str]
"""(token, tag)."""


@dataclass(frozen=True)
class TagSnapshot:
    """What detection is given of one exchange.

    carried: tags as just read. listed: every token of the list. periods: open tag periods, with when each was first
    seen. first: the list is read for the first time. open_events: the exchange's, newest first.
    """

    exchange: str
    carried: frozenset[Tag]
    listed: frozenset[str]
    periods: Mapping[Tag, datetime]
    first: bool
    watch: WatchLists
    knowledge: MarketKnowledge
    now: datetime
    open_events: Sequence[EventDraft] = ()


def tag_key(exchange: str, token: str, tag: str) -> str:
    return f"{exchange}.tag:{tag}:{token}"


def detect_tags(snapshot: TagSnapshot) -> list[EventDraft]:
    """Drafts for tags on watched tokens, and for tags that were removed.

    A tag that an announcement's open event covers is written into that event. A tag that was there at the first
    reading, or whose announcement has expired, opens quietly: it belongs into the view, without an alert.
    """
    drafts: dict[str, EventDraft] = {}
    known_events = {event.natural_key: event for event in snapshot.open_events}
    warnings = [
        event
        for event in snapshot.open_events
        if event.category == Category.RISK_WARNING and event.kind not in LIST_KINDS
    ]
    for token, tag in sorted(snapshot.carried):
        key = tag_key(snapshot.exchange, token, tag)
        known = known_events.get(key)
        warning = _warning_of(token, tag, warnings)
        if warning:
            event = drafts.get(warning.natural_key, warning)
            updated = _with_tag_since(event, token, tag, snapshot.periods.get((token, tag), snapshot.now))
            if updated is not event:
                drafts[warning.natural_key] = updated
            if known:
                drafts[key] = replace(
                    known, state="closed", close_reason=f"announced: {warning.title}"[:200], quiet=True
                )
        elif known or snapshot.watch.currency(token, venue_name(snapshot.exchange, "spot")):
            drafts[key] = _tag_event(snapshot, token, tag, known)
    for token, tag in sorted(snapshot.periods.keys() - snapshot.carried):
        if known := known_events.get(tag_key(snapshot.exchange, token, tag)):
            gone = token not in snapshot.listed
            reason = f"{token} is no longer listed" if gone else f"the {tag} tag was removed"
            drafts[known.natural_key] = replace(known, state="closed", close_reason=reason, quiet=gone)
        for event in warnings if token in snapshot.listed else ():
            current = drafts.get(event.natural_key, event)
            ended = _with_tag_removed(current, token, tag, snapshot.now)
            if ended is not current:
                drafts[event.natural_key] = ended
    return list(drafts.values())


def _tag_event(snapshot: TagSnapshot, token: str, tag: str, known: EventDraft | None) -> EventDraft:
    venue = venue_name(snapshot.exchange, "spot")
    since = snapshot.periods.get((token, tag))
    listed = tuple(f"{row.venue}:{row.symbol}" for row in snapshot.knowledge.live(token, venue))
    # Pairs that come and go while the token carries the tag are no update.
    tickers = known.effects[0].tickers if known and known.effects else listed
    effects = (EffectDraft(token, scope=Scope.VENUE, venue=venue, tickers=tickers),)
    return EventDraft(
        source=snapshot.exchange,
        category=Category.RISK_WARNING,
        natural_key=tag_key(snapshot.exchange, token, tag),
        title=f"{exchange_title(snapshot.exchange)} has put the {tag} tag on {token}",
        kind="instrument_status",
        priority=effects_priority(effects, snapshot.watch, snapshot.knowledge.find),
        valid_until=snapshot.now.replace(hour=0, minute=0, second=0, microsecond=0) + _VALID_FOR,
        published_at=known.published_at if known else (since or snapshot.now),
        effects=effects,
        facts={"tag": tag, "told_by": "the exchange's product list"},
        extra={"venue": venue, "token": token, "state": tag},
        quiet=snapshot.first or (since is not None and known is None),
        reopen="always",
    )


def _warning_of(token: str, tag: str, warnings: Iterable[EventDraft]) -> EventDraft | None:
    for event in warnings:
        if tag.casefold() in event.title.casefold() and any(effect.token == token for effect in event.effects):
            return event
    return None


def _with_tag_since(event: EventDraft, token: str, tag: str, since: datetime) -> EventDraft:
    tags = facts_as(ListFacts, event.facts).get("tags", {})
    known = tags.get(token, TagFact())
    if known.get("tag") == tag and not known.get("removed_at"):
        return event
    fact = TagFact(tag=tag, since=since.isoformat())
    return replace(event, facts={**event.facts, "tags": {**tags, token: fact}})


def _with_tag_removed(event: EventDraft, token: str, tag: str, now: datetime) -> EventDraft:
    """The warning with the tag as removed, if the list had shown the tag. A mere announcement stays as it is."""
    tags = facts_as(ListFacts, event.facts).get("tags", {})
    known = tags.get(token, TagFact())
    if event.state != "open" or known.get("tag") != tag or known.get("removed_at"):
        return event
    fact: TagFact = {**known, "removed_at": now.isoformat()}
    return apply_instrument_facts(replace(event, facts={**event.facts, "tags": {**tags, token: fact}}))
