"""Delivery under kills: each point of the way and a few at random; two hundred stand in `make crashtest`."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from events.lifecycle.default_rules import load_reference_data
from tests.crash.dispatch_crash import run, run_naive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


@pytest.fixture
def database_url() -> str:
    load_reference_data()
    return urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + settings.DATABASES["default"]["NAME"]).geturl()


def test_kills_lose_nothing_and_cost_at_most_a_duplicate_each(database_url):
    count = run(database_url, kills=6, seed=11)
    assert count.holds, count
    assert count.alerts > 5


@pytest.mark.parametrize("mark_first", [False, True], ids=["send, then mark", "mark, then send"])
def test_the_same_count_shows_what_a_naive_loop_costs(database_url, mark_first):
    count = run_naive(database_url, mark_first, alerts=25)
    assert not count.holds, count
    assert (count.lost > 0) == mark_first
