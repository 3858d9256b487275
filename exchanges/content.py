"""Content rules of exchanges: how old an answer may be, and what it must contain. The bounds are from recordings."""

from __future__ import annotations

import re
from datetime import timedelta

from events.sources.content import Age, AgeFrom, ContentRule, Rows
from markets.venues import exchange_title

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

# A CDN caches an answer for minutes; an answer of an hour ago comes from a cache that is stuck.
CACHED = Age(AgeFrom.CACHE, _HOUR)
# 842 notices of Binance from July 2025 to April 2026: half of them came within two hours of the one before, 99 of 100
# within 2.9 days. OKX, May 2026: at most 3.1 days. A week without a notice is possible, two weeks are a stale feed.
_ANY_NOTICE = Age(AgeFrom.RELEASE, 10 * _DAY, "news")
# Delistings alone: at most 11 days apart in Binance's list of October 2026 (50 rows), 35 the year before; 27 in OKX's.
_DELISTINGS = Age(AgeFrom.RELEASE, 45 * _DAY, "delistings")
# For an exchange without recordings: a small one publishes once a month, and delists once a year.
_UNRECORDED_EXCHANGE = (Age(AgeFrom.RELEASE, 35 * _DAY, "news"), Age(AgeFrom.RELEASE, 365 * _DAY, "delistings"))
# Pages have a fixed number of rows, twenty or fifty. An exchange may make them shorter for good: the newest rows are
# still there, and pagination continues on the next page. A shorter list is accepted once it has remained so.
_PAGE_ROWS = Rows(least_share=0.5, fewest=5, accepted_after=_HOUR, never_beyond=1.0)

_LIST_NAMES = {
    # data.catalogs[].catalogName of catalogue 161, "Delisting"; the list of all notices contains that catalogue too.
    "binance": {
        "delistings": re.compile("delist", re.IGNORECASE),
        "news": re.compile("delist|listing|latest", re.IGNORECASE),
    },
    # annType of a row, or the section of the help center's page.
    "okx": {
        "delistings": re.compile("^announcements-delisting", re.IGNORECASE),
        "news": re.compile("^(announcements-|latest-)", re.IGNORECASE),
    },
}


def announcements(exchange: str) -> ContentRule:
    """The two lists of any exchange: `delistings`, and `news` with notices of every kind."""
    title = exchange_title(exchange)
    names = _LIST_NAMES.get(exchange, {})
    exempt = {"frozen": "a list does not change until something is published; its age is that of its newest release"}
    if not names:
        exempt["name"] = "the names of its lists are unknown"
    return ContentRule(
        unseen=f"announcements of {title} (delistings, suspensions, forks, migrations)",
        ages=(*((_ANY_NOTICE, _DELISTINGS) if names else _UNRECORDED_EXCHANGE), CACHED),
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
            "frozen": "an article may not change for years; only the age of the CDN's copy is known",
            "rows": "it is no list: articles are requested one by one",
            "name": "it is no list: the parser refuses an article without title and body",
        },
    )


def instruments(exchange: str, *ages: Age) -> ContentRule:
    title = exchange_title(exchange)
    return ContentRule(
        unseen=f"pairs and contracts of {title} that stop trading, get an end or disappear",
        ages=(*ages, CACHED),
        # The updater compares the instruments by name: `InstrumentUpdater._check_not_broken`.
        rows=Rows(fewest=1),
        exempt={"name": "the list has no name; its parser refuses rows of another kind"},
    )


# On spot, `serverTime` is the time of the request. For USD-M and COIN-M, Binance's documentation says to ignore it, and
# in a recording of 2021 it was 37 hours old: there it is when the list was last built, at a change of any contract.
BINANCE_INSTRUMENT_AGES = (
    Age(AgeFrom.SERVER_TIME, 15 * _MINUTE, "BINANCE"),
    Age(AgeFrom.SERVER_TIME, 7 * _DAY, "BINANCE_USDM"),
    Age(AgeFrom.SERVER_TIME, 14 * _DAY, "BINANCE_COINM"),
)
# Lists without a time change with each listing, fee and limit of hundreds of pairs: within days. On OKX a future ends
# each Friday, and another one is listed.
WITHOUT_TIME_AGES = (Age(AgeFrom.DIGEST, 14 * _DAY),)


def products() -> ContentRule:
    return ContentRule(
        unseen="monitoring tags of Binance, added and removed",
        # Every row has a price, and two thousand prices are never all unchanged.
        ages=(Age(AgeFrom.DIGEST, _HOUR, thin_below=100, thin_bound=60 * _DAY), CACHED),
        rows=Rows(),
        exempt={"name": "the list has no name; its parser refuses rows without base and tags"},
    )


def status(exchange: str) -> ContentRule:
    return ContentRule(
        unseen=f"maintenance of {exchange_title(exchange)}, planned and present",
        ages=(Age(AgeFrom.CACHE, 10 * _MINUTE),),
        exempt={
            "frozen": "it is the same for months while there is no maintenance",
            "rows": "its usual answer is an empty list: no maintenance",
            "name": "it is no list: its parser refuses a status of another shape",
        },
    )


def quotes(source: str) -> ContentRule:
    """Best bid and ask of hundreds of pairs."""
    exchange, _, market = source.partition(".quotes")
    where = f"{exchange_title(exchange)}{' contracts' if market else ' spot'}"
    return ContentRule(
        unseen=f"prices on {where} (price moves, pegs)",
        # Hundreds of prices are never unchanged together; three may be.
        ages=(QUOTES_STAND_STILL, Age(AgeFrom.CACHE, 5 * _MINUTE)),
        rows=Rows(least_share=0.5),
        exempt={"name": "the list has no name; its parser refuses rows of another kind"},
    )


QUOTES_STAND_STILL = Age(AgeFrom.DIGEST, 5 * _MINUTE, thin_below=100, thin_bound=2 * _HOUR)
