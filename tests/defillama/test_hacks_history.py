"""Ten years of captured hacks through the updater, with an injected clock."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from itertools import groupby

import pytest

from defillama.models import HackEvent, SeenHack
from events.lifecycle import expire
from events.models import Effect
from tests.defillama.hacks_support import Clock, Recorded, captured_rows, day_of, recorded_run

# Effects are what the view is made of; nothing here needs its commit.
pytestmark = pytest.mark.django_db


def test_replayed_month_by_month_every_hack_is_one_event_and_open_for_a_week() -> None:
    rows = sorted(captured_rows(), key=lambda row: row["date"])
    recorded = Recorded(Clock())
    # The first one alone: at a first start only what is younger than the look-back is news.
    months = [rows[:1], *(list(found) for _, found in groupby(rows[1:], key=lambda row: f"{day_of(row):%Y-%m}"))]
    opened = 0
    for found in months:
        recorded.clock.at = day_of(found[-1]) + timedelta(hours=20)
        expire(recorded.clock.at)
        recorded.rows = random.Random(opened).sample(found, len(found))
        opened += recorded_run(recorded).outcomes["opened"]
    assert opened == HackEvent.objects.count() == SeenHack.objects.count() == 536
    assert Counter(len(event.facts["techniques"]) for event in HackEvent.objects.all()) == {1: 534, 2: 2}
    assert all(event.valid_until == event.opened_at + timedelta(days=7) for event in HackEvent.objects.all())
    hit = set(Effect.objects.filter(token__in=["ETH", "BNB"]).values_list("token", "event__title"))
    assert hit == {("BNB", "Binance Bridge: bridge hack, 570 M USD")}
    recorded.rows = rows
    assert sum(recorded_run(recorded).outcomes.values()) == HackEvent.objects.filter(status="open").count()
    assert HackEvent.objects.count() == 536


def test_replayed_row_by_row_what_is_watched_is_told_once_and_when_it_was_first_seen() -> None:
    rows = sorted(captured_rows(), key=lambda row: row["date"])
    watched = [row for row in rows if row["name"].strip() in ("Litecoin", "Binance Bridge", "Curve DEX", "Aave V3")]
    assert len(watched) >= 5
    recorded = Recorded(Clock())
    seen_at = {}
    for number, row in enumerate(watched, start=1):
        recorded.clock.at = day_of(row) + timedelta(hours=9)
        recorded.rows = watched[:number]
        recorded_run(recorded, SPOT_CURRENCIES="LTC BNB CRV AAVE")
        recorded_run(recorded, SPOT_CURRENCIES="LTC BNB CRV AAVE")
        seen_at[(row["name"].strip(), day_of(row).date())] = recorded.clock.at
    events = HackEvent.objects.prefetch_related("alerts")
    assert {(event.title.split(":")[0], event.day): event.opened_at for event in events} == seen_at
    for event in events:
        assert event.priority == "high"
        assert [(alert.reason, alert.queued_at) for alert in event.alerts.all()] == [("opened", event.opened_at)]
