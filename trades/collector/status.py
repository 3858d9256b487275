"""The health of each venue's trades, and what of it is a fault."""

from __future__ import annotations

from datetime import datetime, timedelta

from crypto_ews.conf import Config
from events.sources import health
from events.sources.content import Age, AgeFrom, ContentRule
from events.sources.content_watch import ContentWatch
from trades.collector.collector import TradeReport
from trades.collector.venues import source_of

REPORT_SECONDS = 5.0
# One of the dozens of pairs of a venue is traded within a second.
_UNCHANGED_FOR = timedelta(minutes=2)
_THIN_UNCHANGED_FOR = timedelta(minutes=30)
_MOST_UNREADABLE = 0.1
_MOST_NAMED = 3


def trade_fault(report: TradeReport) -> str:
    """Why the trades of a venue are not healthy, or nothing."""
    if report.faults:
        return report.faults[0]
    if not report.symbols:
        return "no live instrument of a watched pair is known"
    if len(report.left_out) == report.symbols:
        named = [f"{symbol}: {reason}" for symbol, reason in sorted(report.left_out.items())][:_MOST_NAMED]
        return f"the venue refuses every pair: {'; '.join(named)}"
    return ""


def unreadable(report: TradeReport, before: TradeReport | None) -> str:
    """The fault of a venue whose messages have an unknown shape, or nothing."""
    frames = report.counters.frames - (before.counters.frames if before else 0)
    malformed = report.counters.malformed - (before.counters.malformed if before else 0)
    if malformed <= _MOST_UNREADABLE * frames:
        return ""
    return f"{malformed} of {frames} frames could not be read; they are quarantined"


def write(report: TradeReport, fault: str, drift: bool, began: datetime, now: datetime, seconds: float) -> None:
    """Store the health of `trades.<venue>`. drift: an unknown shape. seconds: since the last report."""
    source = source_of(report.venue)
    health.attempted(source, REPORT_SECONDS, now)
    if fault:
        # Health imposes no back-off on streams: their connections have one.
        health.failed(source, now, fault, seconds, None, drift=drift, payload=None, back_off=False)
        return
    content = ContentWatch(source, trade_content(report.venue))
    content.begin()
    # The counter begins again with each collector: another collector is other content.
    content.saw("", now, digest=f"{began.isoformat()} {report.minutes.trades}", rows=report.symbols)
    content.succeeded(now, report.symbols - len(report.left_out), seconds, None)


def trade_content(venue: str) -> ContentRule:
    """The rule for a venue's trades as a whole: some come."""
    return ContentRule(
        unseen=f"the trades of {venue}",
        ages=(Age(AgeFrom.DIGEST, _UNCHANGED_FOR, thin_below=10, thin_bound=_THIN_UNCHANGED_FOR),),
        exempt={
            "rows": "a pair may be without trades for hours; gaps are found by their numbers: `trades.minutes`",
            "name": "each message names its pair, and others are refused by the decoder",
        },
    )


def content_rules(config: Config) -> dict[str, ContentRule]:
    return {
        source_of(venue): trade_content(venue).bounded(config.content_max_age, source_of(venue))
        for venue in config.trade_venues
    }


def forget(venue: str, now: datetime) -> None:
    """Remove the health of trades that were ended on purpose."""
    health.unregister(source_of(venue), now)
