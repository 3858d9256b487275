"""LUNA, May 2022: minute closes as Binance published them, through the pure path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.support.captures import capture
from tests.volatility.support import Desk, minute_closes
from volatility.windows import WINDOWS

# Before it is a quiet week that only the first test goes through.
CALM = datetime(2022, 5, 5, tzinfo=UTC)
RELISTED = datetime(2022, 5, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def closes() -> list[tuple[datetime, float]]:
    return list(minute_closes(capture("prices/LUNAUSDT-1m-2022-05.zip")))


@pytest.fixture(scope="module")
def month(closes: list[tuple[datetime, float]]) -> Desk:
    desk = Desk(frozenset({"LUNA"}))
    for at, close in closes:
        if at >= CALM:
            desk.price(at, close)
    return desk


def first_break(closes: list[tuple[datetime, float]]) -> datetime:
    """Found without the store, on the plain grid of minutes."""
    prices = np.array([close for _, close in closes])
    for number, (at, close) in enumerate(closes):
        assert at == closes[0][0] + timedelta(minutes=number), "no minute is missing until then"
        for window in WINDOWS:
            inside = prices[max(0, number - window.minutes) : number + 1]
            if close / inside.min() - 1 >= window.threshold or 1 - close / inside.max() >= window.threshold:
                return at
    raise AssertionError("no window was broken")


@pytest.mark.long
def test_the_first_alert_comes_with_the_first_minute_that_breaks_a_window(
    month: Desk, closes: list[tuple[datetime, float]]
) -> None:
    assert month.alerts[0].at == first_break(closes)


@pytest.mark.long
def test_the_collapse_takes_at_most_25_alerts_downward_ones_all_the_way_to_below_a_cent(month: Desk) -> None:
    collapse = [alert for alert in month.alerts if alert.at < RELISTED]
    assert 8 <= len(collapse) <= 25
    falls = [alert.price for alert in collapse if alert.draft.facts["direction"] == "down"]
    assert falls[-1] < 0.001
    for bound in (60, 30, 10, 3, 1, 0.3, 0.1, 0.01):
        assert any(bound / 10 < price < bound for price in falls), f"nobody heard of LUNA below {bound} USD in time"


def test_the_relisting_under_the_same_symbol_is_no_move_against_the_old_token(month: Desk) -> None:
    later = [alert for alert in month.alerts if alert.at >= RELISTED]
    assert all(abs(alert.draft.facts["move"]) < 1 for alert in later)
    assert all(alert.draft.facts["extreme"] > 1 for alert in later)
    assert later[0].at > datetime(2022, 5, 31, 6, 1, tzinfo=UTC)
    assert RELISTED - timedelta(days=17) > max(alert.at for alert in month.alerts if alert.at < RELISTED)
