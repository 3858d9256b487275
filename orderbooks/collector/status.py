"""How the streams are: a row per venue for pages and metrics, and the source's health for those who are alerted."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crypto_ews.conf import Config
from events import clock
from events.sources import health
from events.sources.content import Age, AgeFrom, ContentRule
from events.sources.content_watch import ContentWatch
from orderbooks.models import StreamStatus
from streams.engine.counters import StreamNumbers

REPORT_SECONDS = 5.0
# A row that is older was left by a collector that is gone.
_OLD = timedelta(seconds=30)
# Of dozens of pairs on a venue one at least changes within a second.
_STANDS_STILL = timedelta(minutes=2)
_THIN_STANDS_STILL = timedelta(minutes=15)
_MOST_OUT_OF_SYNC = 0.1
_MOST_UNREADABLE = 0.1
_MOST_NAMED = 3


@dataclass(frozen=True)
class Report:
    """One venue at a moment. faults: what its connections suffer from now. gaps … checksum_failures: of its books.
    left_out: symbols that it refuses or never speaks of, and why; they count among `symbols`."""

    venue: str
    connections: int
    symbols: int
    in_sync: int
    numbers: StreamNumbers
    gaps: int
    resyncs: int
    checksum_failures: int
    faults: Sequence[str] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


def trouble(report: Report, before: Report | None) -> str:
    """Why the streams of a venue do not count as healthy, or nothing. Pure.

    A silent connection is ended by the engine, which then says so: a quiet one is no trouble. Books that are still
    coming up are no trouble while they do: snapshots of 400 pairs take minutes of request weight.
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
    """What to say where the venue's messages are in a shape that we do not know, or nothing. Pure."""
    frames = report.numbers.frames - (before.numbers.frames if before else 0)
    malformed = report.numbers.malformed - (before.numbers.malformed if before else 0)
    if malformed <= _MOST_UNREADABLE * frames:
        return ""
    return f"{malformed} of {frames} frames could not be read; they are quarantined"


def write(report: Report, fault: str, drift: bool, started_at: datetime, now: datetime, seconds: float) -> None:
    """Store the row and the health of `streams.<venue>`; drift: an unknown shape. seconds: since the last report."""
    numbers = report.numbers
    StreamStatus.objects.update_or_create(
        pk=report.venue,
        defaults={
            "at": now,
            "collector": f"{socket.gethostname()} {os.getpid()}",
            "started_at": started_at,
            "connections": report.connections,
            "symbols": report.symbols,
            "in_sync": report.in_sync,
            "lag_ms": None if numbers.lag_seconds is None else numbers.lag_seconds * 1000,
            "queue": numbers.queue,
            "frames": numbers.frames,
            "bytes": numbers.bytes,
            "gaps": report.gaps,
            "resyncs": report.resyncs,
            "checksum_failures": report.checksum_failures,
            "dropped": numbers.dropped,
            "malformed": numbers.malformed,
            "silences": numbers.silent_connections + numbers.silent_symbols,
            "snapshots": numbers.snapshots,
            "snapshot_failures": numbers.snapshot_failures,
            "handovers": numbers.handovers,
            "disconnects": numbers.disconnects,
        },
    )
    source = source_of(report.venue)
    health.attempted(source, REPORT_SECONDS, now)
    if fault:
        # Streams do not back off by health: their connections have a back-off of their own.
        health.failed(source, now, fault, seconds, None, drift=drift, payload=None, back_off=False)
    else:
        content = ContentWatch(source, stream_content(report.venue))
        content.begin()
        # The counter starts anew with each collector: another one is another content.
        content.saw("", now, digest=f"{started_at.isoformat()} {numbers.frames}", rows=report.symbols)
        content.succeeded(now, report.in_sync, seconds, None)


def stream_content(venue: str) -> ContentRule:
    """What the streams of a venue bring: messages. Books one by one are judged by their keepers."""
    return ContentRule(
        unseen=f"the live order books of {venue}",
        ages=(Age(AgeFrom.DIGEST, _STANDS_STILL, thin_below=10, thin_bound=_THIN_STANDS_STILL),),
        exempt={
            "rows": "which pairs are in sync is judged pair by pair: `trouble`",
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
    """The venue's streams were ended on purpose."""
    StreamStatus.objects.filter(pk=venue).delete()
    health.unregister(source_of(venue), now)


def health_numbers() -> dict[str, float]:
    """For /healthz and /metrics, of every collector of this database."""
    return dict(_numbers(clock.now()))


def _numbers(now: datetime) -> Iterator[tuple[str, float]]:
    for row in StreamStatus.objects.filter(at__gt=now - _OLD):
        prefix = f"streams_{row.venue.lower()}"
        for name in ("connections", "symbols", "in_sync", "queue", "frames", "bytes", "gaps", "resyncs",
                     "checksum_failures", "dropped", "malformed", "silences", "disconnects"):  # fmt: skip
            yield f"{prefix}_{name}", getattr(row, name)
        if row.lag_ms is not None:
            yield f"{prefix}_lag_seconds", row.lag_ms / 1000
