"""The outbox's readiness check, its metrics read from the database, and the retention of finished alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.models import Alert, ChannelState
from alerts.outbox import WAITING
from events.clock import FUTURE_SECONDS
from events.database.delete import delete_in_batches
from events.protocols import Check

OLDEST_PENDING = timedelta(minutes=1)
_OPEN = WAITING


def no_alert_waits_for_long(now: datetime) -> Check:
    """Readiness: the oldest waiting alert is younger than `OLDEST_PENDING`. The cause of a wait does not matter."""
    oldest = Alert.objects.filter(state__in=_OPEN).aggregate(oldest=Min("queued_at"))["oldest"]
    if oldest is None:
        return Check("alerts", True, "none waits")
    waits = (now - oldest).total_seconds()
    limit = OLDEST_PENDING.total_seconds()
    # An alert queued in the future was queued by a wrong clock; its wait is unknown.
    return Check("alerts", -FUTURE_SECONDS <= waits < limit, f"the oldest waits {waits:.1f} s, limit {limit:g} s")


def read_metrics(now: datetime) -> Iterator[Metric]:
    """Alerts by state and channel, the age of the oldest waiting one in seconds, and suspended channels."""
    waiting = GaugeMetricFamily("ews_alerts_waiting", "Alerts that are not finished, by channel.", labels=["channel"])
    oldest = GaugeMetricFamily("ews_alert_oldest_waiting_seconds", "Age of the oldest of them.", labels=["channel"])
    rows = Alert.objects.filter(state__in=_OPEN).order_by().values("channel")
    for row in rows.annotate(count=Count("pk"), oldest=Min("queued_at")):
        waiting.add_metric([row["channel"]], row["count"])
        oldest.add_metric([row["channel"]], (now - row["oldest"]).total_seconds())
    done = GaugeMetricFamily(
        "ews_alerts_done",
        "Finished alerts that are stored, by channel and state.",
        labels=["channel", "state"],
    )
    ended = Alert.objects.exclude(state__in=_OPEN).order_by().values("channel", "state")
    for ending in ended.annotate(count=Count("pk")):
        done.add_metric([ending["channel"], ending["state"]], ending["count"])
    suspended = GaugeMetricFamily("ews_channel_suspended", "1 while a channel is suspended.", labels=["channel"])
    for channel, since in ChannelState.objects.values_list("channel", "suspended_at"):
        suspended.add_metric([channel], float(since is not None))
    yield from (waiting, oldest, done, suspended)


def prune(before: datetime) -> int:
    """Delete alerts finished earlier, with their attempts; the number deleted. Alerts of open events stay."""
    old = Alert.objects.exclude(state__in=_OPEN).filter(done_at__lt=before).exclude(event__status="open")
    return delete_in_batches(old.order_by("pk"))
