"""Unusual volume in words: of a pair, of a whole market, and what was over the budget of a day.

It says what such cases were followed by, with how many there were, and not that anything will follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rendering.cards.facts.figures import percent, plain, price, times
from alerts.rendering.cards.facts.phrase import Kind, Phrase, Values, stored_moment
from alerts.rendering.cards.facts.places import quote_of, subjects, ticker_words
from alerts.rendering.phrases import clean
from alerts.rendering.places import time_and_distance, time_text, venue_text

_MOST_LISTED = 4
_ALL_HOURS = "all hours: 1 %"


def _where(values: Values) -> str:
    ticker, lines = values.text("pair"), values.summary.at_risk
    token = clean(lines[0].token, 40) if lines else ""
    return ticker_words(ticker, token) if ticker else subjects(values.summary) or "a watched pair"


def _waiting(values: Values) -> list[str]:
    stored = values.stored.get("over_budget")
    lines = stored if isinstance(stored, (list, tuple)) else ()
    return [clean(line, 160) for line in lines if isinstance(line, str)]


def _why(values: Values) -> str:
    waiting, venue = _waiting(values), values.text("market", 40)
    had = "had" if values.summary.over or waiting else "has"
    if waiting:
        more = "more pair" if len(waiting) == 1 else "more pairs"
        return f"{len(waiting)} {more} {had} unusual volume, after the five of the day that had cards of their own."
    if venue:
        return f"The whole of {venue_text(venue)} {had} unusual volume."
    many = values.number("volume_times")
    how = f": {plain(many, 3)} times the mean of 28 days in 5 min" if many is not None else ""
    return f"{_where(values)} {had} unusual volume{how}."


def _followed(values: Values) -> str:
    """ "of 120 like cases 9.2 % were followed within the hour by a move in this coin's top 1 % (all hours: 1 %)" """
    found = values.table("followed")
    n, share = _number(found, "n"), _number(found, "share")
    if n is None or share is None:
        return ""
    return (
        f"of {times(n, 'like case')} {percent(share)} were followed within the hour by a move in this coin's top 1 % "
        f"({_ALL_HOURS})"
    )


def _moves_after(values: Values) -> str:
    found = values.table("followed")
    size, signed, days = _number(found, "size"), _number(found, "move"), _number(found, "days")
    if size is None or signed is None or days is None:
        return ""
    return (
        f"{percent(size)} up or down{_interval(found, 'size_interval')}, on average {_signed(signed)}"
        f"{_interval(found, 'move_interval', signed=True)}; intervals over {times(days, 'day')}"
    )


def _interval(found: Mapping[str, Any], key: str, signed: bool = False) -> str:
    bounds = found.get(key)
    if not isinstance(bounds, (list, tuple)) or len(bounds) != 2 or not all(type(bound) is float for bound in bounds):
        return ""
    words = _signed if signed else percent
    return " ({} to {})".format(*(words(bound) for bound in bounds))


def _number(found: Mapping[str, Any], key: str) -> float | None:
    value = found.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{percent(share)}"


def _surprise(values: Values) -> str:
    surprise, threshold = values.number("surprise"), values.number("threshold")
    if surprise is None:
        return ""
    above = f"; the threshold is {plain(threshold, 3)} spreads" if threshold is not None else ""
    return f"{plain(surprise, 3)} spreads above its level{above}"


def _price(values: Values) -> str:
    now, move = values.number("price"), values.number("move_hour")
    if now is None:
        return f"{_signed(move)} in the hour before" if move is not None else ""
    quote = values.text("quote", 20) or quote_of(values.text("pair"), "") or "of the quote"
    moved = f", {_signed(move)} in the hour before" if move is not None else ""
    return f"{price(now, quote)}{moved}"


def _bought(values: Values) -> str:
    share = values.number("share_bought")
    return f"{percent(share)} of the volume of 5 min" if share is not None else ""


def _listed(values: Values) -> str:
    waiting = _waiting(values)
    more = f" and {len(waiting) - _MOST_LISTED} more" if len(waiting) > _MOST_LISTED else ""
    return "; ".join(_in_words(values, line) for line in waiting[:_MOST_LISTED]) + more


def _in_words(values: Values, line: str) -> str:
    """A line begins with its ticker and the time."""
    ticker, _, rest = line.partition(" ")
    written, _, rest = rest.partition(", ")
    at = stored_moment(written)
    when = f" at {time_text(at, values.now)}" if at else ""
    symbol = ticker.rpartition(":")[2]
    tokens = [clean(line.token, 40) for line in values.summary.at_risk]
    token = max((token for token in tokens if symbol.startswith(token)), key=len, default="")
    return f"{ticker_words(ticker, token)}{when}, {rest}"


def _measured(values: Values) -> str:
    at = values.moment("measured_at")
    return time_and_distance(at, values.now) if at else ""


VOLUME = Kind(
    why=Phrase("", ("pair", "market", "over_budget", "volume_times"), _why),
    facts=(
        Phrase("What followed", ("followed",), _followed, past=True),
        Phrase("Moves in the hour after", ("followed",), _moves_after, past=True),
        Phrase("Over the budget", ("over_budget",), _listed, past=True),
        Phrase("Surprise", ("surprise", "threshold"), _surprise, past=True),
        Phrase("Price", ("price", "move_hour", "quote", "pair"), _price, past=True),
        Phrase("Bought by takers", ("share_bought",), _bought, past=True),
        Phrase("Measured", ("measured_at",), _measured, past=True),
    ),
)
