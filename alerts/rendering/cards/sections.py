"""The lists of an event's card: what is at risk line by line, its dates, its pairs by venue, what is not ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.rendering.cards.card import Kind, Section
from alerts.rendering.cards.heading import PAIRS_OF, deadline, names_of
from alerts.rendering.phrases import clean, other_names
from alerts.rendering.places import pair_text, time_and_distance, time_text, venue_text, where_text
from alerts.rendering.subjects import TokenLine, action_label, subject
from alerts.rendering.summary import DateLine, EventSummary

MOST = 100
"""Items of a list that a card has; the others are counted. No rendering shows more."""
_DATES = 10
TRADING_ENDS = "trading ends"
"""How important dates call the end of trading."""
_ITEM = 60
_NAME = 24
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


def event_sections(summary: EventSummary, now: datetime, kind: Kind, heading: str, why: str) -> Iterator[Section]:
    """heading, why: of the card; what is in them is not said again."""
    yield from _lines(summary, now, heading)
    yield from _dates(summary, now, heading, why)
    yield from _pairs(summary, summary.our_pairs, "Our pairs")
    if kind in (Kind.UPDATED, Kind.CORRECTION):
        # Only what changed.
        return
    # Of a coin that is named below the pairs say nothing more.
    others, tokens, pairs = set(other_names(summary)), tokens_of(summary), summary.other_pairs
    if len(pairs) <= MOST:
        pairs = tuple(ticker for ticker in pairs if others.isdisjoint(pair_text(ticker, tokens).split("/")))
    yield from _pairs(summary, pairs, "Other pairs", subtle=True)
    if names := [clean(name, _ITEM) for name in other_names(summary)]:
        yield listed("Other token" if len(names) == 1 else "Other tokens", names, len(names), subtle=True)
    if tokens_there := summary.network_tokens:
        names = [clean(token, _ITEM) for token in tokens_there[:MOST]]
        yield listed("Coins of its networks, not hit", names, len(tokens_there), subtle=True)


def listed(title: str, items: Sequence[str], count: int, subtle: bool = False) -> Section:
    """The first of the items. count: of all there are."""
    shown = tuple(items[:MOST])
    return Section(title, shown, subtle, count - len(shown))


def whose(summary: EventSummary) -> str:
    """Title of the lines at risk: ours (tokens, single pairs or both), or "At risk" if none is ours."""
    coins = [line.token for line in summary.lines if not line.single_pairs]
    if len(coins) != len(set(coins)):
        # A coin that ends at several venues has several lines.
        return "By market"
    if not summary.our_tokens:
        return "At risk"
    pairs = [line.single_pairs for line in summary.lines]
    if all(pairs):
        return "Our single pairs"
    return "Our tokens and pairs" if any(pairs) else "Our tokens"


def line_by_line(summary: EventSummary) -> bool:
    """Whether each line at risk needs its own words: they differ in what holds, where or until when."""
    states = {(line.action, line.venues, line.trading_status, line.trading_ends_at) for line in summary.lines}
    return len(states) > 1 and not summary.over


def _lines(summary: EventSummary, now: datetime, heading: str) -> Iterator[Section]:
    lines = summary.lines
    if line_by_line(summary):
        yield listed(whose(summary), [line_text(line, now) for line in lines[:MOST]], len(lines))
        return
    # The heading has all of them, unless they are more than it has room for.
    names = names_of(lines)
    in_heading = {part.removeprefix(PAIRS_OF) for part in re.split(r", | · ", heading)}
    if not {clean(name, _NAME).removeprefix(PAIRS_OF) for name in names} <= in_heading:
        yield listed(whose(summary), names, len(names))


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
    tokens = tokens_of(summary)
    named = {ticker for line in summary.at_risk if line.single_pairs for ticker in line.tickers}
    venues: dict[str, list[str]] = {}
    for ticker in tickers:
        if ticker not in named:
            venues.setdefault(ticker.rpartition(":")[0], []).append(ticker)

    def name(ticker: str) -> str:
        return clean(pair_text(ticker, tokens), _ITEM) or "?"

    if len(venues) > _VENUES:
        found = [ticker for of_venue in venues.values() for ticker in of_venue]
        items = [f"{name(ticker)} ({venue_text(ticker.rpartition(':')[0])})" for ticker in found[:MOST]]
        yield Section(title, tuple(items), subtle, len(found) - len(items))
        return
    for venue, found in venues.items():
        where = f" on {venue_text(venue)}" if venue else ""
        items = list(dict.fromkeys(map(name, found[:MOST])))
        one = title.removesuffix("s") if len(found) == 1 else title
        yield Section(f"{one}{where}", tuple(items), subtle, max(len(found) - MOST, 0))


def tokens_of(summary: EventSummary) -> set[str]:
    return {line.token for line in (*summary.at_risk, *summary.other_tokens, *summary.our_tokens)}


def _dates(summary: EventSummary, now: datetime, heading: str, why: str) -> Iterator[Section]:
    """Dates ahead; of an event that is over, none. What stands above is not said again."""
    if summary.over:
        return
    named, tokens = deadline(summary, now), tokens_of(summary)
    listed_ends = {line.trading_ends_at for line in summary.lines} if line_by_line(summary) else set()

    def is_above(line: DateLine) -> bool:
        if line.what == TRADING_ENDS and line.at in listed_ends:
            return True
        if f"{line.what} {time_text(line.at, now)}" in why:
            return True
        if named is None or line.at != named.at:
            return False
        return named.of_trading or bool(named.what and f"{named.what[1:]} " in heading)

    ahead = [line for line in summary.dates if line.at > now and not is_above(line)]
    if ahead:
        shown = tuple(_date(line, now, tokens) for line in ahead[:_DATES])
        yield Section("When", shown, more=len(ahead) - len(shown))


def _date(line: DateLine, now: datetime, tokens: set[str]) -> str:
    more = len(line.tickers) - _NAMED_IN_HEADING
    tickers = ", ".join(clean(pair_text(ticker, tokens), 40) for ticker in line.tickers[:_NAMED_IN_HEADING])
    which = f" ({tickers}{f' + {more} more' if more > 0 else ''})" if tickers else ""
    return f"{time_and_distance(line.at, now)}: {clean(line.what, 120) or 'as announced'}{which}"
