"""How often sources are read, and the bounds that events and archives have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from crypto_ews.conf import values
from crypto_ews.conf.variable import declared

LIMITS = "Intervals and limits"


@dataclass(frozen=True)
class LimitVariables:
    """Of the group Intervals and limits."""

    update_refresh_minutes: float = declared(
        "UPDATE_REFRESH_INCREMENT_MINS",
        "0.5",
        values.interval_minutes,
        "how often announcements and instrument lists are read, in minutes; fractions allowed",
        LIMITS,
    )
    orderbooks_refresh_minutes: float = declared(
        "ORDERBOOKS_REFRESH_INCREMENT_MINS",
        "0.5",
        values.interval_minutes,
        "how often best bid and ask are read, in minutes",
        LIMITS,
    )
    defillama_stablecoin_minutes: float = declared(
        "DEFI_LLAMA_STABLECOIN_REFRESH_INCREMENT",
        "5",
        values.interval_minutes,
        "how often stablecoin prices are read, in minutes",
        LIMITS,
    )
    defillama_update_minutes: float = declared(
        "DEFI_LLAMA_UPDATE_REFRESH_INCREMENT_MINS",
        "5",
        values.interval_minutes,
        "how often hacks are read, in minutes",
        LIMITS,
    )
    manager_refresh_minutes: float = declared(
        "MANAGER_REFRESH_INCREMENT_MINS",
        "1",
        values.interval_minutes,
        "how often time's steps and expiries are taken, in minutes; at least once a minute in any case",
        LIMITS,
    )
    coinmarketcap_refresh_minutes: float = declared(
        "COINMARKETCAP_REFRESH_INCREMENT",
        "10",
        values.interval_minutes,
        "how often market depth is read, in minutes",
        LIMITS,
    )
    timeout_seconds: float = declared(
        "TIMEOUT",
        "8",
        values.positive_number,
        "total deadline of one request in seconds; never more than 8 is used",
        LIMITS,
    )
    news_lookback_days: float = declared(
        "RELEVANT_NEWS_LOOKBACK_DAYS",
        "7",
        values.positive_number,
        "at first start, how many days back announcements are read; older ones are recorded as known and not alerted",
        LIMITS,
        aliases=("RELEVENT_NEWS_LOOKBACK_DAYS",),
    )
    peg_deviation_percent: float = declared(
        "PEG_DEVIATION_ALERT",
        "1",
        values.percent,
        "a stablecoin further than this from its peg is off-peg, in percent",
        LIMITS,
    )
    minimum_liquidity_usd: float = declared(
        "MINIMUM_LIQUIDITY_THRESHOLD",
        "100000",
        values.positive_number,
        "a token whose best market has less ±2 % depth is illiquid, in USD",
        LIMITS,
    )
    content_max_age: Mapping[str, timedelta] = declared(
        "CONTENT_MAX_AGE",
        "",
        values.ages,
        "how old what a source reports may be, where the shipped bound does not suit: SOURCE:AGE pairs separated by "
        "commas, such as binance.announcements/news:5d, defillama.stablecoins:90m",
        LIMITS,
    )
    positions_max_age: timedelta = declared(
        "POSITIONS_MAX_AGE",
        "24h",
        values.age,
        "positions of the desk that are older than this are shown with their age, in m, h or d",
        LIMITS,
    )
    archive_keep_days: float = declared(
        "ARCHIVE_KEEP_DAYS",
        "30",
        values.positive_number,
        "recorded payloads older than this are dropped, in days",
        LIMITS,
    )
    audit_keep_days: float = declared(
        "AUDIT_KEEP_DAYS",
        "90",
        values.positive_number,
        "alerts, delivery attempts and actions in the admin are dropped after this, in days",
        LIMITS,
    )
    archive_max_gb: float = declared(
        "ARCHIVE_MAX_GB",
        "5",
        values.positive_number,
        "the oldest recorded payloads are dropped beyond this size, in GB",
        LIMITS,
    )
    api_rate_limit: float = declared(
        "API_RATE_LIMIT",
        "200",
        values.positive_number,
        "requests a second that one token or user may make of the API, at most two seconds' worth at once; a list or "
        "an act counts as 10, and so do 100 pairs of one can-trade question",
        LIMITS,
    )
