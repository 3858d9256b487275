"""What the page of an order book says of its pair's events: EXIT of ETH/USDC is none of ETH/USDT."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from events.models import Effect
from orderbooks.live.views import open_events
from tests.events.admin.support import open_event

pytestmark = pytest.mark.django_db


def test_events_of_single_pairs_are_of_these_and_what_is_about_the_pair_comes_first() -> None:
    single, whole = open_event("single", tokens=("ETH",)), open_event("whole", tokens=("ETH",))
    Effect.objects.filter(event=single).update(scope="pairs", tickers=["BINANCE:ETHUSDC"], action="exit")
    found = open_events({"ETH", "USDT"}, "BINANCE", "ETHUSDT")
    assert [(one["id"], one["pairs"], one["other"]) for one in found] == [
        (whole.pk, [], False),
        (single.pk, ["ETHUSDC"], True),
    ]
    found = open_events({"ETH", "USDC"}, "BINANCE", "ETHUSDC")
    assert [(one["id"], one["other"]) for one in found] == [(single.pk, False), (whole.pk, False)]


def test_of_a_pair_that_nobody_knows_it_is_not_said_that_nothing_is_open(client: Client) -> None:
    client.force_login(User.objects.create_superuser("mia"))
    answer = client.get("/orderbooks/events", {"venue": "BINANCE", "symbol": "NOSUCH"})
    assert answer.status_code == 404 and "BINANCE:NOSUCH is not known" in answer.json()["error"]
