"""Counters and histograms of this process: decisions by stage, and the delivery latency of alerts."""

from __future__ import annotations

from datetime import datetime, timedelta

from prometheus_client import Counter, Histogram

from events.lifecycle import is_rehearsing

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)

DECISIONS = Counter("ews_alert_decisions", "Decisions of the alert pipeline.", ["stage", "decision"])
SUPPRESSIONS = Counter("ews_alert_suppressions", "Alerts that were suppressed or deferred, by reason.", ["reason"])
DWELL = Histogram(
    "ews_alert_dwell_seconds",
    "Seconds an alert spent in a part of its delivery: queued (to its claim), sending (claim to answer), whole.",
    ["part"],
    buckets=_SECONDS,
)


def decided(stage: str, decision: str) -> None:
    if not is_rehearsing():
        DECISIONS.labels(stage, decision).inc()


def suppressed(reason: str) -> None:
    if not is_rehearsing():
        SUPPRESSIONS.labels(reason).inc()


def dwelt(part: str, since: datetime, until: datetime) -> None:
    DWELL.labels(part).observe(max((until - since) / timedelta(seconds=1), 0.0))
