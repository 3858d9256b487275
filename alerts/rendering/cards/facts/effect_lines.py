"""The differences between two lists of effects, as `events.lifecycle.card_changes` writes them line by line.

"LUNA: venue on BINANCE, ends 2026-10-02 08:00, stage announced"; of single pairs
"BINANCE:LUNAUSDT, BINANCE:LUNABTC: single pairs, ends 2026-10-02 08:00".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from alerts.rendering.cards.card import Fact
from alerts.rendering.cards.facts.figures import day_and_time
from alerts.rendering.cards.facts.places import enumerated, ticker_words, venue_words
from alerts.rendering.cards.facts.states import field_words, fields_of, was_and_now
from alerts.rendering.phrases import clean
from events.enums import EVERYTHING

_MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d"
_LINE = re.compile(
    r"^(?P<subject>.+): (?P<scope>asset|venue|pairs|single pairs)(?: on (?P<venue>[A-Z0-9_]+))?"
    rf"(?: \((?P<tickers>[^)]*)\))?(?:, ends (?P<ends>{_MOMENT}))?(?:, from (?P<begins>{_MOMENT}))?"
    r"(?:, (?P<fields>.+))?$"
)
_GROUPS = 3


@dataclass(frozen=True)
class EffectLine:
    """An effect as its line has it. tickers: single pairs, or a venue's pairs. fields: what its source declares."""

    subject: str
    scope: str
    venue: str = ""
    tickers: tuple[str, ...] = ()
    ends: datetime | None = None
    begins: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def single_pairs(self) -> bool:
        return self.scope == "pairs"

    @property
    def where(self) -> str:
        """ "Binance spot", also of single pairs of one venue; "" for everywhere or several."""
        venues = {self.venue} if self.venue else {ticker.rpartition(":")[0] for ticker in self.tickers}
        return venue_words(venues.pop()) if len(venues) == 1 and all(venues) else ""

    @property
    def names(self) -> list[str]:
        if not self.single_pairs:
            return [clean(self.subject, 60)]
        return [ticker_words(ticker, venue=False) for ticker in self.tickers] or [clean(self.subject, 60)]


def read_line(text: str) -> EffectLine | None:
    """The parts of a line; None for another text."""
    found = _LINE.match(text)
    if found is None:
        return None
    single = found["scope"] == "single pairs"
    tickers = found["subject"] if single else found["tickers"]
    return EffectLine(
        subject=found["subject"],
        scope="pairs" if single else found["scope"],
        venue=found["venue"] or "",
        tickers=tuple(tickers.split(", ")) if tickers else (),
        ends=_moment(found["ends"]),
        begins=_moment(found["begins"]),
        fields=fields_of(found["fields"] or ""),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC) if text else None


@dataclass(frozen=True)
class EffectDifferences:
    """facts: in words. moved: ends and beginnings that moved, before and after: no date need say so again."""

    facts: tuple[Fact, ...] = ()
    moved: frozenset[tuple[datetime, datetime]] = frozenset()


def differences(before: Iterable[str], after: Iterable[str], category: str, now: datetime) -> EffectDifferences:
    """What differs between two lists of lines. Effects that changed alike are named together."""
    old, new = _read(before, after), _read(after, before)
    pairs, gone, come = _matched(old, new)
    moved: set[tuple[datetime, datetime]] = set()
    alike: dict[tuple[str, str], list[str]] = {}
    for was, line in pairs:
        for earlier, later in ((was.ends, line.ends), (was.begins, line.begins)):
            if earlier and later and earlier != later:
                moved.add((earlier, later))
        if text := _difference(was, line, category, now):
            alike.setdefault((line.where, text), []).extend(line.names)
    facts = [Fact(_subject(names, where), text) for (where, text), names in alike.items()]
    facts += _named("Added", come, category, now) + _named("No longer named", gone, category, now, ended=True)
    return EffectDifferences(tuple(facts), frozenset(moved))


def _read(lines: Iterable[str], others: Iterable[str]) -> list[EffectLine]:
    left = set(others)
    found = (read_line(line) for line in lines if line not in left)
    # The effect on everything that a venue trades is for bots; cards list tokens.
    return [line for line in found if line is not None and line.subject != EVERYTHING]


def _matched(
    old: Sequence[EffectLine], new: Sequence[EffectLine]
) -> tuple[list[tuple[EffectLine, EffectLine]], list[EffectLine], list[EffectLine]]:
    """Lines before and after about the same coin and venue, or with a pair in common; and those without the other."""
    left, pairs, come = list(old), [], []
    for line in new:
        rank = {id(was): _likeness(was, line) for was in left}
        best = max(left, key=lambda was: rank[id(was)], default=None)
        if best is None or not rank[id(best)]:
            come.append(line)
            continue
        left.remove(best)
        pairs.append((best, line))
    return pairs, left, come


def _likeness(was: EffectLine, line: EffectLine) -> int:
    if was.subject == line.subject:
        return 3 if (was.venue, was.scope) == (line.venue, line.scope) else 2 if was.venue == line.venue else 1
    common = set(was.tickers).intersection(line.tickers)
    return 1 if was.single_pairs and line.single_pairs and common else 0


def _difference(was: EffectLine, line: EffectLine, category: str, now: datetime) -> str:
    parts = []
    if (was.scope, was.venue) != (line.scope, line.venue):
        parts.append(was_and_now(_place(was), _place(line), category, now))
    for words, earlier, later in (("trading ends", was.ends, line.ends), ("in force", was.begins, line.begins)):
        if earlier == later:
            continue
        sides = [day_and_time(at, now) if at else "no date" for at in (earlier, later)]
        parts.append(f"{words} {sides[0]} → {sides[1]}")
    states = was_and_now(was.fields, line.fields, category, now)
    parts.append(states)
    if was.tickers and line.tickers and set(was.tickers) != set(line.tickers):
        for words, names in (
            ("also", [name for name in line.tickers if name not in was.tickers]),
            ("without", [name for name in was.tickers if name not in line.tickers]),
        ):
            if names:
                parts.append(f"{words} {enumerated([ticker_words(name, venue=False) for name in names])}")
    return "; ".join(filter(None, parts))


def _place(line: EffectLine) -> dict[str, str]:
    return {"scope": line.scope, "venue": line.venue}


def _subject(names: Sequence[str], where: str) -> str:
    return enumerated(list(dict.fromkeys(names))) + (f" on {where}" if where else "")


def _named(title: str, lines: Sequence[EffectLine], category: str, now: datetime, ended: bool = False) -> list[Fact]:
    """One fact that names effects which came or went, those with the same end together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        ends = f", trading ends {day_and_time(line.ends, now)}" if line.ends and not ended else ""
        states = [field_words(name, value, category, now) for name, value in line.fields.items() if not ended]
        groups.setdefault((line.where, ends + "".join(f", {state}" for state in states)), []).extend(line.names)
    parts = [_subject(names, where) + text for (where, text), names in groups.items()]
    more = len(parts) - _GROUPS
    text = "; ".join(parts[:_GROUPS]) + (f"; and {more} more" if more > 0 else "")
    return [Fact(title, text)] if parts else []
