"""How old what exchanges say may be, and what their answers must contain. The bounds are from recorded payloads."""

from __future__ import annotations

import re
from datetime import timedelta

from events.sources.content import Age, AgeFrom, ContentRule, Rows
from markets.venues import exchange_title

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

# A CDN keeps an answer for minutes; what has been kept for an hour is a cache that is stuck.
CACHED = Age(AgeFrom.CACHE, _HOUR)
# 842 notices of Binance from July 2025 to April 2026: half of them came within two hours of the one before, 99 of 100
# within 2.9 days. OKX, May 2026: at most 3.1 days. A quiet week is possible, two weeks are a feed that stands still.
_NEWS = Age(AgeFrom.RELEASE, 10 * _DAY, "news")
# Delistings alone: at most 11 days apart in Binance's list of October 2026 (50 rows), 35 the year before; 27 in OKX's.
_DELISTINGS = Age(AgeFrom.RELEASE, 45 * _DAY, "delistings")
# Of an exchange that nobody has recorded: a small one publishes once a month, and delists once a year.
_ANY_NEWS = (Age(AgeFrom.RELEASE, 35 * _DAY, "news"), Age(AgeFrom.RELEASE, 365 * _DAY, "delistings"))
# Pages have a fixed number of rows, twenty or fifty. An exchange may make them shorter for good: the newest rows are
# there all the same, and the walk goes on to the next page. Only a list that stays so is believed.
_PAGE_ROWS = Rows(least_share=0.5, fewest=5, accepted_after=_HOUR, never_beyond=1.0)

_OWN_NAMES = {
    # data.catalogs[].catalogName of catalogue 161, "Delisting"; the list of everything names that catalogue as well.
    "binance": {
        "delistings": re.compile("delist", re.IGNORECASE),
        "news": re.compile("delist|listing|latest", re.IGNORECASE),
    },
    # annType of a row, or the section that the help center's page is of.
    "okx": {
        "delistings": re.compile("^announcements-delisting", re.IGNORECASE),
        "news": re.compile("^(announcements-|latest-)", re.IGNORECASE),
    },
}


def announcements(exchange: str) -> ContentRule:
    """Two lists of any exchange: `delistings`, and `news` of every kind."""
    title = exchange_title(exchange)
    names = _OWN_NAMES.get(exchange, {})
    exempt = {"frozen": "a list stands still until something is published: its newest release tells"}
    if not names:
        exempt["name"] = "its lists have no name that is known"
    return ContentRule(
        unseen=f"announcements of {title} (delistings, suspensions, forks, migrations)",
        ages=(*((_NEWS, _DELISTINGS) if names else _ANY_NEWS), CACHED),
        rows=_PAGE_ROWS,
        names=names,
        parts={"news": f"announcements of {title} other than delistings", "delistings": f"delistings on {title}"},
        exempt=exempt,
    )


def edits(exchange: str) -> ContentRule:
    return ContentRule(
        unseen=f"edits of {exchange_title(exchange)}'s announcements whose events are open",
        ages=(CACHED,),
        exempt={
            "frozen": "an article may stay as it is for years: only the cache that keeps it tells that it is old",
            "rows": "it is no list: articles are asked for one by one",
            "name": "it is no list: an article without title and body is refused by its parser",
        },
    )


def instruments(exchange: str, *ages: Age) -> ContentRule:
    title = exchange_title(exchange)
    return ContentRule(
        unseen=f"pairs and contracts of {title} that stop trading, get an end or vanish",
        ages=(*ages, CACHED),
        # Which instruments are missing is judged by name, by the updater: `InstrumentUpdater._check_not_broken`.
        rows=Rows(fewest=1),
        exempt={"name": "the list has no name; rows of another kind are refused by its parser"},
    )


# Spot's `serverTime` is that of the request. Of USD-M's and COIN-M's Binance's documentation says to ignore it, and in
# a recording of 2021 it was 37 hours behind: it is when the list was last made, which is whenever a contract changes.
BINANCE_INSTRUMENT_AGES = (
    Age(AgeFrom.SERVER_TIME, 15 * _MINUTE, "BINANCE"),
    Age(AgeFrom.SERVER_TIME, 7 * _DAY, "BINANCE_USDM"),
    Age(AgeFrom.SERVER_TIME, 14 * _DAY, "BINANCE_COINM"),
)
# Lists that say nothing of when they were made change with each listing, fee and limit of hundreds of pairs: within
# days. On OKX a future ends each Friday, and another is listed.
WITHOUT_TIME_AGES = (Age(AgeFrom.DIGEST, 14 * _DAY),)


def products() -> ContentRule:
    return ContentRule(
        unseen="monitoring tags of Binance, added and lifted",
        # Every row has its price: two thousand of them never stand still.
        ages=(Age(AgeFrom.DIGEST, _HOUR, thin_below=100, thin_bound=60 * _DAY), CACHED),
        rows=Rows(),
        exempt={"name": "the list has no name; rows without base and tags are refused by its parser"},
    )


def status(exchange: str) -> ContentRule:
    return ContentRule(
        unseen=f"maintenance of {exchange_title(exchange)}, planned and present",
        ages=(Age(AgeFrom.CACHE, 10 * _MINUTE),),
        exempt={
            "frozen": "it says the same for months while nothing is wrong",
            "rows": "no maintenance at all is its everyday answer",
            "name": "it is no list: a status of another shape is refused by its parser",
        },
    )


def quotes(source: str) -> ContentRule:
    """Best bid and ask of hundreds of pairs."""
    exchange, _, market = source.partition(".quotes")
    where = f"{exchange_title(exchange)}{' contracts' if market else ' spot'}"
    return ContentRule(
        unseen=f"prices on {where} (price moves, pegs)",
        # Hundreds of pairs never stand still together, three of them do.
        ages=(QUOTES_STAND_STILL, Age(AgeFrom.CACHE, 5 * _MINUTE)),
        rows=Rows(least_share=0.5),
        exempt={"name": "the list has no name; rows of another kind are refused by its parser"},
    )


QUOTES_STAND_STILL = Age(AgeFrom.DIGEST, 5 * _MINUTE, thin_below=100, thin_bound=2 * _HOUR)
