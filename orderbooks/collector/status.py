"""The state of the streams: a row per venue for pages and metrics, and the health of its source for alerts."""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from crypto_ews.conf import Config
from events import clock
from events.sources import health
from events.sources.content import Age, AgeFrom, ContentRule
from events.sources.content_watch import ContentWatch
from orderbooks.models import StreamStatus
from orderbooks.models.streams import REPORTED_WITHIN
from streams.engine.counters import StreamCounters

REPORT_SECONDS = 5.0
# One of the dozens of pairs of a venue changes within a second.
_UNCHANGED_FOR = timedelta(minutes=2)
_THIN_UNCHANGED_FOR = timedelta(minutes=15)
_MOST_OUT_OF_SYNC = 0.1
_MOST_UNREADABLE = 0.1
_MOST_NAMED = 3


@dataclass(frozen=True)
class Report:
    """One venue's streams at a moment.

    faults: of its connections, now. gaps, resyncs, checksum_failures: of its books. left_out: symbols that the venue
    refuses or never sends, and why; they count among `symbols`.
    """

    venue: str
    connections: int
    symbols: int
    in_sync: int
    counters: StreamCounters
    gaps: int
    resyncs: int
    checksum_failures: int
    faults: Sequence[str] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


def stream_fault(report: Report, before: Report | None) -> str:
    """Why the streams of a venue are not healthy, or nothing.

    A silent connection is closed by the engine and is then among the faults. Books that are still starting are no
    fault as long as their number in sync grows: snapshots of 400 pairs take minutes of request weight.
    """
    if report.faults:
        return report.faults[0]
    if not report.symbols:
        return "no live instrument of a watched pair is known"
    missing = report.symbols - report.in_sync
    if missing <= _MOST_OUT_OF_SYNC * report.symbols:
        return ""
    if before is not None and report.in_sync <= before.in_sync:
        text = f"{missing} of {report.symbols} books are out of sync"
        named = [f"{symbol}: {reason}" for symbol, reason in sorted(report.left_out.items())]
        more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
        return f"{text}; left out: {'; '.join(named[:_MOST_NAMED])}{more}" if named else text
    return ""


def unreadable(report: Report, before: Report | None) -> str:
    """The fault of a venue whose messages have an unknown shape, or nothing."""
    frames = report.counters.frames - (before.counters.frames if before else 0)
    malformed = report.counters.malformed - (before.counters.malformed if before else 0)
    if malformed <= _MOST_UNREADABLE * frames:
        return ""
    return f"{malformed} of {frames} frames could not be read; they are quarantined"


def write(report: Report, fault: str, drift: bool, started_at: datetime, now: datetime, seconds: float) -> None:
    """Store the row and the health of `streams.<venue>`. drift: an unknown shape. seconds: since the last report."""
    counters = report.counters
    StreamStatus.objects.update_or_create(
        pk=report.venue,
        defaults={
            "at": now,
            "collector": f"{socket.gethostname()} {os.getpid()}",
            "started_at": started_at,
            "connections": report.connections,
            "symbols": report.symbols,
            "in_sync": report.in_sync,
            "lag_ms": None if counters.lag_seconds is None else counters.lag_seconds * 1000,
            "queue": counters.queue,
            "frames": counters.frames,
            "bytes": counters.bytes,
            "gaps": report.gaps,
            "resyncs": report.resyncs,
            "checksum_failures": report.checksum_failures,
            "dropped": counters.dropped,
            "malformed": counters.malformed,
            "silences": counters.silent_connections + counters.silent_symbols,
            "snapshots": counters.snapshots,
            "snapshot_failures": counters.snapshot_failures,
            "handovers": counters.handovers,
            "disconnects": counters.disconnects,
        },
    )
    source = source_of(report.venue)
    health.attempted(source, REPORT_SECONDS, now)
    if fault:
        # Health imposes no back-off on streams: their connections have one.
        health.failed(source, now, fault, seconds, None, drift=drift, payload=None, back_off=False)
    else:
        content = ContentWatch(source, stream_content(report.venue))
        content.begin()
        # The counter begins again with each collector: another collector is other content.
        content.saw("", now, digest=f"{started_at.isoformat()} {counters.frames}", rows=report.symbols)
        content.succeeded(now, report.in_sync, seconds, None)


