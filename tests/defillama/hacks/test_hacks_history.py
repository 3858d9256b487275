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
from tests.defillama.hacks.support import Clock, Recorded, Row, captured_rows, day_of, recorded_run

# Effects are what the view is made of; nothing here needs its commit.
pytestmark = [pytest.mark.django_db, pytest.mark.long]


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


def test_replayed_row_by_row_in_any_order_and_with_ids_of_another_type_nothing_is_swallowed_or_told_twice() -> None:
    rows = sorted(captured_rows(), key=lambda row: row["date"])
    # Each round reads five hundred rows: the last ones stand for all.
    start = len(rows) - 20
    recorded = Recorded(Clock())
    recorded.clock.at, recorded.rows = day_of(rows[start - 1]) + timedelta(days=8), rows[:start]
    recorded_run(recorded)
    assert not HackEvent.objects.exists() and SeenHack.objects.count() > 400
    shuffle = random.Random(3)
    keys = set()
    for number in range(start + 1, len(rows) + 1):
        newest = rows[number - 1]
        recorded.clock.at = max(recorded.clock.at, day_of(newest) + timedelta(hours=9))
        shown = shuffle.sample(rows[:number], number)
        recorded.rows = [_with_text_ids(row) for row in shown] if number % 2 else shown
        key = (newest["name"].strip(), day_of(newest).date())
        assert recorded_run(recorded).outcomes["opened"] == (key not in keys), key
        keys.add(key)
        recorded.rows = [_with_text_ids(row) for row in reversed(shown)]
        again = recorded_run(recorded).outcomes
        assert not any(count for kind, count in again.items() if kind != "unchanged"), (key, again)
    assert HackEvent.objects.count() == len(keys) and len(keys) > 15
    assert all(event.alerts.count() <= 1 for event in HackEvent.objects.all())


def _with_text_ids(row: Row) -> Row:
    known = row["defillamaId"]
    return {**row, "defillamaId": known if known is None else str(known)}
