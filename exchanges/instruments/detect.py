"""Detects events from an exchange's instrument lists, as stored and as just read. Pure.

A watched instrument that stops trading, gets an end or disappears is an event even without an announcement: one event
per token and venue, so that three pairs of a coin are one card. If an announcement covers the instrument, its event
gets the observation and no second event opens. Only changes and ends in the future count: an instrument that was dead
at the first reading opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from events.drafts import EffectDraft, EventDraft, ImportantDate
from events.enums import Action, Category, RiskLevel, Scope, Stage, TradingStatus
from events.facts import InstrumentFact, ListFacts, facts_as
from exchanges.announcements.priority import effects_priority
from exchanges.corroboration import END_BY_LIST, InstrumentState, announcements, corroborate, covering, stored_time
from exchanges.halts.detect import detect_halt, halt_key, halt_of
from exchanges.instrument_status import PENDING_COUNTS_AFTER, Meaning, ended_by_itself, is_dated, meaning, was_converted
from markets.knowledge import GONE, InstrumentRow
from markets.venues import venue_title
from markets.watch import WatchLists

KIND = "instrument_status"
# A dated contract's end that moves by less is a correction; by more it is an early end.
_EARLIER = timedelta(hours=1)

Lists = Mapping[str, Mapping[str, InstrumentRow]]


@dataclass(frozen=True)
class InstrumentSnapshot:
    """What detection is given of one exchange.

    before, current: venue → symbol → row, as stored and as just read; venues that could not be read are in neither, and
    a venue without rows before is read for the first time. waiting: ticker → since when an instrument that traded
    before is pending. open_events: the exchange's open events, newest first. returning: closed events that an admin
    suppressed until now; they open again, and alert, if their cause persists.
    """

    exchange: str
    before: Lists
    current: Lists
    watch: WatchLists
    now: datetime
    waiting: Mapping[str, datetime] = field(default_factory=dict)
    open_events: Sequence[EventDraft] = ()
    returning: Sequence[EventDraft] = ()


def detect_instruments(snapshot: InstrumentSnapshot) -> list[EventDraft]:
    """Drafts for the changes in the lists of one exchange, halts first."""
    events = {event.natural_key: event for event in snapshot.open_events}
    drafts: dict[str, EventDraft] = {}
    for venue, current in sorted(snapshot.current.items()):
        venue_drafts = _Venue(snapshot, venue, current, list({**events, **drafts}.values())).drafts()
        drafts.update({draft.natural_key: draft for draft in venue_drafts})
    return list(drafts.values())


def instrument_key(exchange: str, venue: str, token: str) -> str:
    return f"{exchange}.instrument:{venue}:{token}"


class _Venue:
    """Detection on the list of one venue."""

    def __init__(
        self,
        snapshot: InstrumentSnapshot,
        venue: str,
        current: Mapping[str, InstrumentRow],
        open_events: Sequence[EventDraft],
    ) -> None:
        self.exchange, self.venue, self.watch, self.now = snapshot.exchange, venue, snapshot.watch, snapshot.now
        self.before, self.waiting = snapshot.before.get(venue, {}), snapshot.waiting
        gone = {
            symbol: replace(row, status=GONE, live=False)
            for symbol, row in self.before.items()
            if symbol not in current
        }
        self.current = {**gone, **current}
        self.listed = current
        self.open = {event.natural_key: event for event in open_events if event.state == "open"}
        self.announced = announcements(self.open.values())
        prefix = instrument_key(self.exchange, venue, "")
        self.closed = snapshot.returning
        self.returning = {
            event.natural_key: event
            for event in snapshot.returning
            if event.natural_key.startswith(prefix) and event.natural_key not in self.open
        }

    def drafts(self) -> list[EventDraft]:
        halt = halt_of(self.exchange, self.venue, self.open.values(), self.now)
        returning = self._returning_halt() if halt is None else None
        halt = halt or returning
        decision = detect_halt(
            self.exchange, self.venue, self.before, self.listed, halt,
            frozenset(symbol for symbol, row in self.listed.items() if not row.live and self._passing(row)),
            self._explained(),
            self.watch, self.now,
        )  # fmt: skip
        states = self._states(decision.stopped, decision.released)
        covered = {ticker: self._covering(state) for ticker, state in states.items()}
        drafts = [decision.draft] if decision.draft else []
        if returning and decision.stopped and not decision.draft:
            drafts.append(returning)
        relisted = self._relisted(states.keys())
        for event in self.announced:
            observed = {ticker: state for ticker, state in states.items() if covered[ticker] is event}
            corroborated = corroborate(event, observed, self._live_of(_facts_of(event)), self.now, relisted)
            if corroborated is not event:
                drafts.append(corroborated)
        uncovered: dict[str, list[InstrumentState]] = {}
        for ticker, state in states.items():
            if covered[ticker] is None:
                uncovered.setdefault(state.token, []).append(state)
        prefix = instrument_key(self.exchange, self.venue, "")
        tokens = {*uncovered, *(key.removeprefix(prefix) for key in self.open if key.startswith(prefix))}
        for token in sorted(tokens):
            known = self.open.get(prefix + token)
            if token in uncovered:
                drafts.append(self._event(token, uncovered[token], states.keys(), known))
            elif known:
                drafts.append(self._closed(known, covered, decision.stopped))
        for key, event in self.returning.items():
            if key.removeprefix(prefix) not in uncovered:
                # It ended while it was suppressed: nothing opens again.
                reason = "its list does not say it any more"
                drafts.append(replace(event, state="closed", close_reason=reason, quiet=True, based_on=None))
        return drafts

    def _returning_halt(self) -> EventDraft | None:
        """The exchange halt that an admin suppressed until now, if it was on this venue."""
        for event in self.closed:
            stopped = event.extra.get("stopped", ()) if event.natural_key == halt_key(self.exchange) else ()
            if event.natural_key not in self.open and any(ticker.startswith(f"{self.venue}:") for ticker in stopped):
                return replace(event, reopen="always", based_on=None)
        return None

    def _ticker(self, row: InstrumentRow) -> str:
        return f"{self.venue}:{row.symbol}"

    def _live_of(self, tickers: Iterable[str]) -> frozenset[str]:
        """The tickers among these that trade on this venue."""
        rows = {ticker: self.listed.get(ticker.removeprefix(f"{self.venue}:")) for ticker in tickers}
        return frozenset(ticker for ticker, row in rows.items() if row and row.live and ticker == self._ticker(row))

    def _relisted(self, concerned: Iterable[str]) -> dict[str, str]:
        """VENUE:token → an instrument with a quote that counts, which trades now and did not at the last reading."""
        concerned = frozenset(concerned)
        return {
            f"{self.venue}:{row.token}": self._ticker(row)
            for symbol, row in self.listed.items()
            if row.live
            and self.before
            and not ((before := self.before.get(symbol)) and before.live)
            and self._counts(row)
            and self._ticker(row) not in concerned
        }

    def _counts(self, row: InstrumentRow) -> bool:
        return self.watch.counts(row.quote, self.venue)

    def _passing(self, row: InstrumentRow) -> bool:
        """Whether it is pending, and not for long enough to count as a stop."""
        since = self.waiting.get(self._ticker(row), self.now)
        return meaning(row) is Meaning.PENDING and self.now - since < PENDING_COUNTS_AFTER

    def _explained(self) -> frozenset[str]:
        """Symbols whose absence announcements in force explain."""
        in_force = [
            event
            for event in self.announced
            if any(effect.in_force_at and effect.in_force_at <= self.now for effect in event.effects)
        ]
        tokens = {effect.token for event in in_force for effect in event.effects}
        return frozenset(
            symbol
            for symbol, row in self.listed.items()
            if row.token in tokens and covering(self._ticker(row), row.token, in_force, self.now)
        )

    def _covering(self, state: InstrumentState) -> EventDraft | None:
        return covering(state.ticker, state.token, self.announced, self.now)

    def _states(self, halted: frozenset[str], released: frozenset[str]) -> dict[str, InstrumentState]:
        """The instruments that count as stopped or ending, by ticker."""
        recorded = {
            ticker: fact
            for event in (*self.open.values(), *self.returning.values())
            for ticker, fact in _facts_of(event).items()
            if not fact.get("resumed_at")
        }
        named = {ticker for event in self.announced for effect in event.effects for ticker in effect.tickers}
        states = {}
        for symbol, row in self.current.items():
            if row.live and row.ends_at is None:
                continue  # Nearly every row, each minute: no event.
            ticker = self._ticker(row)
            watched = self.watch.pair(row.token, row.quote, self.venue)
            if not (watched or ticker in named or ticker in recorded) or symbol in halted:
                continue
            before = self.before.get(symbol)
            left = symbol in released or (before is not None and before.live) or ticker in self.waiting
            state = self._state(row, before, left, recorded.get(ticker))
            if state:
                states[ticker] = state
        return states

    def _state(
        self, row: InstrumentRow, before: InstrumentRow | None, left: bool, recorded: InstrumentFact | None
    ) -> InstrumentState | None:
        """The state, if it counts as stopped or ending. left: it traded before. recorded: its fact in an open event."""
        what = meaning(row)
        converted = was_converted(row, before) or bool(recorded and recorded.get("converted") and is_dated(row))
        ends_at = row.ends_at if converted else self._end(row, before, recorded)
        if what is Meaning.LIVE:
            ahead = ends_at is not None and (ends_at > self.now or recorded is not None or converted)
            return (
                InstrumentState(self._ticker(row), row.token, row.status, None, ends_at, converted) if ahead else None
            )
        if ended_by_itself(row, self.now) and not recorded and not converted:
            return None
        if not recorded and (not left or self._passing(row)):
            return None
        stopped_before = stored_time(recorded["since"]) if recorded else None
        since = None if what is Meaning.RESTRICTED else stopped_before or self.now
        return InstrumentState(self._ticker(row), row.token, row.status, since, ends_at, converted)

    def _end(
        self, row: InstrumentRow, before: InstrumentRow | None, recorded: InstrumentFact | None
    ) -> datetime | None:
        """The end by the list, of an instrument that had no end or a later one; else None."""
        if not is_dated(row):
            return row.ends_at
        if recorded and recorded["ends_at"] and row.ends_at == stored_time(recorded["ends_at"]):
            return row.ends_at
        if before and before.ends_at and row.ends_at and row.ends_at < before.ends_at - _EARLIER:
            return row.ends_at
        return None

    def _event(
        self, token: str, states: Sequence[InstrumentState], concerned: Iterable[str], known: EventDraft | None
    ) -> EventDraft:
        states = sorted(states, key=lambda state: state.ticker)
        rows = [self.current[state.ticker.partition(":")[2]] for state in states]
        ending = [
            state for state, row in zip(states, rows, strict=True) if state.ends_at or meaning(row) is Meaning.ENDED
        ]
        category = Category.DELISTING if ending else Category.TRADING_SUSPENSION
        leaves_venue = not self._stays(token, frozenset(concerned))
        effects = _merged(
            self._effect(state, row, category, leaves_venue) for state, row in zip(states, rows, strict=True)
        )
        words = ", ".join(dict.fromkeys(state.status for state in states))
        return EventDraft(
            source=self.exchange,
            category=category,
            natural_key=instrument_key(self.exchange, self.venue, token),
            title=self._title(states, rows),
            kind=KIND,
            priority=effects_priority(effects, self.watch, lambda _, symbol: self.current.get(symbol)),
            effects=effects,
            important_dates=tuple(
                ImportantDate(state.ends_at, END_BY_LIST, (state.ticker,))
                for state in states
                if state.ends_at and (state.since is None or state.ends_at > state.since)
            ),
            published_at=known.published_at if known else self.now,
            facts={
                "status": words,
                "told_by": "the exchange's instrument list; no announcement yet",
                "instruments": {state.ticker: state.as_fact() for state in states},
            },
            extra={"venue": self.venue, "token": token, "state": words[:200]},
            reopen="always",
        )

    def _effect(self, state: InstrumentState, row: InstrumentRow, category: str, leaves_venue: bool) -> EffectDraft:
        what = meaning(row)
        effect = EffectDraft(
            state.token, scope=Scope.VENUE if leaves_venue else Scope.PAIRS, venue=self.venue, tickers=(state.ticker,)
        )
        if what is Meaning.ENDED or state.ends_at:
            ends = min(at for at in (state.ends_at, state.since) if at)
            return replace(effect, trading_ends_at=ends, in_force_at=ends)
        if what is Meaning.RESTRICTED:
            return replace(effect, action=Action.AVOID_NEW, trading_status=TradingStatus.TRADING)
        if category == Category.DELISTING:
            # Another instrument of the token ends; this instrument only halts.
            return replace(
                effect,
                stage=Stage.IN_FORCE,
                action=Action.HALT,
                trading_status=TradingStatus.TRADING_SUSPENDED,
                risk_level=RiskLevel.CRITICAL,
            )
        return replace(effect, in_force_at=state.since)

    def _stays(self, token: str, concerned: frozenset[str]) -> bool:
        """Whether another instrument of the token, with a quote that counts, goes on trading on the venue."""
        leaving = {ticker for event in self.announced for effect in event.effects for ticker in effect.tickers}
        return any(
            row.live and row.token == token and self._counts(row) and self._ticker(row) not in concerned | leaving
            for row in self.listed.values()
        )

    def _title(self, states: Sequence[InstrumentState], rows: Sequence[InstrumentRow]) -> str:
        names = ", ".join(row.symbol for row in rows[:5]) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
        place = venue_title(self.venue)
        first, what = states[0], meaning(rows[0])
        if all(row.status == GONE for row in rows):
            return f"{names}: no longer listed on {place}"
        if what is Meaning.LIVE and first.ends_at:
            return f"{names}: trading on {place} ends on {first.ends_at:%Y-%m-%d %H:%M} UTC"
        if what is Meaning.ENDED:
            return f"{names}: trading on {place} has ended"
        if what is Meaning.RESTRICTED:
            return f"{names}: only some orders are taken on {place}"
        return f"{names}: trading on {place} has stopped"

    def _closed(
        self, event: EventDraft, covered: Mapping[str, EventDraft | None], halted: frozenset[str]
    ) -> EventDraft:
        """An event of ours, closed: quietly if another event covers it from now on."""
        tickers = list(_facts_of(event))
        announced = next((by for ticker in tickers if (by := covered.get(ticker))), None)
        if announced:
            reason = f"announced: {announced.title}"
        elif any(ticker.partition(":")[2] in halted for ticker in tickers):
            reason = "part of a halt of the whole exchange"
        elif any(end and end <= self.now for end in map(self._recorded_end, _facts_of(event).values())):
            reason = "its list does not say it any more"
        else:
            reason = "trading has resumed, or the end was withdrawn"
        quiet = announced is not None or reason.startswith("part of")
        return replace(event, state="closed", close_reason=reason[:200], quiet=quiet)

    @staticmethod
    def _recorded_end(fact: InstrumentFact) -> datetime | None:
        return stored_time(fact.get("ends_at"))


def _facts_of(event: EventDraft) -> Mapping[str, InstrumentFact]:
    """Ticker → what the lists have shown of it, as the event has it."""
    return facts_as(ListFacts, event.facts).get("instruments", {})


def _merged(effects: Iterable[EffectDraft]) -> tuple[EffectDraft, ...]:
    """Effects that differ only in their instruments, merged into one."""
    merged: dict[EffectDraft, list[str]] = {}
    for effect in effects:
        merged.setdefault(replace(effect, tickers=()), []).extend(effect.tickers)
    return tuple(replace(effect, tickers=tuple(sorted(tickers))) for effect, tickers in merged.items())