def stream_content(venue: str) -> ContentRule:
    """The rule for a venue's streams as a whole: messages arrive. Each book checks its own freshness."""
    return ContentRule(
        unseen=f"the live order books of {venue}",
        ages=(Age(AgeFrom.DIGEST, _UNCHANGED_FOR, thin_below=10, thin_bound=_THIN_UNCHANGED_FOR),),
        exempt={
            "rows": "which pairs are in sync is checked pair by pair: `stream_fault`",
            "name": "each message names its pair, and others are refused by the decoder",
        },
    )


def content_rules(config: Config) -> dict[str, ContentRule]:
    return {
        source_of(venue): stream_content(venue).bounded(config.content_max_age, source_of(venue))
        for venue in config.orderbook_venues
    }


def source_of(venue: str) -> str:
    return f"streams.{venue.lower()}"


def forget(venue: str, now: datetime) -> None:
    """Remove the row and the health of streams that were ended on purpose."""
    StreamStatus.objects.filter(pk=venue).delete()
    health.unregister(source_of(venue), now)


def health_gauges() -> dict[str, float]:
    """For /healthz and /metrics: every collector of this database."""
    return dict(_gauges(clock.now()))


_LABELLED = {
    "connections": ("connections", "Open connections."),
    "books": ("symbols", "Requested books."),
    "books_in_sync": ("in_sync", "Books in sync; the others are not published."),
    "queue": ("queue", "Frames that wait to be decoded."),
    "frames": ("frames", "Frames since the collector began."),
    "received_bytes": ("bytes", "Bytes since the collector began."),
    "gaps": ("gaps", "Books that lost their chain of updates, since the collector began."),
    "resyncs": ("resyncs", "Books that were made anew."),
    "checksum_failures": ("checksum_failures", "Books whose checksum was not the venue's."),
    "dropped": ("dropped", "Frames that were dropped because their connection was too far behind."),
    "malformed": ("malformed", "Frames that could not be decoded."),
    "silences": ("silences", "Open connections and symbols that were found silent."),
    "disconnects": ("disconnects", "Connections that ended without being asked to."),
}


def read_metrics(now: datetime) -> Iterator[Metric]:
    """The collectors' reports with the venue as label. Counters are gauges: they begin anew with each collector."""
    rows = list(StreamStatus.objects.filter(at__gt=now - REPORTED_WITHIN))
    for name, (column, words) in _LABELLED.items():
        gauge = GaugeMetricFamily(f"ews_stream_{name}", words, labels=["venue"])
        for row in rows:
            gauge.add_metric([row.venue], getattr(row, column))
        yield gauge
    lag = GaugeMetricFamily(
        "ews_stream_lag_seconds", "Delay of messages beyond the least of the last minutes.", labels=["venue"]
    )
    for row in rows:
        lag.add_metric([row.venue], math.nan if row.lag_ms is None else row.lag_ms / 1000)
    yield lag


def _gauges(now: datetime) -> Iterator[tuple[str, float]]:
    for row in StreamStatus.objects.filter(at__gt=now - REPORTED_WITHIN):
        prefix = f"streams_{row.venue.lower()}"
        for name in ("connections", "symbols", "in_sync", "queue", "frames", "bytes", "gaps", "resyncs",
                     "checksum_failures", "dropped", "malformed", "silences", "disconnects"):  # fmt: skip
            yield f"{prefix}_{name}", getattr(row, name)
        if row.lag_ms is not None:
            yield f"{prefix}_lag_seconds", row.lag_ms / 1000
