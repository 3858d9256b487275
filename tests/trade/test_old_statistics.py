"""A mass delisting comes faster than autovacuum looks at the tables: answers must not wait for its statistics."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from markets.instruments import store_instruments
from tests.events.risk_view.support import make_event, query
from tests.trade.test_can_trade import database_now, spot

PAIRS = 120


def seconds() -> float:
    """The least that all pairs take, of three questions."""
    least = float("inf")
    with connection.cursor() as cursor:
        for _ in range(3):
            began = time.perf_counter()
            cursor.execute(
                "SELECT count(*), sum(may_open::integer) FROM can_trade_many(%s, %s)",
                [["BINANCE"] * PAIRS, [f"T{number}USDT" for number in range(PAIRS)]],
            )
            assert cursor.fetchall() == [(PAIRS, 0)]
            least = min(least, time.perf_counter() - began)
    return least


@pytest.mark.long
@pytest.mark.parametrize("used_before", [False, True])
def test_statistics_of_empty_tables_cost_no_answer_its_plan(used_before: bool, db: None) -> None:
    now = database_now()
    store_instruments("BINANCE", [spot(f"T{number}USDT", f"T{number}", "USDT") for number in range(PAIRS)], now)
    if used_before:
        # Pages without rows: the planner counts none on those that come, either.
        for number in range(PAIRS):
            make_event({"token": f"T{number}"})
        query("DELETE FROM events_effect; DELETE FROM events_event")
    query("ANALYZE")
    for number in range(PAIRS):
        make_event({"token": f"T{number}"})
    old = seconds()
    query("ANALYZE")
    fresh = seconds()
    assert old < 8 * fresh, (old, fresh)
