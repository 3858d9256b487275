"""The differences between two lists of effects, as `events.lifecycle.card_changes` writes them line by line.

"LUNA: venue on BINANCE, ends 2026-10-02 08:00, stage announced"; of single pairs
"BINANCE:LUNAUSDT, BINANCE:LUNABTC: single pairs, ends 2026-10-02 08:00".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from alerts.rendering.cards.card import Fact
from alerts.rendering.cards.facts.places import enumerated, ticker_words
from alerts.rendering.cards.facts.states import field_words, fields_of, was_and_now
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_text, venue_text
from alerts.rendering.subjects import NAMED
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
        return venue_text(venues.pop()) if len(venues) == 1 and all(venues) else ""

    @property
    def name(self) -> str:
        if not self.single_pairs:
            return clean(self.subject, 60)
        return ", ".join(ticker_words(name, venue=False) for name in self.tickers) or clean(self.subject, 60)


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
    pairs, gone, come = _matched(_read(before), _read(after))
    moved: set[tuple[datetime, datetime]] = set()
    alike: dict[tuple[str, str], list[EffectLine]] = {}
    for was, line in pairs:
        for earlier, later in ((was.ends, line.ends), (was.begins, line.begins)):
            if earlier and later and earlier != later:
                moved.add((earlier, later))
        if text := _difference(was, line, category, now):
            alike.setdefault((line.where, text), []).append(line)
    facts = [Fact(_subject(lines, where), text) for (where, text), lines in alike.items()]
    facts += _named("Added", come, category, now) + _named("No longer named", gone, category, now, ended=True)
    return EffectDifferences(tuple(facts), frozenset(moved))


def _read(lines: Iterable[str]) -> list[EffectLine]:
    """The lines, one for each single pair: pairs that got another end leave the line that they were in."""
    found = []
    for line in map(read_line, lines):
        # The effect on everything that a venue trades is for bots; cards list tokens.
        if line is None or line.subject == EVERYTHING:
            continue
        single = line.single_pairs and not line.venue and len(line.tickers) > 1
        found += [replace(line, subject=name, tickers=(name,)) for name in line.tickers] if single else [line]
    return found


def _matched(
    old: Sequence[EffectLine], new: Sequence[EffectLine]
) -> tuple[list[tuple[EffectLine, EffectLine]], list[EffectLine], list[EffectLine]]:
    """Lines that differ, before and after, by coin and venue, else by coin; and those without the other."""
    left: dict[str, list[EffectLine]] = {}
    for line in old:
        left.setdefault(line.subject, []).append(line)
    pairs, come = [], []
    for line in sorted(new, key=lambda line: line not in left.get(line.subject, ())):
        candidates = left.get(line.subject, [])
        best = max(candidates, key=lambda was: (was == line, was.venue == line.venue), default=None)
        if best is None:
            come.append(line)
            continue
        candidates.remove(best)
        if best != line:
            pairs.append((best, line))
    return pairs, [line for lines in left.values() for line in lines], come


def _difference(was: EffectLine, line: EffectLine, category: str, now: datetime) -> str:
    parts = []
    if (was.scope, was.venue) != (line.scope, line.venue):
        parts.append(was_and_now(_place(was), _place(line), category, now))
    for words, earlier, later in (("trading ends", was.ends, line.ends), ("in force", was.begins, line.begins)):
        if earlier == later:
            continue
        sides = [time_text(at, now) if at else "no date" for at in (earlier, later)]
        parts.append(f"{words}: {sides[0]} → {sides[1]}")
    parts.append(was_and_now(was.fields, line.fields, category, now))
    return "; ".join(filter(None, parts))


def _place(line: EffectLine) -> dict[str, str]:
    return {"scope": line.scope, "venue": line.venue}


def _subject(lines: Sequence[EffectLine], where: str) -> str:
    """ "LUNA, UST, ABC and 13 more on Binance spot"; only as many names are made as are shown."""
    different = {line.subject: line for line in lines}
    named = [line.name for line in itertools.islice(different.values(), NAMED)]
    return enumerated(named, more=len(different) - len(named)) + (f" on {where}" if where else "")


def _named(title: str, lines: Sequence[EffectLine], category: str, now: datetime, ended: bool = False) -> list[Fact]:
    """One fact that names effects which came or went, those with the same end together."""
    groups: dict[tuple[str, str], list[EffectLine]] = {}
    for line in lines:
        ends = f", trading ends {time_text(line.ends, now)}" if line.ends and not ended else ""
        states = [field_words(name, value, category, now) for name, value in line.fields.items() if not ended]
        groups.setdefault((line.where, ends + "".join(f", {state}" for state in states)), []).append(line)
    parts = [_subject(group, where) + text for (where, text), group in groups.items()]
    more = len(parts) - _GROUPS
    text = "; ".join(parts[:_GROUPS]) + (f"; and {more} more" if more > 0 else "")
    return [Fact(title, text)] if parts else []
