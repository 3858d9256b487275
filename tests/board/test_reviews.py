"""Notices that wait for a person stand on the board: what they say is not known, and that is not nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from board.reviews import MOST_LISTED, waiting
from events.models import Heartbeat, Review
from tests.board.test_board import alive
from tests.support.browser import Browser

Opened = Callable[..., Browser]


def review(title: str = "Aviso sobre BTC", minutes: int = 3, **fields: Any) -> Review:
    at = timezone.now() - timedelta(minutes=minutes)
    made = {
        "source": "binance",
        "natural_key": f"n{Review.objects.count()}",
        "title": title,
        "reason": "language",
        "digest": "",
        "tokens": ["BTC"],
        "tickers": ["BINANCE:BTCUSDT"],
        "released_at": at,
        "opened_at": at,
    }
    return Review.objects.create(**{**made, **fields})


@pytest.mark.django_db
def test_the_urgent_ones_come_first_then_the_oldest() -> None:
    assert waiting() == {"count": 0, "urgent": 0, "oldest": None, "listed": []}
    late, early = review("late", 2), review("early", 90)
    urgent = review("urgent", 5, first=True)
    review("decided", 300, decided_at=timezone.now(), decision="harmless")
    found = waiting()
    assert [row["title"] for row in found["listed"]] == ["urgent", "early", "late"]
    assert (found["count"], found["urgent"], found["oldest"]) == (3, 1, early.opened_at)
    assert found["listed"][0]["page"] == f"/admin/events/review/{urgent.pk}/change/"
    assert found["listed"][2]["names"] == ["BTC", "BTCUSDT"] and late.pk == found["listed"][2]["id"]


@pytest.mark.django_db
def test_however_many_wait_the_list_is_short_and_the_count_is_right() -> None:
    for _ in range(MOST_LISTED + 5):
        review(tokens=[f"T{number}" for number in range(40)])
    found = waiting()
    assert (len(found["listed"]), found["count"]) == (MOST_LISTED, MOST_LISTED + 5)
    assert (len(found["listed"][0]["names"]), found["listed"][0]["more"]) == (6, 35)


def test_they_come_and_go_while_one_looks(opened: Opened) -> None:
    alive()
    browser = opened()
    browser.wait_for_text("Nothing is open here.", "#nothing")
    Heartbeat.objects.all().delete()
    assert not browser.run("return document.querySelector('#reviews-box').checkVisibility()")
    made = review("<b>Aviso</b> sobre BTC", first=True)
    browser.wait_for_text("URGENT <b>Aviso</b> sobre BTC", "#reviews")
    assert "names BTC, BTCUSDT" in browser.text("#reviews")
    browser.wait_for_text(
        "No event is open here, but 1 notice to be read, 1 urgent: what it says is not known.", "#nothing"
    )
    browser.wait_for_text("1 notice to be read, 1 urgent", "#counts")
    # No daemon runs, though one may have a moment ago: a tab behind others says so too.
    browser.wait(lambda: browser.driver.title == "NOT KNOWN · Board", "the tab's title", 20)
    Review.objects.filter(pk=made.pk).update(decided_at=timezone.now(), decision="harmless")
    alive()
    browser.wait_for_text("Nothing is open here.", "#nothing")
    browser.wait(lambda: "to be read" not in browser.text("#counts"), "no chip any more")
