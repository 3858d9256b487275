"""Observations: when one opens, how long it lasts, what came of it."""

from __future__ import annotations

import numpy as np
import pytest

from trades.volume.observations import Span, outcome, spans

MINUTE = 60_000
DAY = 1440


def at(minutes: float) -> int:
    return int(minutes * MINUTE)


def test_a_fire_inside_prolongs_and_one_after_opens_anew() -> None:
    found = list(spans([at(0), at(5), at(59), at(200), at(260)], 60))
    assert found == [Span(at(0), at(60), at(119)), Span(at(200), at(260), at(260)), Span(at(260), at(320), at(320))]


def test_at_most_seven_timeframes() -> None:
    """LUNA in May 2022 fired for over a week."""
    found = list(spans(range(at(0), at(9 * DAY), at(30)), DAY))
    assert found[0] == Span(at(0), at(DAY), at(7 * DAY))
    assert found[1].opened_ms == at(7 * DAY)


@pytest.mark.parametrize("seed", range(5))
def test_every_fire_is_in_exactly_one_observation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fires = sorted({int(rng.integers(0, 5000)) * MINUTE for _ in range(300)})
    found = list(spans(fires, 45))
    for fire in fires:
        assert sum(one.opened_ms <= fire < one.ends_ms for one in found) == 1
    assert all(one.ends_ms - one.opened_ms <= at(7 * 45) for one in found)


def bars(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    closes = np.arange(1, count + 1) * MINUTE
    close = 100 + np.arange(count, dtype=float)
    return closes, close + 0.5, close - 0.5, close


def test_the_outcome_is_of_bars_after_the_entry_up_to_its_time() -> None:
    closes, high, low, close = bars(100)
    found = outcome(closes, high, low, close, since_ms=at(10), until_ms=at(20))
    assert found is not None
    assert (found.high, found.high_ms) == (119.5, at(20))
    assert (found.low, found.low_ms) == (109.5, at(11))
    assert found.close == 119.0


def test_while_it_lasts_there_is_no_close() -> None:
    closes, high, low, close = bars(15)
    found = outcome(closes, high, low, close, since_ms=at(10), until_ms=at(20))
    assert found is not None
    assert (found.high, found.close) == (114.5, None)


def test_missing_bars_are_no_prices() -> None:
    closes, high, low, close = bars(30)
    for part in (high, low, close):
        part[10:19] = np.nan
    found = outcome(closes, high, low, close, since_ms=at(10), until_ms=at(20))
    assert found is not None
    assert (found.high_ms, found.low_ms, found.close) == (at(20), at(20), 119.0)
    assert outcome(closes, high, low, close, since_ms=at(10), until_ms=at(19)) is None
