"""Merges instrument-list observations (status, tags) into the announcement's event.

The event keeps them in its facts (`events.facts.ListFacts`): `instruments` (ticker → status, since, ends_at, announced,
resumed_at), `tags` (token → tag, since, removed_at) and `relisted` (VENUE:token → ticker, at: what trades there again
after the coin had left). `apply_instrument_facts` derives the effects from them. It runs again whenever the event is
rebuilt from its articles, so that a rebuild does not undo what the lists have shown. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Category, Scope
from events.facts import InstrumentFact, ListFacts, RelistedFact, facts_as

# Announced times are exact; lists are read once a minute.
TOLERANCE = timedelta(minutes=10)
LIST_KINDS = frozenset({"instrument_status", "exchange_halt"})
# Announcements that a list can corroborate. A migration does not end trading by itself, so that it is missing from
# `announcements.detect.ENDS_TRADING`; the exchange takes the old coin's instruments off its list all the same.
CORROBORATED_BY_LISTS = frozenset({Category.DELISTING, Category.TRADING_SUSPENSION, Category.TOKEN_MIGRATION})
END_BY_LIST = "end of trading by the exchange's list"


@dataclass(frozen=True)
class InstrumentState:
    """An instrument that does not trade, or will not.

    since: when it was first seen stopped, None while it still trades. ends_at: the end of trading by its list.
    converted: a perpetual that its exchange turned into a dated contract.
    """

    ticker: str
    token: str
    status: str
    since: datetime | None
    ends_at: datetime | None
    converted: bool = False

    def as_fact(self) -> InstrumentFact:
        fact = InstrumentFact(
            status=self.status,
            since=self.since.isoformat() if self.since else None,
            ends_at=self.ends_at.isoformat() if self.ends_at else None,
        )
        if self.converted:
            fact["converted"] = True
        return fact


def stored_time(value: str | None) -> datetime | None:
    """A time as facts store it: ISO 8601, or None."""
    return datetime.fromisoformat(value) if value else None


def announcements(open_events: Iterable[EventDraft]) -> list[EventDraft]:
    """The open events of an exchange that come from announcements of an end or a stop of trading."""
    return [event for event in open_events if event.category in CORROBORATED_BY_LISTS and event.kind not in LIST_KINDS]


def covering(ticker: str, token: str, candidates: Iterable[EventDraft], now: datetime) -> EventDraft | None:
    """The announcement's event that covers an instrument: it names the ticker, or all instruments of the token.

    candidates: newest first. An announcement that is not in force yet covers only the tickers that it names.
    """
    venue = ticker.partition(":")[0]
    for event in candidates:
        for effect in event.effects:
            if effect.token != token:
                continue
            if ticker in effect.tickers:
                return event
            here = effect.scope == Scope.ASSET or (effect.scope == Scope.VENUE and effect.venue == venue)
            if here and effect.in_force_at and effect.in_force_at <= now + TOLERANCE:
                return event
    return None


def corroborate(
    event: EventDraft,
    states: Mapping[str, InstrumentState],
    live: frozenset[str],
    now: datetime,
    relisted: Mapping[str, str] = MappingProxyType({}),
) -> EventDraft:
    """The event with what its exchange's lists show of its instruments now; the same object where nothing is new.

    states: of the instruments that stopped or get an end; live: tickers that trade. An instrument that stopped and
    trades again ends its part of the event, unless it only paused before the announced time. relisted: VENUE:token →
    an instrument with a quote that counts, which has just begun to trade there.
    """
    stored = facts_as(ListFacts, event.facts)
    known = stored.get("instruments", {})
    instruments: dict[str, InstrumentFact] = {}
    paused: dict[str, datetime] = {}
    for ticker, state in states.items():
        before = known.get(ticker, InstrumentFact())
        announced = before["announced"] if "announced" in before else _announced(event, ticker)
        instruments[ticker] = {**state.as_fact(), "announced": announced}
    for ticker, before in known.items():
        if ticker in instruments:
            continue
        if ticker not in live or before.get("resumed_at"):
            # Stopped for another reason, such as a halt of the whole exchange; or resumed before.
            instruments[ticker] = before.copy()
        elif before.get("since"):
            announced_at = stored_time(before.get("announced"))
            if announced_at and now < announced_at:
                paused[ticker] = announced_at
            else:
                instruments[ticker] = {**before, "status": "trading again", "resumed_at": now.isoformat()}
    returned = _returned(event, relisted, now)
    if instruments == known and not returned:
        return event
    facts = {**event.facts, "instruments": instruments}
    if returned:
        facts["relisted"] = {**stored.get("relisted", {}), **returned}
    effects = tuple(_as_announced(effect, paused, known) for effect in event.effects)
    return apply_instrument_facts(replace(event, facts=facts, effects=effects, valid_until=None))


def _returned(event: EventDraft, relisted: Mapping[str, str], now: datetime) -> dict[str, RelistedFact]:
    """VENUE:token → ticker, at: coins that this event took off a venue, and that trade there again."""
    known = facts_as(ListFacts, event.facts).get("relisted", {})
    gone = {
        f"{effect.venue}:{effect.token}"
        for effect in event.effects
        if effect.scope == Scope.VENUE and effect.in_force_at and effect.in_force_at <= now
    }
    return {
        where: RelistedFact(ticker=relisted[where], at=now.isoformat())
        for where in sorted(gone & relisted.keys())
        if where not in known
    }


def apply_instrument_facts(event: EventDraft) -> EventDraft:
    """The event with its effects as the list facts have them; idempotent."""
    facts = facts_as(ListFacts, event.facts)
    instruments, tags, relisted = facts.get("instruments", {}), facts.get("tags", {}), facts.get("relisted", {})
    if not instruments and not tags and not relisted:
        return event
    effects: list[EffectDraft] = []
    dates = list(event.important_dates)
    for effect in event.effects:
        if effect.token in tags and tags[effect.token].get("removed_at"):
            continue
        back = relisted.get(f"{effect.venue}:{effect.token}")
        back_at = stored_time(back.get("at")) if back else None
        if effect.scope == Scope.VENUE and back_at and effect.in_force_at and effect.in_force_at <= back_at:
            # The coin is back on the venue, the pairs that left are not: the effect is on these pairs.
            if not effect.tickers:
                continue
            effect = replace(effect, scope=Scope.PAIRS)
        groups: dict[datetime | None, list[str]] = {}
        resumed = 0
        for ticker in effect.tickers:
            fact = instruments.get(ticker, InstrumentFact())
            if fact.get("resumed_at"):
                resumed += 1
                continue
            at = _sooner(effect, fact)
            groups.setdefault(at, []).append(ticker)
            end = stored_time(fact.get("ends_at"))
            if at and at == end:
                dates.append(ImportantDate(at, END_BY_LIST, (ticker,)))
        if resumed and not groups:
            continue
        effects += _split(event, effect, groups) if instruments else [effect]
    if event.effects and not effects:
        return replace(event, state="closed", close_reason="the exchange's list: it trades again, or the tag is gone")
    return replace(event, effects=tuple(effects), important_dates=tuple(dict.fromkeys(dates)))


def _split(event: EventDraft, effect: EffectDraft, groups: Mapping[datetime | None, list[str]]) -> list[EffectDraft]:
    """The effect, one part for each moment at which its instruments stop."""
    if not effect.tickers:
        return [effect]
    parts = []
    for at, tickers in groups.items():
        scope = effect.scope if at is None or len(groups) == 1 else Scope.PAIRS
        part = replace(effect, tickers=tuple(tickers), scope=scope)
        if at:
            ends = at if effect.trading_ends_at or event.category in CORROBORATED_BY_LISTS else None
            part = replace(part, in_force_at=at, trading_ends_at=ends)
        parts.append(part)
    return parts


def _sooner(effect: EffectDraft, fact: InstrumentFact) -> datetime | None:
    """When the instrument stopped or will stop, if that is sooner than announced or nothing was announced."""
    moments = [at for at in (stored_time(fact.get("since")), stored_time(fact.get("ends_at"))) if at]
    first = min(moments, default=None)
    if first is None or (effect.in_force_at and first >= effect.in_force_at - TOLERANCE):
        return None
    return first


def _announced(event: EventDraft, ticker: str) -> str | None:
    times = [effect.in_force_at for effect in event.effects if ticker in effect.tickers and effect.in_force_at]
    return min(times).isoformat() if times else None


def _as_announced(
    effect: EffectDraft, paused: Mapping[str, datetime], known: Mapping[str, InstrumentFact]
) -> EffectDraft:
    """The effect moved back to its announced time, if all of its instruments only paused."""
    if not effect.tickers or not all(ticker in paused for ticker in effect.tickers):
        return effect
    at = min(paused[ticker] for ticker in effect.tickers)
    if effect.in_force_at not in {stored_time(known[ticker].get("since")) for ticker in effect.tickers}:
        return effect
    return replace(effect, in_force_at=at, trading_ends_at=at if effect.trading_ends_at else None)
