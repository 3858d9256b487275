"""What is left of a pass, by what is done: after any kill the rest joins without a hole."""

from __future__ import annotations

import itertools
import random

import pytest

from trades.history.passes import DAY_MS, HOUR_MS, PASSES, joined, limits_of, reach_of, remaining, requested_span
from trades.klines.base import Span
from trades.klines.venues import KLINE_VENUES
from trades.records import MINUTE_MS

NOW_MS = 1_790_856_000_000 + 30_000
FIRST, RECENT, FIVE, ALL = PASSES


def requests(venue: str, number: int) -> int:
    """Of one pair that is old enough."""
    row, step = KLINE_VENUES[venue], PASSES[number - 1]
    want = requested_span(row, step, NOW_MS)
    return len(list(remaining(None, want, row.limit * step.interval_ms))) if want else 0


@pytest.mark.parametrize(
    ("venue", "counts"),
    [
        ("BINANCE", [3, 1, 17, 41]),
        ("BINANCE_USDM", [5, 2, 33, 81]),
        ("OKX", [21, 10, 162, 404]),
        ("BYBIT", [3, 1, 17, 41]),
        ("KRAKEN", [1, 1, 0, 0]),
        ("BITFINEX", [1, 1, 2, 5]),
    ],
)
def test_the_requests_of_a_pair(venue: str, counts: list[int]) -> None:
    assert [requests(venue, number) for number in (1, 2, 3, 4)] == counts


def test_the_weight_of_400_pairs_is_that_of_the_contract() -> None:
    spot, usdm = KLINE_VENUES["BINANCE"], KLINE_VENUES["BINANCE_USDM"]
    assert [400 * requests("BINANCE", number) * spot.weight(1000) for number in (1, 2, 3, 4)] == [
        2_400, 800, 13_600, 32_800,
    ]  # fmt: skip
    assert 400 * requests("BINANCE_USDM", 4) * usdm.weight(499) == 64_800
    assert [usdm.weight(limit) for limit in (99, 100, 499, 500, 1000, 1500)] == [1, 2, 2, 5, 5, 10]


def test_what_a_venue_does_not_keep_is_left_out_and_said() -> None:
    kraken = KLINE_VENUES["KRAKEN"]
    assert limits_of(kraken, FIRST) == "30 days: the venue keeps the last 720 candles alone"
    assert limits_of(kraken, RECENT) == "12 hours: the venue keeps the last 720 candles alone"
    assert limits_of(kraken, ALL) == "left out: the venue keeps the last 720 candles alone"
    assert (reach_of(kraken, FIVE), requested_span(kraken, FIVE, NOW_MS)) == (0, None)
    assert "watched pairs" in limits_of(KLINE_VENUES["BINANCE_USDM"], ALL)
    assert limits_of(KLINE_VENUES["BINANCE"], ALL) == ""


def test_the_newest_comes_first() -> None:
    want = requested_span(KLINE_VENUES["BINANCE"], ALL, NOW_MS)
    assert want is not None and want.length_ms == 28 * DAY_MS and want.end_ms == NOW_MS - NOW_MS % MINUTE_MS
    spans = list(remaining(None, want, 1000 * MINUTE_MS))
    assert spans[0].end_ms == want.end_ms and spans[-1].start_ms == want.start_ms
    assert all(newer.start_ms == older.end_ms for newer, older in itertools.pairwise(spans))


def test_what_is_newer_comes_before_what_is_older_after_a_restart() -> None:
    want = Span(0, 100 * HOUR_MS)
    spans = list(remaining(Span(40 * HOUR_MS, 60 * HOUR_MS), want, 30 * HOUR_MS))
    assert [(span.start_ms // HOUR_MS, span.end_ms // HOUR_MS) for span in spans] == [
        (60, 90), (90, 100), (10, 40), (0, 10),
    ]  # fmt: skip
    # Nothing before its listing is asked for again.
    assert list(remaining(Span(40 * HOUR_MS, 100 * HOUR_MS), want, HOUR_MS, begins=True)) == []
    # After an outage that is longer than the reach, what was done is of no use.
    assert next(remaining(Span(-9 * HOUR_MS, -HOUR_MS), want, HOUR_MS, begins=True)).end_ms == want.end_ms


def test_killed_at_any_span_and_begun_again_later_it_covers_all_without_a_hole() -> None:
    source = random.Random(16)
    for _ in range(300):
        now_ms, size = 500 * HOUR_MS, source.randint(1, 40) * HOUR_MS
        done: Span | None = None
        covered: set[int] = set()
        for _run in range(source.randint(1, 6)):
            want = Span(now_ms - 200 * HOUR_MS, now_ms)
            before = done
            for span in remaining(done, want, size):
                assert span.length_ms <= size
                if source.random() < 0.15:
                    break
                covered |= set(range(span.start_ms, span.end_ms, HOUR_MS))
                done = joined(done, span)
            assert done is None or set(range(done.start_ms, done.end_ms, HOUR_MS)) <= covered
            assert before is None or done is None or done.end_ms >= before.end_ms
            now_ms += source.randint(0, 80) * HOUR_MS
        want = Span(now_ms - 200 * HOUR_MS, now_ms)
        for span in remaining(done, want, size):
            done = joined(done, span)
        assert done is not None and done.start_ms <= want.start_ms and done.end_ms == want.end_ms
