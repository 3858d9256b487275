"""Which market counts, and what a sequence of readings means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.drafts import EventDraft, ImportantDate
from liquidity.client import Market
from liquidity.detect import Reading, TokenState, assess, deepest_market

START = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
EVERY = timedelta(minutes=10)
THRESHOLD = 1000.0


def market(name: str, up: float | None, down: float | None, **fields: Any) -> Market:
    return Market(name, "ABC/USDT", up, down, fields.pop("volume", 5000.0), **fields)


def play(*depths: float) -> list[tuple[EventDraft, ...]]:
    """The drafts of each reading, as if each had been recorded."""
    state, dates = TokenState(), None
    told: list[tuple[EventDraft, ...]] = []
    open_dates: Sequence[ImportantDate] | None = dates
    for number, depth in enumerate(depths):
        reading = Reading("ABC", START + number * EVERY, depth, depth, depth * 2, "KuCoin ABC/USDT", 5000.0)
        state, drafts = assess(reading, state, open_dates, THRESHOLD, EVERY)
        for draft in drafts:
            open_dates = None if draft.state == "closed" else draft.important_dates
        told.append(drafts)
    return told


def alerts(told: list[tuple[EventDraft, ...]]) -> list[str | None]:
    """Per reading the alert it brings: opened, worse or closed; None for none."""
    result: list[str | None] = []
    was_open = False
    for drafts in told:
        said = None
        for draft in drafts:
            if draft.state == "closed":
                said, was_open = (said if draft.quiet else "closed"), False
            else:
                said, was_open = (said if draft.quiet else draft.alert or ("updated" if was_open else "opened")), True
        result.append(said)
    return result


def test_the_deepest_market_counts_by_its_smaller_side() -> None:
    reading = deepest_market("ABC", [market("A", 900, 10), market("B", 50, 60), market("C", 40, 5000)], START)
    assert reading is not None
    assert (reading.market, reading.depth_usd, reading.volume_24h_usd) == ("B ABC/USDT", 50, 5000.0)


@pytest.mark.parametrize(
    "unusable",
    [
        market("Big", 9e9, 9e9, excluded=("outlier",)),
        market("Big", 9e9, 9e9, updated_at=START - timedelta(minutes=61)),
        market("Big", 9e9, None),
    ],
    ids=["excluded", "stale", "without a depth"],
)
def test_a_market_that_cannot_be_trusted_is_left_out(unusable: Market) -> None:
    fresh = market("Small", 5, 6, updated_at=START - timedelta(minutes=59))
    reading = deepest_market("ABC", [unusable, fresh], START)
    assert reading is not None and reading.market == "Small ABC/USDT"
    assert deepest_market("ABC", [unusable], START) is None


def test_one_low_reading_is_nothing_and_the_second_in_a_row_opens() -> None:
    assert alerts(play(900, 1000, 900, 1600, 900, 900)) == [None, None, None, None, None, "opened"]


def test_the_threshold_itself_is_not_below_it() -> None:
    assert alerts(play(1000, 1000, 1000)) == [None, None, None]


def test_each_further_low_reading_appends_an_important_date_and_tells_nobody() -> None:
    told = play(900, 900, 890, 880)
    assert [len(drafts[0].important_dates) for drafts in told[1:]] == [0, 1, 2]
    assert told[3][0].important_dates[-1].at == START + 3 * EVERY
    assert alerts(told)[2:] == [None, None]


def test_a_reading_between_the_bounds_appends_no_date() -> None:
    told = play(900, 900, 1200)
    assert told[2][0].important_dates == ()


def test_after_ten_dates_the_event_is_succeeded_silently() -> None:
    told = play(*[900] * 13)
    assert len(told[11][0].important_dates) == 10
    ending, successor = told[12]
    assert (ending.state, ending.quiet, successor.state, successor.important_dates) == ("closed", True, "open", ())
    assert successor.natural_key == ending.natural_key
    assert alerts(told) == [None, "opened", *[None] * 11]


def test_people_are_told_again_when_the_depth_halves_and_again_when_that_halves() -> None:
    assert alerts(play(900, 800, 500, 401, 400, 300, 201, 200)) == [
        None, "opened", None, None, "worse", None, None, "worse",
    ]  # fmt: skip


def test_a_halving_counts_across_a_succession() -> None:
    assert alerts(play(*[900] * 13, 450))[-1] == "worse"
    assert alerts(play(*[900] * 12, 450))[-1] == "worse"


def test_three_readings_in_a_row_above_one_and_a_half_times_the_threshold_close() -> None:
    assert alerts(play(900, 900, 1501, 1600, 1500, 1600, 1600, 1600)) == [
        None, "opened", None, None, None, None, None, "closed",
    ]  # fmt: skip


def test_after_a_close_two_low_readings_are_needed_again() -> None:
    assert alerts(play(900, 900, 2000, 2000, 2000, 900, 900))[-2:] == [None, "opened"]


def test_the_same_answer_seen_twice_is_one_reading() -> None:
    reading = Reading("ABC", START, 900, 900, 900, "KuCoin", None)
    state, _ = assess(reading, TokenState(), None, THRESHOLD, EVERY)
    assert assess(reading, state, None, THRESHOLD, EVERY) == (state, ())


def test_an_event_without_further_readings_ends_after_a_day_or_twenty_intervals() -> None:
    assert play(900, 900)[1][0].valid_until == START + EVERY + timedelta(hours=24)
    reading = Reading("ABC", START + EVERY, 900, 900, 900, "KuCoin", None)
    _, drafts = assess(reading, TokenState(START, 1), None, THRESHOLD, timedelta(hours=2))
    assert drafts[0].valid_until == START + EVERY + timedelta(hours=40)
