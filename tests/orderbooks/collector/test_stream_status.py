"""When a venue's streams count as healthy, and which number tells what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.models import Alert
from crypto_ews.conf import parse_config
from events.models import OperationsEvent, SourceHealth
from events.upstream.client import Payload
from orderbooks.collector.status import Report, trouble, unreadable, write
from orderbooks.detection.observations import BookObservations, Depth
from orderbooks.detection.updater import BookEventUpdater
from streams.engine.counters import StreamNumbers

WELL = Report("OKX", 2, 100, 100, StreamNumbers(frames=1000), gaps=0, resyncs=0, checksum_failures=0)


@pytest.mark.parametrize(
    ("report", "before", "fault"),
    [
        (WELL, None, ""),
        (WELL, WELL, ""),
        (replace(WELL, in_sync=90), replace(WELL, in_sync=90), ""),
        (replace(WELL, faults=["silent for 60 s"]), WELL, "silent for 60 s"),
        (replace(WELL, symbols=0, in_sync=0), None, "no live instrument of a watched pair is known"),
        (replace(WELL, in_sync=0), None, ""),
        (replace(WELL, in_sync=40), replace(WELL, in_sync=30), ""),
        (replace(WELL, in_sync=40), replace(WELL, in_sync=40), "60 of 100 books are out of sync"),
    ],
    ids=["first", "well", "a few out of sync", "a fault", "nothing watched", "begins", "coming up", "stuck"],
)
def test_trouble_is_what_does_not_mend_itself(report: Report, before: Report | None, fault: str) -> None:
    assert trouble(report, before) == fault


def test_pairs_that_a_venue_refuses_are_named_and_are_not_as_if_nobody_wanted_them() -> None:
    refused = {f"{coin}-USDT": "the venue refuses it: no such instrument" for coin in "DCBA"}
    report = replace(WELL, symbols=4, in_sync=0, left_out=refused)
    said = trouble(report, report)
    assert said.startswith(
        "4 of 4 books are out of sync; left out: A-USDT: the venue refuses it: no such instrument; B"
    )
    assert said.endswith(" and 1 more") and "D-USDT" not in said
    # One of a hundred is in the numbers, and no trouble.
    assert trouble(replace(WELL, in_sync=99, left_out={"A-USDT": "the venue refuses it"}), WELL) == ""


def test_a_venue_whose_messages_cannot_be_read_is_in_drift_though_its_books_stand() -> None:
    later = replace(WELL, numbers=StreamNumbers(frames=1100, malformed=60))
    assert unreadable(WELL, None) == unreadable(WELL, WELL) == ""
    assert unreadable(later, WELL).startswith("60 of 100 frames")
    assert unreadable(replace(later, numbers=StreamNumbers(frames=1200, malformed=65)), later) == ""


START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


def cards() -> list[str]:
    return list(Alert.objects.filter(event__category="operations").order_by("id").values_list("reason", flat=True))


@pytest.mark.django_db
def test_streams_that_bring_nothing_are_stale_after_two_minutes_told_once_and_once_when_they_go_on() -> None:
    def report(seconds: float, frames: int) -> str:
        at = START + timedelta(seconds=seconds)
        write(replace(WELL, numbers=StreamNumbers(frames=frames)), "", False, START, at, 5.0)
        return SourceHealth.objects.get(pk="streams.okx").state

    assert report(0, 1000) == report(5, 1100) == report(125, 1100) == "ok"
    assert report(130, 1100) == report(135, 1100) == "stale"
    told = OperationsEvent.objects.get()
    assert told.facts["not seen"] == "The live order books of OKX: what came since 01 Oct 2026 12:00 UTC is not seen"
    assert report(140, 1101) == "ok" and cards() == ["opened", "closed"]


class News:
    """The collector's news, as the recorder hands them over."""

    clock_skew: float | None = None

    def __init__(self) -> None:
        self.at, self.minute = START, START

    def get(self, source: str, url: str, params: Mapping[str, str] | None = None) -> Payload:
        depth = Depth("OKX:ABC-USDT", round(self.minute.timestamp() * 1000), 1e6)
        return Payload(source, url, 200, {}, BookObservations(depths=[depth]).to_json({}), self.at, 0.0, None)


@pytest.mark.django_db
def test_minute_rows_that_stay_behind_are_stale_after_ten_minutes() -> None:
    news = News()
    updater = BookEventUpdater(parse_config({}), news, lambda: news.at)

    def state() -> str:
        assert updater.run(even_if_backing_off=True) is not None
        return SourceHealth.objects.get(pk="orderbooks.events").state

    assert state() == "ok"
    news.at += timedelta(minutes=10)
    assert state() == "ok"
    news.at += timedelta(minutes=1)
    assert state() == state() == "stale" and cards() == ["opened"]
    news.minute = news.at
    assert state() == "ok" and cards() == ["opened", "closed"]
