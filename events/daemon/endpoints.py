"""Health and metrics, for load balancers, watchdogs and Prometheus."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from events import clock, registry
from events.daemon import readiness, risk_metrics
from events.models import ClockState, Heartbeat, SourceHealth, TokenRiskStatus, VenueSource


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 3)


def healthz(request: HttpRequest) -> JsonResponse:
    """`health`, for other web servers; the daemon's answers it without Django (`events.daemon.webserver`)."""
    status, body = health()
    return JsonResponse(body, status=status)


def health() -> tuple[int, dict[str, Any]]:
    """Status and body: 200 while the leader's heartbeat is fresh, else 503. A failing source alone is no 503.

    Ages are in seconds, by the database's clock; a heartbeat from its future counts as none.
    """
    try:
        now = clock.database_now()
        clocks = ClockState.objects.first()
        beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
        view = TokenRiskStatus.objects.get()
        sources = list(SourceHealth.objects.values_list("source", "state", "last_success_at", "content_at"))
        gauges = registry.gauges()
    except (DatabaseError, TokenRiskStatus.DoesNotExist) as error:
        return 503, {"healthy": False, "error": f"database: {type(error).__name__}"}
    age = _age(beat, now)
    healthy = clock.is_fresh(beat, now, readiness.HEARTBEAT_TOO_OLD)
    return (
        200 if healthy else 503,
        {
            "healthy": healthy,
            "role": "leader",
            "heartbeat_age": age,
            "view": {"seq": view.seq, "age": _age(view.refreshed_at, now), "stale_sources": view.stale_sources},
            "sources": {source: state for source, state, _, _ in sources},
            "source_ages": {
                source: {"answer": _age(answered, now), "content": _age(content, now)}
                for source, _, answered, content in sources
            },
            "clock": {
                "held": clocks is not None and clocks.held,
                "why": clocks.why if clocks else "",
                "says": clocks.says if clocks else "",
                "database_off_seconds": round(clocks.database_off_seconds, 3) if clocks else 0.0,
            },
            **gauges,
        },
    )


def readyz(request: HttpRequest) -> JsonResponse:
    """200 while every readiness check passes, else 503; the body has each check with what it saw."""
    now = clock.now()
    try:
        checks = [check(now) for check in (*readiness.STANDARD, *registry.readiness_checks())]
    except DatabaseError as error:
        return JsonResponse({"ready": False, "error": f"database: {type(error).__name__}"}, status=503)
    ready = all(check.ok for check in checks)
    body = {"ready": ready, "checks": {check.name: {"ok": check.ok, "seen": check.seen} for check in checks}}
    return JsonResponse(body, status=200 if ready else 503)


class _DatabaseCollector:
    """Gauges that are read from the database at each scrape, so that every process serves the same ones."""

    def collect(self) -> Iterator[Metric]:
        now = clock.database_now()
        beat = Heartbeat.objects.values_list("beat_at", flat=True).first()
        if beat:
            yield GaugeMetricFamily(
                "ews_heartbeat_age_seconds", "Age of the leader's heartbeat.", value=_age(beat, now)
            )
        view = TokenRiskStatus.objects.get()
        if view.refreshed_at:
            age = _age(view.refreshed_at, now)
            yield GaugeMetricFamily("ews_view_age_seconds", "Since the last refresh of token_risk_view.", value=age)
        yield GaugeMetricFamily("ews_open_events", "Open events, as of the last refresh.", value=view.open_events)
        yield GaugeMetricFamily("ews_view_refreshes", "Refreshes of token_risk_view so far.", value=view.seq)
        yield from risk_metrics.tokens()
        up = GaugeMetricFamily("ews_source_up", "1 while the source answers.", labels=["source"])
        silent = GaugeMetricFamily("ews_source_age_seconds", "Since the source's last good answer.", labels=["source"])
        failures = GaugeMetricFamily("ews_source_failures", "Failures in a row.", labels=["source"])
        content = GaugeMetricFamily(
            "ews_source_content_age_seconds",
            "Since the source's newest entry, its server's time or its last change, as its rule demands.",
            labels=["source"],
        )
        bound = GaugeMetricFamily(
            "ews_source_content_bound_seconds", "How old the source's content may be.", labels=["source"]
        )
        sources = list(SourceHealth.objects.defer("content"))
        for source in sources:
            up.add_metric([source.source], float(source.state == SourceHealth.State.OK))
            failures.add_metric([source.source], source.consecutive_failures)
            if source.last_success_at:
                silent.add_metric([source.source], (now - source.last_success_at).total_seconds())
            # An unknown age is NaN, which is above no bound.
            age = _age(source.content_at, now)
            content.add_metric([source.source], math.nan if age is None else age)
            bound.add_metric([source.source], source.content_bound_seconds or math.nan)
        yield from (up, silent, failures, content, bound)
        yield from risk_metrics.source_states(sources, now)
        yield from risk_metrics.venues_of_sources(VenueSource.objects.values_list("venue", "source", "role"))
        for name, number in registry.gauges().items():
            yield GaugeMetricFamily(f"ews_{name}", name.replace("_", " ").capitalize() + ".", value=number)
        clocks = ClockState.objects.first()
        untrusted = GaugeMetricFamily(
            "ews_clock_held", "1 while actions that cannot be undone wait for a trusted clock.", labels=["why"]
        )
        untrusted.add_metric([clocks.why if clocks else ""], float(clocks is not None and clocks.held))
        yield untrusted
        off = clocks.database_off_seconds if clocks else 0.0
        yield GaugeMetricFamily("ews_clock_off_seconds", "The database's clock minus the daemon's time.", value=off)
        yield from registry.metrics(clock.now())


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format: gauges from the database, and the counters of this process."""
    collectors = CollectorRegistry()
    collectors.register(_DatabaseCollector())
    return HttpResponse(generate_latest(collectors) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
