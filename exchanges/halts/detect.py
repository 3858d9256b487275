"""Detects a halt of a full exchange: a large part of a list halted at once, or the system status reports it. Pure.

One open event per exchange, whichever source saw it first. `facts["signals"]` names the sources that report the halt:
each list, and the system status. The event closes when none is left. `extra["stopped"]` are the instruments that traded
before, so that after a restart in the middle of a halt it is still known which ones have to trade again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from events.drafts import EffectDraft, EventDraft
from events.enums import EVERYTHING, Category, Scope
from events.facts import HaltFacts, facts_as
from exchanges.corroboration import TOLERANCE
from exchanges.instrument_status import Meaning, ended_by_itself, meaning
from markets.knowledge import InstrumentRow
from markets.venues import exchange_title
from markets.watch import WatchLists

KIND = "exchange_halt"
# If more than this share of a list halts at once, the exchange halts, not its coins.
_MASS = 0.1
# At least this many tokens: the pairs and contracts of one coin can be a tenth of a short list.
_MASS_TOKENS = 3

Rows = Mapping[str, InstrumentRow]


@dataclass(frozen=True)
class HaltDecision:
    """The result of `detect_halt`.

    draft: the exchange's event as it changes; None if it does not. stopped: symbols that the halt explains. released:
    symbols that it explained before and that do not trade again although the halt is over.
    """

    draft: EventDraft | None = None
    stopped: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()


def signals_of(event: EventDraft) -> list[str]:
    """The sources that report a halt: `list:VENUE`, and the system status."""
    return facts_as(HaltFacts, event.facts).get("signals", [])


def halt_key(exchange: str) -> str:
    return f"exchange_halt:{exchange}"


def halt_of(exchange: str, venue: str, open_events: Iterable[EventDraft], now: datetime) -> EventDraft | None:
    """The open event that explains a halt of a venue: the exchange halt, or a maintenance in force on the venue."""
    maintenance = None
    for event in open_events:
        if event.kind != KIND or event.source != exchange:
            continue
        if event.natural_key == halt_key(exchange):
            return event
        if any(
            effect.venue == venue and (effect.in_force_at is None or effect.in_force_at <= now + TOLERANCE)
            for effect in event.effects
        ):
            maintenance = event
    return maintenance


def detect_halt(
    exchange: str,
    venue: str,
    before: Rows,
    current: Rows,
    halt: EventDraft | None,
    passing: frozenset[str],
    explained: frozenset[str],
    watch: WatchLists,
    now: datetime,
) -> HaltDecision:
    """Whether a venue halts, is still halted, or has resumed.

    before, current: the list as it was and is, by symbol. halt: as `halt_of` returns it. passing: symbols that are
    pending too shortly to count. explained: symbols whose absence announcements in force explain.
    """
    signal = f"list:{venue}"
    prefix = f"{venue}:"
    remembered = {
        ticker.removeprefix(prefix)
        for ticker in (halt.extra.get("stopped", ()) if halt else ())
        if ticker.startswith(prefix)
    }
    traded = {symbol for symbol, row in before.items() if row.live} | remembered
    # Thousands of rows each minute, nearly all live and without an end: the cheap test comes first.
    ended = {symbol for symbol, row in current.items() if row.ends_at is not None and ended_by_itself(row, now)}
    listed = (traded & current.keys()) - ended - explained
    stopped = {
        symbol
        for symbol in listed - passing
        if not current[symbol].live
        and meaning(current[symbol]) in (Meaning.HALTED, Meaning.PENDING, Meaning.RESTRICTED)
    }
    going_on = halt is not None and signal in signals_of(halt)
    mass = len(stopped) > len(listed) * _MASS and (
        going_on or _tokens(stopped, current) >= min(_MASS_TOKENS, _tokens(listed, current))
    )
    if not mass:
        if halt is None or not going_on:
            return HaltDecision()
        elsewhere = tuple(ticker for ticker in halt.extra.get("stopped", ()) if not ticker.startswith(prefix))
        over = without_signal(
            replace(halt, extra={**halt.extra, "stopped": elsewhere}), signal, "trading has resumed", venue
        )
        return HaltDecision(over, released=frozenset(remembered & stopped))
    # Instruments that resumed stay remembered: the share is measured against all that stopped.
    all_stopped = remembered | stopped
    others = [ticker for ticker in (halt.extra.get("stopped", ()) if halt else ()) if not ticker.startswith(prefix)]
    stopped_tickers = sorted([*others, *(prefix + symbol for symbol in all_stopped)])
    base = halt or halt_event(exchange, now)
    fresh = halt_effects(venue, (current[symbol] for symbol in all_stopped & listed), watch)
    # A planned maintenance is in force once the list has halted; a plain halt is in force without a time.
    effects = _with_venue(base.effects, fresh, now if base.category != Category.EXCHANGE_HALT else None)
    facts = {**base.facts, "signals": sorted({*signals_of(base), signal})}
    counts = {f"halted on {venue}": f"{len(all_stopped)} of {len(listed)} instruments"}
    draft = replace(
        base,
        effects=effects,
        priority="high" if concerns_watched(effects) else base.priority,
        facts={**facts, **counts} if all_stopped - remembered else facts,
        extra={**base.extra, "stopped": stopped_tickers},
        reopen="always",
    )
    # Pairs that trade again one by one belong to the halt until it is over.
    same = halt is not None and draft == replace(halt, reopen="always")
    return HaltDecision(None if same else draft, stopped=frozenset(all_stopped))


def halt_event(exchange: str, now: datetime) -> EventDraft:
    """A halt that begins now, without effects yet."""
    return EventDraft(
        source=exchange,
        category=Category.EXCHANGE_HALT,
        natural_key=halt_key(exchange),
        title=f"{exchange_title(exchange)} has halted trading",
        kind=KIND,
        priority="low",
        effects=(),
        published_at=now,
        facts={"signals": []},
        extra={"stopped": []},
        reopen="always",
    )


def halt_effects(
    venue: str,
    rows: Iterable[InstrumentRow],
    watch: WatchLists,
    begins: datetime | None = None,
    live_only: bool = False,
) -> tuple[EffectDraft, ...]:
    """One effect on the venue itself, and one per watched token among the rows.

    begins: when they are in force. live_only: only rows that trade now count.
    """
    tickers: dict[str, list[str]] = {}
    for row in rows:
        if (row.live or not live_only) and watch.pair(row.token, row.quote, venue):
            tickers.setdefault(row.token, []).append(f"{venue}:{row.symbol}")
    return (
        EffectDraft(EVERYTHING, scope=Scope.VENUE, venue=venue, in_force_at=begins),
        *(
            EffectDraft(token, scope=Scope.VENUE, venue=venue, tickers=tuple(sorted(names)), in_force_at=begins)
            for token, names in sorted(tickers.items())
        ),
    )


def concerns_watched(effects: Iterable[EffectDraft]) -> bool:
    """Whether a halt affects watched tokens and has high priority; a halt of others is stored for bots only."""
    return any(effect.token != EVERYTHING for effect in effects)


def with_signal(event: EventDraft, signal: str) -> EventDraft:
    """The halt with one more source that reports it."""
    signals = sorted({*signals_of(event), signal})
    return replace(event, facts={**event.facts, "signals": signals})


def without_signal(event: EventDraft, signal: str, reason: str, venue: str = "") -> EventDraft:
    """The halt without one source; closed if no other source reports it.

    venue: its effects end as well, unless the system status still reports them.
    """
    signals = [name for name in signals_of(event) if name != signal]
    if not signals:
        return replace(event, state="closed", close_reason=reason, facts={**event.facts, "signals": []})
    # The system status covers every venue of the event.
    lists_only = all(name.startswith("list:") for name in signals)
    effects = tuple(effect for effect in event.effects if effect.venue != venue) if lists_only else event.effects
    return replace(event, effects=effects, facts={**event.facts, "signals": signals})


def _with_venue(
    effects: Iterable[EffectDraft], fresh: tuple[EffectDraft, ...], begun: datetime | None
) -> tuple[EffectDraft, ...]:
    """The effects with one venue's replaced, sorted, so that equal halts compare equal. begun: in force by then."""
    merged = {(effect.venue, effect.token): effect for effect in effects}
    for effect in fresh:
        before = merged.get((effect.venue, effect.token))
        begins = min(before.in_force_at or begun, begun) if before and begun else begun
        merged[(effect.venue, effect.token)] = replace(effect, in_force_at=begins)
    return tuple(merged[key] for key in sorted(merged))


def _tokens(symbols: Iterable[str], rows: Rows) -> int:
    return len({rows[symbol].token for symbol in symbols})
