"""The lists of an event's card: what is at risk line by line, its pairs by venue, its dates, and what is not ours. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.rendering.cards.card import Kind, Section
from alerts.rendering.cards.heading import deadline, names_of
from alerts.rendering.phrases import clean, other_names
from alerts.rendering.places import pair_text, time_and_distance, venue_text, where_text
from alerts.rendering.subjects import TokenLine, action_label, subject
from alerts.rendering.summary import DateLine, EventSummary

_ITEM = 60
_NAMED_IN_HEADING = 3
_VENUES = 3
_STATES = {
    "trading": "",
    "deposits_suspended": "deposits suspended",
    "withdrawals_suspended": "withdrawals suspended",
    "wallet_suspended": "deposits and withdrawals suspended",
    "delisting": "",
    "trading_suspended": "trading suspended",
    "delisted": "trading ended",
}


def event_sections(summary: EventSummary, now: datetime, kind: Kind) -> Iterator[Section]:
    yield from _lines(summary, now)
    yield from _dates(summary, now)
    yield from _pairs(summary, summary.our_pairs, "Our pairs")
    if kind in (Kind.UPDATED, Kind.CORRECTION):
        # Only what changed.
        return
    yield from _pairs(summary, summary.other_pairs, "Other pairs", subtle=True)
    if names := [clean(name, _ITEM) for name in other_names(summary)]:
        yield Section("Other token" if len(names) == 1 else "Other tokens", tuple(names), subtle=True)
    if summary.network_tokens:
        yield Section("On the networks of", tuple(clean(token, _ITEM) for token in summary.network_tokens), subtle=True)


def whose(summary: EventSummary) -> str:
    """Title of the lines at risk: ours (tokens, single pairs or both), or "At risk" if none is ours."""
    if not summary.our_tokens:
        return "At risk"
    pairs = [line.single_pairs for line in summary.at_risk]
    if all(pairs):
        return "Our single pairs"
    return "Our tokens and pairs" if any(pairs) else "Our tokens"


def _lines(summary: EventSummary, now: datetime) -> Iterator[Section]:
    lines = summary.at_risk
    if summary.over:
        names = names_of(lines)
        if len(names) > 1:
            yield Section(whose(summary), tuple(names))
        return
    if len(lines) < 2:
        # The heading has all of a single line, unless it has more names than a heading has room for.
        names = names_of(lines)
        if len(names) > 1:
            yield Section(whose(summary), tuple(names))
        return
    same = len({(line.action, line.venues, line.trading_status, line.trading_ends_at) for line in lines}) == 1
    if same and not any(line.single_pairs for line in lines):
        yield Section(whose(summary), tuple(clean(line.token, _ITEM) for line in lines))
    else:
        yield Section(whose(summary), tuple(line_text(line, now) for line in lines))


def line_text(line: TokenLine, now: datetime) -> str:
    """ "LUNA: exit, Binance spot, trading ends 3 Dec 08:00 UTC, in 2 d"."""
    parts = [f"{clean(subject(line), _ITEM)}: {action_label(line.action).lower()}"]
    parts.append(where_text(line.venues) if line.venues or not line.single_pairs else "")
    parts.append(_STATES.get(line.trading_status, ""))
    if line.trading_ends_at:
        verb = "trading ends" if line.trading_ends_at > now else "trading ended"
        parts.append(f"{verb} {time_and_distance(line.trading_ends_at, now)}")
    return ", ".join(filter(None, parts))


def _pairs(summary: EventSummary, tickers: Sequence[str], title: str, subtle: bool = False) -> Iterator[Section]:
    """Pairs by venue; of many venues one list. Those that are named above are left out."""
    tokens = {line.token for line in (*summary.at_risk, *summary.other_tokens, *summary.our_tokens)}
    named = set() if subtle else set(names_of([line for line in summary.at_risk if line.single_pairs]))
    venues: dict[str, list[str]] = {}
    for ticker in tickers:
        name = clean(pair_text(ticker, tokens), _ITEM)
        if name and name not in named:
            venues.setdefault(ticker.rpartition(":")[0], []).append(name)
    if len(venues) > _VENUES:
        many = tuple(f"{name} ({venue_text(venue)})" for venue, names in venues.items() for name in names)
        yield Section(title, many, subtle)
        return
    for venue, names in venues.items():
        where = f" on {venue_text(venue)}" if venue else ""
        found = tuple(dict.fromkeys(names))
        yield Section(f"{title.removesuffix('s') if len(found) == 1 else title}{where}", found, subtle)


def _dates(summary: EventSummary, now: datetime) -> Iterator[Section]:
    """Dates ahead; of an event that is over, none. The one in the heading is not said again unless it says more."""
    named = deadline(summary, now)
    ahead = [line for line in summary.dates if line.at > now]
    if named is not None and len(ahead) == 1 and ahead[0].at == named.at and not ahead[0].tickers:
        return
    if ahead and not summary.over:
        yield Section("When", tuple(_date(line, now) for line in ahead))


def _date(line: DateLine, now: datetime) -> str:
    more = len(line.tickers) - _NAMED_IN_HEADING
    tickers = ", ".join(clean(pair_text(ticker), 40) for ticker in line.tickers[:_NAMED_IN_HEADING])
    which = f" ({tickers}{f' + {more} more' if more > 0 else ''})" if tickers else ""
    return f"{time_and_distance(line.at, now)}: {clean(line.what, 120) or 'as announced'}{which}"
