"""The dashboard and the rules ask for what /metrics has: names, labels, one series per token at risk, uptime."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from alerts.models import Alert, ChannelState
from events.daemon import risk_metrics, scheduler, trade_tables
from events.database import view_refresh
from events.enums import Action
from events.models import Event, SourceHealth, VenueSource
from orderbooks.models import StreamStatus
from tests.alerts.factories import make_effect, make_event
from tests.events.daemon.monitoring import asked, dashboard, expressions, panels, rules

pytestmark = pytest.mark.django_db
Series = dict[str, list[tuple[Mapping[str, str], float]]]


def source(name: str, **fields: object) -> SourceHealth:
    now = timezone.now()
    return SourceHealth.objects.create(
        **{
            "source": name,
            "state": "ok",
            "interval_seconds": 30,
            "watched_since": now,
            "last_success_at": now,
            "content_at": now,
            "content_bound_seconds": 600,
            **fields,
        }
    )


def stream(venue: str) -> None:
    counters = ("queue", "frames", "bytes", "gaps", "resyncs", "checksum_failures", "dropped", "malformed", "silences",
                "snapshots", "snapshot_failures", "handovers", "disconnects")  # fmt: skip
    now, counted = timezone.now(), dict.fromkeys(counters, 1)
    StreamStatus.objects.create(
        venue=venue, at=now, started_at=now, connections=2, symbols=10, in_sync=9, lag_ms=250.0, **counted
    )


@pytest.fixture
def system() -> None:
    """One of each thing that is measured."""
    scheduler.beat(timezone.now())
    event = make_event()
    now = timezone.now()
    Alert.objects.create(event=event, reason="opened", channel="cex", queued_at=now, due_at=now)
    ChannelState.objects.create(channel="cex", suspended_at=now, suspended_reason="x")
    source("binance")
    stream("BINANCE_USDM")
    stream("OKX")
    trade_tables.keep_venue_sources(
        {("BINANCE", "binance", "announcements"), ("BINANCE_USDM", "binance", "announcements")}
    )
    view_refresh.refresh_now()
    for counted in ("api.metrics", "alerts.metrics", "api.bots.mqtt_metrics"):
        import_module(counted)


def scraped() -> Series:
    """Every sample of /metrics by its name, as Prometheus reads it. A counter that has not counted has none."""
    found: Series = {}
    for family in text_string_to_metric_families(Client().get("/metrics").content.decode()):
        assert family.documentation and family.type != "unknown", family.name
        for name in (family.name, f"{family.name}_total", f"{family.name}_bucket"):
            found.setdefault(name, [])
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value(series: Series, name: str, **labels: str) -> float:
    (found,) = [number for known, number in series[name] if labels.items() <= known.items()]
    return found


def test_every_name_and_label_that_is_asked_for_is_there(system: None) -> None:
    series = scraped()
    count = 0
    for where, text in expressions():
        read = asked(text)
        known: set[str] = set()
        for name, labels in read.selected.items():
            assert name in series, f"{where} asks for {name}"
            has = {label for seen, _ in series[name] for label in seen}
            if series[name]:
                assert labels <= has, f"{where} selects {name} by {labels - has}"
                known |= has
                count += 1
        if known:
            assert read.grouped <= known, f"{where} groups by {read.grouped - known}"
    assert count > 40


def test_a_token_has_a_series_while_it_is_at_risk(system: None) -> None:
    event = make_event(tokens=())
    make_effect(event, "DOGE", action="halt")
    make_effect(event, 'A"B\\C', action="watch")
    view_refresh.refresh_now()
    series = scraped()
    assert value(series, "ews_token_action", token="DOGE") == 5
    assert value(series, "ews_token_action", token='A"B\\C') == 1
    assert value(series, "ews_token_action", token="LUNA") == 3
    assert series["ews_tokens_at_risk"] == [({}, 3.0)]
    Event.objects.non_polymorphic().filter(pk=event.pk).update(status="closed", closed_at=timezone.now())
    view_refresh.refresh_now()
    assert {labels["token"] for labels, _ in scraped()["ews_token_action"]} == {"LUNA"}


def test_the_strictest_tokens_are_named_where_they_are_too_many(system: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_metrics, "MOST_TOKENS", 3)
    event = make_event(tokens=())
    for number, action in enumerate(Action.values * 2):
        make_effect(event, f"T{number}", action=action)
    view_refresh.refresh_now()
    series = scraped()
    assert sorted(number for _, number in series["ews_token_action"]) == [4, 5, 5]
    assert series["ews_tokens_at_risk"] == [({}, 11.0)]


def test_a_word_of_another_release_is_the_strictest() -> None:
    assert [risk_metrics.rank_of(action) for action in (*Action.values, "evacuate")] == [1, 2, 3, 4, 5, 5]


LONG = timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "usable", "state"),
    [
        ({}, 1, 1),
        ({"state": "failing"}, 0, 4),
        ({"state": "drift"}, 0, 3),
        ({"state": "stale"}, 0, 2),
        ({"state": "waiting", "last_success_at": None}, 0, 0),
        ({"last_success_at": -LONG}, 0, 1),
        ({"last_success_at": LONG}, 0, 1),
        ({"content_at": -LONG}, 0, 1),
        ({"content_at": None}, 0, 1),
        ({"content_at": None, "content_bound_seconds": None}, 1, 1),
        ({"interval_seconds": 3600, "last_success_at": -LONG}, 1, 1),
    ],
)
def test_what_cannot_be_relied_on_is_not_up(fields: dict[str, object], usable: int, state: int) -> None:
    scheduler.beat(timezone.now())
    view_refresh.refresh_now()
    moments = {name: timezone.now() + by if isinstance(by, timedelta) else by for name, by in fields.items()}
    source("okx", **moments)
    series = scraped()
    assert (value(series, "ews_source_usable", source="okx"), value(series, "ews_source_state", source="okx")) == (
        usable,
        state,
    )


def test_venues_are_labels(system: None) -> None:
    series = scraped()
    assert value(series, "ews_stream_books_in_sync", venue="BINANCE_USDM") == 9
    assert value(series, "ews_stream_lag_seconds", venue="OKX") == 0.25
    assert value(series, "ews_source_venue", venue="BINANCE_USDM") == 1
    assert VenueSource.objects.count() == len(series["ews_source_venue"])
    # The first release's names stay.
    assert value(series, "ews_streams_binance_usdm_in_sync") == 9
    StreamStatus.objects.update(lag_ms=None)
    assert math.isnan(value(scraped(), "ews_stream_lag_seconds", venue="OKX"))


def test_a_thousand_open_events_are_measured_at_once(system: None) -> None:
    for number in range(60):
        event = make_event(tokens=())
        for token in range(10):
            make_effect(event, f"C{number}_{token}")
    view_refresh.refresh_now()
    Client().get("/metrics")
    started = time.perf_counter()
    Client().get("/metrics")
    assert time.perf_counter() - started < 1.0


def test_a_panel_says_what_it_shows_and_no_colour_stands_alone() -> None:
    for panel in panels():
        assert panel["title"] and panel["description"].endswith("."), panel["title"]
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"], panel["title"]
        if panel["type"] == "state-timeline":
            said = [text for one in defaults["mappings"] for text in one["options"].values()]
            assert all(one["text"] for one in said) and (said or defaults["unit"] == "percentunit"), panel["title"]
    numbers = [panel["id"] for panel in dashboard()["panels"]]
    assert len(numbers) == len(set(numbers))
    taken = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in dashboard()["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken)) and max(x for x, _ in taken) == 23, "panels lie upon each other"


def test_one_can_choose_venue_and_source_and_go_to_the_board() -> None:
    names = {one["name"] for one in dashboard()["templating"]["list"]}
    assert {"venue", "source", "board"} <= names
    assert any(link["url"] == "$board" for link in dashboard()["links"])


def test_every_rule_says_how_bad_it_is_and_stands_in_the_docs() -> None:
    from tests.events.daemon.monitoring import DOCS

    page = (DOCS / "operations" / "metrics.md").read_text(encoding="utf-8").partition("## Rules")[2]
    for rule in rules():
        assert f"`{rule['alert']}`" in page, rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"].endswith(".")
