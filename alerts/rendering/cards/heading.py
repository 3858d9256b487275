"""The heading of an event's card: action · what · where · until when. Pure.

1. It never exceeds `HEADING_LIMIT`: names go first, then markets, then the time left, never the action or the deadline.
2. It is about the lines with the strictest action; the others are in a list below.
3. Of an event that is over it says what holds now, and no action that no longer does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.rendering.cards.card import HEADING_LIMIT
from alerts.rendering.past import NO_ACTION, NO_RESTRICTION
from alerts.rendering.phrases import clean
from alerts.rendering.places import exchanges_text, time_and_distance, time_text, where_text
from alerts.rendering.subjects import NAMED, TokenLine, action_label, strictest
from alerts.rendering.summary import EventSummary
from crypto_ews.ui.text import label
from events.enums import Action

SEPARATOR = " · "
PAIRS_OF = "pairs of "
_NAME = 24
_DATE = 40
# A reminder at the moment itself is sent a little after it.
_JUST_NOW = timedelta(hours=1)
_ACTIONS = {"watch": "WATCH", "avoid_new": "OPEN NOTHING NEW", "reduce_only": "REDUCE ONLY"}
# What happens at a date, as short as a heading needs it.
_SHORT = {
    "deposits and withdrawals suspended": "transfers stop",
    "deposits and withdrawals close": "transfers stop",
    "deposits suspended": "deposits stop",
    "withdrawals suspended": "withdrawals stop",
}
# An event whose coins nobody knows demands nothing of anything.
_UNKNOWN = "NO COIN KNOWN"
EVERYTHING_TRADED = "everything"
"""What a halt of a venue is about."""
# What follows the venue: until when, or what holds now.
_UNTIL = {"exit": "by", "reduce_only": "by"}


@dataclass(frozen=True)
class When:
    """The moment that a heading names, and how. of_trading: it is the end of trading. what: else, what happens then."""

    at: datetime
    how: str
    of_trading: bool = False
    what: str = ""


def action_word(action: str | None) -> str:
    """ "EXIT"; "NO COIN KNOWN" where an event has no effect on anything known."""
    return _ACTIONS.get(action, action_label(action).upper()) if action else _UNKNOWN


def event_heading(summary: EventSummary, now: datetime) -> str:
    if summary.over:
        first = "FALSE ALARM" if summary.false_alarm else "OVER"
        return _fitted(first, summary, summary.at_risk, None, _present(summary))
    when = deadline(summary, now)
    return _fitted(action_word(action_of(summary)), summary, leading(summary), when, *_endings(when, now))


def action_of(summary: EventSummary) -> str | None:
    """What to do: the strictest of what is at risk, and of everything that a venue trades."""
    if summary.over:
        return summary.action
    return strictest(Action, [action for action in (summary.action, summary.stored.everything_action) if action])


def hits_everything(summary: EventSummary) -> bool:
    """Whether the action is for everything that a venue trades, of which our coins are only a part."""
    if summary.over:
        return bool(summary.stored.everything) and not summary.at_risk
    return bool(summary.stored.everything) and summary.stored.everything_action == action_of(summary)


def leading(summary: EventSummary) -> tuple[TokenLine, ...]:
    """The lines at risk with the strictest action; all of them once the event is over."""
    lines = summary.lines
    return lines if summary.over else tuple(line for line in lines if line.action == summary.action) or lines


def deadline(summary: EventSummary, now: datetime) -> When | None:
    """The next moment that counts: the end of trading of a leading line, else the next date of the event."""
    if summary.over:
        return None
    # Where all that a venue trades is hit harder than ours, the ends of ours are not those of the action.
    milder = hits_everything(summary) and summary.action != action_of(summary)
    lines = () if milder else leading(summary)
    ends = [line.trading_ends_at for line in lines if line.trading_ends_at is not None]
    ahead = [at for at in ends if at > now]
    if ahead:
        return When(min(ahead), _UNTIL.get(summary.action or "", "trading ends"), of_trading=True)
    dates = [line for line in summary.dates if line.at > now]
    if dates:
        first = min(dates, key=lambda line: line.at)
        what = clean(first.what, 200)
        what = _SHORT.get(what.lower(), what)
        return When(first.at, "next date", what=what if len(what) <= _DATE else "")
    if ends:
        # Whoever reads "exit" after the end would look for a market that is not there any more.
        return When(max(ends), "since" if summary.action == "halt" else "trading ended", of_trading=True)
    return None


def reminded_of(summary: EventSummary, now: datetime) -> str:
    """The date that a reminder is about, "withdrawals end 2 Oct 09:00 UTC, in 1 h"; "" where the heading has it."""
    dates = [(line.at, clean(line.what, 120) or "an announced date") for line in summary.dates]
    dates += [(line.trading_ends_at, "trading ends") for line in summary.lines if line.trading_ends_at is not None]
    near = [date for date in dates if date[0] > now - _JUST_NOW]
    named = deadline(summary, now)
    if not near or summary.over:
        return ""
    at, what = min(near, key=lambda date: date[0])
    return (
        "" if named and named.at == at and (named.of_trading or named.what) else f"{what} {time_and_distance(at, now)}"
    )


def names_of(lines: Sequence[TokenLine]) -> list[str]:
    """The coins, and the single pairs by their names, without repeats."""
    found: dict[str, None] = {}
    for line in lines:
        if not line.single_pairs:
            found.setdefault(clean(line.token, _NAME))
        elif line.pairs:
            found.update(dict.fromkeys(clean(pair, _NAME) for pair in line.pairs))
        else:
            found.setdefault(clean(f"{PAIRS_OF}{line.token}", _NAME))
    return [name for name in found if name]


def _first_names(lines: Sequence[TokenLine], when: When | None) -> tuple[list[str], int]:
    """All names, those that the moment of the heading concerns before the others, and how many these are."""
    at = when.at if when is not None and when.of_trading else None
    names = names_of([line for line in lines if at is not None and line.trading_ends_at == at]) or names_of(lines)
    return list(dict.fromkeys((*names, *names_of(lines)))), len(names)


def names_text(names: Sequence[str], most: int) -> str:
    """ "LUNA, UST + 14", "pairs of AVA, CHESS + 1"."""
    if len(names) > 1 and all(name.startswith(PAIRS_OF) for name in names):
        return PAIRS_OF + names_text([name.removeprefix(PAIRS_OF) for name in names], most)
    more = len(names) - most
    return ", ".join(names[:most]) + (f" + {more}" if more > 0 else "")


def venues_of(lines: Sequence[TokenLine]) -> list[str]:
    """Where the lines hold; empty: everywhere."""
    if any(not line.venues and not line.tickers for line in lines):
        return []
    named = {venue for line in lines for venue in line.venues}
    return sorted(named or {ticker.rpartition(":")[0] for line in lines for ticker in line.tickers})


def _present(summary: EventSummary) -> str:
    """What holds now of an event that is over: "no restriction now", "now reduce only (#12)"."""
    now = summary.now
    if now is None:
        return ""
    if now.action == NO_ACTION:
        return "no restriction now" if now.text == NO_RESTRICTION else "no longer traded"
    ids = f" ({', '.join(f'#{number}' for number in now.event_ids[:2])})"
    action, differ = action_label(now.action).lower(), len({line.action for line in summary.at_risk}) > 1
    if len(summary.at_risk) == 1 and not summary.at_risk[0].single_pairs:
        # With its place where it is another: "halt on OKX spot".
        return f"now {now.text.partition(' (another event')[0]}{ids}"
    # Not all of them, or not here: the fact below has who, where and by which event.
    some = " in part" if differ or f"otherwise {NO_RESTRICTION}" in now.text or f"{action} on " in now.text else ""
    return f"now {action}{some}{'' if differ and len(now.event_ids) > 1 else ids}"


def _endings(when: When | None, now: datetime) -> tuple[str, ...]:
    if when is None:
        return ("",)
    plain = f"{when.how} {time_and_distance(when.at, now)}", f"{when.how} {time_text(when.at, now)}"
    if not when.what:
        return plain
    what = f"{when.what[:1].lower()}{when.what[1:]}"
    return (f"{what} {time_and_distance(when.at, now)}", f"{what} {time_text(when.at, now)}", *plain)


def _fitted(first: str, summary: EventSummary, lines: Sequence[TokenLine], when: When | None, *endings: str) -> str:
    of_all = hits_everything(summary)
    names, most = ([EVERYTHING_TRADED], 1) if of_all else _first_names(lines, when)
    if not names:
        what = clean(summary.title, HEADING_LIMIT) or label(summary.category)
        last = next(
            (end for end in endings if len(SEPARATOR.join(filter(None, (first, what, end)))) <= HEADING_LIMIT), ""
        )
        return joined(first, clean(what, HEADING_LIMIT - len(joined(first, "", last)) - len(SEPARATOR)), last)
    venues = list(summary.stored.everything) if of_all else venues_of(lines)
    for what, where, last in _variants(names, most, venues, endings):
        heading = joined(first, what, where, last)
        if len(heading) <= HEADING_LIMIT:
            return heading
    return clean(joined(first, names_text([clean(names[0], 10), *names[1:]], 1), endings[-1]), HEADING_LIMIT)


def _variants(
    names: Sequence[str], most: int, venues: Sequence[str], endings: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """From most to least detail."""
    counts = range(min(most, NAMED if len(names) <= NAMED else NAMED - 1), 0, -1)
    whats = [names_text(names, count) for count in counts]
    exchanges = exchanges_text(venues) if venues else ""
    wheres = list(dict.fromkeys((where_text(venues), exchanges or where_text(venues), where_text(venues, short=True))))
    for last in endings:
        for where in wheres:
            for what in whats:
                yield what, where, last


def joined(*parts: str) -> str:
    return SEPARATOR.join(filter(None, parts))
