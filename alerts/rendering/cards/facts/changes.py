"""What changed about an event since its last card, in words: only what differs, before → after.

A former action is always marked "was: … · now: …", so that nobody takes it for an order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from alerts.rendering.cards.card import Fact
from alerts.rendering.cards.facts.effect_lines import differences, read_line
from alerts.rendering.cards.facts.phrase import stored_moment
from alerts.rendering.cards.facts.places import enumerated, ticker_words
from alerts.rendering.cards.facts.states import fields_of, was_and_now
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_text, venue_text
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label, words
from events.enums import EVERYTHING, MEASURED, AlertReason

MOST_CHANGES = 8
RENAMED = " is called"
# Of the titles that we write ourselves: the part that an alert changes.
_OUR_TITLES = (
    re.compile(r"^\S+ ((?:rose|fell) [\d.,]+ % within .+ to .+ USD)$"),
    re.compile(r"^.+ is ([\d.]+ % (?:above|below) its peg, at [\d.e-]+ USD.*)$"),
    re.compile(r"^\S+: (supply (?:fell|falls) by .+ in a day).*$"),
    re.compile(r"^Book of .+ thinned out: (.+ within ±1 %, .+ % of normal)$"),
)
_OUR_AMOUNTS = re.compile(r"^.+: (?:bridge )?hack, (.+)$")
# `was` of a percentage that is written without its space.
_TIGHT_PERCENT = re.compile(r"(\d)%")


def changes_in_words(summary: EventSummary, now: datetime) -> tuple[Fact, ...]:
    """What changed, eight facts at most; none of an opening, which no card came before, and none once it is over.

    Each name occurs once. A field without words here is on the event's page only.
    """
    if summary.over or set(summary.reasons) == {AlertReason.OPENED}:
        return ()
    stored = {name: (pair[0], pair[1]) for name, pair in summary.stored.changes.items() if _differs(name, pair)}
    found: list[Fact] = []
    before, after = map(_texts, stored.get("effects", ((), ())))
    effects = differences(before, after, summary.category, now)
    found += effects.facts
    states = {name: pair for name, pair in stored.items() if name not in FIELDS and not name.endswith(RENAMED)}
    found += _states(states, summary, now)
    if dates := stored.get("important_dates"):
        found += _dates(*dates, effects.moved, summary, now)
    found += [fact for name, of in FIELDS.items() if name in stored and of for fact in of(*stored[name], now)]
    coins = [pair for name, pair in stored.items() if name.endswith(RENAMED)]
    renamed = [f"{clean(str(old), 40)} → {clean(str(new), 40)}" for old, new in coins]
    found += [Fact("Renamed", enumerated(renamed))] if renamed else []
    return tuple(_once(found))


def _differs(name: str, pair: object) -> bool:
    """Whether a change is one that cards show. The effect on everything that a venue trades is for bots."""
    if name == EVERYTHING or name.startswith((f"{EVERYTHING} on ", f"{EVERYTHING}:")):
        return False
    return isinstance(pair, (list, tuple)) and len(pair) == 2 and pair[0] != pair[1]


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []


def _states(stored: Mapping[str, tuple[object, object]], summary: EventSummary, now: datetime) -> Iterable[Fact]:
    """Effects whose state changed, by time, a rule or a correction. Those that changed alike are named together."""
    alike: dict[tuple[str, str], list[_Effects]] = {}
    for name, (before, after) in stored.items():
        text = was_and_now(fields_of(str(before)), fields_of(str(after)), summary.category, now)
        if text:
            effects = _effects(name)
            alike.setdefault((effects.where, text), []).append(effects)
    return [Fact(_named_together(effects, where), text) for (where, text), effects in alike.items()]


class _Effects(NamedTuple):
    """What a change names: coins or pairs, where, and how many pairs it only counts."""

    names: list[str]
    where: str
    more: int = 0


def _effects(name: str) -> _Effects:
    if line := read_line(name):
        return _Effects([line.name], line.where)
    token, on, venue = name.rpartition(" on ")
    if on and re.fullmatch(r"[A-Z0-9_]+", venue):
        return _Effects([clean(token, 60)], venue_text(venue))
    listed, _, more = name.partition(" + ")
    if ":" not in listed:
        return _Effects([clean(name, 80)], "")
    tickers = listed.split(", ")
    venues = {ticker.rpartition(":")[0] for ticker in tickers}
    names = [ticker_words(ticker, venue=len(venues) > 1) for ticker in tickers]
    count = int(more.removesuffix(" more")) if more.removesuffix(" more").isdigit() else 0
    return _Effects(names, venue_text(venues.pop()) if len(venues) == 1 else "", count)


def _named_together(effects: Sequence[_Effects], where: str) -> str:
    """ "LUNA, UST, ABC and 13 more on Binance spot"."""
    names = list(dict.fromkeys(name for one in effects for name in one.names))
    return enumerated(names, more=sum(one.more for one in effects)) + (f" on {where}" if where else "")


def _dates(
    before: object, after: object, moved: frozenset[tuple[datetime, datetime]], summary: EventSummary, now: datetime
) -> Iterable[Fact]:
    """Dates that moved, came or went; not those that the effects have named, nor a measured event's readings."""
    if summary.category in MEASURED:
        return []
    gone, come = _dates_of(before), _dates_of(after)
    common = [date for date in gone if date in come]
    gone, come = ([date for date in dates if date not in common] for dates in (gone, come))
    found: dict[str, list[str]] = {}
    for at, what in gone:
        later = next(((then, name) for then, name in come if name == what), None)
        if later is None:
            found.setdefault(what, []).append(f"no longer {time_text(at, now)}")
            continue
        come.remove(later)
        if (at, later[0]) not in moved:
            found.setdefault(what, []).append(f"{time_text(at, now)} → {time_text(later[0], now)}")
    for at, what in come:
        found.setdefault(what, []).append(f"new: {time_text(at, now)}")
    return [Fact(label(what), "; ".join(dict.fromkeys(texts))) for what, texts in found.items()]


