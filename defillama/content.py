"""How old what DeFiLlama says may be, and what its answers must contain. The bounds are from recorded payloads."""

from __future__ import annotations

from datetime import timedelta

from events.sources.content import Age, AgeFrom, ContentRule, Rows

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
# Its answers are served with max-age up to half an hour.
_CACHED = Age(AgeFrom.CACHE, 2 * _HOUR)
_NO_NAME = {"name": "the list has no name; rows of another kind are refused by its parser"}
# 464 hacks of six years: at most 38 days apart in 2020, 23 since 2021.
_HACKS = 45 * _DAY
# Of the 42 that hit a bridge two were 298 days apart.
_BRIDGE_HACKS = 365 * _DAY


def hacks(bridges_alone: bool = False) -> ContentRule:
    """bridges_alone: of a list that holds nothing but bridges."""
    return ContentRule(
        unseen="hacks of bridges" if bridges_alone else "hacks of protocols, chains and bridges",
        ages=(
            # Of the whole list, 538 rows; a short one of somebody's own has gaps of any length.
            Age(
                AgeFrom.RELEASE,
                _BRIDGE_HACKS if bridges_alone else _HACKS,
                thin_below=0 if bridges_alone else 100,
                thin_bound=3 * _BRIDGE_HACKS,
            ),
            _CACHED,
        ),
        # By name and day: a list of which much is told otherwise is in another spelling, and no news. It has hundreds:
        # two dozen more or less are the site tidying up, or the list is a short one of somebody's own.
        rows=Rows(fewest=25),
        exempt={**_NO_NAME, "frozen": "nobody is robbed for weeks: the day of the newest hack tells"},
    )


def stablecoin_prices() -> ContentRule:
    return ContentRule(
        unseen="stablecoins that leave their peg, and redemption runs",
        # Served with max-age 1798: the same bytes for half an hour are everyday, two hours are four of these.
        ages=(Age(AgeFrom.DIGEST, 2 * _HOUR), _CACHED),
        # By identifier. Copies are half an hour old: one that lacks coins must be outlived.
        rows=Rows(accepted_after=timedelta(minutes=45)),
        exempt=_NO_NAME,
    )


def rates() -> ContentRule:
    return ContentRule(
        unseen="pegs to other currencies than the dollar, where no other coin tells them",
        # Banks' rates rest from the Thursday before Easter until the Tuesday after it.
        ages=(Age(AgeFrom.RELEASE, 6 * _DAY), _CACHED),
        rows=Rows(least_share=0.5),
        exempt={"name": _NO_NAME["name"], "frozen": "a day's rates stay as they are: the day that they are of tells"},
    )
