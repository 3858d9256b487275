"""How old DeFiLlama's answers may be, and what they must contain. The bounds are from recorded payloads."""

from __future__ import annotations

from datetime import timedelta

from events.sources.content import Age, AgeFrom, ContentRule, Rows

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
# The answers have a max-age of up to half an hour.
_CACHED = Age(AgeFrom.CACHE, 2 * _HOUR)
_NO_NAME = {"name": "the list has no name; its parser refuses rows of another kind"}
# 464 hacks of six years: at most 38 days apart in 2020, 23 since 2021.
_HACKS = 45 * _DAY
# Two of the 42 hacks of bridges are 298 days apart.
_BRIDGE_HACKS = 365 * _DAY


def hacks(bridges_alone: bool = False) -> ContentRule:
    """bridges_alone: the list has bridges only."""
    return ContentRule(
        unseen="hacks of bridges" if bridges_alone else "hacks of protocols, chains and bridges",
        ages=(
            # For the full list of 538 rows; an operator's short list may have gaps of any length.
            Age(
                AgeFrom.RELEASE,
                _BRIDGE_HACKS if bridges_alone else _HACKS,
                thin_below=0 if bridges_alone else 100,
                thin_bound=3 * _BRIDGE_HACKS,
            ),
            _CACHED,
        ),
        # Rows count by name and day: if many change at once, the spelling has changed. Of hundreds, two dozen may come
        # or go when the site is tidied up, or the list is an operator's short one.
        rows=Rows(fewest=25),
        exempt={**_NO_NAME, "frozen": "weeks pass without a hack; the day of the newest one is checked instead"},
    )


def stablecoin_prices() -> ContentRule:
    return ContentRule(
        unseen="stablecoins that leave their peg, and redemption runs",
        # Served with max-age 1798: the same bytes for half an hour are normal; two hours are four such periods.
        ages=(Age(AgeFrom.DIGEST, 2 * _HOUR), _CACHED),
        # Rows count by identifier. Copies are up to half an hour old: one that lacks coins must have expired first.
        rows=Rows(accepted_after=timedelta(minutes=45)),
        exempt=_NO_NAME,
    )


def rates() -> ContentRule:
    return ContentRule(
        unseen="pegs to other currencies than the dollar without enough other coins",
        # Banks publish no rates from the Thursday before Easter until the Tuesday after it.
        ages=(Age(AgeFrom.RELEASE, 6 * _DAY), _CACHED),
        rows=Rows(least_share=0.5),
        exempt={"name": _NO_NAME["name"], "frozen": "the rates of a day never change; their day is checked instead"},
    )