def _dates_of(value: object) -> list[tuple[datetime, str]]:
    """(time, what), each once: a date of fifty pairs is one date."""
    found: dict[tuple[datetime, str], None] = {}
    for item in value if isinstance(value, (list, tuple)) else ():
        at = stored_moment(item[0]) if isinstance(item, (list, tuple)) and item else None
        if at is not None:
            found[at.replace(second=0, microsecond=0), clean(str(item[1] or "date"), 80)] = None
    return list(found)


def _title(before: object, after: object, now: datetime) -> Iterable[Fact]:
    """The former title, as the card quotes the present one; of a title that we wrote, the part that changed."""
    old, new = clean(str(before), 200), clean(str(after), 200)
    amounts = [_OUR_AMOUNTS.match(title) for title in (old, new)]
    if all(amounts):
        texts = [match[1] for match in amounts if match]
        return [Fact("Amount", " → ".join(texts))] if texts[0] != texts[1] else []
    if match := next((found for ours in _OUR_TITLES if (found := ours.match(old))), None):
        return [Fact("At the last alert", _TIGHT_PERCENT.sub(r"\1 %", match[1]))]
    return [Fact("Former title", f"“{old}”")]


def _labels(name: str) -> Callable[[object, object, datetime], Iterable[Fact]]:
    return lambda before, after, now: [Fact(name, f"{words(before)} → {words(after)}")]


def _valid_until(before: object, after: object, now: datetime) -> Iterable[Fact]:
    sides = [time_text(at, now) if (at := stored_moment(value)) else "no end" for value in (before, after)]
    return [Fact("Valid until", " → ".join(sides))] if sides[0] != sides[1] else []


FIELDS: Mapping[str, Callable[[object, object, datetime], Iterable[Fact]] | None] = {
    "category": _labels("Kind of event"),
    "priority": _labels("Priority"),
    "valid_until": _valid_until,
    "title": _title,
    "url": lambda before, after, now: [Fact("Source link", "another page than before")],
    # These are compared with each other.
    "effects": None,
    "important_dates": None,
}
"""Fields of an event that a change may name; every other one is an effect, or a coin that was renamed."""


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """Each name once, with all its texts; of more than eight the first, and how many are not shown."""
    texts: dict[str, list[str]] = {}
    for fact in facts:
        if fact.text not in texts.setdefault(fact.name, []):
            texts[fact.name].append(fact.text)
    found = [Fact(name, "; ".join(of)) for name, of in texts.items()]
    if len(found) <= MOST_CHANGES:
        return found
    more = len(found) - MOST_CHANGES + 1
    return [*found[: MOST_CHANGES - 1], Fact("More", f"{more} more changes, on the event's page")]
