"""Reviews on cards: one card of low urgency for what is urgent and undecided, and a line in the daily canary."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.canary import queue_if_due
from alerts.delivery.loader import load_message
from alerts.models import Alert
from alerts.rendering.plain_text import plain_lines
from alerts.rendering.teams_card import render_message
from alerts.rendering.webhook_json import render_payload
from alerts.review_cards import health_gauges, next_due, queue_due, waiting_line
from alerts.routes import REVIEW_URGENCY, ROUTES
from events import clock
from events.drafts import ReviewDraft
from events.models import Review
from events.reviews import decide, open_reviews, reopen
from tests.alerts.factories import make_config

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
CONFIG = make_config(PUBLIC_BASE_URL="https://ews.example.com/")


def opened(key: str = "1", at: datetime = NOW, **changes: Any) -> Review:
    fields: dict[str, Any] = {
        "source": "binance", "natural_key": f"binance.announcement:{key}", "title": f"Abschied von *FOO* {key}",
        "reason": "language", "released_at": at, "ending": True, "first": True, "tokens": ("FOO",),
        "tickers": ("BINANCE:FOOUSDT",),
    }  # fmt: skip
    (review,) = open_reviews([ReviewDraft(**{**fields, **changes})], at)
    return review


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_an_urgent_review_gets_one_card_after_ten_minutes() -> None:
    review = opened()
    assert next_due(CONFIG, NOW) == after(10)
    assert queue_due(CONFIG, after(9.9)) == 0
    assert queue_due(CONFIG, after(10)) == 1
    assert queue_due(CONFIG, after(11)) == 0 and next_due(CONFIG, after(11)) is None
    alert = Alert.objects.get()
    assert (alert.channel, alert.urgency, alert.event_id) == ("cex", REVIEW_URGENCY, None)
    assert min(urgency for channel, urgency in ROUTES.values() if channel == "cex") > REVIEW_URGENCY
    review.refresh_from_db()
    assert review.notified_at == after(10) and review.decided_at is None


def test_what_is_decided_or_not_urgent_or_was_taken_back_gets_none() -> None:
    decide(opened("1").pk, "harmless", "ann", NOW)
    opened("2", first=False)
    assert queue_due(CONFIG, after(60)) == 0
    reopen(Review.objects.get(decision="harmless").pk)
    assert queue_due(CONFIG, after(61)) == 1
    decide(Review.objects.get(first=True).pk, "harmless", "ann", NOW)
    reopen(Review.objects.get(decision="harmless").pk)
    # Whoever took it back is at it: no second card.
    assert queue_due(CONFIG, after(62)) == 0 and Alert.objects.count() == 1


def test_a_review_that_becomes_urgent_later_gets_its_card_then() -> None:
    opened(first=False)
    assert queue_due(CONFIG, after(30)) == 0
    opened(first=True)
    assert queue_due(CONFIG, after(30)) == 1


def test_a_clock_that_is_set_back_delays_no_card() -> None:
    opened(at=NOW + timedelta(days=3))
    assert queue_due(CONFIG, NOW) == 1


def test_the_card_says_what_waits_and_leads_to_its_page() -> None:
    review = opened(title="Abschied von *FOO* <b>")
    queue_due(CONFIG, after(10))
    message = load_message(Alert.objects.get(), CONFIG, after(10), False)
    page = f"https://ews.example.com/admin/events/review/{review.pk}/change/"
    card = json.dumps(render_message(message))
    assert page in card and "/runbook/review/" in card and "\\\\*FOO\\\\*" in card
    lines = plain_lines(message)
    assert lines[0] == "To be reviewed: Abschied von *FOO* <b>" and any(page in line for line in lines)
    assert "names FOO, FOOUSDT and has a word of ending" in lines[1] and "watch" in lines[1]
    assert render_payload(message)["notice"]["link"] == page


def test_reviews_that_are_due_together_share_a_card() -> None:
    for number in range(30):
        opened(str(number))
    assert queue_due(CONFIG, after(10)) == 30
    message = load_message(Alert.objects.get(), CONFIG, after(10), False)
    lines = plain_lines(message)
    assert lines[0] == "30 notices to be reviewed" and sum("Abschied" in line for line in lines) == 25
    assert any(line.endswith("/admin/events/review/") for line in lines)
    assert len(json.dumps(render_message(message))) < 20_000


def test_the_daily_canary_counts_the_queue_where_operations_are_read() -> None:
    config = make_config(ALERT_CANARY_AT="12:00")
    queue_if_due(config, NOW)
    assert "no action is needed" in Alert.objects.get(channel="cex").detail["notice"]["text"]
    opened(first=False)
    assert waiting_line("cex", after(180)).startswith("1 notice waits for a person to decide, the oldest for 3 h")
    opened("2", first=False)
    tomorrow = NOW + timedelta(days=1)
    queue_if_due(config, tomorrow)
    texts = {
        alert.channel: alert.detail["notice"]["text"] for alert in Alert.objects.filter(detail__drill="2026-12-01")
    }
    assert "2 notices wait for a person to decide, the oldest for 1 d" in texts["cex"]
    assert "no action is needed" in texts["defi"] and "no action" not in texts["cex"]


def test_the_gauges_count_the_queue_and_the_age_of_what_is_urgent() -> None:
    assert health_gauges() == {"reviews_undecided": 0.0, "reviews_urgent_seconds": 0.0}
    opened(first=False)
    assert health_gauges() == {"reviews_undecided": 1.0, "reviews_urgent_seconds": 0.0}
    opened("2", at=clock.now() - timedelta(minutes=20))
    found = health_gauges()
    assert found["reviews_undecided"] == 2 and 1200 <= found["reviews_urgent_seconds"] < 1260


def test_the_card_of_an_old_notice_does_not_promise_a_watch() -> None:
    """A first start reads notices of two months; can_trade names those of one."""
    opened(released_at=NOW - timedelta(days=40))
    queue_due(CONFIG, after(10))
    assert "and can_trade does not name it" in Alert.objects.get().detail["notice"]["text"]
